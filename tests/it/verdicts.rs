//! 4,000 mutated KEPs with the verdict of upstream's own checker: what it rejects never passes kepgate.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::time::Instant;

use kepgate::check::{Settings, check};
use kepgate::finding::Level;
use kepgate::report::Report;
use kepgate::source::memory::Memory;
use kepgate::source::{Change, Revisions, diff};
use serde_json::Value;

use crate::corpus::{assert_table, clone, corpus, git};

/// The case as a pull request that adds the KEP.
fn judge(case: &Value, aliases: &str) -> Report {
    let nothing = || Memory::default().file("OWNERS_ALIASES", aliases);
    // A template is no KEP here, so its mutants stand in a KEP's place.
    let path = case["kep_path"].as_str().unwrap().replace("0000-cloud-provider-template", "0000-cloud-provider");
    let mut head = nothing().file(path.as_str(), case["kep"].as_str().unwrap());
    for (path, text) in case["prod_readiness"].as_object().unwrap() {
        head = head.file(path.as_str(), text.as_str().unwrap());
    }
    let paths = diff(&nothing(), &head).unwrap();
    let change = Change {
        base: Box::new(nothing()),
        head: Box::new(head),
        policy: Box::new(nothing()),
        paths,
        revisions: Revisions::default(),
    };
    check(&change, &Settings::default(), Instant::now())
}

#[test]
fn what_upstream_rejects_has_an_error_here() {
    let (Some(corpus), Some(clone)) = (corpus(), clone()) else {
        return;
    };
    let aliases = git(clone, &["show", "HEAD:OWNERS_ALIASES"]).join("\n");
    let mut text = String::new();
    let file = std::fs::File::open(corpus.join("verdicts.jsonl.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();

    let mut passed = Vec::new();
    let mut stricter: BTreeMap<&str, usize> = BTreeMap::new();
    let mut counts = [0, 0, 0];
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let report = judge(&case, &aliases);
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
