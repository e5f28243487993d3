//! Phrases that several rules use in their messages.

use super::Context;
use crate::kep::{Kep, Stage};
use crate::rule::Level;

pub(super) use crate::kep::edit::requoted;
pub(crate) use crate::text::wording::quote;
pub(super) use crate::text::wording::{all_of, choice, count, first_of, valid_keys};

/// Returns the command that shows which approver has the fewest reviews in the KEP's release.
pub(super) fn least_busy(kep: Option<&Kep>) -> String {
    let milestone = kep.and_then(Kep::latest).map_or_else(String::new, |latest| format!(" --release {latest}"));
    format!("`kepgate query --by approver{milestone}` shows who has the fewest reviews")
}

/// The level of a finding about a field that is only certain to matter because the production-readiness gate looks at it.
pub(super) fn level_of_gate(kep: &Kep) -> Level {
    if kep.dialect.prr_from.is_some() { Level::Error } else { Level::Warning }
}

/// Says why a KEP is active, such as `the KEP is implementable`.
pub(super) fn active_reason(kep: &Kep) -> String {
    match kep.known_status() {
        Some(status) => format!("the KEP is {status}"),
        None if !kep.dialect.requires("status") => "every KEP of the project counts as active".to_owned(),
        None => "the KEP counts as active because its status is unknown".to_owned(),
    }
}

/// True if the word means an empty value (in feature gates, metrics and references).
pub(super) fn is_nothing(word: &str) -> bool {
    matches!(
        word.trim().to_lowercase().as_str(),
        "" | "none" | "n/a" | "na" | "null" | "tbd" | "todo" | "fixme" | "???"
    )
}

/// The key below `milestone` for `stage`: as the KEP writes it, or else the project's word. Several words can mean the same
/// stage.
pub(super) fn milestone_key<'a>(context: &Context<'a>, kep: &'a Kep, stage: Stage) -> &'a str {
    let key = kep.milestone_field(stage).and_then(|field| field.key);
    key.map_or(kep.stage_word(stage), |key| context.text(kep.file, key).trim_matches(['"', '\'']))
}
