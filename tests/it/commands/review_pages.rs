//! `kepgate review`: what it says about approvals, passages that moved and projects without approvals.

use serde_json::{Value, json};

use super::review::{FAIL, History, METRICS, commit_on, history, readme, review};
use crate::support::pull_request::Topic;
use crate::support::{
    DIR, FakeGitHub, KEP, PAYLOADS, PRR_FILE, Pull, REPOSITORY, Run, SAMPLE_PRR, TOKEN, TestRepo, git_at, kep_with,
    kepgate, within_bounds,
};

/// A pull request that names an approver for beta.
fn promotion() -> (History, Topic) {
    let history = history();
    let repo = &history.repo;
    let tip = repo.id("HEAD");
    repo.branch("topic");
    repo.write(PRR_FILE, format!("{SAMPLE_PRR}beta:\n  approver: \"@quillon-b\"\n"));
    let head = commit_on(repo, "2025-06-06");
    let clone = history.repo.clone_with(&[]);
    (history, Topic { repo: clone, pull: Pull { head, tip, merge: None, changed_files: None, opened: None } })
}

fn review_pull_request(hub: &FakeGitHub, token: Option<&str>, format: &str) -> Run {
    let elsewhere = TestRepo::new();
    let mut command = kepgate(elsewhere.path());
    command.args(["review", "1234", "--pull-request", "7", "--repository", REPOSITORY, "--output", format]);
    command.env("GITHUB_API_URL", &hub.server.url).envs(token.map(|token| ("GITHUB_TOKEN", token)));
    within_bounds(&command)
}

#[test]
fn a_pull_request_says_when_approvers_were_recorded() {
    let (History { approved, .. }, topic) = promotion();
    let hub = topic.hub();
    let run = review_pull_request(&hub, Some(TOKEN), "json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let page: Value = serde_json::from_str(&run.stdout).unwrap();
    let time = "2025-06-02T12:00:00Z";
    assert_eq!(
        page["approvals"],
        json!([
            {"stage": "alpha", "approver": "@petra-solm", "commit": approved, "time": time, "proposed": false},
            {"stage": "beta", "approver": "@quillon-b", "commit": null, "time": null, "proposed": true},
        ])
    );
    for (token, alpha) in [(Some(TOKEN), "recorded on 2025-06-02 in "), (None, "named on the target branch\n")] {
        let run = review_pull_request(&hub, token, "text");
        assert!(run.stdout.contains(&format!("alpha: @petra-solm, {alpha}")), "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("beta: @quillon-b, named in pull request #7\n"), "{}", run.stdout);
    }
}

#[test]
fn a_merge_counts_and_not_the_commits_of_its_pull_request() {
    let repo = TestRepo::repository();
    repo.remove(PRR_FILE);
    commit_on(&repo, "2025-06-01");
    repo.branch("approval");
    repo.write(PRR_FILE, SAMPLE_PRR);
    commit_on(&repo, "2025-06-02");
    repo.git(&["switch", "--quiet", "main"]);
    git_at(repo.path(), &["merge", "--quiet", "--no-ff", "--message=.", "approval"], "2025-06-09T12:00:00 +0000");
    let tip = repo.id("HEAD");
    repo.branch("topic");
    repo.write(KEP, kep_with(&[("latest-milestone", "v1.37")]));
    let head = commit_on(&repo, "2025-06-10");
    let topic = Topic { repo, pull: Pull { head, tip: tip.clone(), merge: None, changed_files: None, opened: None } };
    let run = review_pull_request(&topic.hub(), Some(TOKEN), "text");
    let recorded = format!("alpha: @petra-solm, recorded on 2025-06-09 in {}\n", &tip[..12]);
    assert!(run.stdout.contains(&recorded), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_questionnaire_that_is_answered_as_a_whole_has_no_open_questions() {
    let History { repo, .. } = history();
    let whole = "# KEP-1234\n\n## Production Readiness Review Questionnaire\n\nN/A as this is not a feature.\n";
    repo.write(format!("{DIR}/README.md"), whole);
    commit_on(&repo, "2025-06-07");
    let run = review(&repo, &["1234", "--since", "HEAD"]);
    assert!(run.stdout.contains("Answers    2 answered as a whole\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("Open "), "{}", run.stdout);
    let run = review(&repo, &["1234", "--since", "HEAD", "--output", "json"]);
    let page: Value = serde_json::from_str(&run.stdout).unwrap();
    let questions = page["questions"].as_array().unwrap();
    assert!(questions.len() > 2 && questions.iter().all(|it| it["as_a_whole"] == true), "{questions:?}");
}

#[test]
fn a_passage_that_moved_is_quoted() {
    let History { repo, .. } = history();
    repo.write(format!("{DIR}/README.md"), readme(METRICS, FAIL, ""));
    let page = review(&repo, &["1234", "--output", "markdown"]).stdout;
    let expected = "moved from “How can a rollout fail?”:\n\n> If the kubelet restarts while a quiet hour begins, it restarts every …\n";
    assert!(page.contains(expected), "{page}");
}

#[test]
fn nothing_of_a_stranger_is_markup_in_markdown() {
    for payload in PAYLOADS {
        let History { repo, .. } = history();
        repo.write(KEP, kep_with(&[("title", &crate::support::scalar(payload))]));
        let line = payload.replace(['\n', '\r'], " ");
        repo.write(format!("{DIR}/README.md"), readme(METRICS, &format!("{FAIL}\n\n{line} and more."), ""));
        commit_on(&repo, "2025-06-08");
        repo.write(format!("{DIR}/README.md"), readme(&format!("{METRICS}\n\n{line} and more."), FAIL, ""));
        let page = review(&repo, &["1234", "--since", "HEAD", "--output", "markdown"]);
        assert_eq!(page.code, 0, "{}", page.stderr);
        // The table and the quotations are kepgate's own.
        let own = page.stdout.replace("<br>", " ").replace("\n> ", "\n");
        crate::support::check_summary(&own, None);
    }
}

#[test]
fn a_project_without_reviews_has_no_approval_to_compare_with() {
    let repo = TestRepo::repository();
    repo.write(".github/kepgate.yaml", "project:\n  profile: plain\n  directory: \"<sig>/<number>-<slug>\"\n");
    repo.write(KEP, kep_with(&[("title", "")]));
    repo.commit();
    let run = review(&repo, &["1234"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("this project does not review production readiness"), "{}", run.stderr);
    let run = review(&repo, &["1234", "--since", "HEAD"]);
    assert!(run.stdout.starts_with("KEP-1234\nkeps/"), "{}", run.stdout);
    assert!(run.stdout.ends_with("Changes   none in the fields that reviewers look at\n"), "{}", run.stdout);
}

#[test]
fn a_day_is_shown_as_a_day() {
    let History { repo, .. } = history();
    for (since, shown) in [("2025-06-02", "2025-06-02\n"), ("2025-06-02T13:00Z", "2025-06-02T13:00:00Z\n")] {
        let run = review(&repo, &["1234", "--since", since]);
        assert!(run.stdout.contains("the last commit up to") && run.stdout.contains(shown), "{}", run.stdout);
    }
}
