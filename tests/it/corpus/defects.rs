//! Defects that were merged into kubernetes/enhancements, each checked at the commit that introduced it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Instant;

use kepgate::check::result::Report;
use kepgate::check::{ConfigSource, Settings, check};
use kepgate::source::git::Repository;
use kepgate::source::overlay::{Edits, Overlay};
use kepgate::source::{Change, ChangedPath, Content, Revisions, Snapshot};
use kepgate::text::RepoPath;

use crate::corpus::replay::pull_request_with;
use crate::support::corpus::{assert_table, clone, corpus};

/// The rules that catch each kind of defect.
const CAUGHT_BY: &[(&str, &[&str])] = &[
    (
        "stage_not_bumped_on_promotion",
        &["promotion-incomplete", "promotion-without-milestone", "milestone-after-latest"],
    ),
    (
        "stage_wrong_or_conflicts_with_prr",
        // If the stage is too far ahead, its milestone comes after `latest-milestone`.
        &[
            "prr-stage-missing",
            "promotion-incomplete",
            "stage-invalid",
            "stage-skipped",
            "stage-regressed",
            "milestone-after-latest",
        ],
    ),
    ("latest_milestone_not_bumped", &["milestone-after-latest", "promotion-without-milestone", "promotion-incomplete"]),
    (
        "milestone_struct_wrong",
        &[
            "milestone-order",
            "milestone-after-latest",
            "milestone-stage-missing",
            "milestone-malformed",
            "stage-behind",
        ],
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
    (RETARGETED, &["prr-question-unanswered"]),
    ("toc_wrong", &["toc-stale"]),
];

/// These defects appeared when the template got a new question. Each is checked just before its fix, with the template
/// of that day, as a change that targets another release.
const RETARGETED: &str = "readme_missing_template_question";

/// Defects that only a sweep of the whole tree can find.
const APART: &[&str] =
    &["status_not_moved_to_implemented", "backfilled_placeholder_wrong", "status_wrong_from_migration"];

/// The day from which the schema is similar enough to today's for a row to count.
const MEANINGFUL: &str = "2021-10-01";

/// The release days before the calendar begins, from the pages of SIG Release.
const RELEASED: &[(&str, &str)] =
    &[("v1.23", "2021-12-07"), ("v1.24", "2022-05-03"), ("v1.25", "2022-08-23"), ("v1.26", "2022-12-09")];

/// The settings for a day: the time, and the upcoming release.
fn settings(day: &str) -> Settings {
    let now = Some(format!("{day}T00:00Z").parse().unwrap());
    let Some((release, _)) = RELEASED.iter().find(|(_, out)| day < *out) else {
        return Settings { now, ..Settings::default() };
    };
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("upcoming-{release}.yaml"));
    std::fs::write(&file, format!("upcoming-release: {release}\n")).unwrap();
    Settings { config: ConfigSource::Disk(file), now, ..Settings::default() }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn defects_that_merged_are_caught() {
    let (corpus, clone) = (corpus(), clone());
    let repository = Repository::discover(clone).unwrap();
    let rows = std::fs::read_to_string(corpus.join("defects.tsv")).unwrap();
    let mut table = String::from(
        "# Defects that merged, judged at the commit that let each in\n\n| kind | KEP | day | caught by | why not |\n|---|---|---|---|---|\n",
    );
    let (mut counted, mut caught) = (0, 0);
    for row in rows.lines().skip(1) {
        let fields: Vec<_> = row.split('\t').collect();
        let [kind, path, introduced, fixed, day] = fields[..5] else { panic!("{row}") };
        if APART.contains(&kind) {
            writeln!(table, "| {kind} | {path} | {day} | | apart: a sweep shows it |").unwrap();
            continue;
        }
        let rules =
            CAUGHT_BY.iter().find(|(known, _)| *known == kind).unwrap_or_else(|| panic!("{kind} has no rules")).1;
        let report = if kind == RETARGETED {
            retargeted(&repository, fixed, path)
        } else {
            pull_request_with(&repository, introduced, &settings(day))
        };
        assert!(report.error.is_none(), "{row}: {:?}", report.error);
        let hits = hits(&report, path, rules);
        let is_counted = day >= MEANINGFUL;
        counted += usize::from(is_counted);
        caught += usize::from(is_counted && !hits.is_empty());
        let hits: Vec<_> = hits.into_iter().collect();
        let why = if hits.is_empty() { why(introduced) } else { "" };
        writeln!(table, "| {kind} | {path} | {day} | {} | {why} |", hits.join(", ")).unwrap();
    }
    writeln!(table, "\nSince {MEANINGFUL}: {caught} of {counted} caught ({} %).", caught * 100 / counted).unwrap();
    assert!(!table.contains("| ? |"), "a miss without a note:\n{table}");
    assert_table("defects.md", &table);
    // The table explains why the other four cannot be caught: each is legal, or the change does not show it.
    assert!(caught * 100 >= counted * 91, "{caught} of {counted}");
}

/// Why the defect of a commit is not caught, verified by hand.
fn why(commit: &str) -> &'static str {
    let known = [
        ("c8c9da8702", "it was right when it merged: the release was missed later"),
        ("daf0bec492", "only the README changed"),
        ("7ba1980028", "it targets a release that was out: `release-shipped`, which needs a calendar"),
        (
            "d8c1000e87",
            "by its nature: a milestone before `latest-milestone` is legal, because a KEP may stay in its stage",
        ),
        ("b6222375b4", "by its nature: stage, status and milestones agree; only the code was not there yet"),
        ("9a4e8896cf", "by its nature: it targets a release that was out, so there was no freeze left to miss"),
        ("50a9d4efde", "by its nature: the change moves neither the status nor the target"),
    ];
    known.iter().find(|(start, _)| commit.starts_with(start)).map_or("?", |(_, why)| why)
}

/// A change that sets `latest-milestone` on the KEP of the README at `path`, as it was before `fixed`.
fn retargeted(repository: &Repository, fixed: &str, path: &str) -> Report {
    let fixed = repository.resolve(fixed).unwrap();
    let head = repository.parents(fixed).unwrap()[0];
    let tree = || -> Box<dyn Snapshot> { Box::new(repository.tree(head).unwrap()) };
    let metadata = RepoPath::from(path.replace("README.md", "kep.yaml").as_str());
    let Content::Bytes(kep) = tree().read(&metadata).unwrap() else { panic!("{metadata} is not there") };
    let lines = String::from_utf8(kep).unwrap();
    let lines = lines.lines().filter(|line| !line.starts_with("latest-milestone")).map(|line| format!("{line}\n"));
    let former = lines.chain(["latest-milestone: v1.21\n".to_owned()]).collect::<String>();
    let edits = Edits::default();
    edits.borrow_mut().insert(metadata.clone(), former.into_bytes());
    let change = Change {
        base: Box::new(Overlay::new(tree(), edits)),
        head: tree(),
        policy: tree(),
        paths: vec![ChangedPath { base: Some(metadata.clone()), head: Some(metadata) }],
        revisions: Revisions::default(),
    };
    check(&change, &Settings::default(), Instant::now())
}

/// The rules in `rules` that have a new finding on the KEP of `path`.
fn hits(report: &Report, path: &str, rules: &[&'static str]) -> BTreeSet<&'static str> {
    let number = |path: &str| {
        let name = path.rsplit('/').find(|name| name.starts_with(|first: char| first.is_ascii_digit()));
        name.map(|name| name.split(['-', '.']).next().unwrap_or_default().trim_start_matches('0').to_owned())
    };
    let findings = report.findings().iter().filter(|triaged| triaged.is_new).map(|triaged| &triaged.finding);
    let here = findings.filter(|finding| number(&finding.place.path.to_string()) == number(path));
    here.map(|finding| finding.rule.id).filter(|rule| rules.contains(rule)).collect()
}
