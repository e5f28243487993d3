//! What kepgate writes on a pull request, when it is asked to.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::pull_request::{Topic, command, misspelt, report, topic};
use crate::support::{DIR, FakeGitHub, KEP, Reply, Run, State, TestRepo, check_summary, kep_with, within_bounds};

/// kepgate on the pull request, replying in this way; each time by a new push of the same.
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

/// How many requests changed something.
fn changes(hub: &FakeGitHub) -> usize {
    hub.server.requests().iter().filter(|request| request.method != "GET" && request.path != "/graphql").count()
}

#[test]
fn one_comment_is_kept_current() {
    let topic = misspelt();
    let hub = topic.hub();
    // Somebody else knows the mark, too.
    let forged = "<!-- kepgate: this comment is kept current -->\nkepgate: all is well";
    hub.state.lock().unwrap().comments.push(json!({"id": 1, "user": "mallory", "body": forged, "at": "1"}));
    assert_eq!(reply(&hub, &["--comment"]).code, 1);
    assert_eq!(bodies(&hub).len(), 2);
    assert!(bodies(&hub)[1].contains("## kepgate: ❌ 1 error in 1 KEP"), "{}", bodies(&hub)[1]);
    reply(&hub, &["--comment"]);
    assert_eq!((bodies(&hub).len(), changes(&hub)), (2, 1), "what is said already is not said again");

    let mended = crate::support::pull_request::topic(|sandbox| {
        sandbox.write(KEP, kep_with(&[("title", "Quieter Hours")]));
    });
    let state = State { comments: hub.state.lock().unwrap().comments.clone(), ..mended.state() };
    let hub = FakeGitHub::start(mended.sandbox.path(), state);
    assert_eq!(reply(&hub, &["--comment"]).code, 0);
    let line = "<!-- kepgate: this comment is kept current -->\nkepgate: ✅ 1 KEP passed, found nothing\n";
    assert_eq!(bodies(&hub), [forged, line]);
}

#[test]
fn no_comment_is_begun_to_say_that_all_is_well() {
    let topic = topic(|sandbox| {
        sandbox.write(KEP, kep_with(&[("title", "Quieter Hours")]));
    });
    let hub = topic.hub();
    assert_eq!(reply(&hub, &["--comment"]).code, 0);
    assert!(bodies(&hub).is_empty());
}

#[test]
fn a_comment_fits_and_nothing_of_a_stranger_lives_in_it() {
    let topic = topic(|sandbox| {
        let lost = "  - /keps/nowhere/![x](https://evil.example) @everyone <img src=x>\n".repeat(2_000);
        sandbox.write(KEP, kep_with(&[]).replace("see-also:\n", &format!("see-also:\n{lost}")));
    });
    let hub = topic.hub();
    reply(&hub, &["--comment"]);
    let body = bodies(&hub).remove(0);
    assert!(body.chars().count() < 65_536 && body.contains("omitted"), "{}", body.len());
    let (_, shown) = body.split_once('\n').unwrap();
    check_summary(shown, None);
}

#[test]
fn a_check_run_has_all_that_is_new_on_its_lines() {
    let topic = topic(|sandbox| {
        let lost = "  - /keps/nowhere\n".repeat(120);
        sandbox.write(KEP, kep_with(&[]).replace("see-also:\n", &format!("see-also:\n{lost}")));
        sandbox.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n\nMore.\n");
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
    assert_eq!(annotations[0]["title"], "reference-dangling");
    assert_eq!((&annotations[0]["start_line"], &annotations[0]["end_line"]), (&json!(line), &json!(line)));
    assert_eq!(annotations[0]["start_column"], 5);
}

#[test]
fn what_fails_the_check_fails_the_check_run() {
    let topic = misspelt();
    let hub = topic.hub();
    reply(&hub, &["--check-run"]);
    assert_eq!(hub.state.lock().unwrap().check_runs[0]["conclusion"], "failure");
    let hub = topic.meddled(|request, _| request.path.contains("/git/trees/").then(|| Reply::status(404, &json!({}))));
    assert_eq!(reply(&hub, &["--check-run"]).code, 3);
    assert_eq!(hub.state.lock().unwrap().check_runs[0]["conclusion"], "failure");
}

/// Two faults with a certain remedy, of which the change touches one: the other stands far from it.
fn certain() -> Topic {
    let far = "# Nothing to see here.\n".repeat(20);
    topic(|sandbox| {
        let base = format!("{}{far}", kep_with(&[("reviewers", "odile-varga")]));
        sandbox.git(&["switch", "--quiet", "main"]);
        sandbox.write(KEP, &base);
        sandbox.commit();
        sandbox.git(&["switch", "--quiet", "topic"]);
        sandbox.git(&["merge", "--quiet", "main"]);
        sandbox.write(KEP, base.replace("status: implementable", "status: implementeable"));
    })
}

#[test]
fn what_is_certain_is_suggested_once_and_in_the_diff() {
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
    let text = topic.sandbox.git(&["show", &format!("{}:{KEP}", topic.pull.head)]);
    let line = usize::try_from(suggestion["line"].as_u64().unwrap()).unwrap();
    assert_eq!(text.lines().nth(line - 1), Some("status: implementeable"));
}

#[test]
fn nothing_is_suggested_for_a_file_that_the_target_branch_has_changed_meanwhile() {
    let mut topic = misspelt();
    let sandbox = &topic.sandbox;
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write(KEP, format!("# A line more.\n{}", kep_with(&[])));
    topic.pull.tip = sandbox.commit();
    let merged = sandbox.git(&["merge-tree", "--write-tree", &topic.pull.tip, &topic.pull.head]);
    let tree = merged.lines().next().unwrap();
    let (tip, head) = (&topic.pull.tip, &topic.pull.head);
    topic.pull.merge = Some(sandbox.git(&["commit-tree", tree, "-p", tip, "-p", head, "-m", "."]));
    let hub = topic.hub();
    assert_eq!(reply(&hub, &["--suggest"]).code, 1);
    assert!(hub.state.lock().unwrap().suggestions.is_empty());
}

#[test]
fn a_suggestion_does_not_end_early() {
    let topic = topic(|sandbox| {
        sandbox.write(KEP, kep_with(&[("status", "implementeable # ``` ````")]));
    });
    let hub = topic.hub();
    reply(&hub, &["--suggest"]);
    let state = hub.state.lock().unwrap();
    let body = state.suggestions[0]["body"].as_str().unwrap();
    assert!(body.ends_with("`````suggestion\nstatus: implementable # ``` ````\n`````\n"), "{body}");
}

#[test]
fn a_token_that_may_not_write_costs_one_notice() {
    let topic = misspelt();
    let hub = topic.meddled(|request, _| {
        let writes = request.method != "GET" && request.path != "/graphql";
        writes.then(|| Reply::status(403, &json!({"message": "Resource not accessible by integration"})))
    });
    let run = reply(&hub, &["--comment", "--check-run", "--suggest"]);
    assert_eq!(run.code, 1, "the exit status is that of what was found");
    let notices: Vec<_> = run.stderr.lines().filter(|line| line.contains("notice")).collect();
    let [notice] = notices.as_slice() else { panic!("{}", run.stderr) };
    assert!(notice.contains("GitHub denied the request for the comment"), "{notice}");
    assert_eq!(changes(&hub), 1);
}

#[test]
fn nothing_is_written_that_was_not_asked_for() {
    let topic = misspelt();
    let hub = topic.hub();
    reply(&hub, &[]);
    assert_eq!(changes(&hub), 0);
    let state: &Value = &json!([]);
    assert_eq!(&json!(hub.state.lock().unwrap().comments), state);
}
