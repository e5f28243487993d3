//! A change has the same findings over git, two folders and the API.

use std::thread;

use serde_json::Value;

use crate::support::cases::Fixture;
use crate::support::pull_request::command;
use crate::support::{FakeGitHub, FixturePr, Pull, State, TestRepo, kepgate, run};

/// The number of real merges to compare.
const SAMPLE: usize = 25;

/// A report without the names of the trees and the tool.
pub(crate) fn bare(report: &Value) -> Value {
    let mut report = report.clone();
    for key in ["base", "merge_base", "head", "policy", "tool"] {
        report.as_object_mut().unwrap().remove(key);
    }
    report
}

/// Like [`bare`], but without unchecked rules that need GitHub.
pub(crate) fn without_facts(report: &Value) -> Value {
    let of_github = ["not-opted-in", "issue-missing", "issue-milestone-mismatch", "prr-not-approved"];
    let mut report = bare(report);
    report["unchecked"].as_array_mut().unwrap().retain(|it| !of_github.contains(&it["rule"].as_str().unwrap()));
    report
}

/// The results of a fixture over the API, with git, and as two folders.
fn ways(fixture: &Fixture) -> [(i32, Value); 3] {
    let case = &fixture.folder;
    let pull_request = FixturePr::case(case);
    pull_request.hub.state.lock().unwrap().accepts_everything = true;
    let mut with_git = kepgate(case);
    with_git
        .args(["check", "--output", "json", "--base", &pull_request.pull.tip, "--repo"])
        .arg(pull_request.repo.path());
    with_git.args(["--head", pull_request.pull.merge.as_ref().unwrap()]);
    let mut with_folders = kepgate(case);
    with_folders.args(["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"]);
    [&mut pull_request.command(case), &mut with_git, &mut with_folders].map(|command| {
        let (code, stdout, stderr) = run(command.args(&fixture.case.options));
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
        let mut report = without_facts(&report);
        // Only in git, commits show when the change was proposed, so the rule may be unchecked elsewhere.
        report["unchecked"].as_array_mut().unwrap().retain(|it| it["rule"] != "prr-freeze-passed");
        (code, report)
    })
}

/// Compares every sixth fixture, because each takes about fifty processes. `KEPGATE_EVERY_FIXTURE=1` compares all of
/// them. Some fixtures are left out because their results differ by design: those that need GitHub, the one in which a
/// warning fails the check, and the one in which nothing shows when the change was proposed (in git, its commits do).
#[test]
fn fixtures_have_the_same_result_through_git_folders_and_api() {
    let differs = |it: &Fixture| {
        let headings =
            ["Warnings fail the check with `fail-on: warning`", "Nothing tells when the change was proposed"];
        headings.contains(&it.case.heading.as_str())
    };
    let is_alike = |it: &&Fixture| it.case.github.is_none() && !differs(it);
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

/// Merges of the real repository, each checked as its pull request.
#[test]
#[ignore = "needs ../shared/corpus"]
fn merges_have_the_same_result_through_git_and_api() {
    let clone = crate::support::corpus::clone();
    let merges =
        crate::support::corpus::git(clone, &["rev-list", "--first-parent", "--merges", "--since=2024-01-01", "master"]);
    assert!(merges.len() > 500);
    for merge in merges.iter().step_by(merges.len() / SAMPLE) {
        let parent =
            |number: u8| crate::support::corpus::git(clone, &["rev-parse", &format!("{merge}^{number}")]).remove(0);
        let mut state = State { accepts_everything: true, ..State::default() };
        let pull =
            Pull { head: parent(2), tip: parent(1), merge: Some(merge.clone()), changed_files: None, opened: None };
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
