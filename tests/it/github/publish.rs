//! Comments, check runs and suggestions on pull requests.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::pull_request::{Topic, command, misspelt, report, topic};
use crate::support::{DIR, FakeGitHub, KEP, Reply, Run, State, TestRepo, check_summary, kep_with, within_bounds};

/// Checks the pull request with these options, which publish the result.
fn reply(hub: &FakeGitHub, ways: &[&str]) -> Run {
    let folder = TestRepo::new();
    let mut command: Command = command(folder.path(), hub);
    let run = within_bounds(command.args(ways));
    report(&run);
    run
}

fn bodies(hub: &FakeGitHub) -> Vec<String> {
    let state = hub.state.lock().unwrap();
    state.comments.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
}

/// The number of requests that change something.
fn changes(hub: &FakeGitHub) -> usize {
    hub.server.requests().iter().filter(|request| request.method != "GET" && request.path != "/graphql").count()
}

#[test]
fn comment_is_updated_in_place() {
    let topic = misspelt();
    let hub = topic.hub();
    // Someone else used the same marker.
    let forged = "<!-- kepgate: this comment is kept current -->\nkepgate: all is well";
    hub.state.lock().unwrap().comments.push(json!({"id": 1, "user": "mallory", "body": forged, "at": "1"}));
    assert_eq!(reply(&hub, &["--comment"]).code, 1);
    assert_eq!(bodies(&hub).len(), 2);
    assert!(bodies(&hub)[1].contains("### ❌ kepgate: 1 error in 1 KEP"), "{}", bodies(&hub)[1]);
    reply(&hub, &["--comment"]);
    assert_eq!((bodies(&hub).len(), changes(&hub)), (2, 1), "an unchanged comment is not updated");

    let fixed = crate::support::pull_request::topic(|repo| {
        repo.write(KEP, kep_with(&[("title", "Quieter Hours")]));
    });
    let state = State { comments: hub.state.lock().unwrap().comments.clone(), ..fixed.state() };
    let hub = FakeGitHub::start(fixed.repo.path(), state);
    assert_eq!(reply(&hub, &["--comment"]).code, 0);
    let line = "<!-- kepgate: this comment is kept current -->\nkepgate: ✅ 1 KEP passed\n";
    assert_eq!(bodies(&hub), [forged, line]);
}

#[test]
fn clean_check_creates_no_comment() {
    let topic = topic(|repo| {
        repo.write(KEP, kep_with(&[("title", "Quieter Hours")]));
    });
    let hub = topic.hub();
    assert_eq!(reply(&hub, &["--comment"]).code, 0);
    assert!(bodies(&hub).is_empty());
}

#[test]
fn comment_is_truncated_and_hostile_text_stays_text() {
    let topic = topic(|repo| {
        let lost = "  - /keps/nowhere/![x](https://evil.example) @everyone <img src=x>\n".repeat(2_000);
        repo.write(KEP, kep_with(&[]).replace("see-also:\n", &format!("see-also:\n{lost}")));
    });
    let hub = topic.hub();
    reply(&hub, &["--comment"]);
    let body = bodies(&hub).remove(0);
    assert!(body.chars().count() < 65_536 && body.contains("omitted"), "{}", body.len());
    let (_, shown) = body.split_once('\n').unwrap();
    check_summary(shown, None);
}

#[test]
fn check_run_annotates_every_new_finding() {
    let topic = topic(|repo| {
        let lost = "  - /keps/nowhere\n".repeat(120);
        repo.write(KEP, kep_with(&[]).replace("see-also:\n", &format!("see-also:\n{lost}")));
        repo.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n\nMore.\n");
    });
    let hub = topic.hub();
    reply(&hub, &["--check-run"]);
    assert_eq!(changes(&hub), 3, "50 annotations at once");
    let state = hub.state.lock().unwrap();
    let [run] = state.check_runs.as_slice() else { panic!("{:?}", state.check_runs) };
    assert_eq!((&run["head_sha"], &run["conclusion"]), (&json!(topic.pull.head), &json!("success")));
    let annotations = run["output"]["annotations"].as_array().unwrap();
    assert_eq!(annotations.len(), 120);
    let source = kep_with(&[]);
    let line = source.lines().position(|line| line == "see-also:").unwrap() + 2;
    assert_eq!(annotations[0]["path"], KEP);
    assert_eq!(annotations[0]["title"], "reference-dangling · KEP-1234");
    assert_eq!((&annotations[0]["start_line"], &annotations[0]["end_line"]), (&json!(line), &json!(line)));
    assert_eq!(annotations[0]["start_column"], 5);
}

#[test]
fn check_run_fails_if_the_check_fails() {
    let topic = misspelt();
    let hub = topic.hub();
    reply(&hub, &["--check-run"]);
    assert_eq!(hub.state.lock().unwrap().check_runs[0]["conclusion"], "failure");
    let hub =
        topic.with_override(|request, _| request.path.contains("/git/trees/").then(|| Reply::status(404, &json!({}))));
    assert_eq!(reply(&hub, &["--check-run"]).code, 3);
    assert_eq!(hub.state.lock().unwrap().check_runs[0]["conclusion"], "failure");
}

/// A pull request with two fixable findings. The change touches only one of them, and the other is far away from it.
fn certain() -> Topic {
    let far = "# Nothing to see here.\n".repeat(20);
    topic(|repo| {
        let base = format!("{}{far}", kep_with(&[("reviewers", "odile-varga")]));
        repo.git(&["switch", "--quiet", "main"]);
        repo.write(KEP, &base);
        repo.commit();
        repo.git(&["switch", "--quiet", "topic"]);
        repo.git(&["merge", "--quiet", "main"]);
        repo.write(KEP, base.replace("status: implementable", "status: implementeable"));
    })
}

#[test]
fn fix_is_suggested_once_and_only_inside_the_diff() {
    let topic = certain();
    let hub = topic.hub();
    reply(&hub, &["--suggest"]);
    reply(&hub, &["--suggest"]);
    let state = hub.state.lock().unwrap();
    let [suggestion] = state.suggestions.as_slice() else { panic!("{:?}", state.suggestions) };
    assert_eq!((&suggestion["path"], &suggestion["side"]), (&json!(KEP), &json!("RIGHT")));
    assert_eq!(suggestion["commit_id"], json!(topic.pull.head));
    let body = suggestion["body"].as_str().unwrap();
    assert!(body.contains("```suggestion\nstatus: implementable\n```"), "{body}");
    let text = topic.repo.git(&["show", &format!("{}:{KEP}", topic.pull.head)]);
    let line = usize::try_from(suggestion["line"].as_u64().unwrap()).unwrap();
    assert_eq!(text.lines().nth(line - 1), Some("status: implementeable"));
}

#[test]
fn file_changed_on_the_target_branch_gets_no_suggestion() {
    let mut topic = misspelt();
    let repo = &topic.repo;
    repo.git(&["switch", "--quiet", "main"]);
    repo.write(KEP, format!("# A line more.\n{}", kep_with(&[])));
    topic.pull.tip = repo.commit();
    let merged = repo.git(&["merge-tree", "--write-tree", &topic.pull.tip, &topic.pull.head]);
    let tree = merged.lines().next().unwrap();
    let (tip, head) = (&topic.pull.tip, &topic.pull.head);
    topic.pull.merge = Some(repo.git(&["commit-tree", tree, "-p", tip, "-p", head, "-m", "."]));
    let hub = topic.hub();
    assert_eq!(reply(&hub, &["--suggest"]).code, 1);
    assert!(hub.state.lock().unwrap().suggestions.is_empty());
}

#[test]
fn suggestion_fence_is_longer_than_fences_in_its_text() {
    let topic = topic(|repo| {
        repo.write(KEP, kep_with(&[("status", "implementeable # ``` ````")]));
    });
    let hub = topic.hub();
    reply(&hub, &["--suggest"]);
    let state = hub.state.lock().unwrap();
    let body = state.suggestions[0]["body"].as_str().unwrap();
    assert!(body.ends_with("`````suggestion\nstatus: implementable # ``` ````\n`````\n"), "{body}");
}

#[test]
fn read_only_token_causes_one_notice() {
    let topic = misspelt();
    let hub = topic.with_override(|request, _| {
        let writes = request.method != "GET" && request.path != "/graphql";
        writes.then(|| Reply::status(403, &json!({"message": "Resource not accessible by integration"})))
    });
    let run = reply(&hub, &["--comment", "--check-run", "--suggest"]);
    assert_eq!(run.code, 1, "the findings decide the exit status");
    let notices: Vec<_> = run.stderr.lines().filter(|line| line.contains("notice")).collect();
    let [notice] = notices.as_slice() else { panic!("{}", run.stderr) };
    assert!(notice.contains("GitHub denied the request for the comment"), "{notice}");
    assert_eq!(changes(&hub), 1);
}

#[test]
fn nothing_is_written_by_default() {
    let topic = misspelt();
    let hub = topic.hub();
    reply(&hub, &[]);
    assert_eq!(changes(&hub), 0);
    let state: &Value = &json!([]);
    assert_eq!(&json!(hub.state.lock().unwrap().comments), state);
}
