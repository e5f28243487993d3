//! Pull requests checked over GitHub's API.

use std::process::Command;

use serde_json::json;

use crate::github::same_result::{bare, without_facts};
use crate::support::pull_request::{Topic, anonymous, command, misspelt, report, topic};
use crate::support::{
    ALIASES, DIR, FakeGitHub, KEP, PRR_FILE, Pull, REPOSITORY, SAMPLE_PRR, State, TOKEN, TestRepo, kep_with, kepgate,
    new_errors, within_bounds,
};

#[test]
fn pull_request_is_checked_without_a_checkout() {
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
    assert_eq!(nothing_left, 0, "the pull request is not written to disk");
}

/// kepgate as a step of GitHub Actions, without arguments that determine what to check.
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
fn pull_request_target_is_checked_over_the_api_only() {
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

/// The commit in the event is checked, because a later push has its own event.
#[test]
fn event_checks_its_own_commit() {
    let topic = misspelt();
    let mut state = topic.state();
    topic.repo.git(&["switch", "--quiet", "topic"]);
    topic.repo.write(KEP, kep_with(&[]));
    let pushed = topic.repo.commit();
    state.pulls.insert(7, Pull { head: pushed, merge: None, ..topic.pull.clone() });
    let (hub, folder) = (FakeGitHub::start(topic.repo.path(), state), TestRepo::new());
    let mut step = step(&folder, &hub, "pull_request_target", &topic.pull);
    let report = report(&within_bounds(step.env("GITHUB_TOKEN", TOKEN)));
    assert_eq!((&report["head"], new_errors(&report)), (&json!(topic.pull.head), vec![("status-invalid", KEP)]));
}

#[test]
fn api_is_used_if_the_checkout_lacks_history() {
    let topic = misspelt();
    let merge = topic.pull.merge.clone().unwrap();
    topic.repo.git(&["update-ref", "refs/heads/merge", &merge]);
    let shallow = || topic.repo.clone_with(&["--depth", "1", "--branch", "merge"]);
    let (hub, folder) = (topic.hub(), shallow());
    let run = within_bounds(step(&folder, &hub, "pull_request", &topic.pull).env("GITHUB_TOKEN", TOKEN));
    assert_eq!((run.code, new_errors(&report(&run))), (1, vec![("status-invalid", KEP)]));
    assert!(run.stderr.contains("is not in this checkout; pull request #7: the merge commit"), "{}", run.stderr);
    // Without a token, no request is sent.
    let (hub, folder) = (topic.hub(), shallow());
    let run = within_bounds(&step(&folder, &hub, "pull_request", &topic.pull));
    assert_eq!((run.code, hub.server.requests().len()), (3, 0));
}

#[test]
fn offline_sends_no_request_and_lists_unchecked_rules() {
    let topic = misspelt();
    let hub = topic.hub();
    let mut command = kepgate(topic.repo.path());
    command.args(["check", "--base", "main", "--head", "topic", "--offline", "--fail-on", "warning"]);
    let run = within_bounds(command.env("GITHUB_API_URL", &hub.server.url).env("GITHUB_TOKEN", TOKEN));
    let line = "not checked: not-opted-in, issue-missing, issue-milestone-mismatch: GitHub was not queried because of --offline\n";
    assert!(run.code == 1 && run.stdout.contains(line), "{}", run.stdout);
    assert_eq!(hub.server.requests().len(), 0);
}

#[test]
fn github_rule_raised_to_error_is_unchecked_without_github() {
    let topic = misspelt();
    topic.repo.git(&["switch", "--quiet", "main"]);
    topic.repo.write(".github/kepgate.yaml", "rules:\n  issue-missing: error\n");
    topic.repo.commit();
    let (code, report) = topic.repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!(code, 3);
    let message = report["error"]["message"].as_str().unwrap();
    assert!(message.contains("could not check `issue-missing`: GitHub was not queried"), "{message}");
    let (code, _) = topic.repo.check(&["--base", "main", "--head", "topic", "--offline"]);
    assert_eq!(code, 1, "--offline leaves the rule out");
}

#[test]
fn repository_option_adds_tracking_issues_to_a_checkout() {
    let topic = topic(|repo| {
        repo.write(KEP, kep_with(&[("stage", "beta"), ("milestone", "v1.36\n  beta: v1.36")]));
    });
    let hub = topic.hub();
    let mut command = kepgate(topic.repo.path());
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
fn help_says_how_long_until_the_freeze() {
    let topic = topic(|repo| {
        repo.write(KEP, kep_with(&[("latest-milestone", "v1.38")]));
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
        let hub = FakeGitHub::start(topic.repo.path(), state);
        let run = within_bounds(command(TestRepo::new().path(), &hub).args(["--now", now]));
        let report = report(&run);
        let found = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "not-opted-in");
        let help = format!(
            "ask a lead of `sig-node` to comment `/label lead-opted-in` on issue #1234 before the Enhancements Freeze{left}"
        );
        assert_eq!(found.unwrap_or_else(|| panic!("{now}: {report}"))["help"], help, "{now}");
    }
    let mut state = topic.state();
    state.issues.insert(1234, json!({"milestone": {"title": "v1.38"}, "labels": []}));
    let hub = FakeGitHub::start(topic.repo.path(), state);
    let run = within_bounds(command(TestRepo::new().path(), &hub).args(["--now", "2026-09-30T12:00:00Z"]));
    assert!(report(&run)["findings"].as_array().unwrap().iter().all(|it| it["rule"] != "not-opted-in"));
}

#[test]
fn token_file_is_read() {
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
fn report_is_the_same_without_a_token() {
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
fn merge_base_is_fetched_if_github_has_no_merge_commit() {
    let mut topic = misspelt();
    topic.pull.merge = None;
    let run = within_bounds(&command(TestRepo::new().path(), &topic.hub()));
    let report = report(&run);
    assert_eq!(new_errors(&report), [("status-invalid", KEP)]);
    assert_eq!(report["head"], json!(topic.pull.head));
    let left = topic.repo.git(&["merge-base", &topic.pull.tip, &topic.pull.head]);
    assert_eq!((&report["merge_base"], &report["base"]), (&json!(left), &json!(topic.pull.tip)));
}

#[test]
fn merge_commit_of_an_earlier_head_is_ignored() {
    let mut topic = misspelt();
    // The head is newer than GitHub's merge commit.
    topic.repo.git(&["switch", "--quiet", "topic"]);
    topic.repo.write(KEP, kep_with(&[("status", "implementabel")]));
    topic.pull.head = topic.repo.commit();
    let run = within_bounds(&command(TestRepo::new().path(), &topic.hub()));
    assert_eq!(report(&run)["keps"][0]["status"]["head"], "implementabel");
}

#[test]
fn policy_comes_from_the_tip_of_the_target_branch() {
    let topic = topic(|repo| {
        repo.write(PRR_FILE, SAMPLE_PRR.replace("petra-solm", "tove-lind"));
        repo.write("OWNERS_ALIASES", ALIASES.replace("petra-solm", "tove-lind"));
        repo.write(".github/kepgate.yaml", "rules:\n  prr-approver-unknown: off\n");
    });
    for mut pull in [topic.pull.clone(), Pull { merge: None, ..topic.pull.clone() }] {
        pull.changed_files = None;
        let mut state = topic.state();
        state.pulls.insert(7, pull);
        let hub = FakeGitHub::start(topic.repo.path(), state);
        let report = report(&within_bounds(&command(TestRepo::new().path(), &hub)));
        assert!(new_errors(&report).contains(&("prr-approver-unknown", PRR_FILE)), "{report}");
    }
}

/// A pull request with two KEPs in five files. One of them is promoted with a new approver.
fn typical() -> Topic {
    topic(|repo| {
        repo.write(
            KEP,
            kep_with(&[("stage", "beta"), ("milestone", "v1.36\n  beta: v1.37"), ("latest-milestone", "v1.37")]),
        );
        repo.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n\nNow in beta.\n");
        repo.write(PRR_FILE, format!("{SAMPLE_PRR}beta:\n  approver: \"@hedda-rusk\"\n"));
        repo.write("keps/sig-node/1300-loud-hours/kep.yaml", kep_with(&[("kep-number", "1300")]));
        repo.write("keps/prod-readiness/sig-node/1300.yaml", SAMPLE_PRR.replace("1234", "1300"));
    })
}

#[test]
fn typical_pull_request_takes_seven_requests() {
    let topic = typical();
    let count = |state: State, with_token: bool| {
        let (hub, folder) = (FakeGitHub::start(topic.repo.path(), state), TestRepo::new());
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
    assert_eq!(count(reviewed(), true), 7, "including tracking issues, reviews and reviewed files");
    assert!(count(reviewed(), false) < 60, "without a token, GitHub allows 60 requests per hour");
}

#[test]
fn an_approval_of_another_commit_counts_as_long_as_the_file_is_the_same() {
    let topic = typical();
    let outdated = "`@hedda-rusk` approved the pull request, but this file has changed since";
    for (commit, expected) in [(topic.pull.merge.clone().unwrap(), None), (topic.pull.tip.clone(), Some(outdated))] {
        for with_token in [true, false] {
            let mut state = topic.state();
            state.reviews.push(json!({"user": "hedda-rusk", "state": "APPROVED", "commit": commit, "at": "1"}));
            let (hub, folder) = (FakeGitHub::start(topic.repo.path(), state), TestRepo::new());
            let command = if with_token { command(folder.path(), &hub) } else { anonymous(folder.path(), &hub) };
            let report = report(&within_bounds(&command));
            let findings = report["findings"].as_array().unwrap().iter();
            let messages = findings.map(|it| it["message"].as_str().unwrap());
            let found: Vec<_> = messages.filter(|message| message.starts_with("`@hedda-rusk`")).collect();
            assert_eq!(found, Vec::from_iter(expected), "token {with_token}: {report}");
        }
    }
}

#[test]
fn five_requests_are_enough_without_github_rules() {
    let off =
        "rules:\n  not-opted-in: off\n  issue-missing: off\n  issue-milestone-mismatch: off\n  prr-not-approved: off\n";
    let mut topic = typical();
    let repo = &topic.repo;
    repo.git(&["switch", "--quiet", "main"]);
    repo.write(".github/kepgate.yaml", off);
    topic.pull.tip = repo.commit();
    // GitHub's merge commit is based on an older target branch.
    let (hub, folder) = (topic.hub(), TestRepo::new());
    let report = report(&within_bounds(&command(folder.path(), &hub)));
    assert_eq!(report["policy"], json!(topic.pull.tip));
    assert_eq!(without_facts(&report), bare(&report), "no rule is unchecked because of GitHub");
    let requests: Vec<_> = hub.server.requests().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    // The third listing is that of the target branch, which has moved on.
    assert_eq!(requests.iter().filter(|it| it.contains("/git/trees/")).count(), 3, "{requests:?}");
    assert_eq!(requests.len(), 5, "{requests:?}");
}
