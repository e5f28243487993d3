//! 4,000 mutated KEPs with the verdict of upstream's own checker: what it rejects never passes kepgate.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::time::Instant;

use kepgate::check::result::Report;
use kepgate::check::{Settings, check};
use kepgate::kep::Milestone;
use kepgate::rule::Level;
use kepgate::source::memory::Memory;
use kepgate::source::{Change, Revisions, diff};
use serde_json::Value;

use crate::corpus::{assert_table, clone, corpus, git};

/// A tree with the aliases and the files of a case, its metadata changed by `kep`.
fn tree(case: &Value, aliases: &str, kep: impl Fn(&str) -> String) -> Memory {
    // A template is no KEP here, so its mutants stand in a KEP's place.
    let path = case["kep_path"].as_str().unwrap().replace("0000-cloud-provider-template", "0000-cloud-provider");
    let mut tree = nothing(aliases).file(path.as_str(), kep(case["kep"].as_str().unwrap()));
    for (path, text) in case["prod_readiness"].as_object().unwrap() {
        tree = tree.file(path.as_str(), text.as_str().unwrap());
    }
    tree
}

fn nothing(aliases: &str) -> Memory {
    Memory::default().file("OWNERS_ALIASES", aliases)
}

/// The case as a pull request that leads from `base` to it.
fn judge(case: &Value, aliases: &str, base: Memory) -> Report {
    let head = tree(case, aliases, str::to_owned);
    let paths = diff(&base, &head).unwrap();
    let change = Change {
        base: Box::new(base),
        head: Box::new(head),
        policy: Box::new(nothing(aliases)),
        paths,
        revisions: Revisions::default(),
    };
    check(&change, &Settings::default(), Instant::now())
}

fn cases() -> (String, Vec<Value>) {
    let (corpus, clone) = (corpus(), clone());
    let aliases = git(clone, &["show", "HEAD:OWNERS_ALIASES"]).join("\n");
    let mut text = String::new();
    let file = std::fs::File::open(corpus.join("verdicts.jsonl.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let cases: Vec<_> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 4_000);
    (aliases, cases)
}

/// Whether a KEP is older than the gate, so that nothing of it ever becomes due.
fn is_exempt(kep: &str) -> bool {
    let latest = kep.lines().find_map(|line| line.strip_prefix("latest-milestone:")).unwrap_or_default();
    let latest = Milestone::parse(latest.trim().trim_matches(['"', '\'']));
    latest.is_some_and(|latest| latest < Milestone::PRR_REQUIRED)
}

/// Debt of a proposal is due when it becomes implementable: what upstream rejects then is new then.
#[test]
#[ignore = "needs ../shared/corpus"]
fn what_upstream_rejects_is_new_when_the_kep_becomes_active() {
    let (aliases, cases) = cases();
    let provisional = |kep: &str| {
        let kep = kep.replace("status: implementable", "status: provisional");
        kep.replace("status: implemented", "status: provisional")
    };
    // What does not depend on the target stays debt (a title, people), as long as nobody touches it.
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
        let report = judge(case, &aliases, tree(case, &aliases, provisional));
        if !report.findings().iter().any(|it| it.is_new && it.finding.level == Level::Error) {
            passed.push(format!("{} {}: {}", case["id"], case["kind"], case["error"]));
        }
    }
    assert!(tried > 1_000, "only {tried}");
    assert!(passed.is_empty(), "{} of {tried} pass:\n{}", passed.len(), passed.join("\n"));
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn what_upstream_rejects_has_an_error_here() {
    let (aliases, cases) = cases();
    let mut passed = Vec::new();
    let mut stricter: BTreeMap<&str, usize> = BTreeMap::new();
    let mut counts = [0, 0, 0];
    for case in &cases {
        let report = judge(case, &aliases, nothing(&aliases));
        assert!(report.error.is_none(), "{}: {:?}", case["id"], report.error);
        let mut errors: Vec<_> = report
            .findings()
            .iter()
            .filter(|it| it.finding.level == Level::Error)
            .map(|it| it.finding.rule.id)
            .collect();
        errors.sort_unstable();
        errors.dedup();
        match (case["verdict"].as_str().unwrap(), errors.is_empty()) {
            ("reject", true) => passed.push(format!("{} {}: {}", case["id"], case["kind"], case["error"])),
            ("reject", false) => counts[0] += 1,
            ("accept", true) => counts[1] += 1,
            (_, false) => {
                counts[2] += 1;
                for rule in errors {
                    *stricter.entry(rule).or_default() += 1;
                }
            }
            (other, true) => panic!("an unknown verdict: {other}"),
        }
    }
    assert!(passed.is_empty(), "{} that upstream rejects pass:\n{}", passed.len(), passed.join("\n"));

    let [both_reject, both_accept, only_here] = counts;
    let mut table = String::from("# 4,000 mutated KEPs: upstream's verdict and ours\n\n| | cases |\n|---|---|\n");
    writeln!(table, "| rejected by both | {both_reject} |\n| accepted by both | {both_accept} |").unwrap();
    writeln!(table, "| accepted by upstream, an error here | {only_here} |\n").unwrap();
    table.push_str("Of the last, by rule (a case can have several):\n\n| rule | cases |\n|---|---|\n");
    for (rule, count) in stricter {
        writeln!(table, "| {rule} | {count} |").unwrap();
    }
    assert_table("verdicts.md", &table);
}
