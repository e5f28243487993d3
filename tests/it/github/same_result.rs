//! A change has the same findings through git, two folders and the API.

use std::thread;

use serde_json::Value;

use crate::support::cases::Fixture;
use crate::support::pull_request::command;
use crate::support::{FakeGitHub, FixturePr, Pull, State, TestRepo, kepgate, run};

/// How many of the real merges are looked at.
const SAMPLE: usize = 25;

/// A report without what names the trees and the tool, and the time.
pub(crate) fn bare(report: &Value) -> Value {
    let mut report = report.clone();
    for key in ["base", "merge_base", "head", "policy", "tool"] {
        report.as_object_mut().unwrap().remove(key);
    }
    report
}

/// The same without what only GitHub knows.
pub(crate) fn without_facts(report: &Value) -> Value {
    let of_github = ["not-opted-in", "issue-missing", "issue-milestone-mismatch", "prr-not-approved"];
    let mut report = bare(report);
    report["unchecked"].as_array_mut().unwrap().retain(|it| !of_github.contains(&it["rule"].as_str().unwrap()));
    report
}

/// How the change of a fixture is seen over the API, and how its commits and its folders are.
fn ways(fixture: &Fixture) -> [(i32, Value); 3] {
    let case = &fixture.folder;
    let served = FixturePr::case(case);
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
    let fixtures = crate::support::cases::all();
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
    let clone = crate::support::corpus::clone();
    let merges =
        crate::support::corpus::git(clone, &["rev-list", "--first-parent", "--merges", "--since=2024-01-01", "master"]);
    assert!(merges.len() > 500);
    for merge in merges.iter().step_by(merges.len() / SAMPLE) {
        let parent =
            |number: u8| crate::support::corpus::git(clone, &["rev-parse", &format!("{merge}^{number}")]).remove(0);
        let mut state = State { agrees: true, ..State::default() };
        let pull = Pull { head: parent(2), tip: parent(1), merge: Some(merge.clone()), changed_files: None };
        state.pulls.insert(7, pull.clone());
        let hub = FakeGitHub::start(clone, state);
        let (code, stdout, stderr) = run(&mut command(TestRepo::new().path(), &hub));
        let over_api: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{merge}: {stdout}{stderr}"));
        let arguments = ["check", "--output", "json", "--base", &pull.tip, "--head", merge];
        let (git_code, stdout, _) = run(kepgate(clone).args(arguments));
        let with_git: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((code, without_facts(&over_api)), (git_code, without_facts(&with_git)), "{merge}");
    }
}
