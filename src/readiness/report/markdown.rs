//! The page for a job summary: counts, a table for each SIG, and a checklist to post for each KEP.

use super::comment::checklist;
use super::overview::{at_risk, missing};
use super::{headline, legend, missed_note, pull_numbers, states_at_freezes, unmerged_heading, when};
use crate::escape::{markdown_cell, markdown_code, markdown_fence, markdown_sentence};
use crate::readiness::{Candidate, Readiness, State, Verdict};
use crate::release::Phase;
use crate::report::markdown::Page;
use crate::text::wording::count as plural;

/// The page, at most 1,000,000 bytes long.
#[must_use]
pub(crate) fn render(readiness: &Readiness, commit: Option<&str>) -> String {
    let release = readiness.release;
    let mut page = Page::default();
    let out = if readiness.is_out { ", which is out" } else { "" };
    page.add(&format!("## Readiness for {release}{out}\n\n{}, {}.\n\n", headline(readiness), when(readiness, commit)));
    page.add(&counts(readiness));
    page.add(&format!("<sub>{}</sub>\n\n", legend(readiness)));
    page.add(&states_at_freezes(readiness).map(|note| format!("<sub>{note}</sub>\n\n")).unwrap_or_default());
    page.add(&risks(readiness));
    for (sig, keps) in readiness.by_sig() {
        let heading = if sig.is_empty() { "KEPs".to_owned() } else { markdown_code(sig) };
        let freezes: Vec<_> = readiness.freezes.iter().map(|(phase, ..)| readiness.label(*phase)).collect();
        let mut table = format!(
            "### {heading}\n\n| KEP | Title | Stage | {} | Missing | Remarks |\n|---|---|---|---|---|{}\n",
            freezes.join(" | "),
            "---|".repeat(freezes.len())
        );
        table.extend(keps.into_iter().map(|kep| row(readiness, kep)));
        page.add(&format!("{table}\n"));
    }
    if !readiness.unread.is_empty() {
        let dirs: Vec<_> = readiness.unread.iter().map(|dir| markdown_code(&dir.to_string())).collect();
        page.add(&format!("These KEPs could not be read, so their target is unknown: {}\n\n", dirs.join(", ")));
    }
    page.add(&unmerged(readiness));
    if !readiness.keps.is_empty() {
        page.add("### Comments to post\n\n");
    }
    for kep in &readiness.keps {
        page.add(&comment(readiness, kep));
    }
    page.finish()
}

/// The KEPs that only open pull requests have.
fn unmerged(readiness: &Readiness) -> String {
    let mut list = format!("{}\n\n", unmerged_heading(readiness));
    for kep in readiness.unmerged.iter().flatten() {
        let (dir, title) = (markdown_code(&kep.dir.to_string()), markdown_code(&kep.title));
        list.push_str(&format!("- {dir} {title} {}\n", pull_numbers(&kep.pulls)));
    }
    if readiness.unmerged.as_ref().is_some_and(|keps| !keps.is_empty()) {
        list.push('\n');
    }
    list
}

/// What is missing by criterion, and the KEPs at risk or out.
fn risks(readiness: &Readiness) -> String {
    let table = missing(readiness);
    if table.is_empty() {
        return String::new();
    }
    let rows = at_risk(readiness, usize::MAX).markdown();
    let heading = readiness.risk_heading();
    let note = if readiness.is_frozen() { format!("{}\n\n", missed_note(readiness)) } else { String::new() };
    format!("### Missing\n\n{}\n### {heading}\n\n{rows}\n{note}", table.markdown())
}

fn counts(readiness: &Readiness) -> String {
    let heads = State::ALL.map(|state| readiness.heading(state)).join(" | ");
    let mut table = format!("| | Ends | {heads} |\n|---|---|---|---|---|---|---|\n");
    for &(phase, date, passed) in &readiness.freezes {
        let name = readiness.label(phase);
        let unknown = if readiness.has_dates() { "unknown" } else { "" };
        let over = super::has_passed(date.is_some(), passed);
        let ends = date.map_or_else(|| unknown.to_owned(), |date| date.to_string());
        let counts = State::ALL.map(|state| readiness.count(phase, state).to_string()).join(" | ");
        table.push_str(&format!("| {name} | {ends}{over} | {counts} |\n"));
    }
    table.push('\n');
    table
}

fn row(readiness: &Readiness, kep: &Candidate) -> String {
    let freezes: Vec<_> =
        readiness.freezes.iter().map(|(phase, ..)| mark(readiness, *phase, kep.state(*phase))).collect();
    let mut missing: Vec<_> = kep
        .answers()
        .filter_map(|(criterion, verdict)| match verdict {
            Verdict::NotMet(why) => Some(format!("**{}** {}", criterion.key, markdown_sentence(why))),
            Verdict::Met | Verdict::Unknown(_) => None,
        })
        .collect();
    if let Some(exception) = &kep.exception {
        let words = format!("exception {} {}", exception.ruling.word(), markdown_sentence(&exception.reviewed));
        missing.push(words.trim_end().to_owned());
    }
    let remarks: Vec<_> = kep.remarks.iter().map(|remark| markdown_sentence(&remark.what)).collect();
    format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        number(kep),
        markdown_cell(&markdown_code(&kep.title)),
        stage(kep),
        freezes.join(" | "),
        markdown_cell(&missing.join("; ")),
        markdown_cell(&remarks.join("; "))
    )
}

/// The project's word for the stage. A word of Kubernetes needs no escaping.
fn stage(kep: &Candidate) -> String {
    match kep.stage {
        None => "none".to_owned(),
        Some(stage) if stage.word() == kep.stage_word => kep.stage_word.clone(),
        Some(_) => markdown_cell(&markdown_code(&kep.stage_word)),
    }
}

fn number(kep: &Candidate) -> String {
    kep.number.map_or_else(|| "no number".to_owned(), |number| number.to_string())
}

fn mark(readiness: &Readiness, phase: Phase, state: State) -> String {
    let icon = match state {
        State::Met => "✅",
        State::Unchecked | State::Unknown => "❔",
        State::Excepted => "⚠️",
        State::NotMet => "❌",
    };
    // The counts above say what was not checked.
    let words = readiness.words(phase, state);
    format!("{icon} {}", words.split_once(" (").map_or(words, |(words, _)| words))
}

/// The comment as text to copy.
fn comment(readiness: &Readiness, kep: &Candidate) -> String {
    let missing = kep.answers().filter(|(_, verdict)| matches!(verdict, Verdict::NotMet(_))).count();
    let summary = match missing {
        0 => match kep.open_questions {
            Some(open) => open.to_string(),
            None => "nothing missing".to_owned(),
        },
        number => format!("{} missing", plural(number, "item")),
    };
    let text = checklist(readiness, kep);
    let fence = markdown_fence(&text);
    let number = number(kep);
    format!("<details><summary>KEP {number}: {summary}</summary>\n\n{fence}markdown\n{text}{fence}\n\n</details>\n\n")
}
