//! The real data beside the project, when it is there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The corpus, or `None` with a word on it: its tests are skipped out loud.
pub(crate) fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var_os("KEPGATE_REQUIRE_CORPUS").is_none(), "{} is not there", path.display());
    eprintln!("SKIPPED: {} is not there", path.display());
    None
}

/// A clone of the bundle, made once a run.
pub(crate) fn clone() -> Option<&'static Path> {
    static CLONE: OnceLock<Option<PathBuf>> = OnceLock::new();
    CLONE
        .get_or_init(|| {
            let bundle = corpus()?.join("enhancements-2025.bundle");
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("enhancements");
            let _ = std::fs::remove_dir_all(&folder);
            let status = Command::new("git")
                .args(["clone", "--quiet", "--branch", "master"])
                .args([&bundle, &folder])
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .status()
                .unwrap();
            assert!(status.success());
            Some(folder)
        })
        .as_deref()
}

/// What git says in the clone, line by line.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Compares `table` with the committed file, which `KEPGATE_BLESS=1` writes anew.
pub(crate) fn assert_table(name: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(name);
    if std::env::var_os("KEPGATE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, table).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, table, "{} is not what was found; read the difference, then KEPGATE_BLESS=1", path.display());
}
