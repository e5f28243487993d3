//! Small repositories for tests, created by the real `git` without the user's configuration and environment.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{CommitId, Repository};

/// A repository in its own temporary folder.
pub(crate) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    /// An empty repository whose branch is `main`.
    pub(crate) fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fixture.git(&["init", "--quiet", "--initial-branch=main"]);
        fixture
    }

    /// A clone over `file://`, with these options. Without `file://`, git would ignore `--depth` and `--filter`.
    pub(crate) fn clone_with(&self, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", self.path().display());
        run(folder.path(), &[&["clone", "--quiet"], options, &[&url, "."]].concat());
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git in the repository and returns its trimmed output.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        run(self.path(), arguments)
    }

    /// Writes a file to the work tree.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let place = self.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, content).unwrap();
        place
    }

    /// Commits everything in the work tree, even if nothing changed.
    pub(crate) fn commit(&self) -> CommitId {
        self.git(&["add", "--all"]);
        self.commit_index()
    }

    /// Commits the index, even if nothing changed.
    pub(crate) fn commit_index(&self) -> CommitId {
        self.git(&["commit", "--quiet", "--allow-empty", "--message=.", "--no-gpg-sign"]);
        self.head()
    }

    /// Commits everything in the work tree with a date in seconds since 1970 that git itself may refuse.
    pub(crate) fn commit_dated(&self, seconds: i64) -> CommitId {
        self.git(&["add", "--all"]);
        let (tree, parent) = (self.git(&["write-tree"]), self.git(&["rev-parse", "--verify", "HEAD"]));
        let who = format!("A KEP author <author@example.org> {seconds} +0000");
        let commit = format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n.\n");
        let place = self.path().join(".git/commit");
        fs::write(&place, commit).unwrap();
        let id = self.git(&["hash-object", "-t", "commit", "-w", "--literally", ".git/commit"]);
        self.git(&["update-ref", "HEAD", &id]);
        self.head()
    }

    /// Removes an object, as if the disk were damaged or the clone partial.
    pub(crate) fn remove_object(&self, hex: &str) {
        let (folder, file) = hex.split_at(2);
        fs::remove_file(self.path().join(".git/objects").join(folder).join(file)).unwrap();
    }

    /// The commit of `HEAD` according to git.
    pub(crate) fn head(&self) -> CommitId {
        self.id("HEAD")
    }

    /// The commit of `revision` according to git.
    pub(crate) fn id(&self, revision: &str) -> CommitId {
        let hex = self.git(&["rev-parse", "--verify", revision]);
        CommitId(gix::ObjectId::from_hex(hex.as_bytes()).unwrap())
    }

    /// The repository, opened by kepgate.
    pub(crate) fn open(&self) -> Repository {
        Repository::discover(self.path()).unwrap()
    }
}

/// The date of the next commit. Each commit of this process is a second later than the one before it, because git's
/// walks depend on dates.
fn next_date() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COMMITS: AtomicU64 = AtomicU64::new(1_700_000_000);
    format!("{} +0000", COMMITS.fetch_add(1, Ordering::Relaxed))
}

/// Runs git in `folder` and returns its trimmed output.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> String {
    let date = next_date();
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TEMPLATE_DIR", "")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A KEP author")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "author@example.org")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_DATE"), &date)))
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
