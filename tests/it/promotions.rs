//! What the rules about READMEs say of KEPs that were promoted to beta or stable: counted while the merges are replayed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use kepgate::model::Stage;
use kepgate::report::Report;
use kepgate::rules::{ALL, Family};
use kepgate::work::KepPair;

/// From this day on.
const FROM: &str = "2023-01-01";

/// The promotions that were seen.
#[derive(Default)]
pub(crate) struct Promotions {
    /// Since [`FROM`], to beta and to stable.
    counts: [usize; 2],
    /// Those on which a rule newly fires.
    fires: BTreeMap<&'static str, [usize; 2]>,
    /// Each finding: rule, stage, day, commit, path, line, words.
    pub(crate) hits: String,
}

impl Promotions {
    /// Takes in what was promoted by `commit`, merged on `day`.
    pub(crate) fn add(&mut self, commit: &str, day: &str, report: &Report) {
        let Some(outcome) = report.outcome.as_ref().filter(|_| day >= FROM) else { return };
        for (pair, stage) in outcome.work.keps.iter().filter_map(|pair| Some((pair, promoted(pair)?))) {
            let at = usize::from(stage == Stage::Stable);
            self.counts[at] += 1;
            let mut rules = BTreeSet::new();
            let dir = pair.record().map(|record| &record.dir);
            for finding in report.findings().iter().filter(|it| it.is_new).map(|it| &it.finding) {
                if finding.kep.as_ref() != dir || finding.rule.family != Family::Readme {
                    continue;
                }
                rules.insert(finding.rule.id);
                let file = &outcome.files[finding.file];
                let line = finding.span.map_or(0, |span| file.position(span.start).line);
                let (rule, level, path) = (finding.rule.id, finding.level, &file.path);
                writeln!(self.hits, "{rule}\t{level}\t{stage}\t{day}\t{commit}\t{path}\t{line}\t{}", finding.message)
                    .unwrap();
            }
            for rule in rules {
                self.fires.entry(rule).or_default()[at] += 1;
            }
        }
    }

    /// The shares, and below them what was read by hand.
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
        table
    }
}

/// The stage that a KEP newly targets, when it is beta or stable and it had another before.
fn promoted(pair: &KepPair) -> Option<Stage> {
    let stage = |record: &kepgate::work::Record| record.kep().and_then(|kep| kep.target_stage());
    let (before, after) = (stage(pair.base.as_ref()?), stage(pair.head.as_ref()?)?);
    (before != Some(after) && matches!(after, Stage::Beta | Stage::Stable)).then_some(after)
}
