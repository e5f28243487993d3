//! `--fix`: what is certain is mended, nothing else is touched, and doing it again changes nothing.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::support::corpus::{clone, corpus, git};
use crate::support::{kepgate, root, run};

/// Every file below a folder, by its path; links as what they name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

/// A report before or after, and what the run said.
struct Run {
    report: Value,
    log: String,
}

fn check(folder: &Path, more: &[&str]) -> Run {
    let arguments = ["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"];
    let (code, stdout, log) = run(kepgate(folder).args(arguments).args(more));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["exit"], code, "{log}");
    assert_eq!(report["error"], Value::Null);
    Run { report, log }
}

/// The findings by rule, path and message.
fn findings(run: &Run) -> BTreeMap<[String; 3], usize> {
    let mut counts = BTreeMap::new();
    for finding in run.report["findings"].as_array().unwrap() {
        let key = ["rule", "path", "message"].map(|key| finding[key].as_str().unwrap().to_owned());
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// New findings with edits of files that are there.
fn fixable(run: &Run) -> usize {
    let findings = run.report["findings"].as_array().unwrap().iter();
    findings.filter(|it| it["new"] == true && it["fix"].is_object() && it["fix"]["edits"][0]["create"] == false).count()
}

/// Mends `folder`/head and holds the result against what mending promises; tells how many were fixed.
fn mend(folder: &Path, name: &str) -> usize {
    let before = check(folder, &[]);
    let untouched = files(&folder.join("head"));
    let mended = check(folder, &["--fix"]);
    let once = files(&folder.join("head"));
    let fixed = mended.log.matches("fixed: ").count();
    let refused = mended.log.matches("not fixed").count();
    let after = check(folder, &[]);
    assert_eq!(after.report["findings"], mended.report["findings"], "{name}: the report is of the mended files");
    assert_eq!(fixable(&after), refused, "{name}: what can be mended is mended, or said\n{}", mended.log);
    for (finding, count) in findings(&after) {
        let known = findings(&before).get(&finding).copied().unwrap_or_default();
        assert!(count <= known, "{name}: {finding:?} came up\n{}", mended.log);
    }
    if fixed == 0 {
        assert_eq!(once, untouched, "{name}: nothing is written without a fix");
    }
    assert_eq!(fixable(&before) > 0, fixed + refused > 0, "{name}: {}", mended.log);
    check(folder, &["--fix"]);
    assert_eq!(files(&folder.join("head")), once, "{name}: again changes nothing");
    fixed
}

#[test]
fn every_fixture_can_be_mended() {
    let fixtures = crate::support::cases::of_rules();
    let fixed: usize = fixtures.all.iter().map(|fixture| mend(&fixture.folder, &fixture.name)).sum();
    assert!(fixed >= 20, "only {fixed} were mended");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn two_hundred_mutated_keps_can_be_mended() {
    let (corpus, clone) = (corpus(), clone());
    let aliases = git(clone, &["show", "HEAD:OWNERS_ALIASES"]).join("\n");
    let mut text = String::new();
    let file = std::fs::File::open(corpus.join("verdicts.jsonl.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut tried, mut fixed) = (0, 0);
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let mut head = vec![(case["kep_path"].as_str().unwrap(), case["kep"].as_str().unwrap())];
        for (path, text) in case["prod_readiness"].as_object().unwrap() {
            head.push((path.as_str(), text.as_str().unwrap()));
        }
        lay(folder.path(), &aliases, &head);
        if fixable(&check(folder.path(), &[])) == 0 {
            continue;
        }
        fixed += mend(folder.path(), case["id"].as_str().unwrap());
        tried += 1;
        if tried == 200 {
            break;
        }
    }
    assert_eq!(tried, 200, "there are enough that can be mended");
    assert!(fixed >= 150, "only {fixed} of 200 were mended");
}

fn lay(folder: &Path, aliases: &str, head: &[(&str, &str)]) {
    for side in ["base", "head"] {
        let _ = std::fs::remove_dir_all(folder.join(side));
        std::fs::create_dir_all(folder.join(side)).unwrap();
        std::fs::write(folder.join(side).join("OWNERS_ALIASES"), aliases).unwrap();
    }
    for (path, text) in head {
        let path = folder.join("head").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

const ALIASES: &str = "aliases:\n  prod-readiness-approvers:\n    - marta-k\n";

#[test]
fn comments_quotes_and_line_endings_stay() {
    let before = "title: 'It''s a title'  # keep\r\nkep-number: 12\r\nauthors: [ida-r,  \"jon-b\"] # both\r\nowning-sig: sig-apps\r\nstatus: 'provisonal' # almost\r\ncreation-date: 2025-01-02\r\nreviewers:\r\n- \"@x\"\r\napprovers:\r\n- '@y'\r\n";
    let after = "title: 'It''s a title'  # keep\r\nkep-number: 12\r\nauthors: [\"@ida-r\",  \"@jon-b\"] # both\r\nowning-sig: sig-apps\r\nstatus: 'provisional' # almost\r\ncreation-date: 2025-01-02\r\nreviewers:\r\n- \"@x\"\r\napprovers:\r\n- '@y'\r\n";
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", before)]);
    assert_eq!(mend(folder.path(), "quotes"), 3);
    let mended = std::fs::read_to_string(folder.path().join("head/keps/sig-apps/12-a/kep.yaml")).unwrap();
    assert_eq!(mended, after);
}

#[test]
fn a_value_of_several_lines_is_left_alone() {
    let kep = "title: T\nkep-number: 12\nauthors: [\"@x\"]\nowning-sig: sig-apps\nstatus: |\n  provisonal\ncreation-date: 2025-01-02\nreviewers: [\"@x\"]\napprovers: [\"@y\"]\n";
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", kep)]);
    let before = check(folder.path(), &[]);
    assert_eq!(fixable(&before), 0);
    assert!(findings(&before).keys().any(|[rule, ..]| rule == "status-invalid"));
    assert_eq!(mend(folder.path(), "block"), 0);
}

#[test]
fn an_entry_is_added_only_below_one_that_stands_on_a_line() {
    let kep = |milestone: &str| {
        format!(
            "title: T\nkep-number: 12\nauthors: [\"@x\"]\nowning-sig: sig-apps\nstatus: implementable\ncreation-date: 2025-01-02\nreviewers: [\"@x\"]\napprovers: [\"@y\"]\nstage: beta\nlatest-milestone: v1.36\nmilestone:{milestone}\nmetrics: []\n"
        )
    };
    for (milestone, mended) in [
        ("\n  alpha: v1.34 # done", "\n  alpha: v1.34 # done\n  beta: \"v1.36\""),
        ("\r\n  alpha: v1.34\r", "\r\n  alpha: v1.34\r\n  beta: \"v1.36\"\r"),
        ("\n  alpha:\n    v1.34", "\n  alpha:\n    v1.34"),
        ("\n  alpha: |\n    v1.34", "\n  alpha: |\n    v1.34"),
        ("\n  ? alpha\n  : v1.34", "\n  ? alpha\n  : v1.34"),
        (" {alpha: v1.34}", " {alpha: v1.34}"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", &kep(milestone))]);
        mend(folder.path(), milestone);
        let text = std::fs::read_to_string(folder.path().join("head/keps/sig-apps/12-a/kep.yaml")).unwrap();
        assert_eq!(text, kep(mended));
    }
}

#[test]
fn old_debt_is_mended_only_when_asked_for() {
    let kep = "title: T\nkep-number: 12\nauthors: [ida-r]\nowning-sig: sig-apps\nstatus: provisional\ncreation-date: 2025-01-02\nreviewers: [\"@x\"]\napprovers: [\"@y\"]\n";
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), ALIASES, &[("keps/sig-apps/12-a/kep.yaml", &kep.replace("title: T", "title: U"))]);
    let base = folder.path().join("base/keps/sig-apps/12-a");
    std::fs::create_dir_all(&base).unwrap();
    std::fs::write(base.join("kep.yaml"), kep).unwrap();
    assert_eq!(check(folder.path(), &["--fix"]).log, "");
    let log = check(folder.path(), &["--fix", "--strict"]).log;
    assert_eq!(log, "fixed: keps/sig-apps/12-a/kep.yaml:3: handle-malformed: `ida-r` → `\"@ida-r\"`\n");
}

#[test]
fn revisions_are_never_mended() {
    let (code, _, stderr) = run(kepgate(root()).args(["check", "--fix", "--head", "HEAD"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("--fix"), "{stderr}");
}
