//! A checklist that the release team can post on a KEP's tracking issue.

use crate::escape::markdown_sentence;
use crate::readiness::{Candidate, Criterion, FREEZES, Readiness, Verdict};
use crate::release::Phase;

/// Returns the comment as Markdown with a list for each freeze. Untrusted text is escaped, and nobody is mentioned.
pub(super) fn checklist(readiness: &Readiness, kep: &Candidate) -> String {
    let release = readiness.release;
    let mut text = String::new();
    let mut earlier = None;
    for &(phase, date, _) in &readiness.freezes {
        let name =
            if readiness.has_dates() { format!("{release} {}", phase.name(release)) } else { release.to_string() };
        let until = date.map(|date| format!(" ({date})")).unwrap_or_default();
        text.push_str(&format!("**{name}**{until}: {}\n\n", words(readiness, kep, phase)));
        let is_new =
            |criterion: &Criterion| criterion.freeze <= phase && earlier.is_none_or(|it| criterion.freeze > it);
        for (criterion, verdict) in kep.answers().filter(|(criterion, _)| is_new(criterion)) {
            let open = kep.open_questions_of(criterion);
            let mark = if *verdict == Verdict::Met && open.is_none() { 'x' } else { ' ' };
            let wording = readiness.wording(criterion, kep);
            let why = match verdict {
                Verdict::Met => open.map(|open| format!(", but {open}")).unwrap_or_default(),
                Verdict::NotMet(why) => format!(": {}", markdown_sentence(why)),
                Verdict::Unknown(_) => " (not checked)".to_owned(),
            };
            text.push_str(&format!("- [{mark}] {wording}{why}\n"));
        }
        earlier = Some(phase);
        if phase == Phase::EnhancementsFreeze && readiness.has_reviews() {
            // A name in a file does not say that the review has taken place.
            text.push_str("- [ ] The production readiness review is complete (not checked)\n");
        }
        text.push('\n');
    }
    if !kep.remarks.is_empty() {
        text.push_str("Advice from kepgate:\n\n");
        text.extend(kep.remarks.iter().map(|remark| format!("- {}\n", markdown_sentence(&remark.what))));
        text.push('\n');
    }
    text.push_str(&format!("As of {}.\n", readiness.now.strftime("%Y-%m-%d %H:%M UTC")));
    text
}

/// Describes the state of the KEP.
fn words(readiness: &Readiness, kep: &Candidate, phase: Phase) -> String {
    use crate::readiness::State;
    debug_assert!(FREEZES.contains(&phase), "a release is not a freeze");
    let words = match kep.state(phase) {
        State::Met if kep.open_questions.is_none() => "complete",
        State::Met | State::Unchecked => return readiness.words_of(phase, kep),
        State::Unknown => "nothing known to be missing",
        State::Excepted => "incomplete, but an exception is approved",
        State::NotMet if readiness.has_passed(phase) => "incomplete, so it needs an exception",
        State::NotMet => "incomplete",
    };
    words.to_owned()
}
