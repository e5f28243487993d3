//! A pull request checked over GitHub's API, against a stand-in on loopback.

use std::process::Command;

use serde_json::json;

use crate::github::same_result::{bare, without_facts};
use crate::support::pull_request::{Topic, anonymous, command, misspelt, report, topic};
use crate::support::{
    ALIASES, APPROVAL, DIR, FakeGitHub, KEP, Pull, REPOSITORY, SOUND_APPROVAL, State, TOKEN, TestRepo, kep_with,
    kepgate, new_errors, within_bounds,
};

#[test]
fn a_pull_request_is_checked_without_a_checkout() {
    let topic = misspelt();
    let elsewhere = TestRepo::new();
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
fn step(folder: &TestRepo, hub: &FakeGitHub, event: &str, pull: &Pull) -> Command {
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
        let (hub, folder) = (topic.hub(), TestRepo::new());
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
    let (hub, folder) = (FakeGitHub::start(topic.sandbox.path(), state), TestRepo::new());
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
        let hub = FakeGitHub::start(topic.sandbox.path(), state);
        let run = within_bounds(command(TestRepo::new().path(), &hub).args(["--now", now]));
        let report = report(&run);
        let found = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "not-opted-in");
        let help = format!(
            "ask a SIG lead to comment `/label lead-opted-in` on the issue before the Enhancements Freeze{left}"
        );
        assert_eq!(found.unwrap_or_else(|| panic!("{now}: {report}"))["help"], help, "{now}");
    }
    let mut state = topic.state();
    state.issues.insert(1234, json!({"milestone": {"title": "v1.38"}, "labels": []}));
    let hub = FakeGitHub::start(topic.sandbox.path(), state);
    let run = within_bounds(command(TestRepo::new().path(), &hub).args(["--now", "2026-09-30T12:00:00Z"]));
    assert!(report(&run)["findings"].as_array().unwrap().iter().all(|it| it["rule"] != "not-opted-in"));
}

#[test]
fn the_token_may_stand_in_a_file() {
    let topic = misspelt();
    let (hub, folder) = (topic.hub(), TestRepo::new());
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
    let elsewhere = TestRepo::new();
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
    let run = within_bounds(&command(TestRepo::new().path(), &topic.hub()));
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
    let run = within_bounds(&command(TestRepo::new().path(), &topic.hub()));
    assert_eq!(report(&run)["keps"][0]["status"]["head"], "implementabel");
}

#[test]
fn policy_comes_from_the_tip_of_the_target_branch() {
    let topic = topic(|sandbox| {
        sandbox.write(APPROVAL, SOUND_APPROVAL.replace("petra-solm", "tove-lind"));
        sandbox.write("OWNERS_ALIASES", ALIASES.replace("petra-solm", "tove-lind"));
        sandbox.write(".github/kepgate.yaml", "rules:\n  prr-approver-unknown: off\n");
    });
    for mut pull in [topic.pull.clone(), Pull { merge: None, ..topic.pull.clone() }] {
        pull.changed_files = None;
        let mut state = topic.state();
        state.pulls.insert(7, pull);
        let hub = FakeGitHub::start(topic.sandbox.path(), state);
        let report = report(&within_bounds(&command(TestRepo::new().path(), &hub)));
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
        let (hub, folder) = (FakeGitHub::start(topic.sandbox.path(), state), TestRepo::new());
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
    let (hub, folder) = (topic.hub(), TestRepo::new());
    let report = report(&within_bounds(&command(folder.path(), &hub)));
    assert_eq!(report["policy"], json!(topic.pull.tip));
    assert_eq!(without_facts(&report), bare(&report), "nothing of GitHub's is unchecked");
    let requests: Vec<_> = hub.server.requests().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    assert_eq!(requests.len(), 4, "{requests:?}");
}
