//! Pull requests on a fake GitHub, and kepgate run on them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{
    FakeGitHub, KEP, Pull, REPOSITORY, Reply, Request, Run, SOUND_APPROVAL, State, TOKEN, TestRepo, kep_with, kepgate,
};

/// kepgate on the pull request 7 of `hub`, with a token, and for JSON.
pub(crate) fn command(folder: &Path, hub: &FakeGitHub) -> Command {
    let mut command = anonymous(folder, hub);
    command.env("GITHUB_TOKEN", TOKEN);
    command
}

/// The same without a token.
pub(crate) fn anonymous(folder: &Path, hub: &FakeGitHub) -> Command {
    let mut command = kepgate(folder);
    command.args(["check", "--pull-request", "7", "--repository", REPOSITORY, "--output", "json"]);
    command.env("GITHUB_API_URL", &hub.server.url);
    command
}

pub(crate) fn report(run: &Run) -> Value {
    assert!(!run.stdout.contains(TOKEN) && !run.stderr.contains(TOKEN), "the token is in an output");
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

/// A pull request whose head misspells the status of the sound KEP, merged by way of trial into a target branch that
/// has gone on meanwhile.
pub(crate) struct Topic {
    pub(crate) sandbox: TestRepo,
    pub(crate) pull: Pull,
}

pub(crate) fn topic(edit: impl FnOnce(&TestRepo)) -> Topic {
    let sandbox = TestRepo::repository();
    sandbox.branch("topic");
    edit(&sandbox);
    let head = sandbox.commit();
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("keps/sig-apps/2000-other/README.md", "# KEP-2000\n");
    sandbox.write("keps/sig-apps/2000-other/kep.yaml", kep_with(&[("kep-number", "2000"), ("owning-sig", "sig-apps")]));
    sandbox.write("keps/prod-readiness/sig-apps/2000.yaml", SOUND_APPROVAL.replace("1234", "2000"));
    let tip = sandbox.commit();
    let merged = sandbox.git(&["merge-tree", "--write-tree", &tip, &head]);
    let tree = merged.lines().next().unwrap();
    let merge = sandbox.git(&["commit-tree", tree, "-p", &tip, "-p", &head, "-m", "."]);
    Topic { sandbox, pull: Pull { head, tip, merge: Some(merge), changed_files: None } }
}

pub(crate) fn misspelt() -> Topic {
    topic(|sandbox| {
        sandbox.write(KEP, kep_with(&[("status", "implementeable")]));
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
        FakeGitHub::start(self.sandbox.path(), self.state())
    }

    pub(crate) fn meddled(
        &self,
        meddling: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> FakeGitHub {
        FakeGitHub::meddled(self.sandbox.path(), self.state(), meddling)
    }
}
