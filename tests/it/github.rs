//! A pull request checked over GitHub's API, against a stand-in on loopback.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::fake::{Reply, Request};
use crate::hub::{Hub, Pull, REPOSITORY, State, TOKEN};
use crate::sandbox::{APPROVAL, KEP, Run, SOUND_APPROVAL, Sandbox, kep_with, new_errors, within_bounds};
use crate::support::kepgate;

/// kepgate on the pull request 7 of `hub`, with a token, and for JSON.
pub(crate) fn command(folder: &Path, hub: &Hub) -> Command {
    let mut command = anonymous(folder, hub);
    command.env("GITHUB_TOKEN", TOKEN);
    command
}

/// The same without a token.
pub(crate) fn anonymous(folder: &Path, hub: &Hub) -> Command {
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
    pub(crate) sandbox: Sandbox,
    pub(crate) pull: Pull,
}

pub(crate) fn topic(edit: impl FnOnce(&Sandbox)) -> Topic {
    let sandbox = Sandbox::repository();
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
        state.issues.insert(1234, json!({"milestone": {"title": "v1.36"}, "labels": [{"name": "stage/alpha"}]}));
        state
    }

    pub(crate) fn hub(&self) -> Hub {
        Hub::start(self.sandbox.path(), self.state())
    }

    pub(crate) fn meddled(&self, meddling: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Hub {
        Hub::meddled(self.sandbox.path(), self.state(), meddling)
    }
}

#[test]
fn a_pull_request_is_checked_without_a_checkout() {
    let topic = misspelt();
    let elsewhere = Sandbox::new();
    for hub in [topic.hub(), topic.hub()] {
        let run = within_bounds(&command(elsewhere.path(), &hub));
        let report = report(&run);
        assert_eq!((run.code, new_errors(&report)), (1, vec![("status-invalid", KEP)]), "{report}");
        assert_eq!(report["head"], json!(topic.pull.merge));
        assert_eq!(report["base"], json!(topic.pull.tip));
        assert_eq!(report["merge_base"], json!(topic.pull.tip));
    }
    let nothing_left = std::fs::read_dir(elsewhere.path()).unwrap().count();
    assert_eq!(nothing_left, 0, "nothing of the pull request is on disk");
}

#[test]
fn the_same_is_seen_without_a_token() {
    let topic = misspelt();
    let elsewhere = Sandbox::new();
    let with = within_bounds(&command(elsewhere.path(), &topic.hub()));
    let hub = topic.hub();
    let without = within_bounds(&anonymous(elsewhere.path(), &hub));
    assert_eq!(report(&with), report(&without));
    let requests = hub.server.requests();
    assert!(requests.iter().all(|request| request.method == "GET" && request.header("authorization").is_none()));
    assert!(requests.len() < 30, "{} requests of 60 an hour", requests.len());
}

#[test]
fn where_github_has_not_merged_it_the_merge_base_is_asked_for() {
    let mut topic = misspelt();
    topic.pull.merge = None;
    let run = within_bounds(&command(Sandbox::new().path(), &topic.hub()));
    let report = report(&run);
    assert_eq!(new_errors(&report), [("status-invalid", KEP)]);
    assert_eq!(report["head"], json!(topic.pull.head));
    let left = topic.sandbox.git(&["merge-base", &topic.pull.tip, &topic.pull.head]);
    assert_eq!((&report["merge_base"], &report["base"]), (&json!(left), &json!(topic.pull.tip)));
}

#[test]
fn a_merge_of_something_else_is_not_taken_for_the_pull_requests() {
    let mut topic = misspelt();
    // The head has moved on since GitHub merged it.
    topic.sandbox.git(&["switch", "--quiet", "topic"]);
    topic.sandbox.write(KEP, kep_with(&[("status", "implementabel")]));
    topic.pull.head = topic.sandbox.commit();
    let run = within_bounds(&command(Sandbox::new().path(), &topic.hub()));
    assert_eq!(report(&run)["keps"][0]["status"]["head"], "implementabel");
}

#[test]
fn policy_comes_from_the_tip_of_the_target_branch() {
    let topic = topic(|sandbox| {
        sandbox.write(APPROVAL, SOUND_APPROVAL.replace("petra-solm", "tove-lind"));
        sandbox.write("OWNERS_ALIASES", crate::sandbox::ALIASES.replace("petra-solm", "tove-lind"));
        sandbox.write(".github/kepgate.yaml", "rules:\n  prr-approver-unknown: off\n");
    });
    for mut pull in [topic.pull.clone(), Pull { merge: None, ..topic.pull.clone() }] {
        pull.changed_files = None;
        let mut state = topic.state();
        state.pulls.insert(7, pull);
        let hub = Hub::start(topic.sandbox.path(), state);
        let report = report(&within_bounds(&command(Sandbox::new().path(), &hub)));
        assert!(new_errors(&report).contains(&("prr-approver-unknown", APPROVAL)), "{report}");
    }
}
