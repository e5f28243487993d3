//! How the messages of rules put things.

use crate::kep::Kep;

pub(super) use crate::kep::edit::requoted;
pub(crate) use crate::text::wording::quote;
pub(super) use crate::text::wording::{all_of, choice, count};

/// The command that shows which approver has least to do in the KEP's release.
pub(super) fn least_busy(kep: Option<&Kep>) -> String {
    let milestone = kep.and_then(Kep::latest).map_or_else(String::new, |latest| format!(" --milestone {latest}"));
    format!("`kepgate query --by approver{milestone}` shows who has least to do")
}

/// How an active KEP stands: `the KEP is implementable`.
pub(super) fn standing(kep: &Kep) -> String {
    match kep.known_status() {
        Some(status) => format!("the KEP is {status}"),
        None => "the KEP counts as active, having no known status".to_owned(),
    }
}

/// Whether a word says that there is nothing (feature gates, metrics, references).
pub(super) fn is_nothing(word: &str) -> bool {
    matches!(word.trim().to_lowercase().as_str(), "" | "none" | "n/a" | "null" | "tbd")
}
