//! One run, many reports: each format writes the same [`Report`] in its own way.

pub mod github;
pub mod json;
pub mod junit;
pub mod list;
pub mod markdown;
pub mod sarif;
pub mod text;

use serde::Serialize;

use crate::check::result::Counts;
use crate::text::wording::count as plural;

/// `2 errors, 1 warning, 0 notices`, without what there is none of; `nothing` when there is none at all.
fn tally(counts: Counts) -> String {
    let parts = [(counts.error, "error"), (counts.warning, "warning"), (counts.notice, "notice")];
    let words: Vec<_> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| plural(*number, noun)).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// Whether it is a commit's id; a work tree and a folder have none to link to.
fn is_commit_id(commit: &str) -> bool {
    commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A document of ours as JSON, with a line feed at its end.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    // Such a document holds nothing that JSON cannot: no map with other keys than text, no number that is none.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    // In the log of a workflow `##[` begins a command anywhere in a line; inside a string this is the same text.
    text.replace("##[", "#\\u0023[")
}
