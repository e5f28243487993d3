//! The tables of the first screen: the KEPs by SIG and stage, what is missing, and the KEPs at risk.

use std::collections::BTreeMap;

use crate::kep::Stage;
use crate::readiness::{Candidate, Criterion, Readiness, State, Verdict, criteria_of};
use crate::release::Phase;
use crate::report::list::{Cell, Column, Holds, Table};

const SIG: Column = Column::new("sig", "SIG", Holds::Word, "");
const KEPS: Column = Column::new("keps", "KEPs", Holds::Number, "");
const NOT_MET: Column = Column::new("not-met", "Not met", Holds::Number, "");
const MISSED: Column = Column::new("not-met", "Missed", Holds::Number, "");
const NO_STAGE: Column = Column::new("none", "No stage", Holds::Number, "");

/// The number of KEPs of each SIG, by stage unless the project has stages of its own; the largest SIGs first. After
/// `limit` SIGs, the others are one row.
pub(super) fn by_sig(readiness: &Readiness, limit: usize) -> Table {
    let is_of = |kep: &Candidate, stage: Option<Stage>| kep.stage == stage;
    let has_own_stages = !readiness.profile.dialect.stages.is_empty();
    let stages = Stage::ALL.into_iter().map(Some).chain([None]).filter(|_| !has_own_stages);
    let stages: Vec<_> = stages.filter(|stage| readiness.keps.iter().any(|kep| is_of(kep, *stage))).collect();
    let not_met = if readiness.is_frozen() { MISSED } else { NOT_MET };
    let headings = stages.iter().map(|stage| match stage {
        Some(stage) => Column::new(stage.word(), heading(*stage), Holds::Number, ""),
        None => NO_STAGE,
    });
    let mut table = Table::new([SIG, KEPS, not_met].into_iter().chain(headings).collect::<Vec<_>>());
    let mut row = |name: &str, keps: &[&Candidate]| {
        let count = |is_meant: &dyn Fn(&Candidate) -> bool| match keps.iter().filter(|kep| is_meant(kep)).count() {
            0 => Cell::Empty,
            number => Cell::Number(number as u64),
        };
        let mut cells = vec![Cell::text(name), Cell::Number(keps.len() as u64), count(&is_at_risk)];
        cells.extend(stages.iter().map(|stage| count(&|kep| is_of(kep, *stage))));
        table.push(cells);
    };
    let mut sigs: Vec<_> = readiness.by_sig().into_iter().collect();
    sigs.sort_by_key(|(_, keps)| std::cmp::Reverse(keps.len()));
    let shown = if sigs.len() > limit + 1 { limit } else { sigs.len() };
    let (first, others) = sigs.split_at(shown);
    for (name, keps) in first {
        row(name, keps);
    }
    if !others.is_empty() {
        let rest: Vec<_> = others.iter().flat_map(|(_, keps)| keps.iter().copied()).collect();
        row(&format!("{} others", others.len()), &rest);
    }
    table
}

const fn heading(stage: Stage) -> &'static str {
    match stage {
        Stage::Alpha => "Alpha",
        Stage::Beta => "Beta",
        Stage::Stable => "Stable",
        Stage::Deprecated => "Deprecated",
        Stage::Disabled => "Disabled",
        Stage::Removed => "Removed",
    }
}

/// True if the KEP fails a criterion and has no exception. After the freeze, it has missed it.
pub(super) fn is_at_risk(kep: &Candidate) -> bool {
    kep.state(Phase::EnhancementsFreeze) == State::NotMet
}

/// The criteria that KEPs at risk fail, the most frequent first, with the number of KEPs.
pub(super) fn missing(readiness: &Readiness) -> Table {
    let mut table = Table::new([
        KEPS,
        Column::new("missing", "Missing", Holds::Word, ""),
        Column::new("criterion", "Criterion", Holds::Text, ""),
    ]);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kep in readiness.keps.iter().filter(|kep| is_at_risk(kep)) {
        failed(kep).for_each(|criterion| *counts.entry(criterion.key).or_default() += 1);
    }
    let mut criteria: Vec<_> = criteria_of(&readiness.profile)
        .filter_map(|criterion| Some((criterion, *counts.get(criterion.key)?)))
        .collect();
    criteria.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (criterion, count) in criteria {
        let wording = criterion.wording(readiness.release, &readiness.profile).replace('`', "");
        table.push(vec![Cell::Number(count as u64), Cell::text(criterion.key), Cell::text(wording)]);
    }
    table
}

/// The KEPs at risk or, after the freeze, those that missed it. Those that fail the first freeze come first, then those
/// that fail the most criteria.
pub(super) fn at_risk(readiness: &Readiness, limit: usize) -> Table {
    let (has_sigs, has_reviews) = (readiness.profile.has_sigs, readiness.has_reviews());
    let columns = [
        (true, Column::new("kep", "KEP", Holds::Number, "")),
        (true, Column::new("title", "Title", Holds::Text, "")),
        (true, Column::new("stage", "Stage", Holds::Word, "")),
        (true, Column::new("missing", "Missing", Holds::List, "")),
        (has_sigs, SIG),
        (has_reviews, Column::new("approver", "PRR approver", Holds::Word, "")),
    ];
    let shown: Vec<_> = columns.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, column)| column).collect();
    let mut table = Table::new(shown);
    let mut keps: Vec<_> = readiness.keps.iter().filter(|kep| is_at_risk(kep)).collect();
    keps.sort_by_key(|kep| (kep.state(Phase::PrrFreeze), std::cmp::Reverse(failed(kep).count()), kep.number));
    for kep in keps.into_iter().take(limit) {
        let cells = [
            (true, kep.number.map_or(Cell::Empty, |number| Cell::Number(number.get().into()))),
            (true, Cell::text(&kep.title)),
            (true, Cell::text(&kep.stage_word)),
            (true, Cell::List(failed(kep).map(|criterion| criterion.key.to_owned()).collect())),
            (has_sigs, Cell::text(&kep.sig)),
            (has_reviews, Cell::text(&kep.approver)),
        ];
        table.push(cells.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, cell)| cell).collect());
    }
    table
}

/// The criteria that a KEP does not meet.
fn failed(kep: &Candidate) -> impl Iterator<Item = &'static Criterion> {
    kep.answers().filter(|(_, verdict)| matches!(verdict, Verdict::NotMet(_))).map(|(criterion, _)| criterion)
}
