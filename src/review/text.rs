//! The review for a person at a terminal, at most 80 columns wide.

use super::passages::{Kind, Words, moved, shortened};
use super::{Approval, FieldChange, Point, Review, State, describe, title};
use crate::escape::{log_lines, one_line};
use crate::questionnaire::comparison::{Change, Comparison};
use crate::report::columns::{WIDTH, columns, wrapped};

/// The indentation of a question, and that of what changed in its answer.
const INDENT: [usize; 2] = [2, 4];

/// The page.
pub(crate) fn render(review: &Review) -> String {
    let number = review.number.map_or_else(|| "KEP".to_owned(), |number| format!("KEP-{number}"));
    let title = if review.title.is_empty() { String::new() } else { format!(": {}", one_line(&review.title)) };
    let mut page = wrapped(&format!("{number}{title}"), 0);
    page.push_str(&format!("{}\n\n", one_line(&review.dir.to_string())));
    page.push_str(&columns(&facts(review), usize::from(WIDTH)));
    let mut section = None;
    for (state, comparison) in review.shown() {
        if section != Some(&comparison.question.section) {
            section = Some(&comparison.question.section);
            page.push_str(&format!("\n{}\n", one_line(&comparison.question.section)));
        }
        page.push_str(&answer(review, state, comparison));
    }
    log_lines(&page)
}

fn facts(review: &Review) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Compared", format!("{}\nwith {}", point(&review.since), point(&review.until)))];
    let mut add = |label, lines: Vec<String>| {
        if !lines.is_empty() {
            facts.push((label, lines.join("\n")));
        }
    };
    add("Approvers", review.approvals.iter().map(|it| approval(review, it)).collect());
    add("History", review.history());
    let fields = review.not_compared.fields.iter().map(|why| format!("not compared: {}", one_line(why)));
    add("Fields", fields.chain(review.fields.iter().map(field)).collect());
    let template = &review.template;
    let new = [("section", &template.new_sections), ("question", &template.new_questions)];
    let new =
        new.into_iter().flat_map(|(noun, titles)| titles.iter().map(move |it| format!("new {noun}: {}", one_line(it))));
    let former = template.former_questions.iter().map(|it| format!("former question: {}", one_line(it)));
    add("Template", new.chain(former).collect());
    let answers = one_line(&review.outcome());
    add("Answers", if answers.is_empty() { Vec::new() } else { vec![answers] });
    add("Open", review.open().map(one_line).collect());
    add("Changes", review.nothing().map(str::to_owned).into_iter().collect());
    facts
}

/// `0123456789ab of 2025-10-02, which records @petra-solm for beta`
pub(super) fn point(point: &Point) -> String {
    let commit = point.commit.as_deref().map(short);
    let day = point.time.map(|time| format!(" of {}", time.strftime("%Y-%m-%d")));
    let name: String = commit.into_iter().chain(day.as_deref()).collect();
    match (name.as_str(), point.what.as_str()) {
        ("", what) => one_line(what),
        (name, "") => name.to_owned(),
        (name, what) => format!("{name}, {}", one_line(what)),
    }
}

/// The first twelve digits of a commit.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn approval(review: &Review, approval: &Approval) -> String {
    let approver = one_line(&approval.approver);
    let Some(recorded) = approval.recorded else {
        let place = review.where_named(approval).map(|place| format!(", {}", one_line(&place)));
        return format!("{}: {approver}{}", approval.stage, place.unwrap_or_default());
    };
    let day = recorded.time.strftime("%Y-%m-%d");
    format!("{}: {approver}, recorded on {day} in {}", approval.stage, recorded.commit.short())
}

fn field(change: &FieldChange) -> String {
    if change.is_list() {
        let removed = change.removed().map(|value| format!("- {}", one_line(value)));
        let entries = removed.chain(change.added().map(|value| format!("+ {}", one_line(value))));
        return format!("{}: {}", change.field, entries.collect::<Vec<_>>().join(", "));
    }
    let value = |values: &[String]| values.first().map_or_else(|| "none".to_owned(), |value| one_line(value));
    format!("{}: {} -> {}", change.field, value(&change.before), value(&change.after))
}

fn answer(review: &Review, state: State, comparison: &Comparison) -> String {
    let mut lines = wrapped(&one_line(title(comparison)), INDENT[0]);
    lines.push_str(&wrapped(&format!("({})", describe(review, state, comparison)), INDENT[0]));
    for change in &comparison.changes {
        match change {
            Change::Reworded(segments) => lines.push_str(&reworded(&shortened(segments))),
            Change::Added(text) => lines.extend(text.lines().map(|line| passage('+', line))),
            Change::Removed(text) => lines.extend(text.lines().map(|line| passage('-', line))),
            Change::MovedHere(..) | Change::MovedAway(..) => {
                let moved = moved(review, change).map(|moved| moved.sentence()).unwrap_or_default();
                lines.push_str(&wrapped(&one_line(&moved), INDENT[1]));
            }
        }
    }
    lines
}

/// A passage with its sign in front of the first line.
fn passage(sign: char, line: &str) -> String {
    let lines = wrapped(&one_line(line), INDENT[1] + 2);
    let first = lines.get(INDENT[1] + 2..).unwrap_or_default();
    format!("{:indent$}{sign} {first}", "", indent = INDENT[1])
}

/// `It can fail if the kubelet [-restarts-] {+is replaced+} while pods …`
fn reworded(words: &[Words<'_>]) -> String {
    let mut text = String::new();
    for (kind, words) in words {
        let (lead, words) = match words.strip_prefix('\n') {
            Some(rest) => ("\n", rest),
            None => (if text.is_empty() { "" } else { " " }, words.as_ref()),
        };
        text.push_str(lead);
        match kind {
            Kind::Same => text.push_str(words),
            Kind::Removed => text.push_str(&format!("[-{words}-]")),
            Kind::Added => text.push_str(&format!("{{+{words}+}}")),
        }
    }
    text.lines().map(|line| wrapped(&one_line(line), INDENT[1])).collect()
}
