use std::path::Path;

use super::{Comparison, Event, PullRequest, Runner};
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::source::Opened;
use crate::source::git::CommitId;

const BASE: &str = "1111111111111111111111111111111111111111";
const HEAD: &str = "2222222222222222222222222222222222222222";
const NONE: &str = "0000000000000000000000000000000000000000";

fn id(text: &str) -> CommitId {
    CommitId::from_hex(text).unwrap()
}

/// Reads the event from an environment with these variables.
fn event(variables: &[(&str, &str)]) -> Result<Option<Event>, Error> {
    let set = |name: &str| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned()).filter(|value| !value.is_empty())
    };
    Runner::detect(set).read_event()
}

/// Reads an event of GitHub Actions with this payload.
fn github(name: &str, payload: &str) -> Result<Event, Error> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("event.json");
    std::fs::write(&file, payload).unwrap();
    at(name, &file)
}

fn at(name: &str, file: &Path) -> Result<Event, Error> {
    let file = file.to_str().unwrap();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name), ("GITHUB_EVENT_PATH", file)];
    event(&variables).map(Option::unwrap)
}

/// An event with `pull_request`, with these commits.
fn pull(base: &str, head: &str) -> String {
    format!(r#"{{"pull_request":{{"number":7,"base":{{"ref":"main","sha":"{base}"}},"head":{{"sha":"{head}"}}}}}}"#)
}

fn push(before: &str, after: &str) -> String {
    format!(r#"{{"before":"{before}","after":"{after}","repository":{{"default_branch":"main"}}}}"#)
}

#[test]
fn github_events_determine_the_comparison() {
    let pull_request = PullRequest {
        number: 7,
        base_branch: "main".to_owned(),
        base: id(BASE),
        head: id(HEAD),
        merge: None,
        opened: Opened::Unknown,
        base_is_given: false,
    };
    let group = format!(r#"{{"merge_group":{{"base_sha":"{BASE}","head_sha":"{HEAD}"}}}}"#);
    let range = Comparison::Range { base: id(BASE), head: id(HEAD) };
    let branch = |before| Comparison::Branch { default_branch: "main".to_owned(), before, head: id(HEAD) };
    let to_main = push(BASE, HEAD).replace(r#"{"before"#, r#"{"ref":"refs/heads/main","before"#);
    for (name, payload, expected, words) in [
        ("pull_request", pull(BASE, HEAD), Comparison::PullRequest(pull_request.clone()), "pull request #7"),
        ("pull_request_target", pull(BASE, HEAD), Comparison::PullRequestTarget(pull_request), "pull request #7"),
        ("merge_group", group, range.clone(), "a merge group"),
        ("push", to_main, range, "a push"),
        ("push", push(BASE, HEAD), branch(Some(id(BASE))), "a push"),
        ("push", push(NONE, HEAD), branch(None), "a push"),
        ("push", push(BASE, NONE), Comparison::Nothing, "a push"),
        ("schedule", "no event at all".to_owned(), Comparison::WholeTree, "schedule"),
        ("workflow_dispatch", "{}".to_owned(), Comparison::WholeTree, "workflow_dispatch"),
    ] {
        assert_eq!(github(name, &payload).unwrap(), Event::new(expected, words), "{name}");
    }
}

#[test]
fn an_unreadable_event_fails() {
    let whole = pull(BASE, HEAD);
    for (name, payload, words) in [
        ("pull_request", String::new(), "the event is not valid: EOF"),
        ("pull_request", whole[..whole.len() / 2].to_owned(), "the event is not valid: EOF"),
        ("pull_request", "<html>".to_owned(), "the event is not valid: expected value"),
        ("pull_request", "[3]".to_owned(), "the event is not valid: invalid type"),
        ("pull_request", "{}".to_owned(), "the event has no `pull_request`"),
        ("pull_request", r#"{"pull_request":{"number":7}}"#.to_owned(), "`pull_request.base.sha` of the event is mis"),
        ("pull_request", pull(BASE, "main"), "`pull_request.head.sha` of the event is not a commit id"),
        ("pull_request", pull("../../etc/passwd", HEAD), "`pull_request.base.sha` of the event is not a commit id"),
        ("pull_request", whole.replace('7', "-7"), "the event is not valid: invalid value"),
        ("merge_group", "{}".to_owned(), "the event has no `merge_group`"),
        ("merge_group", r#"{"merge_group":{}}"#.to_owned(), "`merge_group.base_sha` of the event is missing"),
        ("push", "{}".to_owned(), "`before` of the event is missing"),
        ("push", push(NONE, HEAD).replace("default", "other"), "`repository.default_branch` of the event is missing"),
    ] {
        let error = github(name, &payload).unwrap_err();
        assert!(error.describe().starts_with(words), "{name} {payload}: {}", error.describe());
        assert_eq!(error.status(), ExitStatus::Unchecked);
    }
    let absent = at("pull_request", Path::new("/nowhere/event.json")).unwrap_err();
    assert_eq!(absent.status(), ExitStatus::Unchecked);
    for variables in [&[("GITHUB_ACTIONS", "true")][..], &[("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push")]] {
        assert_eq!(event(variables).unwrap_err().status(), ExitStatus::Unchecked);
    }
}

#[test]
fn other_events_are_rejected() {
    for name in ["issue_comment", "release", "pull_request_targe", "::error::x"] {
        let error = github(name, "{}").unwrap_err();
        assert_eq!(error.status(), ExitStatus::Failed, "{name}");
        assert_eq!(error.to_string(), format!("events of type `{name}` do not change files"));
    }
}

#[test]
fn prow_jobs_determine_the_comparison() {
    let batch = format!(
        r#"{{"type":"batch","job":"x","refs":{{"org":"o","repo":"r","base_ref":"main","base_sha":"{BASE}",
        "pulls":[{{"number":7,"author":"a","sha":"{HEAD}"}},{{"number":8,"author":"b","sha":"{BASE}"}}]}}}}"#
    );
    let refs = format!("main:{BASE},7:{HEAD},8:{BASE}");
    let two = Comparison::Merged { base: id(BASE), pulls: vec![(7, id(HEAD)), (8, id(BASE))] };
    let one = Comparison::Merged { base: id(BASE), pulls: vec![(7, id(HEAD))] };
    let both = "a batch of pull requests #7, #8";
    for (variables, expected, words) in [
        (&[("JOB_SPEC", batch.as_str())][..], two.clone(), both),
        (&[("PULL_BASE_SHA", BASE), ("PULL_REFS", &refs)], two, both),
        (&[("PULL_BASE_SHA", BASE), ("PULL_NUMBER", "7"), ("PULL_PULL_SHA", HEAD)], one, "pull request #7"),
        (&[("PULL_BASE_SHA", BASE), ("JOB_TYPE", "postsubmit")], Comparison::Landed(id(BASE)), "a postsubmit job"),
        (&[("JOB_SPEC", r#"{"type":"periodic"}"#)], Comparison::WholeTree, "a periodic job"),
        (
            &[("JOB_SPEC", r#"{"type":"periodic"}"#), ("JOB_TYPE", "periodic"), ("REPO_OWNER", "o")],
            Comparison::WholeTree,
            "a periodic job",
        ),
    ] {
        assert_eq!(event(variables).unwrap().unwrap(), Event::new(expected, words), "{variables:?}");
    }
    assert_eq!(event(&[("ARTIFACTS", "/logs")]).unwrap(), None, "a local run");
}

#[test]
fn an_unreadable_job_fails() {
    for variables in [
        &[("JOB_SPEC", "{")][..],
        // It could be a presubmit job.
        &[("JOB_SPEC", "{"), ("JOB_TYPE", "periodic")],
        &[("JOB_SPEC", "{}")],
        &[("JOB_SPEC", r#"{"refs":{}}"#)],
        &[("PULL_BASE_SHA", "main")],
        &[("PULL_BASE_SHA", BASE), ("JOB_TYPE", "presubmit")],
        &[("PULL_BASE_SHA", BASE), ("PULL_NUMBER", "7")],
        &[("PULL_BASE_SHA", BASE), ("PULL_PULL_SHA", HEAD)],
        &[("PULL_BASE_SHA", BASE), ("PULL_REFS", "main:x,7:y")],
        &[("PULL_BASE_SHA", BASE), ("PULL_REFS", "main,x")],
    ] {
        let error = event(variables).unwrap_err();
        assert_eq!(error.status(), ExitStatus::Unchecked, "{variables:?}: {error}");
    }
}

#[test]
fn prow_variables_that_agree_with_the_job_are_accepted() {
    let spec = format!(
        r#"{{"type":"presubmit","job":"x","refs":{{"org":"o","repo":"r","base_ref":"main","base_sha":"{BASE}",
        "pulls":[{{"number":7,"author":"a","sha":"{HEAD}"}}]}}}}"#
    );
    let refs = format!("main:{BASE},7:{HEAD}");
    let all = [
        ("JOB_SPEC", spec.as_str()),
        ("JOB_TYPE", "presubmit"),
        ("JOB_NAME", "x"),
        ("REPO_OWNER", "o"),
        ("REPO_NAME", "r"),
        ("PULL_REFS", &refs),
        ("PULL_BASE_REF", "main"),
        ("PULL_BASE_SHA", BASE),
        ("PULL_NUMBER", "7"),
        ("PULL_PULL_SHA", HEAD),
    ];
    let expected = Comparison::Merged { base: id(BASE), pulls: vec![(7, id(HEAD))] };
    assert_eq!(event(&all).unwrap().unwrap(), Event::new(expected, "pull request #7"));
    for (variable, value, words) in [
        ("JOB_TYPE", "periodic", "JOB_TYPE is `periodic`, but `type` in JOB_SPEC is `presubmit`"),
        ("JOB_TYPE", "postsubmit", "JOB_TYPE is `postsubmit`, but `type` in JOB_SPEC is `presubmit`"),
        ("JOB_NAME", "y", "JOB_NAME is `y`, but `job` in JOB_SPEC is `x`"),
        ("REPO_OWNER", "p", "REPO_OWNER is `p`, but `refs.org` in JOB_SPEC is `o`"),
        ("REPO_NAME", "s", "REPO_NAME is `s`, but `refs.repo` in JOB_SPEC is `r`"),
        ("PULL_BASE_REF", "dev", "PULL_BASE_REF is `dev`, but the branch in PULL_REFS is `main`"),
        ("PULL_BASE_SHA", HEAD, "PULL_BASE_SHA is `HEAD`, but the base in PULL_REFS is `BASE`"),
        ("PULL_NUMBER", "8", "PULL_NUMBER is `8`, but the pull request in PULL_REFS is `7`"),
        ("PULL_PULL_SHA", BASE, "PULL_PULL_SHA is `BASE`, but the pull request's commit in PULL_REFS is `HEAD`"),
        ("PULL_REFS", "dev", "PULL_BASE_REF is `main`, but the branch in PULL_REFS is `dev`"),
    ] {
        let changed = all.map(|(name, old)| (name, if name == variable { value } else { old }));
        let error = event(&changed).unwrap_err();
        let words = words.replace("HEAD", HEAD).replace("BASE`", &format!("{BASE}`"));
        assert_eq!(error.to_string(), format!("the job's environment contradicts itself: {words}"));
        assert_eq!(error.status(), ExitStatus::Unchecked);
    }
}

#[test]
fn a_job_without_a_change_has_no_pull_request() {
    let refs = format!("main:{BASE},7:{HEAD}");
    for kind in ["periodic", "postsubmit"] {
        for (variable, value) in [("PULL_NUMBER", "7"), ("PULL_PULL_SHA", HEAD), ("PULL_REFS", &refs)] {
            let error = event(&[("JOB_TYPE", kind), ("PULL_BASE_SHA", BASE), (variable, value)]).unwrap_err();
            assert_eq!(error.to_string(), format!("the job is a {kind} job, but has a pull request"), "{variable}");
            assert_eq!(error.status(), ExitStatus::Unchecked);
        }
    }
}

#[test]
fn the_merge_commit_comes_from_github_sha() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("event.json");
    std::fs::write(&file, pull(BASE, HEAD)).unwrap();
    let payload = [("GITHUB_EVENT_NAME", "pull_request"), ("GITHUB_EVENT_PATH", file.to_str().unwrap())];
    let pull_request = |more: [(&str, &str); 2]| {
        let variables = [&[("GITHUB_ACTIONS", "true")][..], &payload, &more].concat();
        match event(&variables).unwrap() {
            Some(Event { comparison: Comparison::PullRequest(pull), .. }) => (pull.merge, pull.base_is_given),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(pull_request([("GITHUB_SHA", BASE), ("ACT", "false")]), (Some(id(BASE)), false));
    assert_eq!(pull_request([("GITHUB_SHA", "main"), ("ACT", "true")]), (None, true));
}

#[test]
fn scheduled_and_manual_runs_have_no_change() {
    let is_without_change =
        |variables: &[(&str, &str)]| event(variables).unwrap().is_some_and(|event| event.is_without_change());
    for name in ["schedule", "workflow_dispatch", "repository_dispatch"] {
        assert!(is_without_change(&[("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name)]), "{name}");
    }
    assert!(is_without_change(&[("JOB_SPEC", r#"{"type":"periodic"}"#)]));
    assert!(!is_without_change(&[("GITHUB_EVENT_NAME", "schedule")]), "not in GitHub Actions");
    assert!(!github("pull_request", &pull(BASE, HEAD)).unwrap().is_without_change());
}

#[test]
fn variables_of_two_systems_are_refused() {
    let sweep = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "schedule")];
    assert!(matches!(event(&sweep).unwrap().unwrap().comparison, Comparison::WholeTree));
    for of_prow in [("PULL_BASE_SHA", BASE), ("JOB_SPEC", "{}")] {
        let error = event(&[sweep[0], sweep[1], of_prow]).unwrap_err();
        assert_eq!(error.status(), ExitStatus::Unchecked);
        assert!(error.to_string().contains("PULL_BASE_SHA"), "{error}");
    }
}
