//! A pull request checked over GitHub's API, against a stand-in on loopback.

use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};

use crate::cases::Fixture;
use crate::fake::{Reply, Request};
use crate::hub::{Hub, Pull, REPOSITORY, State, TOKEN};
use crate::sandbox::{APPROVAL, DIR, KEP, Run, SOUND_APPROVAL, Sandbox, kep_with, new_errors, within_bounds};
use crate::served::Served;
use crate::support::{kepgate, run};

/// How many of the real merges are looked at.
const SAMPLE: usize = 25;

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
    Topic { sandbox, pull: Pull { head, tip, merge: Some(merge), changed_files: None, opened: None } }
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

/// kepgate as a step of GitHub Actions, where nothing but the event says what to check.
fn step(folder: &Sandbox, hub: &Hub, event: &str, pull: &Pull) -> Command {
    let payload =
        json!({"pull_request": {"number": 7, "base": {"ref": "main", "sha": pull.tip}, "head": {"sha": pull.head}}});
    let file = folder.write("event.json", payload.to_string());
    let mut command = kepgate(folder.path());
    command.args(["check", "--output", "json"]).env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", event);
    command.env("GITHUB_EVENT_PATH", file).env("GITHUB_REPOSITORY", REPOSITORY).env("GITHUB_API_URL", &hub.server.url);
    command
}

#[test]
fn under_pull_request_target_nothing_is_read_from_the_checkout() {
    let topic = misspelt();
    for token in [Some(TOKEN), None] {
        let (hub, folder) = (topic.hub(), Sandbox::new());
        let mut step = step(&folder, &hub, "pull_request_target", &topic.pull);
        step.envs(token.map(|token| ("INPUT_GITHUB-TOKEN", token)));
        let run = within_bounds(&step);
        assert_eq!((run.code, new_errors(&report(&run))), (1, vec![("status-invalid", KEP)]));
        let short = |commit: &str| commit[..7].to_owned();
        let (merge, tip) = (short(topic.pull.merge.as_ref().unwrap()), short(&topic.pull.tip));
        let sentence =
            format!("pull request #7: the merge commit {merge} against {tip}, the target branch, over the API");
        assert_eq!(run.stderr, format!("kepgate: {sentence}\n"));
    }
}

/// The commit that the event names is checked, not what was pushed since: that has an event of its own.
#[test]
fn an_event_is_about_its_own_commit() {
    let topic = misspelt();
    let mut state = topic.state();
    topic.sandbox.git(&["switch", "--quiet", "topic"]);
    topic.sandbox.write(KEP, kep_with(&[]));
    let pushed = topic.sandbox.commit();
    state.pulls.insert(7, Pull { head: pushed, merge: None, ..topic.pull.clone() });
    let (hub, folder) = (Hub::start(topic.sandbox.path(), state), Sandbox::new());
    let mut step = step(&folder, &hub, "pull_request_target", &topic.pull);
    let report = report(&within_bounds(step.env("GITHUB_TOKEN", TOKEN)));
    assert_eq!((&report["head"], new_errors(&report)), (&json!(topic.pull.head), vec![("status-invalid", KEP)]));
}

#[test]
fn where_the_checkout_lacks_history_the_api_stands_in() {
    let topic = misspelt();
    let merge = topic.pull.merge.clone().unwrap();
    topic.sandbox.git(&["update-ref", "refs/heads/merge", &merge]);
    let shallow = || topic.sandbox.clone_with(&["--depth", "1", "--branch", "merge"]);
    let (hub, folder) = (topic.hub(), shallow());
    let run = within_bounds(step(&folder, &hub, "pull_request", &topic.pull).env("GITHUB_TOKEN", TOKEN));
    assert_eq!((run.code, new_errors(&report(&run))), (1, vec![("status-invalid", KEP)]));
    assert!(run.stderr.contains("is not in this checkout; pull request #7: the merge commit"), "{}", run.stderr);
    // Without a token nobody is asked.
    let (hub, folder) = (topic.hub(), shallow());
    let run = within_bounds(&step(&folder, &hub, "pull_request", &topic.pull));
    assert_eq!((run.code, hub.server.requests().len()), (3, 0));
}

#[test]
fn offline_nobody_is_asked_and_every_report_says_so() {
    let topic = misspelt();
    let hub = topic.hub();
    let mut command = kepgate(topic.sandbox.path());
    command.args(["check", "--base", "main", "--head", "topic", "--offline", "--fail-on", "warning"]);
    let run = within_bounds(command.env("GITHUB_API_URL", &hub.server.url).env("GITHUB_TOKEN", TOKEN));
    let line = "not checked: not-opted-in, issue-missing, issue-milestone-mismatch: GitHub was not queried because of --offline\n";
    assert!(run.code == 1 && run.stdout.contains(line), "{}", run.stdout);
    assert_eq!(hub.server.requests().len(), 0);
}

#[test]
fn a_rule_that_was_raised_is_not_passed_unasked() {
    let topic = misspelt();
    topic.sandbox.git(&["switch", "--quiet", "main"]);
    topic.sandbox.write(".github/kepgate.yaml", "rules:\n  issue-missing: error\n");
    topic.sandbox.commit();
    let (code, report) = topic.sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!(code, 3);
    let message = report["error"]["message"].as_str().unwrap();
    assert!(message.contains("could not check `issue-missing`: GitHub was not queried"), "{message}");
    let (code, _) = topic.sandbox.check(&["--base", "main", "--head", "topic", "--offline"]);
    assert_eq!(code, 1, "whoever says so leaves it out");
}

#[test]
fn a_checkout_with_a_repository_named_knows_its_issues() {
    let topic = topic(|sandbox| {
        sandbox.write(KEP, kep_with(&[("stage", "beta"), ("milestone", "v1.36\n  beta: v1.36")]));
    });
    let hub = topic.hub();
    let mut command = kepgate(topic.sandbox.path());
    command.args(["check", "--base", "main", "--head", "topic", "--repository", REPOSITORY, "--output", "json"]);
    let run = within_bounds(command.env("GITHUB_API_URL", &hub.server.url));
    let report = report(&run);
    let found = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "issue-milestone-mismatch");
    assert_eq!(
        found.unwrap()["message"],
        "the KEP targets beta, but its tracking issue #1234 is labeled `stage/alpha`"
    );
}

#[test]
fn as_the_freeze_nears_it_is_said_how_long_is_left() {
    let topic = topic(|sandbox| {
        sandbox.write(KEP, kep_with(&[("latest-milestone", "v1.38")]));
    });
    // The Enhancements Freeze of v1.38 is on 2026-09-30 at 12:00 UTC.
    for (now, left) in [
        ("2026-09-20T11:00:00Z", ", which is 10 days away"),
        ("2026-09-29T11:30:00Z", ", which is 24 hours away"),
        ("2026-09-30T11:00:00Z", ", which is 1 hour away"),
        ("2026-08-01T00:00:00Z", ""),
    ] {
        let mut state = topic.state();
        state.issues.insert(1234, json!({"milestone": {"title": "v1.38"}, "labels": []}));
        let hub = Hub::start(topic.sandbox.path(), state);
        let run = within_bounds(command(Sandbox::new().path(), &hub).args(["--now", now]));
        let report = report(&run);
        let found = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "not-opted-in");
        let help = format!(
            "ask a SIG lead to comment `/label lead-opted-in` on the issue before the Enhancements Freeze{left}"
        );
        assert_eq!(found.unwrap_or_else(|| panic!("{now}: {report}"))["help"], help, "{now}");
    }
    let mut state = topic.state();
    state.issues.insert(1234, json!({"milestone": {"title": "v1.38"}, "labels": []}));
    let hub = Hub::start(topic.sandbox.path(), state);
    let run = within_bounds(command(Sandbox::new().path(), &hub).args(["--now", "2026-09-30T12:00:00Z"]));
    assert!(report(&run)["findings"].as_array().unwrap().iter().all(|it| it["rule"] != "not-opted-in"));
}

#[test]
fn the_token_may_stand_in_a_file() {
    let topic = misspelt();
    let (hub, folder) = (topic.hub(), Sandbox::new());
    folder.write("token", format!("{TOKEN}\n"));
    let run = within_bounds(anonymous(folder.path(), &hub).args(["--token-file", "token"]));
    assert_eq!(report(&run)["exit"], 1);
    assert!(hub.server.requests().iter().all(|request| request.header("authorization").is_some()));
    folder.write("token", "not a token");
    let run = within_bounds(anonymous(folder.path(), &hub).args(["--token-file", "token"]));
    assert_eq!(run.code, 2);
    assert!(!run.stdout.contains("not a token"), "{}", run.stdout);
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

/// A pull request of two KEPs in five files, one of them promoted by a newly named approver.
fn typical() -> Topic {
    topic(|sandbox| {
        sandbox.write(
            KEP,
            kep_with(&[("stage", "beta"), ("milestone", "v1.36\n  beta: v1.37"), ("latest-milestone", "v1.37")]),
        );
        sandbox.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n\nNow in beta.\n");
        sandbox.write(APPROVAL, format!("{SOUND_APPROVAL}beta:\n  approver: \"@hedda-rusk\"\n"));
        sandbox.write("keps/sig-node/1300-loud-hours/kep.yaml", kep_with(&[("kep-number", "1300")]));
        sandbox.write("keps/prod-readiness/sig-node/1300.yaml", SOUND_APPROVAL.replace("1234", "1300"));
    })
}

#[test]
fn a_typical_pull_request_takes_few_requests() {
    let topic = typical();
    let count = |state: State, with_token: bool| {
        let (hub, folder) = (Hub::start(topic.sandbox.path(), state), Sandbox::new());
        let command = if with_token { command(folder.path(), &hub) } else { anonymous(folder.path(), &hub) };
        let report = report(&within_bounds(&command));
        assert_eq!(report["keps"].as_array().unwrap().len(), 2, "{report}");
        hub.server.requests().len()
    };
    let reviewed = || {
        let mut state = topic.state();
        state.reviews.push(json!({"user": "hedda-rusk", "state": "APPROVED", "commit": topic.pull.tip, "at": "1"}));
        state
    };
    assert_eq!(count(reviewed(), true), 7, "with tracking issues, reviews, and what was reviewed");
    assert!(count(reviewed(), false) < 60, "anybody may ask 60 times an hour");
}

#[test]
fn without_facts_four_requests_do() {
    let off =
        "rules:\n  not-opted-in: off\n  issue-missing: off\n  issue-milestone-mismatch: off\n  prr-not-approved: off\n";
    let mut topic = typical();
    let sandbox = &topic.sandbox;
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write(".github/kepgate.yaml", off);
    topic.pull.tip = sandbox.commit();
    // GitHub has merged it into what the target branch was before.
    let (hub, folder) = (topic.hub(), Sandbox::new());
    let report = report(&within_bounds(&command(folder.path(), &hub)));
    assert_eq!(report["policy"], json!(topic.pull.tip));
    assert_eq!(without_facts(&report), bare(&report), "nothing of GitHub's is unchecked");
    let requests: Vec<_> = hub.server.requests().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    assert_eq!(requests.len(), 4, "{requests:?}");
}

/// A report without what names the trees and the tool, and the time.
fn bare(report: &Value) -> Value {
    let mut report = report.clone();
    for key in ["base", "merge_base", "head", "policy", "tool"] {
        report.as_object_mut().unwrap().remove(key);
    }
    report
}

/// The same without what only GitHub knows.
fn without_facts(report: &Value) -> Value {
    let of_github = ["not-opted-in", "issue-missing", "issue-milestone-mismatch", "prr-not-approved"];
    let mut report = bare(report);
    report["unchecked"].as_array_mut().unwrap().retain(|it| !of_github.contains(&it["rule"].as_str().unwrap()));
    report
}

/// How the change of a fixture is seen over the API, and how its commits and its folders are.
fn ways(fixture: &Fixture) -> [(i32, Value); 3] {
    let case = &fixture.folder;
    let served = Served::case(case);
    served.hub.state.lock().unwrap().agrees = true;
    let mut with_git = kepgate(case);
    with_git.args(["check", "--output", "json", "--base", &served.pull.tip, "--repo"]).arg(served.sandbox.path());
    with_git.args(["--head", served.pull.merge.as_ref().unwrap()]);
    let mut with_folders = kepgate(case);
    with_folders.args(["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"]);
    [&mut served.command(case), &mut with_git, &mut with_folders].map(|command| {
        let (code, stdout, stderr) = run(command.args(&fixture.case.options));
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
        (code, without_facts(&report))
    })
}

/// One in six fixtures, as each takes some fifty processes; all of them where somebody has the time
/// (`KEPGATE_EVERY_FIXTURE=1`). Where only GitHub knows what is expected, and where a warning fails the check, so that
/// what GitHub does not tell does too, the ways differ as they should.
#[test]
fn fixtures_are_the_same_through_git_two_folders_and_the_api() {
    let fails_on_warnings = |it: &Fixture| it.case.heading == "Warnings fail the check with `fail-on: warning`";
    let is_alike = |it: &&Fixture| it.case.github.is_none() && !fails_on_warnings(it);
    let step = if std::env::var_os("KEPGATE_EVERY_FIXTURE").is_some() { 1 } else { 6 };
    let fixtures = crate::cases::all();
    let cases: Vec<_> = fixtures.all.iter().filter(is_alike).step_by(step).collect();
    assert!(cases.len() > 60);
    let see = |cases: &[&Fixture]| -> Vec<String> {
        let different = cases.iter().filter_map(|case| {
            let [api, git, folders] = ways(case);
            let is_same = api == git && api == folders;
            (!is_same).then(|| format!("{}\n  API     {api:?}\n  git     {git:?}\n  folders {folders:?}", case.name))
        });
        different.collect()
    };
    let different: Vec<_> = thread::scope(|scope| {
        let parts: Vec<_> = cases.chunks(cases.len() / 4 + 1).map(|part| scope.spawn(move || see(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(different.is_empty(), "{} of {}:\n{}", different.len(), cases.len(), different.join("\n"));
}

/// Merges of the real repository, each as the pull request that it was.
#[test]
#[ignore = "needs ../shared/corpus"]
fn merges_are_the_same_through_git_and_the_api() {
    let clone = crate::corpus::clone();
    let merges = crate::corpus::git(clone, &["rev-list", "--first-parent", "--merges", "--since=2024-01-01", "master"]);
    assert!(merges.len() > 500);
    for merge in merges.iter().step_by(merges.len() / SAMPLE) {
        let parent = |number: u8| crate::corpus::git(clone, &["rev-parse", &format!("{merge}^{number}")]).remove(0);
        let mut state = State { agrees: true, ..State::default() };
        let pull =
            Pull { head: parent(2), tip: parent(1), merge: Some(merge.clone()), changed_files: None, opened: None };
        state.pulls.insert(7, pull.clone());
        let hub = Hub::start(clone, state);
        let (code, stdout, stderr) = run(&mut command(Sandbox::new().path(), &hub));
        let over_api: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{merge}: {stdout}{stderr}"));
        let arguments = ["check", "--output", "json", "--base", &pull.tip, "--head", merge];
        let (git_code, stdout, _) = run(kepgate(clone).args(arguments));
        let with_git: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((code, without_facts(&over_api)), (git_code, without_facts(&with_git)), "{merge}");
    }
}
