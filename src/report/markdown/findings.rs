//! The findings of the summary: each with its line, its fix, and why it is due.

use super::{Page, link};
use crate::check::resolved::{ResolvedEdit, ResolvedFinding};
use crate::check::result::Report;
use crate::check::triage::Triaged;
use crate::escape::{markdown_block, markdown_code, markdown_diff, markdown_sentence};
use crate::report::is_commit_id;
use crate::report::text::left;
use crate::rule::Level;
use crate::text::wording::count as plural;
use crate::text::{RepoPath, Side};

/// The number of notices to show. Further ones are folded.
const MAX_NOTICES: usize = 5;

/// Adds the findings that count or that the user requested, by KEP. Notices after the first five are folded.
pub(super) fn add(report: &Report, page: &mut Page) {
    let shown: Vec<_> = report.findings().iter().filter(|it| report.shows(it)).collect();
    let mut notices = 0;
    let (open, folded): (Vec<_>, Vec<_>) = shown.into_iter().partition(|triaged| {
        notices += usize::from(triaged.finding.level == Level::Notice);
        triaged.finding.level != Level::Notice || notices <= MAX_NOTICES
    });
    for of_kep in open.chunk_by(|one, other| one.finding.kep == other.finding.kep) {
        page.add(&heading(report, of_kep.first().and_then(|triaged| triaged.finding.kep.as_ref())));
        for triaged in of_kep {
            page.add(&entry(report, triaged));
        }
        page.add("\n");
    }
    if !folded.is_empty() {
        page.fold(&plural(folded.len(), "more notice"), folded.iter().map(|triaged| line(report, triaged, None)));
    }
}

/// Adds the other findings, folded.
pub(super) fn add_pre_existing(report: &Report, page: &mut Page) {
    let old: Vec<_> = report.findings().iter().filter(|it| !report.shows(it)).collect();
    if !old.is_empty() {
        let title = format!("{}, not introduced by this change", plural(old.len(), "pre-existing finding"));
        page.fold(&title, old.iter().map(|triaged| line(report, triaged, None)));
    }
}

/// The heading with the KEP that the findings below are about.
fn heading(report: &Report, kep: Option<&RepoPath>) -> String {
    let Some(dir) = kep else { return "**Other files**\n\n".to_owned() };
    let Some(kep) = report.kep(dir) else {
        return format!("**{}**\n\n", markdown_code(&dir.to_string()));
    };
    let title = kep.text(|metadata| &metadata.title).filter(|title| !title.is_empty());
    let title = title.map(|title| format!(" {}", markdown_code(title))).unwrap_or_default();
    format!("**{}**{title}\n\n", super::keps::name(kep))
}

/// The finding, followed by the help and the fix.
fn entry(report: &Report, triaged: &Triaged) -> String {
    let finding = &triaged.finding;
    let mut out = line(report, triaged, finding.kep.as_ref());
    let (first, rest) = match finding.help.as_deref().map(|help| help.split_once('\n').unwrap_or((help, ""))) {
        Some((first, rest)) => (markdown_sentence(first), rest),
        None => (String::new(), ""),
    };
    if !first.is_empty() {
        out.push_str(&format!("\n  {first}\n"));
    }
    if let Some(why) = &finding.refusal {
        out.push_str(&format!("\n  {}\n", markdown_sentence(&left(why))));
    }
    let more: Vec<_> = [markdown_fix(&finding.fix), block(rest)].into_iter().filter(|part| !part.is_empty()).collect();
    let more = more.join("\n\n").replace('\n', "\n  ");
    match finding.level {
        _ if more.is_empty() => {}
        Level::Error => out.push_str(&format!("\n  {more}\n")),
        Level::Warning | Level::Notice => {
            let title = if finding.fix.is_empty() { "More" } else { "Fix" };
            out.push_str(&format!("\n  <details><summary>{title}</summary>\n\n  {more}\n\n  </details>\n"));
        }
    }
    out
}

/// The finding on one line. Paths in `folder` are shortened.
fn line(report: &Report, triaged: &Triaged, folder: Option<&RepoPath>) -> String {
    let finding = &triaged.finding;
    let due = triaged.due.as_ref().map(|due| format!(" · {}", markdown_sentence(&due.to_string())));
    format!(
        "- {} {} {}{} · `{}`\n",
        icon(finding.level),
        place(report, finding, folder),
        markdown_sentence(&finding.message),
        due.unwrap_or_default(),
        finding.rule.id
    )
}

/// The maximum length of lines that are shown with a fix, in bytes.
const MAX_DIFF_BYTES: usize = 2_000;

/// The lines that a fix changes, before and after the fix.
fn markdown_fix(edits: &[ResolvedEdit]) -> String {
    let mut diff = String::new();
    for edit in edits {
        match edit {
            ResolvedEdit::Replace(edit) => {
                // Of long lines, only the part that changes is shown.
                let is_short = edit.lines.len() <= MAX_DIFF_BYTES;
                let old = if is_short { &*edit.lines } else { &edit.old };
                let new = if is_short { edit.new_lines() } else { edit.new.clone() };
                old.lines().for_each(|line| diff.push_str(&format!("- {line}\n")));
                new.lines().for_each(|line| diff.push_str(&format!("+ {line}\n")));
            }
            ResolvedEdit::Create { path, text } => {
                diff.push_str(&format!("new file {path}\n"));
                text.lines().for_each(|line| diff.push_str(&format!("+ {line}\n")));
            }
        }
    }
    if diff.is_empty() { diff } else { markdown_diff(&diff) }
}

fn block(text: &str) -> String {
    if text.is_empty() { String::new() } else { markdown_block(text) }
}

fn icon(level: Level) -> &'static str {
    match level {
        Level::Error => "❌",
        Level::Warning => "⚠️",
        Level::Notice => "ℹ️",
    }
}

/// Path and line, as a link to the line at the head commit if the repository is known.
fn place(report: &Report, finding: &ResolvedFinding, folder: Option<&RepoPath>) -> String {
    let file = &finding.place;
    let line = file.line();
    let path = file.path.to_string();
    let short = folder.and_then(|folder| path.strip_prefix(&format!("{folder}/"))).unwrap_or(&path);
    let shown = match line {
        Some(line) => format!("{short}:{line}"),
        None => short.to_owned(),
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
