//! One run, many reports: each format writes the same `Report` in its own way.

pub mod github;
pub mod json;
pub mod junit;
pub mod list;
pub mod markdown;
pub mod sarif;
pub mod text;

use serde::Serialize;

use crate::check::result::Counts;
use crate::escape::json_document;
use crate::text::wording::count as plural;

/// `2 errors, 1 warning`, without zeros; `nothing` if all are zero.
fn tally(counts: Counts) -> String {
    let parts = [(counts.error, "error"), (counts.warning, "warning"), (counts.notice, "notice")];
    let words: Vec<_> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| plural(*number, noun)).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// True if this is a full commit id, and so can be linked to; a work tree or a folder has none.
fn is_commit_id(commit: &str) -> bool {
    commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A document as JSON, ending with a line feed.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    // Cannot fail: these documents only have text as keys.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    json_document(&text) + "\n"
}
