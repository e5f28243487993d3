//! Findings about the READMEs of KEPs that were promoted to beta or stable, counted during the replay of merges.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use kepgate::change::Sides;
use kepgate::check::result::Report;
use kepgate::check::summary::KepSummary;
use kepgate::kep::Stage;
use kepgate::rule::Family;
use kepgate::rules::ALL;

/// The first day that counts.
const FROM: &str = "2023-01-01";

/// Thirty of the warnings, evenly spaced by rule and day, each verified by hand in the files of its commit:
/// the rule, the commit, the KEP, whether it is right, and a note.
const JUDGED: &[(&str, &str, &str, &str, &str)] = &[
    ("feature-gate-malformed", "c0092111f8", "4540", "right", "the second of three gates has no components"),
    ("metrics-missing", "3319efdb9e", "2413", "arguable", "`metrics` says N/A, and the README that none are needed"),
    ("metrics-missing", "dd130a797e", "3545", "right", "an empty list at beta"),
    ("metrics-missing", "5c4683dfab", "3017", "right", "the field is absent at stable"),
    ("metrics-missing", "a20c604eb4", "2527", "arguable", "a KEP about documentation: there is nothing to measure"),
    ("metrics-missing", "32a6ea6c61", "5116", "right", "the field is absent at stable"),
    ("metrics-missing", "747498bc3e", "3619", "right", "an empty list at stable"),
    (
        "prr-answer-mismatch",
        "c533435712",
        "4742",
        "right",
        "`PodTopologyLabelAdmission` and `PodTopologyLabelsAdmission`",
    ),
    ("prr-answer-mismatch", "9787d50002", "3335", "right", "three of the four metrics of the answer are not listed"),
    ("prr-answer-mismatch", "bb72e4da8c", "1880", "right", "three of the four metrics of the answer are not listed"),
    ("prr-answer-mismatch", "e187f55729", "4568", "right", "a typo in the answer"),
    ("prr-question-unanswered", "8a3ea3477d", "3325", "right", "the question that the template had newly got"),
    ("prr-question-unanswered", "57e8f1ea0d", "3515", "right", "nothing but the comment"),
    ("prr-question-unanswered", "4805d65199", "1610", "right", "the question that the template had newly got"),
    ("prr-question-unanswered", "5229f00a0f", "3673", "right", "nothing but the comment"),
    ("prr-question-unanswered", "2f50ff6c73", "3299", "right", "the last question of the section is absent"),
    ("prr-question-unanswered", "8be70a6846", "2305", "right", "absent from an old README"),
    ("prr-question-unanswered", "666f51408a", "3751", "right", "absent from an old README"),
    ("prr-question-unanswered", "6b8bf94f9a", "1495", "right", "absent from an old README"),
    ("prr-question-unanswered", "33785d5504", "4369", "right", "three questions of the section were deleted"),
    ("prr-question-unanswered", "c713154b03", "4762", "right", "nothing at all below the heading"),
    ("readme-section-missing", "7bd4f2b03e", "2831", "right", "absent"),
    ("readme-section-missing", "1e43de6aad", "2268", "right", "absent"),
    (
        "readme-section-missing",
        "98ed0d86ab",
        "2879",
        "right",
        "a test plan of the older form, with none of the four parts",
    ),
    ("readme-section-missing", "e8dddd583c", "4009", "right", "absent"),
    ("readme-section-missing", "a9eef37b4a", "2644", "right", "absent, at beta"),
    ("readme-section-missing", "6b8bf94f9a", "1495", "right", "absent"),
    (
        "readme-section-missing",
        "5cdcb95659",
        "1611",
        "arguable",
        "a KEP of 2020, moved to stable by a sweep over old ones",
    ),
    (
        "readme-section-missing",
        "5cdcb95659",
        "580",
        "arguable",
        "a KEP of 2018, moved to stable by a sweep over old ones",
    ),
    ("readme-section-missing", "9084f8bec0", "3721", "right", "absent"),
];

/// The promotions counted so far.
#[derive(Default)]
pub(crate) struct Promotions {
    /// The number of promotions since [`FROM`], to beta and to stable.
    counts: [usize; 2],
    /// The number of promotions with a new finding of each rule.
    fires: BTreeMap<&'static str, [usize; 2]>,
    /// Each finding: rule, stage, day, commit, path, line, message.
    pub(crate) hits: String,
}

impl Promotions {
    /// Adds the promotions in `commit`, merged on `day`.
    pub(crate) fn add(&mut self, commit: &str, day: &str, report: &Report) {
        let Some(outcome) = report.outcome.as_ref().filter(|_| day >= FROM) else { return };
        for (kep, stage) in outcome.keps.iter().filter_map(|kep| Some((kep, promoted(kep)?))) {
            let at = usize::from(stage == Stage::Stable);
            self.counts[at] += 1;
            let mut rules = BTreeSet::new();
            let dir = Some(&kep.latest().dir);
            for finding in report.findings().iter().filter(|it| it.is_new).map(|it| &it.finding) {
                if finding.kep.as_ref() != dir || finding.rule.family != Family::Readme {
                    continue;
                }
                rules.insert(finding.rule.id);
                let line = finding.place.line().unwrap_or_default();
                let (rule, level, path) = (finding.rule.id, finding.level, &finding.place.path);
                writeln!(self.hits, "{rule}\t{level}\t{stage}\t{day}\t{commit}\t{path}\t{line}\t{}", finding.message)
                    .unwrap();
            }
            for rule in rules {
                self.fires.entry(rule).or_default()[at] += 1;
            }
        }
    }

    /// The table of shares, followed by the sample that was verified by hand.
    pub(crate) fn table(&self) -> String {
        let [beta, stable] = self.counts;
        let mut table =
            format!("# Promotions of KEPs since {FROM}, each judged as the pull request that merged it\n\n");
        writeln!(table, "| rule | of {beta} to beta | of {stable} to stable |\n|---|---|---|").unwrap();
        for rule in ALL.iter().filter(|rule| rule.family == Family::Readme) {
            let [to_beta, to_stable] = self.fires.get(rule.id).copied().unwrap_or_default();
            let share = |part: usize, whole: usize| format!("{part} ({} %)", (part * 200 + whole) / (2 * whole.max(1)));
            writeln!(table, "| {} | {} | {} |", rule.id, share(to_beta, beta), share(to_stable, stable)).unwrap();
        }
        let count = |verdict| JUDGED.iter().filter(|judged| judged.3 == verdict).count();
        let [right, arguable, wrong] = ["right", "arguable", "wrong"].map(count);
        assert_eq!((right + arguable + wrong, wrong), (30, 0), "at most 1 in 30 may be wrong");
        writeln!(table, "\nOf 30 warnings read by hand {right} are right, {arguable} arguable, {wrong} wrong:\n")
            .unwrap();
        table.push_str("| rule | commit | KEP | | why | now |\n|---|---|---|---|---|---|\n");
        let mut unsaid = 0;
        for (rule, commit, kep, verdict, why) in JUDGED {
            let is_it = |hit: &str| {
                let fields: Vec<_> = hit.split('\t').collect();
                let is_kep = fields[5].contains(&format!("/{kep}-"));
                fields[0] == *rule && fields[4].starts_with(commit) && is_kep && fields[1] == "warning"
            };
            let is_said = self.hits.lines().any(is_it);
            unsaid += usize::from(!is_said && *verdict == "right");
            let now = if is_said { "" } else { "not a warning any more" };
            writeln!(table, "| {rule} | {commit} | {kep} | {verdict} | {why} | {now} |").unwrap();
        }
        assert!(unsaid <= 13, "{unsaid} of the right ones are not said any more");
        table
    }
}

/// The stage that a KEP newly targets, if it is beta or stable and the KEP had another stage before.
fn promoted(kep: &Sides<KepSummary>) -> Option<Stage> {
    let stage = |kep: &KepSummary| kep.metadata.as_ref()?.target_stage;
    let (before, after) = (stage(kep.base()?), stage(kep.head()?)?);
    (before != Some(after) && matches!(after, Stage::Beta | Stage::Stable)).then_some(after)
}
