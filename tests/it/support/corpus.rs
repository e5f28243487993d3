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

/// The files with the history of kubernetes/enhancements. Each continues the previous one.
const BUNDLES: [&str; 2] = ["enhancements-2025.bundle", "enhancements-2026-02.bundle"];

/// A clone of the bundles, with the newest commit checked out. It is made only once, shared by all runs, and never
/// changed.
pub(crate) fn clone() -> &'static Path {
    static CLONE: OnceLock<PathBuf> = OnceLock::new();
    CLONE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("enhancements-2026-02");
        if !folder.is_dir() {
            // Tests may run in separate processes, so each makes a clone, and the first one moves it into place.
            let parent = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            let fresh = parent.path().join("clone");
            std::fs::create_dir(&fresh).unwrap();
            git(&fresh, &["init", "--quiet", "--initial-branch", "master"]);
            for bundle in BUNDLES {
                let bundle = corpus().join(bundle);
                git(&fresh, &["fetch", "--quiet", bundle.to_str().unwrap(), "master"]);
            }
            git(&fresh, &["reset", "--quiet", "--hard", "FETCH_HEAD"]);
            let moved = std::fs::rename(&fresh, &folder);
            assert!(moved.is_ok() || folder.is_dir(), "{moved:?}");
        }
        folder
    })
}

/// The output of git in `folder`, line by line.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let output =
        Command::new("git").current_dir(folder).args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
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
