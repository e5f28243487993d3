//! The status as GitHub Markdown, for a comment or a job summary. Names and values from the KEP are in code spans, and other
//! text from it is escaped.

use super::{KepStatus, Questionnaire, Role, first_line};
use crate::check::resolved::ResolvedFinding;
use crate::escape::{markdown_cell, markdown_code, markdown_sentence};
use crate::kep::Stage;
use crate::kubernetes::Known;
use crate::rule::Level;

/// The page.
pub(crate) fn render(status: &KepStatus) -> String {
    let number = status.number.map_or_else(|| "KEP".to_owned(), |number| format!("KEP-{number}"));
    let title = if status.title.is_empty() { String::new() } else { format!(" {}", markdown_sentence(&status.title)) };
    let mut page = format!("### {number}{title}\n\n| | |\n|---|---|\n");
    for (label, text) in facts(status) {
        page.push_str(&format!("| {label} | {text} |\n"));
    }
    page.push('\n');
    if status.needs.is_empty() && status.next_steps.is_empty() && status.outdated.is_empty() {
        page.push_str("Nothing that kepgate checks is missing.\n");
    }
    let others = status.needs.iter().filter(|finding| !status.lists_question(finding));
    page.extend(others.map(|finding| need(status, finding)));
    let outdated = status.outdated.iter().map(|it| (markdown_sentence(&it.what), it.lag));
    page.extend(outdated.map(|(what, lag)| format!("- outdated: {what} ({lag})\n")));
    page.extend(status.next_steps.iter().map(|step| format!("- next: {step}\n")));
    if let Some(questionnaire) = status.questionnaire.as_ref().filter(|it| !it.open.is_empty()) {
        page.push_str(&open_questions(status, questionnaire));
    }
    if let Some(why) = &status.not_compared {
        page.push_str(&format!(
            "\nNot compared: {}, so findings about a change are missing.\n",
            markdown_sentence(why)
        ));
    }
    page
}

fn facts(status: &KepStatus) -> Vec<(&'static str, String)> {
    let code = |text: &str| if text.is_empty() { "none".to_owned() } else { markdown_cell(&markdown_code(text)) };
    let mut facts = vec![
        ("Directory", code(&status.dir.to_string())),
        ("SIG", if status.sig.is_empty() { String::new() } else { code(&status.sig) }),
        ("Status", code(&status.status)),
        ("Stage", code(&status.stage)),
        ("Latest milestone", code(&status.latest_milestone)),
    ];
    let word = |stage| match status.word(stage) {
        word if Stage::parse(&word).is_some() => word,
        own => code(&own),
    };
    let milestones = status.milestones.iter().map(|(stage, release)| format!("{} {}", word(*stage), code(release)));
    facts.push(("Milestones", milestones.collect::<Vec<_>>().join(", ")));
    let dates = status.dates.iter().filter_map(|it| {
        let countdown = it.countdown.as_ref().map(|countdown| format!(" ({countdown})")).unwrap_or_default();
        Some(format!("{}: {}{countdown}", it.phase.name(status.release?), it.date?))
    });
    facts.push(("Dates", dates.collect::<Vec<_>>().join(", ")));
    let approvers = status.approvers.iter().flatten().map(|it| {
        let handle = it.handle.as_deref().map_or_else(|| "nobody".to_owned(), code);
        let note = match it.role {
            Role::Approver | Role::Nobody => "",
            Role::Emeritus => " (emeritus)",
            Role::Unknown => " (not an approver)",
        };
        format!("{} {handle}{note}", it.stage)
    });
    facts.push(("PRR approvers", approvers.collect::<Vec<_>>().join(", ")));
    let questionnaire = status.questionnaire.as_ref().map(|it| &it.progress);
    let answers = questionnaire.map(|it| {
        let how = if it.is_answered_as_whole() { ", answered as a whole" } else { "" };
        format!("{} of {} for {}{how}", it.answered(), it.questions(), word(it.stage))
    });
    facts.push(("Questionnaire", answers.unwrap_or_default()));
    for (label, names) in [("Feature gates", &status.feature_gates), ("Metrics", &status.metrics)] {
        let names = names.iter().map(|named| {
            let note = match &named.known {
                Known::Unknown => String::new(),
                Known::Gate(stage, since) => format!(" ({} since {since})", stage.word()),
                Known::Defined => " (in Kubernetes)".to_owned(),
                Known::DefinedAs(full) => format!(" (in Kubernetes as {})", code(full)),
                Known::Absent => " (not in Kubernetes)".to_owned(),
            };
            format!("{}{note}", code(&named.name))
        });
        facts.push((label, names.collect::<Vec<_>>().join(", ")));
    }
    facts.retain(|(_, text)| !text.is_empty());
    facts
}

fn need(status: &KepStatus, finding: &ResolvedFinding) -> String {
    let icon = match finding.level {
        Level::Error => "❌",
        Level::Warning => "⚠️",
        Level::Notice => "ℹ️",
    };
    let path = finding.place.path.to_string();
    let path = path.strip_prefix(&format!("{}/", status.dir)).unwrap_or(&path);
    let place = finding.place.line().map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"));
    let help = finding.help.as_deref().map(first_line);
    let help = help.map(|help| format!("\n  {}", markdown_sentence(help))).unwrap_or_default();
    format!(
        "- {icon} {} {} · `{}`{help}\n",
        markdown_code(&place),
        markdown_sentence(&finding.message),
        finding.rule.id
    )
}

/// A task list of the questions without an answer.
fn open_questions(status: &KepStatus, questionnaire: &Questionnaire) -> String {
    let stage = markdown_sentence(&status.word(questionnaire.progress.stage));
    let mut list = format!("\nQuestions that need an answer for {stage}:\n");
    for (section, questions) in &questionnaire.open {
        list.push_str(&format!("\n{}\n\n", markdown_sentence(section)));
        list.extend(questions.iter().map(|question| format!("- [ ] {}\n", markdown_sentence(question))));
    }
    list
}
