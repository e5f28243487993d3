//! The review as GitHub Markdown, for a comment or a job summary. Names, values and differences are code, and other text
//! from the KEP is escaped.

use super::passages::{Kind, Moved, moved, shortened};
use super::text::{point, short};
use super::{Approval, FieldChange, Review, State, describe, title};
use crate::escape::{markdown_cell, markdown_code, markdown_diff, markdown_sentence};
use crate::questionnaire::comparison::{Change, Comparison, Segment};

/// The page.
pub(crate) fn render(review: &Review) -> String {
    let number = review.number.map_or_else(|| "KEP".to_owned(), |number| format!("KEP-{number}"));
    let title = if review.title.is_empty() { String::new() } else { format!(" {}", markdown_sentence(&review.title)) };
    let mut page = format!("### {number}{title}\n\n| | |\n|---|---|\n");
    for (label, text) in facts(review) {
        page.push_str(&format!("| {label} | {} |\n", markdown_cell(&text)));
    }
    let mut section = None;
    for (state, comparison) in review.shown() {
        if section != Some(&comparison.question.section) {
            section = Some(&comparison.question.section);
            page.push_str(&format!("\n#### {}\n", markdown_sentence(&comparison.question.section)));
        }
        page.push_str(&answer(review, state, comparison));
    }
    page
}

fn facts(review: &Review) -> Vec<(&'static str, String)> {
    let prose = |text: &str| markdown_sentence(text);
    let mut facts = vec![
        ("Directory", markdown_code(&review.dir.to_string())),
        ("Compared", format!("{}<br>with {}", prose(&point(&review.since)), prose(&point(&review.until)))),
    ];
    let list = |entries: Vec<String>| entries.join("<br>");
    facts.push(("Approvers", list(review.approvals.iter().map(|it| approval(review, it)).collect())));
    facts.push(("History", list(review.history().iter().map(|line| prose(line)).collect())));
    let fields = review.not_compared.fields.iter();
    let fields = fields.map(|why| format!("not compared: {}", markdown_sentence(why)));
    facts.push(("Fields", list(fields.chain(review.fields.iter().map(field)).collect())));
    let template = &review.template;
    let new = [("section", &template.new_sections), ("question", &template.new_questions)];
    let new =
        new.into_iter().flat_map(|(noun, titles)| titles.iter().map(move |it| format!("new {noun}: {}", prose(it))));
    let former = template.former_questions.iter().map(|it| format!("former question: {}", prose(it)));
    facts.push(("Template", list(new.chain(former).collect())));
    facts.push(("Answers", markdown_sentence(&review.outcome())));
    facts.push(("Open", list(review.open().map(prose).collect())));
    facts.push(("Changes", review.nothing().unwrap_or_default().to_owned()));
    facts.retain(|(_, text)| !text.is_empty());
    facts
}

fn approval(review: &Review, approval: &Approval) -> String {
    let approver = markdown_code(&approval.approver);
    let Some(recorded) = approval.recorded else {
        let place = review.where_named(approval).map(|place| format!(", {}", markdown_sentence(&place)));
        return format!("{}: {approver}{}", approval.stage, place.unwrap_or_default());
    };
    let (day, commit) = (recorded.time.strftime("%Y-%m-%d"), recorded.commit.to_string());
    format!("{}: {approver}, recorded on {day} in {}", approval.stage, markdown_code(short(&commit)))
}

fn field(change: &FieldChange) -> String {
    if change.is_list() {
        let removed = change.removed().map(|value| format!("removed {}", markdown_code(value)));
        let entries = removed.chain(change.added().map(|value| format!("added {}", markdown_code(value))));
        return format!("{}: {}", change.field, entries.collect::<Vec<_>>().join(", "));
    }
    let value = |values: &[String]| values.first().map_or_else(|| "none".to_owned(), |value| markdown_code(value));
    format!("{}: {} → {}", change.field, value(&change.before), value(&change.after))
}

fn answer(review: &Review, state: State, comparison: &Comparison) -> String {
    let question = markdown_sentence(title(comparison));
    let mut text = format!("\n**{question}**\n({})\n", describe(review, state, comparison));
    let mut diff = String::new();
    for change in &comparison.changes {
        match change {
            Change::Reworded(segments) => {
                push(&mut diff, '-', &side(segments, Kind::Added));
                push(&mut diff, '+', &side(segments, Kind::Removed));
            }
            Change::Added(added) => push(&mut diff, '+', added),
            Change::Removed(removed) => push(&mut diff, '-', removed),
            Change::MovedHere(..) | Change::MovedAway(..) => {
                text.extend(moved(review, change).as_ref().map(passage));
            }
        }
    }
    if !diff.is_empty() {
        text.push_str(&format!("\n{}\n", markdown_diff(&diff)));
    }
    text
}

/// What happened to a passage that moved, and its beginning as a quotation.
fn passage(Moved { what, question, start }: &Moved<'_>) -> String {
    let question = question.map(|question| format!(" “{}”", markdown_sentence(question))).unwrap_or_default();
    let mut text = format!("\n{what}{question}:\n\n");
    for line in start.lines() {
        text.push_str(&format!("> {}\n", markdown_sentence(line)));
    }
    text
}

/// The words of one version, without those `but` the other one has.
fn side(segments: &[Segment], but: Kind) -> String {
    let mut side = String::new();
    for (_, words) in shortened(segments).iter().filter(|(kind, _)| *kind != but) {
        if !side.is_empty() && !words.starts_with('\n') {
            side.push(' ');
        }
        side.push_str(words);
    }
    side
}

fn push(diff: &mut String, sign: char, lines: &str) {
    diff.extend(lines.lines().map(|line| format!("{sign} {line}\n")));
}
