//! Mutated KEPs with the verdict of upstream's own checker. kepgate must never pass a KEP that upstream rejects.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kepgate::check::result::Report;
use kepgate::check::{Settings, check};
use kepgate::kep::Milestone;
use kepgate::rule::Level;
use kepgate::source::memory::Memory;
use kepgate::source::{Change, Revisions, diff};
use serde_json::Value;

use crate::support::corpus::{assert_table, clone, corpus, git};

/// A tree with the aliases and the files of a case, with `kep` as its metadata.
fn tree(case: &Value, aliases: &str, kep: impl Fn(&str) -> String) -> Memory {
    let metadata = kep(case["kep"].as_str().unwrap());
    let prod_readiness = case["prod_readiness"].as_object().unwrap().iter();
    tree_of(case, aliases, metadata, prod_readiness.map(|(path, text)| (path, text.as_str().unwrap().into())))
}

/// Like [`tree`], for a case with files as bytes.
fn tree_of_bytes(case: &Value, aliases: &str) -> Memory {
    let bytes = |value: &Value| BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap();
    let prod_readiness = case["prod_readiness_b64"].as_object().unwrap().iter();
    tree_of(case, aliases, bytes(&case["kep_b64"]), prod_readiness.map(|(path, value)| (path, bytes(value))))
}

fn tree_of<'a>(
    case: &Value,
    aliases: &str,
    metadata: impl Into<Vec<u8>>,
    prod_readiness: impl Iterator<Item = (&'a String, Vec<u8>)>,
) -> Memory {
    // A template is not a KEP, so its mutants are placed in the directory of a KEP.
    let path = case["kep_path"].as_str().unwrap().replace("0000-cloud-provider-template", "0000-cloud-provider");
    let tree = nothing(aliases).file(path.as_str(), metadata);
    prod_readiness.fold(tree, |tree, (path, bytes)| tree.file(path.as_str(), bytes))
}

fn nothing(aliases: &str) -> Memory {
    Memory::default().file("OWNERS_ALIASES", aliases)
}

/// A pull request from `base` to `head`.
fn judge(base: Memory, head: Memory, aliases: &str) -> Report {
    let paths = diff(&base, &head).unwrap();
    let change = Change {
        base: Box::new(base),
        head: Box::new(head),
        policy: Box::new(nothing(aliases)),
        paths,
        revisions: Revisions::default(),
    };
    // SIG Node's own rules need to know the next release.
    let settings = Settings { now: Some("2026-03-01T00:00Z".parse().unwrap()), ..Settings::default() };
    check(&change, &settings, Instant::now())
}

fn aliases() -> String {
    git(clone(), &["show", "HEAD:OWNERS_ALIASES"]).join("\n")
}

fn cases_of(name: &str) -> Vec<Value> {
    let mut text = String::new();
    let file = std::fs::File::open(corpus().join(name)).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn cases() -> (String, Vec<Value>) {
    let cases = cases_of("verdicts.jsonl.gz");
    assert_eq!(cases.len(), 4_000);
    (aliases(), cases)
}

/// True if a KEP is older than the PRR process. Nothing becomes due for it.
fn is_exempt(kep: &str) -> bool {
    let latest = kep.lines().find_map(|line| line.strip_prefix("latest-milestone:")).unwrap_or_default();
    let latest = Milestone::parse(latest.trim().trim_matches(['"', '\'']));
    latest.is_some_and(|latest| latest < Milestone::PRR_REQUIRED)
}

/// Pre-existing findings of a provisional KEP become due when it becomes implementable.
#[test]
#[ignore = "needs ../shared/corpus"]
fn upstream_rejections_are_new_errors_when_the_kep_becomes_active() {
    let (aliases, cases) = cases();
    let provisional = |kep: &str| {
        let kep = kep.replace("status: implementable", "status: provisional");
        kep.replace("status: implemented", "status: provisional")
    };
    // Findings that do not depend on the target (title, people) stay pre-existing until the field changes.
    let is_debt =
        |error: &str| ["Proposal.Title", "Proposal.Authors", "Proposal.Approvers"].iter().any(|it| error.contains(it));
    let (mut passed, mut tried) = (Vec::new(), 0);
    for case in &cases {
        let kep = case["kep"].as_str().unwrap();
        let is_rejected = case["error"].as_str().is_some_and(|error| !is_debt(error)) && !is_exempt(kep);
        if !is_rejected || provisional(kep) == kep {
            continue;
        }
        tried += 1;
        let report = judge(tree(case, &aliases, provisional), tree(case, &aliases, str::to_owned), &aliases);
        if !report.findings().iter().any(|it| it.is_new && it.finding.level == Level::Error) {
            passed.push(format!("{} {}: {}", case["id"], case["kind"], case["error"]));
        }
    }
    assert!(tried > 1_000, "only {tried}");
    assert!(passed.is_empty(), "{} of {tried} pass:\n{}", passed.len(), passed.join("\n"));
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn upstream_rejections_are_errors() {
    let (aliases, cases) = cases();
    let judged = cases.iter().map(|case| {
        let report = judge(nothing(&aliases), tree(case, &aliases, str::to_owned), &aliases);
        Judged { name: format!("{} {}: {}", case["id"], case["kind"], case["error"]), case, report }
    });
    assert_table("verdicts.md", &compare("4,000 mutated KEPs", judged));
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn files_upstream_cannot_parse_are_errors() {
    let (aliases, cases) = (aliases(), cases_of("verdicts-2.jsonl.gz"));
    assert_eq!(cases.len(), 2_619);
    let judged = cases.iter().map(|case| {
        let report = judge(nothing(&aliases), tree_of_bytes(case, &aliases), &aliases);
        Judged { name: format!("{} {}: {}", case["id"], case["kind"], case["message"]), case, report }
    });
    assert_table("verdicts-yaml.md", &compare("2,619 KEPs with mutated YAML", judged));
}

struct Judged<'a> {
    name: String,
    case: &'a Value,
    report: Report,
}

/// Asserts that kepgate passes nothing that upstream rejects, and returns a table of both verdicts.
fn compare<'a>(title: &str, judged: impl Iterator<Item = Judged<'a>>) -> String {
    let mut passed = Vec::new();
    let mut stricter: BTreeMap<&str, usize> = BTreeMap::new();
    let [mut both_reject, mut both_accept, mut only_here] = [0, 0, 0];
    for Judged { name, case, report } in judged {
        assert!(report.error.is_none(), "{name}: {:?}", report.error);
        let errors = report.findings().iter().filter(|it| it.finding.level == Level::Error);
        let errors: BTreeSet<_> = errors.map(|it| it.finding.rule.id).collect();
        match (case["verdict"].as_str().unwrap(), errors.is_empty()) {
            ("reject", true) => passed.push(name),
            ("reject", false) => both_reject += 1,
            ("accept", true) => both_accept += 1,
            ("accept", false) => {
                only_here += 1;
                for rule in errors {
                    *stricter.entry(rule).or_default() += 1;
                }
            }
            (other, _) => panic!("an unknown verdict: {other}"),
        }
    }
    assert!(passed.is_empty(), "{} that upstream rejects pass:\n{}", passed.len(), passed.join("\n"));

    let mut table = format!("# {title}: upstream's verdict and ours\n\n| | cases |\n|---|---|\n");
    writeln!(table, "| rejected by both | {both_reject} |\n| accepted by both | {both_accept} |").unwrap();
    writeln!(table, "| accepted by upstream, an error here | {only_here} |\n").unwrap();
    table.push_str("Of the last, by rule (a case can have several):\n\n| rule | cases |\n|---|---|\n");
    for (rule, count) in stricter {
        writeln!(table, "| {rule} | {count} |").unwrap();
    }
    table
}
