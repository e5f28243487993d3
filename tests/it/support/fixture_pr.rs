//! A fixture as a pull request on the fake GitHub.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{FakeGitHub, Pull, REPOSITORY, State, TOKEN, TestRepo, kepgate};

/// A fixture as a target branch with pull request 7.
pub(crate) struct FixturePr {
    pub(crate) repo: TestRepo,
    pub(crate) hub: FakeGitHub,
    pub(crate) pull: Pull,
}

impl FixturePr {
    /// Loads the folders `base` and `head` of a fixture, and its `github.json`.
    pub(crate) fn case(case: &Path) -> Self {
        let repo = TestRepo::new();
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        let tip = commit(&repo, &case.join("base"));
        repo.git(&["rm", "-r", "--quiet", "--ignore-unmatch", "."]);
        let head = commit(&repo, &case.join("head"));
        let merge = repo.git(&["commit-tree", "HEAD^{tree}", "-p", &tip, "-p", &head, "-m", "."]);
        let pull = Pull { head, tip, merge: Some(merge), changed_files: None, opened: None };
        let state = State::of(case, &pull);
        Self { hub: FakeGitHub::start(repo.path(), state), repo, pull }
    }

    /// kepgate for the pull request, with JSON output.
    pub(crate) fn command(&self, folder: &Path) -> Command {
        let mut command = kepgate(folder);
        command.args(["check", "--pull-request", "7", "--repository", REPOSITORY, "--output", "json"]);
        command.env("GITHUB_API_URL", &self.hub.server.url).env("GITHUB_TOKEN", TOKEN);
        command
    }
}

/// Commits the content of `from`. A folder that looks like a submodule is committed as one.
fn commit(repo: &TestRepo, from: &Path) -> String {
    copy(from, repo.path());
    let submodules: Vec<_> = folders_below(repo.path()).into_iter().filter(|it| it.join(".git").is_file()).collect();
    for folder in &submodules {
        std::fs::remove_dir_all(folder).unwrap();
    }
    repo.git(&["add", "--all"]);
    for folder in submodules {
        let path = folder.strip_prefix(repo.path()).unwrap().to_str().unwrap();
        let entry = format!("160000,{},{path}", "1".repeat(40));
        repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    }
    repo.commit_index()
}

/// The folders below `folder`, without links and `.git`.
fn folders_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir() && entry.file_name() != ".git");
    folders.flat_map(|entry| [vec![entry.path()], folders_below(&entry.path())].concat()).collect()
}

/// Copies the content of `from` into the folder `to`, including symbolic links.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap();
        assert!(copied.success());
    }
}

impl State {
    /// Reads `github.json` of a fixture: `issues` by number, the numbers of other `pulls`, `reviews` and `comments` of
    /// the pull request, and when it was `opened`. In a review, the commit `base` is the tip of the target branch.
    fn of(case: &Path, pull: &Pull) -> Self {
        let text = std::fs::read_to_string(case.join("github.json")).unwrap_or_else(|_| "{}".to_owned());
        let said: Value = serde_json::from_str(&text).unwrap();
        let list = |name: &str| said[name].as_array().cloned().unwrap_or_default();
        let mut state = Self { reviews: list("reviews"), comments: list("comments"), ..Self::default() };
        for review in state.reviews.iter_mut().filter(|review| review["commit"] == "base") {
            review["commit"] = json!(pull.tip);
        }
        let opened = said["opened"].as_str().map(str::to_owned);
        state.pulls.insert(7, Pull { opened, ..pull.clone() });
        state.pulls.extend(list("pulls").iter().map(|number| (number.as_u64().unwrap(), Pull::default())));
        let issues = said["issues"].as_object().cloned().unwrap_or_default();
        state.issues.extend(issues.into_iter().map(|(number, issue)| (number.parse().unwrap(), issue)));
        state
    }
}
