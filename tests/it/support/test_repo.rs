//! Temporary repositories and folders.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{ALIASES, DIR, KEP, PRR_FILE, SAMPLE_PRR, kep_with, kepgate, within_bounds};

/// A temporary folder, which may be a git repository. It is deleted when the value is dropped.
pub(crate) struct TestRepo {
    folder: TempDir,
}

impl TestRepo {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A repository whose branch `main` has one commit with the sample KEP.
    pub(crate) fn repository() -> Self {
        let repo = Self::new();
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo.write_sample_kep("");
        repo.commit();
        repo
    }

    /// The folders `base` and `head`, both with the sample KEP.
    pub(crate) fn folders() -> Self {
        let repo = Self::new();
        repo.write_sample_kep("base/");
        repo.write_sample_kep("head/");
        repo
    }

    fn write_sample_kep(&self, root: &str) {
        self.write(format!("{root}OWNERS_ALIASES"), ALIASES);
        self.write(format!("{root}{KEP}"), kep_with(&[]));
        self.write(format!("{root}{DIR}/README.md"), "# KEP-1234: Quiet Hours\n");
        self.write(format!("{root}{PRR_FILE}"), SAMPLE_PRR);
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The location of `path` on disk. The path may contain any bytes.
    pub(crate) fn place(&self, path: impl AsRef<[u8]>) -> PathBuf {
        self.path().join(OsStr::from_bytes(path.as_ref()))
    }

    pub(crate) fn write(&self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> PathBuf {
        let place = self.place(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, content).unwrap();
        place
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.place(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.place(path)).unwrap();
    }

    /// Runs git here and returns its output, trimmed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(self.path(), arguments)
    }

    /// Commits everything in the work tree and returns the id of the commit.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.commit_index()
    }

    /// Creates the branch `name` at the current commit and checks it out.
    pub(crate) fn branch(&self, name: &str) {
        self.git(&["switch", "--quiet", "--create", name]);
    }

    /// Commits the index, even if nothing changed.
    pub(crate) fn commit_index(&self) -> String {
        self.git(&["commit", "--quiet", "--allow-empty", "--message=."]);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", "--verify", "--end-of-options", revision])
    }

    /// Deletes an object, as in a damaged or partial clone.
    pub(crate) fn lose_object(&self, id: &str) {
        let (folder, file) = id.split_at(2);
        fs::remove_file(self.path().join(".git/objects").join(folder).join(file)).unwrap();
    }

    /// Clones the repository with these options over `file://`, which `--depth` requires.
    pub(crate) fn clone_with(&self, options: &[&str]) -> Self {
        let clone = Self::new();
        let url = format!("file://{}", self.path().display());
        git(clone.path(), &[&["clone", "--quiet"], options, &[&url, "."]].concat());
        clone
    }

    /// Runs `kepgate check` with these arguments and returns the exit status and the JSON report.
    pub(crate) fn check(&self, arguments: &[&str]) -> (i32, Value) {
        let mut command = kepgate(self.path());
        let run = within_bounds(command.args(["check", "--output", "json"]).args(arguments));
        let report = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
        (run.code, report)
    }
}

/// The date of the next commit. Each is later than the previous one, because git walks commits by date.
fn next_date() -> String {
    static COMMITS: AtomicU64 = AtomicU64::new(1_700_000_000);
    format!("{} +0000", COMMITS.fetch_add(1, Ordering::Relaxed))
}

/// Runs git in `folder` with a clean environment and configuration, and returns its output, trimmed.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    git_at(folder, arguments, &next_date())
}

/// Where git is. To search a changed `PATH` for it, each start would copy the memory of this process.
fn git_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap();
        std::env::split_paths(&path).map(|folder| folder.join("git")).find(|program| program.is_file()).unwrap()
    })
}

/// Like [`git`], with this date for new commits.
pub(crate) fn git_at(folder: &Path, arguments: &[&str], date: &str) -> String {
    let output = Command::new(git_program())
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TEMPLATE_DIR", "")
        // Or else each commit starts another git, which finds nothing to do.
        .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "maintenance.auto"), ("GIT_CONFIG_VALUE_0", "false")])
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A KEP author")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "author@example.org")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_DATE"), date)))
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
