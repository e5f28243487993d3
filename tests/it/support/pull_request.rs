//! Pull requests on a fake GitHub, and kepgate running on them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{
    FakeGitHub, KEP, Pull, REPOSITORY, Reply, Request, Run, SAMPLE_PRR, State, TOKEN, TestRepo, kep_with, kepgate,
};

/// kepgate for pull request 7 of `hub`, with a token and JSON output.
pub(crate) fn command(folder: &Path, hub: &FakeGitHub) -> Command {
    let mut command = anonymous(folder, hub);
    command.env("GITHUB_TOKEN", TOKEN);
    command
}

/// Like [`command`], but without a token.
pub(crate) fn anonymous(folder: &Path, hub: &FakeGitHub) -> Command {
    let mut command = kepgate(folder);
    command.args(["check", "--pull-request", "7", "--repository", REPOSITORY, "--output", "json"]);
    command.env("GITHUB_API_URL", &hub.server.url);
    command
}

pub(crate) fn report(run: &Run) -> Value {
    assert!(!run.stdout.contains(TOKEN) && !run.stderr.contains(TOKEN), "the output has the token");
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

/// A pull request with a merge commit. The target branch has newer commits.
pub(crate) struct Topic {
    pub(crate) repo: TestRepo,
    pub(crate) pull: Pull,
}

pub(crate) fn topic(edit: impl FnOnce(&TestRepo)) -> Topic {
    let repo = TestRepo::repository();
    repo.branch("topic");
    edit(&repo);
    let head = repo.commit();
    repo.git(&["switch", "--quiet", "main"]);
    repo.write("keps/sig-apps/2000-other/README.md", "# KEP-2000\n");
    repo.write("keps/sig-apps/2000-other/kep.yaml", kep_with(&[("kep-number", "2000"), ("owning-sig", "sig-apps")]));
    repo.write("keps/prod-readiness/sig-apps/2000.yaml", SAMPLE_PRR.replace("1234", "2000"));
    let tip = repo.commit();
    let merged = repo.git(&["merge-tree", "--write-tree", &tip, &head]);
    let tree = merged.lines().next().unwrap();
    let merge = repo.git(&["commit-tree", tree, "-p", &tip, "-p", &head, "-m", "."]);
    Topic { repo, pull: Pull { head, tip, merge: Some(merge), changed_files: None, opened: None } }
}

pub(crate) fn misspelt() -> Topic {
    topic(|repo| {
        repo.write(KEP, kep_with(&[("status", "implementeable")]));
    })
}

impl Topic {
    pub(crate) fn state(&self) -> State {
        let mut state = State::default();
        state.pulls.insert(7, self.pull.clone());
        state.issues.insert(
            1234,
            json!({"milestone": {"title": "v1.36"}, "labels": [{"name": "stage/alpha"}, {"name": "lead-opted-in"}]}),
        );
        state
    }

    pub(crate) fn hub(&self) -> FakeGitHub {
        FakeGitHub::start(self.repo.path(), self.state())
    }

    pub(crate) fn with_override(
        &self,
        answer: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> FakeGitHub {
        FakeGitHub::with_override(self.repo.path(), self.state(), answer)
    }
}
