//! The real data next to the project. Tests that need it are `#[ignore = "needs ../shared/corpus"]`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder with the corpus.
pub(crate) fn corpus() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    assert!(path.is_dir(), "{} does not exist", path.display());
    path
}

/// The branch of the clone that continues to the end of February 2026.
pub(crate) const UNTIL_2026_02: &str = "until-2026-02";

/// A clone of the bundles: `master` ends in 2025, [`UNTIL_2026_02`] continues it. It is created once for all processes of all runs, and never changed.
pub(crate) fn clone() -> &'static Path {
    static CLONE: OnceLock<PathBuf> = OnceLock::new();
    CLONE.get_or_init(|| {
        let bundle = corpus().join("enhancements-2025.bundle");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("enhancements");
        if !folder.is_dir() {
            // Tests may run in separate processes. The first one moves a finished clone into place.
            let parent = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            let fresh = parent.path().join("clone");
            let status = Command::new("git")
                .args(["clone", "--quiet", "--branch", "master"])
                .args([&bundle, &fresh])
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .status()
                .unwrap();
            assert!(status.success());
            let later = corpus().join("enhancements-2026-02.bundle");
            let later = later.to_str().unwrap();
            git(&fresh, &["fetch", "--quiet", later, &format!("master:{UNTIL_2026_02}")]);
            let moved = std::fs::rename(&fresh, &folder);
            assert!(moved.is_ok() || folder.is_dir(), "{moved:?}");
        }
        folder
    })
}

/// The output of git in `folder`, line by line.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Compares `table` with the committed file. `KEPGATE_BLESS=1` rewrites it.
pub(crate) fn assert_table(name: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(name);
    if std::env::var_os("KEPGATE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, table).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, table, "{} is not what was found; read the difference, then KEPGATE_BLESS=1", path.display());
}
