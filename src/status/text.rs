//! The status for a person at a terminal.

use super::{Approver, KepStatus, Questionnaire, ReleaseDate, Role, first_line};
use crate::check::resolved::ResolvedFinding;
use crate::escape::{log_lines, one_line};
use crate::kubernetes::{Known, Named};
use crate::report::columns::columns;
use crate::report::left::Left;
use crate::rule::Level;
use crate::rules::prr_question_unanswered;
use crate::text::wording::count;

/// The room that a label needs, with the gap after it, in columns.
const LABEL: usize = 18;
/// Longer lines are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 140;
/// More names of metrics, feature gates and so on are counted, not shown.
const MAX_NAMES: usize = 5;
/// With more open questions than this, a section without any answer is one line.
const MAX_QUESTIONS: usize = 10;
/// More findings of a level are counted, not shown. Errors are all shown.
const MAX_FINDINGS: usize = 5;

/// The page, in a terminal of this width.
pub(crate) fn render(status: &KepStatus, width: usize) -> String {
    let width = width.min(MAX_WIDTH);
    let mut page = format!("{}\n{}\n\n", heading(status, width), one_line(&status.dir.to_string()));
    page.push_str(&columns(&facts(status, width), width));
    page.push_str(&format!("\n{}\n", needs_heading(status)));
    page.push_str(&needs(status, width));
    let mut gaps = Vec::new();
    if !status.unchecked.is_empty() {
        let rules: Vec<_> = status.unchecked.iter().map(|unchecked| unchecked.rule).collect();
        gaps.push(("not checked", rules.join(", ")));
    }
    if let Some(why) = &status.not_compared {
        gaps.push(("not compared", format!("{}, so findings about a change are missing", one_line(why))));
    }
    if !gaps.is_empty() {
        page.push_str(&format!("\n{}", columns(&gaps, width)));
    }
    log_lines(&page)
}

/// `KEP-5120: Quiet Hours for Pod Restarts`
fn heading(status: &KepStatus, width: usize) -> String {
    let number = status.number.map_or_else(|| "KEP".to_owned(), |number| format!("KEP-{number}"));
    let title = if status.title.is_empty() { String::new() } else { format!(": {}", one_line(&status.title)) };
    cut_at(&format!("{number}{title}"), width.saturating_sub(1))
}

fn facts(status: &KepStatus, width: usize) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Where it is", where_it_is(status))];
    let mut add = |label, lines: Vec<String>| {
        if !lines.is_empty() {
            facts.push((label, lines.join("\n")));
        }
    };
    let names = |names: &[Named]| {
        let shown = names.iter().take(MAX_NAMES).map(|name| named(name, status));
        let more = names.len().saturating_sub(MAX_NAMES);
        shown.chain((more > 0).then(|| format!("and {more} more"))).collect()
    };
    let milestones: Vec<_> = status
        .milestones
        .iter()
        .map(|(stage, release)| format!("{} {}", status.word(*stage), one_line(release)))
        .collect();
    add("Milestones", if milestones.is_empty() { Vec::new() } else { vec![milestones.join(", ")] });
    add("Dates", status.dates.iter().map(|date| release_date(status, date)).collect());
    add("PRR approvers", status.approvers.iter().flatten().map(approver).collect());
    add("Questionnaire", status.questionnaire.iter().flat_map(|it| questionnaire(status, it, width)).collect());
    add("Feature gates", names(&status.feature_gates));
    add("Metrics", names(&status.metrics));
    add("Issue", status.issue.iter().cloned().collect());
    facts
}

/// `implementable, beta in v1.36, owned by sig-node`
fn where_it_is(status: &KepStatus) -> String {
    let word = |text: &str, missing: &str| if text.is_empty() { missing.to_owned() } else { one_line(text) };
    let has = |key: &str| status.dialect.uses(key);
    let target = match (status.stage.as_str(), status.latest_milestone.as_str()) {
        ("", "") => {
            let fields = [("stage", "no stage"), ("latest-milestone", "no milestone")].into_iter();
            let lacks: Vec<_> = fields.filter(|(key, _)| has(key)).map(|(_, what)| what).collect();
            if lacks.is_empty() { String::new() } else { format!(", {} yet", lacks.join(" and ")) }
        }
        (stage, "") if has("latest-milestone") => format!(", {}, no milestone yet", one_line(stage)),
        (stage, "") => format!(", {}", one_line(stage)),
        ("", milestone) if !has("stage") => format!(", {}", one_line(milestone)),
        (stage, milestone) => format!(", {} in {}", word(stage, "no stage"), one_line(milestone)),
    };
    let owner = if status.sig.is_empty() { String::new() } else { format!(", owned by {}", one_line(&status.sig)) };
    format!("{}{target}{owner}", word(&status.status, "no status"))
}

fn approver(approver: &Approver) -> String {
    let note = match approver.role {
        Role::Approver => "",
        Role::Emeritus => " (emeritus)",
        Role::Unknown => " (not an approver on the target branch)",
        Role::Nobody => return format!("{}: nobody is named yet", approver.stage),
    };
    format!("{}: {}{note}", approver.stage, one_line(approver.handle.as_deref().unwrap_or_default()))
}

/// `2026-02-04 12:00 UTC  Production Readiness Freeze (12 days left)`
fn release_date(status: &KepStatus, it: &ReleaseDate) -> String {
    let name = status.release.map(|release| it.phase.name(release)).unwrap_or_default();
    let countdown = it.countdown.as_ref().map(|countdown| format!(" ({countdown})")).unwrap_or_default();
    match (it.date, it.has_passed) {
        (Some(date), _) => format!("{:20}  {name}{countdown}", date.to_string()),
        (None, Some(true)) => format!("{:20}  {name}", "has passed"),
        (None, _) => format!("{:20}  {name}", "date unknown"),
    }
}

fn questionnaire(status: &KepStatus, questionnaire: &Questionnaire, width: usize) -> Vec<String> {
    let cut = |line: &str| cut_at(line, width.saturating_sub(LABEL));
    let Questionnaire { progress, open } = questionnaire;
    let (answered, questions) = (progress.answered(), progress.questions());
    let is_whole = progress.is_answered_as_whole();
    let how = if is_whole { " as a whole" } else { "" };
    let stage = status.word(progress.stage);
    let mut lines = vec![format!("{answered} of {} due for {stage} answered{how}", count(questions, "question"))];
    if status.is_closed {
        return lines;
    }
    let whole = progress.sections.iter().filter(|section| section.is_answered_as_whole && !is_whole);
    lines.extend(whole.map(|section| cut(&format!("{}: answered as a whole", one_line(&section.title)))));
    let is_long = open.iter().map(|(_, questions)| questions.len()).sum::<usize>() > MAX_QUESTIONS;
    let has_no_answer = |title: &str| progress.sections.iter().any(|it| *it.title == *title && it.answered == 0);
    for (section, questions) in open {
        if is_long && has_no_answer(section) {
            lines.push(cut(&format!("{}: {} open", one_line(section), count(questions.len(), "question"))));
            continue;
        }
        lines.push(cut(&format!("{}:", one_line(section))));
        lines.extend(questions.iter().map(|question| cut(&format!("- {}", one_line(question)))));
    }
    if let Some((stage, sections)) = &progress.next {
        let left: usize =
            sections.iter().map(|section| section.questions - section.answered.min(section.questions)).sum();
        if left > 0 {
            lines.push(format!("{} will be due for {}", count(left, "more question"), status.word(*stage)));
        }
    }
    lines
}

fn named(named: &Named, status: &KepStatus) -> String {
    let name = one_line(&named.name);
    let Some(release) = status.lists else { return name };
    match &named.known {
        Known::Gate(stage, since) => format!("{name}: {} since {since}", stage.word()),
        Known::Defined => format!("{name}: in Kubernetes {release}"),
        Known::DefinedAs(full) => format!("{name}: in Kubernetes {release} as {}", one_line(full)),
        Known::Absent => format!("{name}: not in Kubernetes {release}"),
        Known::Unknown => format!("{name}: not covered by Kubernetes' lists"),
    }
}

/// At most `most` characters, and `…` if there are more.
fn cut_at(line: &str, most: usize) -> String {
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line).trim_end()),
        None => line.to_owned(),
    }
}

/// `To do for beta in v1.36: 1 error, 2 warnings`
fn needs_heading(status: &KepStatus) -> String {
    let target = match (status.target, status.release) {
        (Some(stage), Some(release)) => format!(" for {} in {release}", status.word(stage)),
        (Some(stage), None) => format!(" for {}", status.word(stage)),
        _ => String::new(),
    };
    let left = Left::new(if status.is_closed { 0 } else { status.open_questions() }, &status.needs);
    let questions = (left.questions > 0).then(|| count(left.questions, "open question"));
    let counts: Vec<_> = questions.into_iter().chain(left.findings()).collect();
    match counts.as_slice() {
        [] if !status.next_steps.is_empty() || !status.outdated.is_empty() => format!("To do{target}"),
        [] if status.is_closed => "Nothing is left to do: the KEP is closed".to_owned(),
        [] => format!("Nothing that kepgate checks is missing{target}"),
        counts => format!("To do{target}: {}", counts.join(", ")),
    }
}

fn needs(status: &KepStatus, width: usize) -> String {
    let mut rows = Vec::new();
    let (questions, others): (Vec<_>, Vec<_>) = status.needs.iter().partition(|it| status.lists_question(it));
    let worst = questions.iter().map(|finding| finding.level).min();
    for level in Level::ALL {
        // All questions are one item, at the level of the most severe finding.
        if worst == Some(level) {
            let findings = if questions.len() > 1 { format!("{} × ", questions.len()) } else { String::new() };
            let rule = prr_question_unanswered::RULE.id;
            rows.push((level.word(), format!("answer the open questions above ({findings}{rule})")));
        }
        let others: Vec<_> = others.iter().filter(|finding| finding.level == level).collect();
        let most = if level == Level::Error { others.len() } else { MAX_FINDINGS };
        rows.extend(others.iter().take(most).map(|finding| (level.word(), need(status, finding))));
        if others.len() > most {
            let name = status.number.map(|number| format!(" {number}")).unwrap_or_default();
            rows.push((level.word(), format!("and {} more: `kepgate check{name}` shows them", others.len() - most)));
        }
    }
    let outdated = status.outdated.iter().map(|it| format!("{} ({})", one_line(&it.what), it.lag));
    rows.extend(outdated.map(|what| ("outdated", what)));
    rows.extend(status.next_steps.iter().map(|step| ("next", step.clone())));
    if rows.is_empty() { String::new() } else { columns(&rows, width) }
}

/// What to write, then where and why. A question follows what it is about.
fn need(status: &KepStatus, finding: &ResolvedFinding) -> String {
    let path = finding.place.path.to_string();
    let path = path.strip_prefix(&format!("{}/", status.dir)).unwrap_or(&path);
    let line = finding.place.line().map(|line| format!(":{line}")).unwrap_or_default();
    let message = one_line(&finding.message);
    let why = format!("{}{line}: {message} ({})", one_line(path), finding.rule.id);
    match finding.help.as_deref().map(first_line) {
        Some(help) if help.starts_with("did you mean") => format!("{why}\n{}", one_line(help)),
        Some(help) => format!("{}\n{why}", one_line(help)),
        None => why,
    }
}
