//! The job summary as GitHub Markdown: the verdict, each KEP before and after, and the findings.
//!
//! Everything from the change goes through [`markdown_code`], [`markdown_sentence`] or [`markdown_block`], so that no
//! link, image, mention or tag from untrusted text is active in it.

use super::{is_commit_id, tally};
use crate::check::resolved::{ResolvedEdit, ResolvedFinding};
use crate::check::result::{Outcome, Report, Verdict};
use crate::check::summary::KepSummary;
use crate::check::triage::Triaged;
use crate::escape::{markdown_block, markdown_cell, markdown_code, markdown_sentence, url_path};
use crate::questionnaire::progress::{Progress, SectionProgress};
use crate::rule::Level;
use crate::text::RepoPath;
use crate::text::Side;
use crate::text::wording::count as plural;

/// GitHub drops a summary over 1 MiB. This leaves room for the output of the rest of the step.
const MAX_BYTES: usize = 1_000_000;
/// The space reserved for the sentence about omitted parts.
const RESERVE: usize = 1_000;

/// The report as Markdown, at most 1,000,000 bytes long.
#[must_use]
pub fn render(report: &Report) -> String {
    render_within(report, MAX_BYTES)
}

/// The report as Markdown, at most `most` bytes long, which have to be 2,000 or more.
#[must_use]
pub fn render_within(report: &Report, most: usize) -> String {
    let mut page = Page { most, ..Page::default() };
    if is_idle(report) {
        return format!("kepgate: {}\n", headline(report));
    }
    page.add(&format!("## kepgate: {}\n\n", headline(report)));
    if let Some(error) = &report.error {
        page.add(&format!("{}\n\n{}\n\n", markdown_sentence(&error.to_string()), help(error.help())));
    }
    for group in report.unchecked.chunk_by(|one, other| one.reason == other.reason) {
        let rules: Vec<_> = group.iter().map(|unchecked| format!("`{}`", unchecked.rule)).collect();
        let reason = group.first().map(|unchecked| markdown_sentence(&unchecked.reason)).unwrap_or_default();
        page.add(&format!("Not checked: {}: {reason}\n\n", rules.join(", ")));
    }
    if let Some(note) = report.profile_note() {
        page.add(&format!("{}\n\n", markdown_sentence(&note)));
    }
    if let Some(outcome) = &report.outcome {
        keps(outcome, &mut page);
        let (new, old): (Vec<_>, Vec<_>) = outcome.findings.iter().partition(|triaged| triaged.is_new);
        for triaged in new {
            page.add(&finding(report, triaged));
        }
        pre_existing(report, &old, &mut page);
    }
    compared(report, &mut page);
    page.finish()
}

/// Text with a limit in bytes. Omitted parts are counted.
pub(crate) struct Page {
    text: String,
    left_out: usize,
    most: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { text: String::new(), left_out: 0, most: MAX_BYTES }
    }
}

impl Page {
    /// Takes the text in, if there is room, and tells whether there was.
    pub(crate) fn add(&mut self, text: &str) -> bool {
        let fits = self.left_out == 0 && self.text.len() + text.len() <= self.most.saturating_sub(RESERVE);
        if fits {
            self.text.push_str(text);
        } else {
            self.left_out += 1;
        }
        fits
    }

    pub(crate) fn finish(mut self) -> String {
        if self.left_out > 0 {
            let more = plural(self.left_out, "entry").replace("entrys", "entries");
            self.text.push_str(&format!("\n\n**{more} omitted** because of the size limit; see the log.\n"));
        }
        self.text
    }
}

/// True if nothing that kepgate checks has changed.
fn is_idle(report: &Report) -> bool {
    report.verdict() == Verdict::Clean && report.keps().next().is_none() && report.findings().is_empty()
}

/// How it went, in a line.
#[must_use]
pub fn headline(report: &Report) -> String {
    let keps = report.keps().count();
    match report.verdict() {
        Verdict::Failed => "❌ not checked".to_owned(),
        Verdict::Unchecked => format!("❌ incomplete, found {}", tally(report.counts())),
        Verdict::Findings => format!("❌ {} in {}", tally(report.counts()), plural(keps, "KEP")),
        Verdict::Clean if is_idle(report) && report.has_no_keps_yet() => {
            "✅ this repository has no `keps` folder yet".to_owned()
        }
        Verdict::Clean if is_idle(report) => "✅ no KEP changed".to_owned(),
        Verdict::Clean => format!("✅ {} passed, found {}", plural(keps, "KEP"), tally(report.counts())),
    }
}

/// A table for each KEP: before and after, with changes in bold.
fn keps(outcome: &Outcome, page: &mut Page) {
    for sides in &outcome.keps {
        let latest = sides.latest();
        let title = latest.text(|metadata| &metadata.title).filter(|title| !title.is_empty());
        let number = latest.number.map_or_else(|| latest.dir.name().to_string(), |number| format!("KEP-{number}"));
        let mut table = format!("### {}", markdown_code(&number));
        if let Some(title) = title {
            table.push_str(&format!(" {}", markdown_code(title)));
        }
        table.push_str("\n\n| | Base | This change |\n|---|---|---|\n");
        for (name, value) in ROWS {
            let [base, head] = [sides.base(), sides.head()].map(|kep| kep.map(value));
            table.push_str(&row(name, base.as_deref(), head.as_deref()));
        }
        page.add(&format!("{table}\n"));
        if let Some(progress) = sides.head().and_then(|head| head.questionnaire.as_ref()) {
            page.add(&questionnaire(progress));
        }
    }
}

/// A row for each section that is due, and a line about what is due next.
fn questionnaire(progress: &Progress) -> String {
    let mut table = format!("| Questionnaire for {} | | Answered |\n|---|---|---|\n", progress.stage);
    for SectionProgress { title, answered, questions } in &progress.sections {
        let bar = bar(*answered, *questions);
        table.push_str(&format!(
            "| {} | {bar} | {answered} of {questions} |\n",
            markdown_cell(&markdown_sentence(title))
        ));
    }
    if let Some((stage, sections)) = &progress.next {
        let parts = sections.iter().map(|SectionProgress { title, answered, questions }| {
            format!("{} ({answered} of {questions} answered)", markdown_sentence(title))
        });
        table.push_str(&format!("\nDue next, at {stage}: {}.\n", parts.collect::<Vec<_>>().join(", ")));
    }
    table.push('\n');
    table
}

/// How full it is, in five steps; neither empty nor full unless it is.
fn bar(answered: usize, questions: usize) -> String {
    const STEPS: usize = 5;
    let full = match answered * STEPS / questions.max(1) {
        0 if answered > 0 => 1,
        full => full.min(STEPS),
    };
    format!("{}{}", "█".repeat(full), "░".repeat(STEPS - full))
}

type Value = fn(&KepSummary) -> String;

const ROWS: &[(&str, Value)] = &[
    ("status", |kep| text(kep.text(|metadata| &metadata.status))),
    ("stage", |kep| text(kep.text(|metadata| &metadata.stage))),
    ("latest milestone", |kep| text(kep.text(|metadata| &metadata.latest_milestone))),
    ("milestone of the stage", |kep| text(kep.text(|metadata| &metadata.stage_milestone))),
    ("PRR approver of the stage", |kep| text(kep.stage_approver.as_deref())),
    ("PRR gate", gate),
];

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn gate(kep: &KepSummary) -> String {
    let word = kep.metadata.as_ref().map(|metadata| if metadata.is_gated { "gated" } else { "not gated" });
    text(word)
}

/// A side that is not there is a dash, so that a new KEP reads as one.
fn row(name: &str, base: Option<&str>, head: Option<&str>) -> String {
    let cell = |value: Option<&str>| match value {
        None => "—".to_owned(),
        Some("") => "none".to_owned(),
        Some(value) => markdown_cell(&markdown_code(value)),
    };
    let changed = base.is_some() && base != head;
    let head = if changed { format!("**{}**", cell(head)) } else { cell(head) };
    format!("| {name} | {} | {head} |\n", cell(base))
}

fn finding(report: &Report, triaged: &Triaged) -> String {
    let finding = &triaged.finding;
    let mut out = format!(
        "- {} **{}** `{}` {}\n\n  {}\n",
        icon(finding.level),
        finding.level,
        finding.rule.id,
        place(report, finding),
        markdown_sentence(&finding.message)
    );
    if let Some(due) = &triaged.due {
        out.push_str(&format!("\n  {}\n", markdown_sentence(&due.to_string())));
    }
    let diff = diff(&finding.fix);
    if !diff.is_empty() {
        let block = indented(&markdown_block(&diff));
        out.push_str(&format!("\n  <details><summary>The fix</summary>\n\n  {block}\n\n  </details>\n"));
    }
    if let Some(text) = &finding.help {
        out.push_str(&format!(
            "\n  <details><summary>How to fix</summary>\n\n  {}\n\n  </details>\n",
            indented(&help(text))
        ));
    }
    out.push('\n');
    out
}

/// The lines that a fix changes, before and after, as a diff has them.
fn diff(edits: &[ResolvedEdit]) -> String {
    let mut diff = String::new();
    for edit in edits {
        match edit {
            ResolvedEdit::Replace(edit) => {
                let new = format!("{}{}{}", edit.before, edit.new, edit.after);
                edit.lines.lines().for_each(|line| diff.push_str(&format!("- {line}\n")));
                new.lines().for_each(|line| diff.push_str(&format!("+ {line}\n")));
            }
            ResolvedEdit::Create { path, text } => {
                diff.push_str(&format!("new file {path}\n"));
                text.lines().for_each(|line| diff.push_str(&format!("+ {line}\n")));
            }
        }
    }
    diff
}

fn pre_existing(report: &Report, findings: &[&Triaged], page: &mut Page) {
    if findings.is_empty() {
        return;
    }
    let count = plural(findings.len(), "pre-existing finding");
    if !page.add(&format!("<details><summary>{count}, not introduced by this change</summary>\n\n")) {
        return;
    }
    for triaged in findings {
        let finding = &triaged.finding;
        page.add(&format!(
            "- {} `{}` {}: {}\n",
            icon(finding.level),
            finding.rule.id,
            place(report, finding),
            markdown_sentence(&finding.message)
        ));
    }
    page.text.push_str("\n</details>\n\n");
}

fn icon(level: Level) -> &'static str {
    match level {
        Level::Error => "❌",
        Level::Warning => "⚠️",
        Level::Notice => "ℹ️",
    }
}

/// Path and line, as a link to the line at the head commit when the repository is known.
fn place(report: &Report, finding: &ResolvedFinding) -> String {
    let file = &finding.place;
    let line = file.line();
    let shown = match line {
        Some(line) => format!("{}:{line}", file.path),
        None => file.path.to_string(),
    };
    let commit = match file.side {
        Side::Head => report.revisions.head.as_deref(),
        Side::Base => report.revisions.merge_base.as_deref(),
        Side::Policy => report.revisions.policy.as_deref(),
    };
    match (&report.web, commit.filter(|commit| is_commit_id(commit))) {
        (Some(web), Some(commit)) => {
            let url = link(&web.server, &web.repository, commit, &file.path, line);
            format!("[{}]({url})", markdown_code(&shown))
        }
        _ => markdown_code(&shown),
    }
}

fn link(server: &str, repository: &str, commit: &str, path: &RepoPath, line: Option<usize>) -> String {
    let anchor = line.map(|line| format!("#L{line}")).unwrap_or_default();
    format!("{server}/{repository}/blob/{commit}/{}{anchor}", url_path(path.as_bytes()))
}

/// The first line as a sentence, the rest as a block.
fn help(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, rest)) => format!("{}\n\n{}", markdown_sentence(first), markdown_block(rest)),
        None => markdown_sentence(text),
    }
}

/// Inside a list entry.
fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

fn compared(report: &Report, page: &mut Page) {
    let revisions = &report.revisions;
    let parts = [("base", &revisions.merge_base), ("head", &revisions.head), ("policy", &revisions.policy)];
    let words: Vec<_> = parts
        .iter()
        .filter_map(|(name, commit)| commit.as_ref().map(|commit| format!("{name} {}", markdown_code(short(commit)))))
        .collect();
    let rest = if words.is_empty() { String::new() } else { format!(", {}", words.join(", ")) };
    page.add(&format!("<sub>kepgate {}{rest}</sub>\n", env!("CARGO_PKG_VERSION")));
}

/// The first twelve digits of a commit id; other words as they are.
fn short(commit: &str) -> &str {
    if is_commit_id(commit) { commit.get(..12).unwrap_or(commit) } else { commit }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, Page};

    #[test]
    fn a_page_is_bounded_and_reports_omissions() {
        let mut page = Page::default();
        for _ in 0..1_100 {
            page.add(&"x".repeat(1_000));
        }
        let text = page.finish();
        assert!(text.len() <= MAX_BYTES);
        assert!(text.contains("**101 entries omitted**"), "{}", &text[text.len() - 200..]);
    }
}
