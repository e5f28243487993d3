//! A fixture as a pull request of the stand-in for GitHub.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::hub::{Hub, Pull, REPOSITORY, State, TOKEN};
use crate::sandbox::Sandbox;
use crate::support::kepgate;

/// Two folders as the target branch and the pull request 7 that leads from one to the other.
pub(crate) struct Served {
    pub(crate) sandbox: Sandbox,
    pub(crate) hub: Hub,
    pub(crate) pull: Pull,
}

impl Served {
    /// The folders `base` and `head` of a fixture, and what its `github.json` says of the rest.
    pub(crate) fn case(case: &Path) -> Self {
        let sandbox = Sandbox::new();
        sandbox.git(&["init", "--quiet", "--initial-branch=main"]);
        copy(&case.join("base"), sandbox.path());
        let tip = sandbox.commit();
        sandbox.git(&["rm", "-r", "--quiet", "--ignore-unmatch", "."]);
        copy(&case.join("head"), sandbox.path());
        let head = sandbox.commit();
        let merge = sandbox.git(&["commit-tree", "HEAD^{tree}", "-p", &tip, "-p", &head, "-m", "."]);
        let pull = Pull { head, tip, merge: Some(merge), changed_files: None, opened: None };
        let state = State::of(case, &pull);
        Self { hub: Hub::start(sandbox.path(), state), sandbox, pull }
    }

    /// kepgate on the pull request, for JSON.
    pub(crate) fn command(&self, folder: &Path) -> Command {
        let mut command = kepgate(folder);
        command.args(["check", "--pull-request", "7", "--repository", REPOSITORY, "--output", "json"]);
        command.env("GITHUB_API_URL", &self.hub.server.url).env("GITHUB_TOKEN", TOKEN);
        command
    }
}

/// Copies what stands in `from`, links as links, into the folder `to`.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap();
        assert!(copied.success());
    }
}

impl State {
    /// What `github.json` beside a fixture says: `issues` by number, `pulls` that take a number, `reviews` and
    /// `comments` of the pull request, and when it was `opened`. A review of the commit `base` is of the target branch's tip.
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
