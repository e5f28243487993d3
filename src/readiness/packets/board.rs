//! The fields of the release team's project board, and the commands that set labels and the milestone of an issue.

use super::Freeze;
use crate::error::Error;
use crate::kep::stage::Family;
use crate::kep::{Milestone, Stage};
use crate::readiness::{Candidate, Readiness, State};
use crate::release::Phase;
use crate::report::list::{Cell, Column, Holds, Table};

/// The first release whose first freeze is called KEP readiness on the board.
const RENAMED: Milestone = Milestone::new(1, 38);

const REMOVED: &str = "Removed from Milestone";

/// The field `Status`; empty if it depends on something that was not checked.
pub(super) fn status(kep: &Candidate, freeze: Freeze, release: Milestone) -> String {
    let name = match freeze.phase {
        Phase::PrrFreeze if release >= RENAMED => "KEP readiness",
        Phase::PrrFreeze => "PRR freeze",
        _ => "enhancements freeze",
    };
    match kep.state(freeze.phase) {
        State::Met | State::Excepted => format!("Tracked for {name}"),
        State::NotMet if freeze.has_passed => REMOVED.to_owned(),
        State::NotMet => format!("At risk for {name}"),
        State::Unknown | State::Unchecked => String::new(),
    }
}

/// The field `Type`.
pub(super) fn kind(kep: &Candidate, release: Milestone) -> &'static str {
    match kep.clear_stage() {
        None => "",
        Some(stage) if stage.family() == Family::Removal => "Deprecation",
        // It stays at its stage for another release.
        Some(_) if kep.stage_release.is_some_and(|reached| reached < release) => "Major Change",
        Some(Stage::Alpha) => "Net New",
        Some(_) => "Graduating",
    }
}

/// The field `Stage`.
pub(super) fn stage(kep: &Candidate) -> String {
    let word = kep.clear_stage().map_or("", Stage::word);
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The commands for Prow. None claims something that was not checked.
pub(super) fn commands(kep: &Candidate, freeze: Freeze, release: Milestone) -> Vec<String> {
    let state = kep.state(freeze.phase);
    if status(kep, freeze, release) == REMOVED {
        return vec!["/label tracked/no".to_owned(), "/milestone clear".to_owned()];
    }
    let mut commands = Vec::new();
    if matches!(state, State::Met | State::Excepted) {
        commands.push("/label tracked/yes".to_owned());
    }
    // Prow knows only these stages.
    if let Some(stage @ (Stage::Alpha | Stage::Beta | Stage::Stable)) = kep.clear_stage() {
        commands.push(format!("/stage {stage}"));
    }
    if !kep.fails("opted-in") && !kep.fails("latest-milestone") {
        commands.push(format!("/milestone {release}"));
    }
    commands
}

/// The board as CSV, with a row for each KEP and the name of its packet.
///
/// # Errors
/// Those of [`Table::csv`].
pub(super) fn csv(readiness: &Readiness, keps: &[(String, &Candidate)], freeze: Freeze) -> Result<String, Error> {
    let release = readiness.release;
    let column = |heading| Column::new(heading, heading, Holds::Text, "");
    let headings = ["Number", "Title", "Status", "Stage", "Type", "SIG", "PRR approver", "Readiness", "Packet"];
    let mut table = Table::new(headings.map(column));
    for (file, kep) in keps {
        table.push(vec![
            kep.number.map_or(Cell::Empty, |number| Cell::Number(number.get().into())),
            Cell::text(&kep.title),
            Cell::Text(status(kep, freeze, release)),
            Cell::Text(stage(kep)),
            Cell::text(kind(kep, release)),
            Cell::text(&kep.sig),
            Cell::text(&kep.approver),
            Cell::text(readiness.words_of(freeze.phase, kep)),
            Cell::text(file),
        ]);
    }
    table.csv()
}

#[cfg(test)]
mod tests {
    use super::{Freeze, commands, kind, stage, status};
    use crate::kep::{Milestone, Stage};
    use crate::readiness::{CRITERIA, Candidate, Verdict};
    use crate::release::{Exception, Phase, Ruling};

    const V36: Milestone = Milestone::new(1, 36);
    const PRR: Freeze = Freeze { phase: Phase::PrrFreeze, has_passed: false };
    const ENHANCEMENTS: Freeze = Freeze { phase: Phase::EnhancementsFreeze, has_passed: false };
    const PASSED: Freeze = Freeze { has_passed: true, ..ENHANCEMENTS };

    /// A beta KEP that meets every criterion, except for these.
    fn candidate(faults: &[(&str, Verdict)]) -> Candidate {
        let verdict =
            |key: &str| faults.iter().find(|(other, _)| *other == key).map_or(Verdict::Met, |it| it.1.clone());
        Candidate {
            number: None,
            dir: None,
            title: String::new(),
            sig: String::new(),
            status: String::new(),
            stage: Some(Stage::Beta),
            stage_word: String::new(),
            stage_release: Some(V36),
            approver: String::new(),
            exception: None,
            verdicts: CRITERIA.iter().map(|criterion| (criterion, verdict(criterion.key))).collect(),
            remarks: Vec::new(),
            open_questions: None,
        }
    }

    fn not_met(key: &'static str) -> (&'static str, Verdict) {
        (key, Verdict::NotMet(String::new()))
    }

    #[test]
    fn what_is_complete_is_tracked() {
        let met = candidate(&[]);
        assert_eq!(status(&met, PRR, V36), "Tracked for PRR freeze");
        assert_eq!(status(&met, PRR, Milestone::new(1, 38)), "Tracked for KEP readiness");
        assert_eq!(status(&met, ENHANCEMENTS, V36), "Tracked for enhancements freeze");
        assert_eq!(commands(&met, PASSED, V36), ["/label tracked/yes", "/stage beta", "/milestone v1.36"]);
    }

    #[test]
    fn what_was_not_checked_is_not_claimed() {
        let unchecked = candidate(&[("opted-in", Verdict::Unknown(String::new()))]);
        assert_eq!(status(&unchecked, PASSED, V36), "");
        assert_eq!(commands(&unchecked, PASSED, V36), ["/stage beta", "/milestone v1.36"]);
    }

    #[test]
    fn what_is_missing_is_at_risk_and_then_removed() {
        let at_risk = candidate(&[not_met("status")]);
        assert_eq!(status(&at_risk, PRR, V36), "Tracked for PRR freeze", "it is due at the next freeze");
        assert_eq!(status(&at_risk, ENHANCEMENTS, V36), "At risk for enhancements freeze");
        assert_eq!(commands(&at_risk, ENHANCEMENTS, V36), ["/stage beta", "/milestone v1.36"]);
        assert_eq!(status(&at_risk, PASSED, V36), "Removed from Milestone");
        assert_eq!(commands(&at_risk, PASSED, V36), ["/label tracked/no", "/milestone clear"]);
        let not_opted_in = candidate(&[not_met("opted-in")]);
        assert_eq!(commands(&not_opted_in, ENHANCEMENTS, V36), ["/stage beta"]);
    }

    #[test]
    fn an_exception_covers_its_freeze_and_the_one_before() {
        let excepted = |freeze| {
            let exception = Exception { ruling: Ruling::Approved, reviewed: String::new(), freeze };
            Candidate { exception: Some(exception), ..candidate(&[not_met("stage")]) }
        };
        let late = excepted(Phase::EnhancementsFreeze);
        assert_eq!(status(&late, PASSED, V36), "Tracked for enhancements freeze");
        assert_eq!(commands(&late, PASSED, V36)[0], "/label tracked/yes");
        let early = excepted(Phase::PrrFreeze);
        assert_eq!(status(&early, PRR, V36), "Tracked for PRR freeze");
        assert_eq!(status(&early, PASSED, V36), "Removed from Milestone");
    }

    #[test]
    fn types_are_those_of_the_handbook() {
        let of = |stage, stage_release| kind(&Candidate { stage, stage_release, ..candidate(&[]) }, V36);
        let v35 = Some(Milestone::new(1, 35));
        assert_eq!(of(Some(Stage::Alpha), Some(V36)), "Net New");
        assert_eq!(of(Some(Stage::Stable), Some(V36)), "Graduating");
        assert_eq!(of(Some(Stage::Beta), v35), "Major Change");
        assert_eq!(of(Some(Stage::Removed), v35), "Deprecation");
        assert_eq!([of(None, None), &stage(&candidate(&[]))], ["", "Beta"]);
    }
}
