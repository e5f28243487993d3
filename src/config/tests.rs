//! Tests of reading the configuration.

use super::{Config, Setting};
use crate::rule::{FailOn, Level, Need};
use crate::rules::{ALL, find};
use crate::syntax::yaml::read;
use crate::text::RepoPath;

/// The faults as (text of the span, message, help).
fn faults(text: &str) -> Vec<(Option<&str>, String, String)> {
    let (_, faults) = Config::lower(&read(text), ALL);
    faults.into_iter().map(|fault| (fault.span.map(|span| &text[span]), fault.message, fault.help)).collect()
}

#[test]
fn a_whole_configuration_is_read() {
    let text = "fail-on: warning\nrules:\n  prr-exempted: error\n  sig-unknown: off\nignore:\n  - paths: [\"keps/sig-node/281-*/**\"]\n    rules: [status-invalid]\n    reason: gone\naliases:\n  approvers: prr\nupcoming-release: v1.37\n";
    let (config, faults) = Config::lower(&read(text), ALL);
    assert_eq!(faults, []);
    assert_eq!(config.fail_on, Some(FailOn::Warnings));
    assert_eq!(config.groups.approvers, "prr");
    assert_eq!(config.groups.emeritus, "prod-readiness-approvers-emeritus");
    assert_eq!(config.setting(find("prr-exempted").unwrap()), Some(Setting::At(Level::Error)));
    assert!(!config.runs(find("sig-unknown").unwrap()));
    let status = find("status-invalid").unwrap();
    assert_eq!(config.ignored(status, &RepoPath::from("keps/sig-node/281-x/kep.yaml")), Some("gone"));
    assert_eq!(config.ignored(status, &RepoPath::from("keps/sig-node/2810/kep.yaml")), None);
    assert_eq!(config.ignored(find("stage-invalid").unwrap(), &RepoPath::from("keps/sig-node/281-x/kep.yaml")), None);
}

#[test]
fn rules_that_lack_a_need_run_only_if_they_are_configured() {
    let [owners, approvers] = ["sig-node-owners", "sig-node-approvers"].map(|id| find(id).unwrap());
    let (mut config, _) = Config::lower(&read("rules:\n  sig-node-approvers: error\n"), ALL);
    assert!(config.runs(owners));
    config.skip_by_default(ALL, Need::TechLeads);
    assert!(!config.runs(owners));
    assert!(config.runs(approvers));
}

#[test]
fn faults_have_a_span_and_a_suggestion() {
    for (text, span, help) in [
        ("rules:\n  status-invald: error\n", "status-invald", "did you mean `status-invalid`?"),
        ("rules:\n  status-invalid: fatal\n", "fatal", "write `error`, `warning`, `notice` or `off`"),
        ("rulez:\n  status-invalid: error\n", "rulez", "did you mean `rules`?"),
        ("fail-on: errors\n", "errors", "did you mean `error`?"),
        ("ignore:\n  - paths: [\"a\"]\n", "paths", "add `reason` and say in it why these findings are ignored"),
        (
            "ignore:\n  - paths: [\"a\"]\n    rules: []\n    reason: x\n",
            "[]",
            "list rules, or remove it to ignore every rule",
        ),
        ("ignore:\n  - paths: [\"a[\"]\n    reason: x\n", "\"a[\"", "write it like keps/sig-node/281-*/**"),
        ("rules: [a\n", "[", "close it, or write one entry per line"),
    ] {
        let faults = faults(text);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert_eq!((faults[0].0, faults[0].2.as_str()), (Some(span), help), "{text}");
    }
}

#[test]
fn the_calendar_is_extended() {
    let text = "calendar:\n  v1.39:\n    enhancements-freeze: 2027-02-10T12:00Z\n";
    let (config, faults) = Config::lower(&read(text), ALL);
    assert_eq!(faults, []);
    assert_eq!(config.calendar.to_yaml(), "v1.39:\n  enhancements-freeze: 2027-02-10T12:00Z\n");
    let text = "calendar:\n  v1.39: {enhancements-freeze: soon, code-freeze: 2027-03-20}\n  next: {}\n";
    let (_, faults) = Config::lower(&read(text), ALL);
    let places: Vec<_> = faults.iter().map(|fault| &text[fault.span.unwrap()]).collect();
    assert_eq!(places, ["soon", "code-freeze", "next"]);
}

#[test]
fn a_file_of_comments_configures_nothing() {
    assert_eq!(faults("# nothing yet\n"), []);
}
