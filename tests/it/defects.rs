//! Defects that really merged into kubernetes/enhancements, each judged at the commit that let it in.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kepgate::source::git::Repository;

use crate::corpus::{assert_table, clone, corpus};
use crate::replay::pull_request;

/// Which rules count as catching a kind of defect.
const CAUGHT_BY: &[(&str, &[&str])] = &[
    (
        "stage_not_bumped_on_promotion",
        &["promotion-incomplete", "promotion-without-milestone", "milestone-after-latest"],
    ),
    (
        "stage_wrong_or_conflicts_with_prr",
        &["prr-stage-missing", "promotion-incomplete", "stage-invalid", "stage-skipped", "stage-regressed"],
    ),
    ("latest_milestone_not_bumped", &["milestone-after-latest", "promotion-without-milestone", "promotion-incomplete"]),
    (
        "milestone_struct_wrong",
        &["milestone-order", "milestone-after-latest", "milestone-stage-missing", "milestone-malformed"],
    ),
    ("latest_milestone_advanced_without_prr", &["prr-file-missing"]),
    ("status_implemented_prematurely", &["implemented-not-stable"]),
    ("status_value_invalid", &["status-invalid", "field-placeholder"]),
    ("stage_value_invalid", &["stage-invalid", "field-placeholder"]),
    ("prr_file_missing", &["prr-file-missing", "status-invalid"]),
    ("prr_file_wrong_location", &["prr-file-missing", "prr-file-orphan"]),
    ("prr_file_number_mismatch", &["prr-number-mismatch"]),
    ("prr_approver_malformed", &["prr-approver-unknown"]),
    ("kep_number_wrong", &["kep-number-mismatch"]),
    ("kep_number_missing", &["field-missing"]),
    ("yaml_or_schema_error", &["yaml-syntax", "yaml-unknown-key", "yaml-wrong-type", "yaml-duplicate-key"]),
    ("metadata_file_misnamed", &["metadata-missing"]),
    ("group_invalid_or_wrong_dir", &["owning-sig-mismatch", "sig-unknown", "field-placeholder"]),
    ("template_placeholder_left", &["field-placeholder"]),
    ("status_left_provisional_at_freeze", &["provisional-target"]),
];

/// What only a sweep over the tree, or the README, can show.
const APART: &[&str] = &[
    "status_not_moved_to_implemented",
    "readme_missing_template_question",
    "toc_wrong",
    "backfilled_placeholder_wrong",
    "status_wrong_from_migration",
];

/// The day from which on the schema is near enough to today's for a row to count.
const MEANINGFUL: &str = "2021-10-01";

#[test]
fn defects_that_merged_are_caught() {
    let (Some(corpus), Some(clone)) = (corpus(), clone()) else { return };
    let repository = Repository::discover(clone).unwrap();
    let rows = std::fs::read_to_string(corpus.join("defects.tsv")).unwrap();
    let mut table = String::from(
        "# Defects that merged, judged at the commit that let each in\n\n| kind | KEP | day | caught by | why not |\n|---|---|---|---|---|\n",
    );
    let (mut counted, mut caught) = (0, 0);
    for row in rows.lines().skip(1) {
        let fields: Vec<_> = row.split('\t').collect();
        let [kind, path, introduced, _, day] = fields[..5] else { panic!("{row}") };
        if APART.contains(&kind) {
            writeln!(table, "| {kind} | {path} | {day} | | apart: a sweep or the README shows it |").unwrap();
            continue;
        }
        let rules =
            CAUGHT_BY.iter().find(|(known, _)| *known == kind).unwrap_or_else(|| panic!("{kind} has no rules")).1;
        let hits = hits(&repository, introduced, path, rules);
        let is_counted = day >= MEANINGFUL;
        counted += usize::from(is_counted);
        caught += usize::from(is_counted && !hits.is_empty());
        let hits: Vec<_> = hits.into_iter().collect();
        writeln!(table, "| {kind} | {path} | {day} | {} | |", hits.join(", ")).unwrap();
    }
    writeln!(table, "\nSince {MEANINGFUL}: {caught} of {counted} caught ({} %).", caught * 100 / counted).unwrap();
    assert_table("defects.md", &table);
    assert!(caught * 100 >= counted * 85, "{caught} of {counted}");
}

/// The rules among `rules` that newly fire on the KEP of `path` at `commit`.
fn hits(repository: &Repository, commit: &str, path: &str, rules: &[&'static str]) -> BTreeSet<&'static str> {
    let report = pull_request(repository, commit);
    assert!(report.error.is_none(), "{commit}: {:?}", report.error);
    let number = |path: &str| {
        let name = path.rsplit('/').find(|name| name.starts_with(|first: char| first.is_ascii_digit()));
        name.map(|name| name.split(['-', '.']).next().unwrap_or_default().trim_start_matches('0').to_owned())
    };
    let files = &report.outcome.as_ref().unwrap().files;
    let findings = report.findings().iter().filter(|triaged| triaged.is_new).map(|triaged| &triaged.finding);
    let here = findings.filter(|finding| number(&files[finding.file].path.to_string()) == number(path));
    here.map(|finding| finding.rule.id).filter(|rule| rules.contains(rule)).collect()
}
