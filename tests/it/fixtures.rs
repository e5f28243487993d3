//! Every fixture gives exactly the findings that stand beside it: rule, level, place, text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::served::Served;
use crate::support::{kepgate, root, run};

/// A finding as `expected.json` has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    path: String,
    rule: String,
    level: String,
    new: bool,
    side: String,
    text: Option<String>,
}

pub(crate) fn cases() -> Vec<PathBuf> {
    let mut cases = vec![root().join("fixtures/demo")];
    cases.extend(folders(&root().join("fixtures/triage")));
    cases.extend(folders(&root().join("fixtures/configuration")));
    for rule in folders(&root().join("fixtures/rules")) {
        cases.extend(folders(&rule));
    }
    cases
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> = std::fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

fn read_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn expected(case: &Path) -> (Vec<Expected>, i64, Vec<String>) {
    let value = read_json(&std::fs::read_to_string(case.join("expected.json")).unwrap());
    let findings = value["findings"].as_array().unwrap().iter().map(|finding| Expected {
        path: finding["path"].as_str().unwrap().to_owned(),
        rule: finding["rule"].as_str().unwrap().to_owned(),
        level: finding["level"].as_str().unwrap().to_owned(),
        new: finding["new"].as_bool().unwrap(),
        side: finding["side"].as_str().unwrap().to_owned(),
        text: finding["text"].as_str().map(str::to_owned),
    });
    let arguments = value["args"].as_array().cloned().unwrap_or_default();
    let arguments = arguments.iter().map(|argument| argument.as_str().unwrap().to_owned()).collect();
    (findings.collect(), value["exit"].as_i64().unwrap(), arguments)
}

fn found(case: &Path, report: &Value) -> Vec<Expected> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let (side, path) = (finding["side"].as_str().unwrap(), finding["path"].as_str().unwrap());
            let text = finding["start"].is_object().then(|| {
                let source = std::fs::read(case.join(side).join(path)).unwrap();
                let byte = |end: &str| usize::try_from(finding[end]["byte"].as_u64().unwrap()).unwrap();
                String::from_utf8(source[byte("start")..byte("end")].to_vec()).unwrap()
            });
            Expected {
                path: path.to_owned(),
                rule: finding["rule"].as_str().unwrap().to_owned(),
                level: finding["level"].as_str().unwrap().to_owned(),
                new: finding["new"].as_bool().unwrap(),
                side: side.to_owned(),
                text,
            }
        })
        .collect()
}

#[test]
fn every_fixture_gives_what_stands_beside_it() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() > 200, "the fixtures are there");
    for case in &cases {
        let (expected, exit, arguments) = expected(case);
        // What only GitHub knows stands beside some, which are checked as pull requests.
        let served = case.join("github.json").is_file().then(|| Served::case(case));
        let mut command = match &served {
            Some(served) => served.command(case),
            None => kepgate(case),
        };
        if served.is_none() {
            command.args(["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"]);
        }
        let (code, stdout, stderr) = run(command.args(arguments));
        let report = read_json(&stdout);
        let found = found(case, &report);
        if found != expected || i64::from(code) != exit || report["exit"] != exit {
            let name = case.strip_prefix(root()).unwrap().display();
            wrong.push(format!("{name}\n  expected {exit}: {expected:#?}\n  found {code}: {found:#?}\n{stderr}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} fixtures:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What the configuration ignores: rule, path and reason, as both sides have them.
fn suppressed(value: &Value) -> Vec<[String; 3]> {
    let entries = value["suppressed"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|it| ["rule", "path", "reason"].map(|key| it[key].as_str().unwrap().to_owned())).collect()
}

#[test]
fn what_is_ignored_stays_visible_with_its_reason() {
    let mut seen = 0;
    for case in folders(&root().join("fixtures/configuration")) {
        let expected = read_json(&std::fs::read_to_string(case.join("expected.json")).unwrap());
        let arguments = ["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"];
        let (_, stdout, _) = run(kepgate(&case).args(arguments));
        assert_eq!(suppressed(&read_json(&stdout)), suppressed(&expected), "{}", case.display());
        seen += suppressed(&expected).len();
    }
    assert!(seen >= 3, "the fixtures are there");
}

#[test]
fn every_rule_has_a_failing_and_a_passing_fixture() {
    let (_, stdout, _) = run(kepgate(root()).args(["rules", "--json"]));
    let rules: BTreeSet<_> =
        read_json(&stdout).as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect();
    let mut seen: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for rule in folders(&root().join("fixtures/rules")) {
        let id = rule.file_name().unwrap().to_str().unwrap().to_owned();
        for case in folders(&rule) {
            let fires = expected(&case).0.iter().any(|finding| finding.rule == id);
            seen.entry(id.clone()).or_default()[usize::from(fires)] += 1;
        }
    }
    assert_eq!(rules, seen.keys().cloned().collect());
    for (rule, [passing, failing]) in seen {
        assert!(passing > 0 && failing > 0, "{rule}: {failing} failing, {passing} passing");
    }
}
