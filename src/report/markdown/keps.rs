//! The KEPs of the summary: a table of those that changed, and the progress of their questionnaires.

use super::Page;
use crate::change::Sides;
use crate::check::result::{Outcome, Report};
use crate::check::summary::KepSummary;
use crate::escape::{markdown_cell, markdown_code, markdown_sentence};
use crate::kep::Stage;
use crate::kep::dialect::Dialect;
use crate::kubernetes::{Known, Named};
use crate::questionnaire::progress::{Progress, SectionProgress};
use crate::text::wording::count as plural;

/// If there are at most this many KEPs, the table has all of them, even those whose row did not change.
const MAX_UNCHANGED: usize = 3;

type Value = fn(&KepSummary) -> String;

/// The columns for both sides. The column for the questionnaire follows and only shows head.
const COLUMNS: &[(&str, Value)] = &[
    ("status", |kep| text(kep.text(|metadata| &metadata.status))),
    ("stage", |kep| text(kep.text(|metadata| &metadata.stage))),
    ("milestone", milestone),
    ("PRR approver", |kep| text(kep.stage_approver.as_deref())),
];

/// Adds a table with a row for each KEP that changed, and a line about the others.
pub(super) fn add(report: &Report, page: &mut Page) {
    let Some(outcome) = &report.outcome else { return };
    let is_small = outcome.keps.len() <= MAX_UNCHANGED;
    let (shown, others): (Vec<_>, Vec<_>) =
        outcome.keps.iter().partition(|sides| is_small || has_moved(sides) || has_findings(outcome, sides));
    if !shown.is_empty() {
        let heads: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
        // A change that touches no README, such as a bulk edit, has no questionnaires.
        let has_answers = shown.iter().any(|sides| sides.head().is_some_and(|head| head.questionnaire.is_some()));
        let (last, line) = if has_answers { (" questionnaire |", "---|") } else { ("", "") };
        let lines = "---|".repeat(COLUMNS.len());
        let mut table = format!("| KEP | {} |{last}\n|---|{lines}{line}\n", heads.join(" | "));
        let dialect = &outcome.policy.profile.dialect;
        table.extend(shown.iter().map(|sides| row(sides, has_answers.then_some(dialect), report.is_sweep())));
        page.add(&format!("{table}\n"));
    }
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(|sides| name(sides.latest())).collect();
        let are = if others.len() == 1 { "keeps its" } else { "keep their" };
        let title = format!("{} {are} status, stage, milestone and approver", plural(others.len(), "KEP"));
        page.fold(&title, [format!("{}\n", names.join(", "))]);
    }
}

/// Adds the questionnaires by section, folded.
pub(super) fn add_questionnaires(report: &Report, page: &mut Page) {
    let Some(outcome) = &report.outcome else { return };
    let shown = outcome.keps.iter().filter(|sides| has_moved(sides) || has_findings(outcome, sides));
    let parts = shown.filter_map(|sides| {
        let head = sides.head()?;
        let dialect = &outcome.policy.profile.dialect;
        Some(format!("**{}**\n\n{}\n", name(head), questionnaire(head.questionnaire.as_ref()?, dialect)))
    });
    let parts: Vec<_> = parts.collect();
    if !parts.is_empty() {
        page.fold("Questionnaires by section", parts);
    }
}

/// Adds the feature gates and metrics of each KEP and whether Kubernetes has them, folded.
pub(super) fn add_names(report: &Report, page: &mut Page) {
    let Some(outcome) = &report.outcome else { return };
    let shown = outcome.keps.iter().filter(|sides| has_moved(sides) || has_findings(outcome, sides));
    let named = shown.filter_map(|sides| Some((sides.head()?, sides.head()?.kubernetes.as_ref()?)));
    let named: Vec<_> = named.filter(|(_, it)| !it.feature_gates.is_empty() || !it.metrics.is_empty()).collect();
    let Some((_, first)) = named.first() else { return };
    let rows = named.iter().flat_map(|(head, it)| {
        let gates = it.feature_gates.iter().map(|gate| ("feature gate", gate));
        let rows = gates.chain(it.metrics.iter().map(|metric| ("metric", metric))).enumerate();
        rows.map(|(index, (what, it))| {
            let kep = if index == 0 { number(head) } else { String::new() };
            format!("| {kep} | {what} | {} | {} |\n", code_cell(&it.name), known(it))
        })
    });
    let table = format!("| KEP | | Name | Kubernetes |\n|---|---|---|---|\n{}\n", rows.collect::<String>());
    page.fold(&format!("Feature gates and metrics in Kubernetes {}", first.release), [table]);
}

/// What Kubernetes' lists say about a name.
fn known(named: &Named) -> String {
    match &named.known {
        Known::Unknown => "not covered by its lists".to_owned(),
        Known::Gate(stage, since) => format!("✅ {} since {since}", stage.word()),
        Known::Defined => "✅ defined".to_owned(),
        Known::DefinedAs(full) => format!("✅ defined as {}", code_cell(full)),
        Known::Absent => "❌ not defined".to_owned(),
    }
}

fn code_cell(text: &str) -> String {
    markdown_cell(&markdown_code(text))
}

/// `KEP-5120`, or the directory's name in a code span.
pub(super) fn name(kep: &KepSummary) -> String {
    match kep.number {
        Some(number) => format!("KEP-{number}"),
        None => markdown_code(&kep.dir.name().to_string()),
    }
}

/// True if a cell of the KEP's row changed. A KEP that the change adds or removes counts, too.
fn has_moved(sides: &Sides<KepSummary>) -> bool {
    match sides.both() {
        Some((base, head)) => COLUMNS.iter().any(|(_, value)| value(base) != value(head)),
        None => true,
    }
}

fn has_findings(outcome: &Outcome, sides: &Sides<KepSummary>) -> bool {
    let dir = &sides.latest().dir;
    outcome.findings.iter().any(|triaged| triaged.is_new && triaged.finding.kep.as_ref() == Some(dir))
}

/// A row; `dialect` is `None` if the table has no column for questionnaires.
fn row(sides: &Sides<KepSummary>, dialect: Option<&Dialect>, is_sweep: bool) -> String {
    let number = number(sides.latest());
    let note = match sides {
        Sides::Added(_) if !is_sweep => " (new)",
        Sides::Removed(_) => " (removed)",
        Sides::Added(_) | Sides::Kept { .. } => "",
    };
    let cells: Vec<_> = COLUMNS.iter().map(|(_, value)| cell(sides, *value)).collect();
    let answers = sides.head().and_then(|head| head.questionnaire.as_ref());
    let answers = dialect.map(|dialect| {
        let words = answers.map(|it| format!("{}/{} {}", it.answered(), it.questions(), word(it.stage, dialect)));
        format!(" {} |", words.unwrap_or_default())
    });
    format!("| {number}{note} | {} |{}\n", cells.join(" | "), answers.unwrap_or_default())
}

/// `5120`, or the directory's name in a code span, in a cell.
fn number(kep: &KepSummary) -> String {
    kep.number.map_or_else(|| markdown_cell(&name(kep)), |number| number.to_string())
}

/// `old → new` with the new value in bold, or the value if it did not change.
fn cell(sides: &Sides<KepSummary>, value: Value) -> String {
    let code = |text: String| match text.as_str() {
        "" => "none".to_owned(),
        text => markdown_cell(&markdown_code(text)),
    };
    match sides.both().map(|(base, head)| (value(base), value(head))) {
        Some((old, new)) if old != new => format!("{} → **{}**", code(old), code(new)),
        _ => code(value(sides.latest())),
    }
}

/// The latest milestone, and the milestone of the stage if it is different.
fn milestone(kep: &KepSummary) -> String {
    let latest = text(kep.text(|metadata| &metadata.latest_milestone));
    match (kep.text(|metadata| &metadata.stage_milestone), kep.text(|metadata| &metadata.stage)) {
        (Some(of_stage), Some(stage)) if of_stage != latest => format!("{latest} ({stage}: {of_stage})"),
        _ => latest,
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// The project's word for a stage. The words of Kubernetes need no escaping.
fn word(stage: Stage, dialect: &Dialect) -> String {
    match dialect.stage_word(stage) {
        word if word == stage.word() => word.to_owned(),
        own => markdown_cell(&markdown_code(own)),
    }
}

/// A row for each section that is due, and a line about the questions that are due at the next stage.
fn questionnaire(progress: &Progress, dialect: &Dialect) -> String {
    let mut table = format!("| Due at {} | | Answered |\n|---|---|---|\n", word(progress.stage, dialect));
    for SectionProgress { title, answered, questions, is_answered_as_whole } in &progress.sections {
        let bar = bar(*answered, *questions);
        let how = if *is_answered_as_whole { ", as a whole" } else { "" };
        table.push_str(&format!(
            "| {} | {bar} | {answered} of {questions}{how} |\n",
            markdown_cell(&markdown_sentence(title))
        ));
    }
    if let Some((stage, sections)) = &progress.next {
        let parts = sections.iter().map(|SectionProgress { title, answered, questions, .. }| {
            format!("{} ({answered} of {questions} answered)", markdown_sentence(title))
        });
        let parts: Vec<_> = parts.collect();
        table.push_str(&format!("\nDue next, at {}: {}.\n", word(*stage, dialect), parts.join(", ")));
    }
    table
}

/// A progress bar of five steps. It is empty only if nothing is answered, and full only if everything is.
fn bar(answered: usize, questions: usize) -> String {
    const STEPS: usize = 5;
    let full = match answered * STEPS / questions.max(1) {
        0 if answered > 0 => 1,
        full => full.min(STEPS),
    };
    format!("{}{}", "█".repeat(full), "░".repeat(STEPS - full))
}
