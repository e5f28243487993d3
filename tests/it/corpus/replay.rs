//! Checks every commit on the target branch of kubernetes/enhancements since 2021-10-01 as a pull request: merges, and
//! squashed pull requests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use kepgate::check::result::Report;
use kepgate::check::{Settings, check};
use kepgate::kep::Milestone;
use kepgate::release::Exceptions;
use kepgate::rule::Level;
use kepgate::source::git::Repository;
use kepgate::source::{Change, Revisions, Snapshot};

use crate::corpus::promotions::Promotions;
use crate::support::corpus::{assert_table, clone, corpus, git};

/// The first day of each period. Upstream's schema is today's from the second one on; `noise.rs` covers the third one
/// in more detail.
const PERIODS: [&str; 3] = ["2021-10-01", "2022-10-15", "2025-07-01"];
/// The last day of the independent count.
const COUNTED_UNTIL: &str = "2025-12-18";

/// An independent count of merges since 2022-10-15 under the same conditions: the defect, the count, the rules that
/// cover it (`rule` or `rule:field`), and why the two counts differ.
const YARDSTICK: &[(&str, usize, &[&str], &str)] = &[
    (
        "a milestone that is no release",
        15,
        &["milestone-malformed"],
        "`TBD` for the future is legal and not counted here",
    ),
    ("malformed approver handles", 15, &["handle-malformed:approvers"], "`TBD` past provisional counts here"),
    ("malformed reviewer handles", 15, &["handle-malformed:reviewers"], "`TBD` past provisional counts here"),
    (
        "`milestone.<stage>` after `latest-milestone`",
        7,
        &["milestone-after-latest"],
        "KEPs before v1.21 and one with a misspelt status count as active here",
    ),
    ("self-approval", 3, &["prr-approver-is-author"], "each newly named stage counts here; all 8 are in the files"),
    ("`implemented` before stable", 4, &["implemented-not-stable"], "a plain YAML reader over the same merges finds 2"),
    ("`milestone.<stage>` absent", 4, &["milestone-stage-missing"], ""),
    ("bad status", 3, &["status-invalid"], "three merges touch a file whose status was bad before: due again"),
    ("bad stage", 3, &["stage-invalid"], "two are the template's line of choices: `field-placeholder`"),
    ("unknown key", 2, &["yaml-unknown-key"], "the accidental keys are due again when their file is touched"),
    ("emeritus newly named", 1, &["prr-approver-emeritus"], "a plain YAML reader over the same merges finds none"),
    (
        "metrics empty at beta or stable",
        132,
        &["metrics-missing"],
        "asked again here when a KEP stays for another release or becomes implemented; promotions alone: `promotions.md`",
    ),
    ("feature gates empty", 42, &["feature-gates-missing"], ""),
    ("`disable-supported` absent", 22, &["disable-supported-missing"], "a README that answers `Other` needs none here"),
    (
        "PRR number of another KEP",
        1,
        &["prr-number-mismatch"],
        "two are brought in (3668, 4192); three were there and fall due when their KEPs move on",
    ),
];

/// A commit on the target branch: a merge or a squashed pull request.
pub(crate) struct Merge {
    pub(crate) commit: String,
    /// When it was merged, as git writes it.
    pub(crate) time: String,
}

/// Checks each commit on the target branch since this day, newest first, as a pull request at the time of its merge.
pub(crate) fn replay(since: &str, visit: impl FnMut(&Merge, &Report)) {
    replay_with(since, &Settings::default(), visit);
}

/// Like [`replay`], but with these settings, except for the clock and the exceptions.
pub(crate) fn replay_with(since: &str, settings: &Settings, mut visit: impl FnMut(&Merge, &Report)) {
    let exceptions = exceptions(&corpus());
    let repository = Repository::discover(clone()).unwrap();
    let since = format!("--since={since}T00:00:00Z");
    for line in git(clone(), &["log", "--first-parent", "--min-parents=1", &since, "--format=%H %cI"]) {
        let (commit, time) = line.split_once(' ').unwrap();
        let merge = Merge { commit: commit.to_owned(), time: time.to_owned() };
        let now = Some(time.parse().unwrap());
        let settings = Settings { now, exceptions: exceptions.clone(), ..settings.clone() };
        let report = pull_request_with(&repository, commit, &settings);
        assert!(report.error.is_none(), "{commit}: {:?}", report.error);
        visit(&merge, &report);
    }
}

/// The exceptions that the release team granted, beginning with the first file that distinguishes the freezes.
fn exceptions(corpus: &Path) -> Exceptions {
    let mut exceptions = Exceptions::default();
    for minor in 25..=35 {
        let file = corpus.join(format!("sig-release/release-1.{minor}/exceptions.yaml"));
        exceptions.add(Milestone::new(1, minor), &std::fs::read_to_string(file).unwrap()).unwrap();
    }
    exceptions
}

/// Checks `commit` as a pull request against its first parent.
pub(crate) fn pull_request_with(repository: &Repository, commit: &str, settings: &Settings) -> Report {
    let head = repository.resolve(commit).unwrap();
    let base = repository.parents(head).unwrap()[0];
    let tree = |commit| -> Box<dyn Snapshot> { Box::new(repository.tree(commit).unwrap()) };
    let change = Change {
        base: tree(base),
        head: tree(head),
        policy: tree(base),
        paths: repository.changed_paths(base, head).unwrap(),
        revisions: Revisions::default(),
    };
    let settings = Settings { opened: repository.opened(base, head), ..settings.clone() };
    check(&change, &settings, Instant::now())
}

#[derive(Default)]
struct Tally {
    merges: usize,
    with_keps: usize,
    with_errors: usize,
    /// Merges with errors of rules that are not measured separately. Tables of contents are, because mdtoc omitted code
    /// from anchors until early 2024, so the tables were right at the time.
    with_other_errors: usize,
    /// The number of merges with new findings by rule (and `rule:field`, for the comparison).
    rules: BTreeMap<String, usize>,
}

/// Incomplete promotions, tables of contents and SIG Node's own rules are measured separately.
fn is_measured_apart(rule: &str) -> bool {
    matches!(rule, "promotion-incomplete" | "toc-stale" | "sig-node-owners" | "sig-node-approvers")
}

impl Tally {
    fn add(&mut self, report: &Report) {
        self.merges += 1;
        self.with_keps += usize::from(report.keps().next().is_some());
        let new: Vec<_> = report.findings().iter().filter(|it| it.is_new).map(|it| &it.finding).collect();
        let errors = || new.iter().filter(|finding| finding.level == Level::Error);
        self.with_errors += usize::from(errors().next().is_some());
        self.with_other_errors += usize::from(errors().any(|finding| !is_measured_apart(finding.rule.id)));
        let rules = new.iter().map(|finding| format!("{} ({})", finding.rule.id, finding.level));
        let fields = new.iter().flat_map(|it| [it.rule.id.to_owned(), format!("{}:{}", it.rule.id, it.route)]);
        for rule in rules.chain(fields).collect::<BTreeSet<_>>() {
            *self.rules.entry(rule).or_default() += 1;
        }
    }

    fn count(&self, rule: &str) -> usize {
        self.rules.get(rule).copied().unwrap_or_default()
    }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn replayed_changes_match_the_table() {
    let mut periods: [Tally; PERIODS.len()] = Default::default();
    let mut counted = Tally::default();
    let mut promotions = Promotions::default();
    let mut hits = String::new();
    replay(PERIODS[0], |merge, report| {
        let (commit, day) = (&merge.commit, &merge.time[..10]);
        let period = PERIODS.iter().rposition(|first| day >= *first).unwrap_or(0);
        periods[period].add(report);
        if (PERIODS[1]..=COUNTED_UNTIL).contains(&day) {
            counted.add(report);
        }
        promotions.add(commit, day, report);
        for triaged in report.findings().iter().filter(|it| it.is_new) {
            let finding = &triaged.finding;
            let (rule, level, path) = (finding.rule.id, finding.level, &finding.place.path);
            writeln!(hits, "{rule}\t{level}\t{day}\t{commit}\t{path}\t{}", finding.message).unwrap();
        }
    });
    // The findings behind the tables, for reading.
    std::fs::write(clone().with_file_name("replay-hits.tsv"), hits).unwrap();
    std::fs::write(clone().with_file_name("promotion-hits.tsv"), &promotions.hits).unwrap();
    assert_table("promotions.md", &promotions.table());
    for period in &periods[1..] {
        assert!(period.merges > 250, "the history is there");
        let others = period.with_other_errors;
        assert!(others * 100 <= period.with_keps * 5, "{others} of {}", period.with_keps);
        let half_made = period.count("promotion-incomplete (error)");
        assert!(half_made * 100 <= period.with_keps * 2, "{half_made} of {}", period.with_keps);
    }
    assert_table("replay.md", &table(&periods, &counted));
}

fn table(periods: &[Tally], counted: &Tally) -> String {
    let mut table = String::from("# Changes to kubernetes/enhancements, each checked as a pull request\n\n");
    let [first, second, third] = PERIODS;
    let head = format!("{first} to {second} | {second} to {third} | since {third} |\n|---|---|---|---|\n");
    write!(table, "| | {head}").unwrap();
    add_row(&mut table, "first-parent commits", periods, |tally| tally.merges.to_string());
    add_row(&mut table, "that touch a KEP", periods, |tally| tally.with_keps.to_string());
    add_row(&mut table, "with a new error (share of those that touch a KEP)", periods, |tally| {
        let share = tally.with_errors * 1000 / tally.with_keps;
        format!("{} ({}.{} %)", tally.with_errors, share / 10, share % 10)
    });
    write!(table, "\nCommits on which a rule newly fires:\n\n| rule | {head}").unwrap();
    let rules: BTreeSet<_> =
        periods.iter().flat_map(|tally| tally.rules.keys()).filter(|it| it.ends_with(')')).collect();
    for rule in rules {
        add_row(&mut table, rule, periods, |tally| tally.count(rule).to_string());
    }
    writeln!(table, "\nBeside an independent count from {second} to {COUNTED_UNTIL}:\n").unwrap();
    table.push_str("| fault | independent count | here | why they differ |\n|---|---|---|---|\n");
    for (fault, count, rules, why) in YARDSTICK {
        let here: usize = rules.iter().map(|rule| counted.count(rule)).sum();
        writeln!(table, "| {fault} | {count} | {here} | {why} |").unwrap();
    }
    table
}

fn add_row(table: &mut String, name: &str, periods: &[Tally], cell: impl Fn(&Tally) -> String) {
    let cells: Vec<_> = periods.iter().map(cell).collect();
    writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
}
