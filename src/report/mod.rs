//! Report formats. Each of them renders the same `Report`.

pub(crate) mod columns;
pub mod github;
pub mod json;
pub mod junit;
pub(crate) mod left;
pub mod list;
pub mod markdown;
pub mod sarif;
pub mod text;

use std::io::{self, Write};

use serde::Serialize;

use crate::check::resolved::ResolvedFinding;
use crate::check::result::{Counts, Report};
use crate::check::triage::Triaged;
use crate::escape::{json_text, terminal};
use crate::rule::Rule;
use crate::text::wording::count as plural;

/// `2 errors, 1 warning`, without zeros; `nothing` if all are zero.
pub(crate) fn tally(counts: Counts) -> String {
    let parts = [(counts.error, "error"), (counts.warning, "warning"), (counts.notice, "notice")];
    let words: Vec<_> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| plural(*number, noun)).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// True for a full commit id, which can be linked to. The names of a work tree or a folder are not commit ids.
fn is_commit_id(commit: &str) -> bool {
    commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The page about a rule on the web.
pub(crate) fn rule_page(rule: &Rule) -> String {
    format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.id)
}

/// The title of an annotation: the rule, and the number of the KEP if there is one.
pub(crate) fn annotation_title(report: &Report, finding: &ResolvedFinding) -> String {
    let number = finding.kep.as_ref().and_then(|dir| report.kep(dir)?.number);
    match number {
        Some(number) => format!("{} · KEP-{number}", finding.rule.id),
        None => finding.rule.id.to_owned(),
    }
}

/// The text of an annotation. GitHub shows only its first line in lists, so that line includes the help.
pub(crate) fn annotation_message(triaged: &Triaged) -> String {
    let finding = &triaged.finding;
    let (first, rest) = match finding.help.as_deref().map(|help| help.split_once('\n').unwrap_or((help, ""))) {
        Some((first, rest)) => (format!(": {first}"), rest),
        None => (String::new(), ""),
    };
    let rest = if rest.is_empty() { String::new() } else { format!("\n{rest}") };
    let due = triaged.due.as_ref().map(|due| format!("\n{due}")).unwrap_or_default();
    terminal(&format!("{}{first}{due}{rest}", finding.message))
}

/// A document as JSON, ending with a line feed.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    let mut json = Vec::new();
    // This cannot fail, because the keys of these documents are text.
    let _ = write_json(document, &mut json);
    String::from_utf8(json).unwrap_or_default()
}

/// Writes a document as JSON, ending with a line feed.
fn write_json(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut safe = SafeJson(out);
    serde_json::to_writer_pretty(&mut safe, document)?;
    safe.write_all(b"\n")
}

/// Escapes JSON as it is written. `serde_json` writes each part of a string in one piece.
struct SafeJson<'a>(&'a mut dyn Write);

impl Write for SafeJson<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_all(json_text(text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
