//! The fields of the release team's project board, and the commands that set labels and the milestone of an issue.

use super::Freeze;
use crate::error::Error;
use crate::kep::stage::Family;
use crate::kep::{Milestone, Stage};
use crate::readiness::{Candidate, State, Verdict};
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
    match kep.stage {
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
    let word = kep.stage.map_or("", Stage::word);
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
    if let Some(stage @ (Stage::Alpha | Stage::Beta | Stage::Stable)) = kep.stage {
        commands.push(format!("/stage {stage}"));
    }
    let is_refused = |key: &str| {
        kep.answers().any(|(criterion, verdict)| criterion.key == key && matches!(verdict, Verdict::NotMet(_)))
    };
    if !is_refused("opted-in") && !is_refused("latest-milestone") {
        commands.push(format!("/milestone {release}"));
    }
    commands
}

/// The board as CSV, with a row for each KEP and the name of its packet.
///
/// # Errors
/// Those of [`Table::csv`].
pub(super) fn csv(keps: &[(String, &Candidate)], freeze: Freeze, release: Milestone) -> Result<String, Error> {
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
            Cell::text(kep.state(freeze.phase).words()),
            Cell::text(file),
        ]);
    }
    table.csv()
}
