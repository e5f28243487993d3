//! A checklist that the release team can post on a KEP's tracking issue.

use crate::escape::markdown_sentence;
use crate::readiness::{Candidate, FREEZES, Readiness, Verdict};
use crate::release::Phase;

/// The comment as Markdown in which nothing of a stranger lives and nobody is mentioned: a list for each freeze.
pub(super) fn checklist(readiness: &Readiness, kep: &Candidate) -> String {
    let release = readiness.release;
    let mut text = String::new();
    for (phase, date, _) in readiness.freezes {
        let until = date.map(|date| format!(" ({date})")).unwrap_or_default();
        text.push_str(&format!("**{release} {}**{until}: {}\n\n", phase.name(release), words(kep, phase)));
        for (criterion, verdict) in kep.answers().filter(|(criterion, _)| criterion.freeze == phase) {
            let mark = if *verdict == Verdict::Met { 'x' } else { ' ' };
            let wording = criterion.wording(release);
            let why = match verdict {
                Verdict::Met => String::new(),
                Verdict::NotMet(why) => format!(": {}", markdown_sentence(why)),
                Verdict::Unknown(_) => " (please see for yourself)".to_owned(),
            };
            text.push_str(&format!("- [{mark}] {wording}{why}\n"));
        }
        text.push('\n');
    }
    text.push_str(&format!("As of {}.\n", readiness.now.strftime("%Y-%m-%d %H:%M UTC")));
    text
}

/// Where the KEP stands, in a few words.
fn words(kep: &Candidate, phase: Phase) -> &'static str {
    use crate::readiness::State;
    debug_assert!(FREEZES.contains(&phase), "a release is no freeze");
    match kep.state(phase) {
        State::Met => "all is there",
        State::Unknown => "nothing is missing as far as the repository tells",
        State::Excepted => "something is missing, and an exception is approved",
        State::NotMet => "something is missing",
    }
}
