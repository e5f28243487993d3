//! Workflow commands for the log of a GitHub Actions step. The runner turns them into annotations on the lines.
//!
//! The runner keeps the first ten annotations of each level and silently drops the rest, so kepgate writes the nine
//! most important ones, and the tenth gives the number of others. The text report comes first. It is enclosed in a
//! random stop token, so that nothing in it is interpreted as a command.

use std::collections::BTreeSet;

use super::{annotation_message, annotation_title, text};
use crate::check::resolved::{Region, ResolvedFinding};
use crate::check::result::{Outcome, Report, Verdict};
use crate::escape::{command_data, command_property, terminal};
use crate::rule::Level;
use crate::text::wording::count as plural;

/// The maximum number of annotations per level that the runner keeps in one step.
const MAX_ANNOTATIONS: usize = 10;
/// The maximum length of a message, in characters. The runner cuts longer ones.
const MAX_MESSAGE: usize = 4096;

/// Renders the report as workflow commands. `token` must be random, so that nothing in the change can contain it.
#[must_use]
pub fn render(report: &Report, token: &str, detail: text::Detail) -> String {
    let log = text::render(report, text::Options { color: false, detail, guarded: true });
    let mut out = String::new();
    if !log.is_empty() {
        out.push_str(&format!("::stop-commands::{token}\n{log}"));
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&format!("::{token}::\n"));
    }
    if let Some(error) = &report.error {
        let message = format!("{}\n{}", error.describe(), error.help());
        out.push_str(&command(Level::Error, "title=kepgate", &message));
    }
    if let Some(outcome) = &report.outcome {
        for level in Level::ALL {
            let reserved = usize::from(report.error.is_some() && level == Level::Error);
            annotate(report, outcome, level, MAX_ANNOTATIONS - reserved, &mut out);
        }
    }
    if report.verdict() == Verdict::Findings && report.threshold.strict && report.counts().error == 0 {
        out.push_str(&command(Level::Notice, "title=kepgate", "pre-existing findings count, because of --strict"));
    }
    out
}

/// Adds the new findings of `level`. Pre-existing ones are only in the summary, unless they count.
fn annotate(report: &Report, outcome: &Outcome, level: Level, room: usize, out: &mut String) {
    let counts = |triaged: &&crate::check::triage::Triaged| triaged.is_new || report.threshold.strict;
    let findings: Vec<_> =
        outcome.findings.iter().filter(|triaged| triaged.finding.level == level).filter(counts).collect();
    let shown = if findings.len() > room { room - 1 } else { findings.len() };
    for triaged in findings.iter().take(shown) {
        let finding = &triaged.finding;
        let title = annotation_title(report, finding);
        out.push_str(&command(level, &properties(finding, &title), &annotation_message(triaged)));
    }
    let more = findings.len() - shown;
    if more > 0 {
        let rules: BTreeSet<_> = findings.iter().skip(shown).map(|triaged| triaged.finding.rule.id).collect();
        let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!(
            "{} more that GitHub cannot show; see the job summary or the log (rules: {rules})",
            plural(more, level.word())
        );
        out.push_str(&command(level, "title=kepgate", &message));
    }
}

fn command(level: Level, properties: &str, message: &str) -> String {
    let message: String = terminal(message).chars().take(MAX_MESSAGE).collect();
    format!("::{level} {properties}::{}\n", command_data(&message))
}

/// `file`, the lines, the columns (for a single line only), and the title.
fn properties(finding: &ResolvedFinding, title: &str) -> String {
    let mut properties = format!("file={}", command_property(&finding.place.path.to_string()));
    if let Some(region) = finding.place.region {
        properties.push_str(&place(region));
    }
    properties.push_str(&format!(",title={}", command_property(title)));
    properties
}

fn place(Region { start, end, .. }: Region) -> String {
    if start.line == end.line {
        format!(",line={},endLine={},col={},endColumn={}", start.line, end.line, start.column, end.column)
    } else {
        format!(",line={},endLine={}", start.line, end.line)
    }
}
