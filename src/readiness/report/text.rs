//! Readiness for a person at a terminal: one screen, then every KEP if they ask for it.

use unicode_width::UnicodeWidthStr as _;

use super::overview::{at_risk, by_sig, is_at_risk, missing};
use super::{has_passed, headline, legend, missed_note, pull_numbers, states_at_freezes, unmerged_heading, when};
use crate::escape::{log_lines, one_line};
use crate::project::Releases;
use crate::readiness::{Candidate, Readiness, State, Verdict};
use crate::release::Phase;
use crate::report::list::wrap;
use crate::text::wording::count as plural;

/// The rows of each table on the first screen.
const MAX_ROWS: usize = 10;

/// The first screen; with `all`, also every KEP. No line of the tables is wider than `width`.
#[must_use]
pub(crate) fn render(readiness: &Readiness, commit: Option<&str>, all: bool, width: usize) -> String {
    let limit = if all { usize::MAX - 1 } else { MAX_ROWS };
    let out = if readiness.is_out { ", which is out," } else { "" };
    let mut text = format!("{}{out} {}\n", readiness.release, when(readiness, commit));
    for &(phase, date, passed) in &readiness.freezes {
        let name = readiness.label(phase);
        let unknown = if readiness.has_dates() { "date unknown" } else { "the project has no freezes" };
        let passed = has_passed(date.is_some(), passed);
        let date = date.map_or_else(|| unknown.to_owned(), |date| date.to_string());
        text.push_str(&format!("  {name}: {date}{passed}\n"));
        if !readiness.keps.is_empty() {
            text.push_str(&format!("{}\n", wrap(&format!("    {}", tally(readiness, phase)), width, "    ")));
        }
    }
    text.push_str(&format!("\n{}\n", headline(readiness)));
    if !readiness.keps.is_empty() && readiness.profile.has_sigs {
        text.push_str(&format!("\n{}", by_sig(readiness, limit).text(Some(width))));
    }
    let risks = readiness.keps.iter().filter(|kep| is_at_risk(kep)).count();
    if risks > 0 {
        text.push_str(&format!("\n{}:\n", missing_heading(readiness, risks)));
        text.push_str(&missing(readiness).text(Some(width)));
        let worst = if risks > limit { ", worst first" } else { "" };
        let heading = format!("{}{worst}{}:", readiness.risk_heading(), missed_first(readiness, risks));
        text.push_str(&format!("\n{}\n", wrap(&heading, width, "")));
        text.push_str(&at_risk(readiness, limit).text(Some(width)));
        if risks > limit {
            text.push_str(&format!("and {} more\n", risks - limit));
        }
        if readiness.is_frozen() {
            let has_exceptions = readiness.profile.releases == Releases::Kubernetes && !readiness.is_out;
            let are_known = readiness.keps.iter().any(|kep| kep.exception.is_some());
            let how = if has_exceptions && !are_known {
                " Add --exceptions FILE to take exceptions into account."
            } else {
                ""
            };
            text.push_str(&format!("\n{}\n", wrap(&format!("{}{how}", missed_note(readiness)), width, "")));
        }
    }
    if all {
        text.push_str(&details(readiness, width));
    }
    text.push_str(&unread(readiness));
    text.push_str(&notes(readiness, all, width));
    log_lines(&text)
}

/// `Missing from the 3 KEPs at risk`
fn missing_heading(readiness: &Readiness, risks: usize) -> String {
    let keps = if risks == 1 { "KEP".to_owned() } else { plural(risks, "KEP") };
    let which = match readiness.is_frozen() {
        true => "that missed the freeze",
        false if readiness.has_dates() => "at risk",
        false if risks == 1 => "that does not meet the criteria",
        false => "that do not meet the criteria",
    };
    format!("Missing from the {keps} {which}")
}

/// ` (2 of 3 missed the Production Readiness Freeze)`, between the two freezes.
fn missed_first(readiness: &Readiness, risks: usize) -> String {
    let (first, release) = (Phase::PrrFreeze, readiness.release);
    let missed = readiness.keps.iter().filter(|kep| is_at_risk(kep) && kep.state(first) == State::NotMet).count();
    if missed == 0 || readiness.is_frozen() || !readiness.has_passed(first) {
        return String::new();
    }
    let who = match missed {
        1 if risks == 1 => "it".to_owned(),
        2 if risks == 2 => "both".to_owned(),
        _ if missed == risks => format!("all {risks}"),
        _ => format!("{missed} of {risks}"),
    };
    format!(" ({who} missed the {})", first.name(release))
}

/// `12 not met, 2 exception, 66 nothing missing (opt-in not checked), 5 of them with unanswered questions`: every KEP
/// once, the worst first, without zeros.
fn tally(readiness: &Readiness, phase: Phase) -> String {
    let of = |state: State| {
        let keps: Vec<_> = readiness.keps.iter().filter(|kep| kep.state(phase) == state).collect();
        let misses_nothing = matches!(state, State::Met | State::Unchecked);
        let open = keps.iter().filter(|kep| misses_nothing && kep.open_questions.is_some()).count();
        let note = if open > 0 { format!(", {open} of them with unanswered questions") } else { String::new() };
        (!keps.is_empty()).then(|| format!("{} {}{note}", keps.len(), readiness.words(phase, state)))
    };
    State::ALL.into_iter().rev().filter_map(of).collect::<Vec<_>>().join(", ")
}

/// Every KEP with what it is missing, by SIG.
fn details(readiness: &Readiness, width: usize) -> String {
    let mut text = String::new();
    for (sig, keps) in readiness.by_sig() {
        if sig.is_empty() {
            text.push_str(&format!("\n{}\n", plural(keps.len(), "KEP")));
        } else {
            text.push_str(&format!("\n{} ({})\n", one_line(sig), plural(keps.len(), "KEP")));
        }
        text.extend(keps.into_iter().map(|kep| entry(readiness, kep, width)));
    }
    text
}

fn unread(readiness: &Readiness) -> String {
    if readiness.unread.is_empty() {
        return String::new();
    }
    let dirs = readiness.unread.iter().map(|dir| format!("  {}\n", one_line(&dir.to_string())));
    format!("\n{} could not be read:\n{}", plural(readiness.unread.len(), "KEP"), dirs.collect::<String>())
}

/// What is not in the list, and how to see more.
fn notes(readiness: &Readiness, all: bool, width: usize) -> String {
    let mut text = format!("\n{}\n", wrap(&legend(readiness), width, ""));
    let unmerged: Vec<_> = readiness.unmerged.iter().flatten().collect();
    text.extend(states_at_freezes(readiness).map(|note| format!("{}\n", wrap(&note, width, ""))));
    text.push_str(&format!("{}\n", unmerged_heading(readiness)));
    for kep in unmerged.iter().take(if all { usize::MAX } else { MAX_ROWS }) {
        let (dir, title) = (one_line(&kep.dir.to_string()), one_line(&kep.title));
        text.push_str(&format!("  {dir}  {title}  {}\n", pull_numbers(&kep.pulls)));
    }
    if !all && unmerged.len() > MAX_ROWS {
        text.push_str(&format!("  and {} more\n", unmerged.len() - MAX_ROWS));
    }
    if !all && !readiness.keps.is_empty() {
        text.push_str("--all shows every KEP, with the reasons and kepgate's remarks\n");
    }
    text
}

/// A KEP, followed by what it is missing. Long lines are wrapped.
fn entry(readiness: &Readiness, kep: &Candidate, width: usize) -> String {
    let number = kep.number.map_or_else(|| "no number".to_owned(), |number| number.to_string());
    let stage = if kep.stage_word.is_empty() { "no stage".to_owned() } else { one_line(&kep.stage_word) };
    let freeze = readiness.words_of(Phase::EnhancementsFreeze, kep);
    let title = one_line(&kep.title);
    let label = format!("  {number:>5}  {stage:10}  ");
    let indent = " ".repeat(label.width());
    let mut entry = format!("{}\n", hanging(&label, &format!("{title}: {freeze}"), width, &indent));
    let mut add = |line: String| {
        let (first, others) = (" ".repeat(9), " ".repeat(11));
        entry.push_str(&format!("{}\n", hanging(&first, &line, width, &others)));
    };
    for (criterion, verdict) in kep.answers() {
        if let Verdict::NotMet(why) = verdict {
            add(format!("{}: {}", criterion.key, one_line(why)));
        }
    }
    if let Some(exception) = &kep.exception {
        let words = format!("exception {} {}", exception.ruling.word(), one_line(&exception.reviewed));
        add(words.trim_end().to_owned());
    }
    for remark in &kep.remarks {
        add(format!("remark: {} ({})", one_line(&remark.what), remark.rule));
    }
    entry
}

/// `text` after `label`, on lines that are not wider than `width`. Lines after the first one begin with `indent`.
fn hanging(label: &str, text: &str, width: usize, indent: &str) -> String {
    let room = width.saturating_sub(indent.width());
    wrap(text, room, "").lines().enumerate().fold(label.to_owned(), |lines, (index, line)| {
        if index == 0 { format!("{lines}{line}") } else { format!("{lines}\n{indent}{line}") }
    })
}
