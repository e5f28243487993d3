//! The words for the state of KEPs before and after a freeze.

use super::{Candidate, Criterion, Readiness, State};
use crate::escape::markdown_code;
use crate::kep::Status;
use crate::project::Releases;
use crate::release::{Deadline, Phase};

impl Readiness {
    /// The words for a state at `freeze`. Only Kubernetes has an opt-in. Whatever lacks something after the freeze has
    /// missed it.
    #[must_use]
    pub(crate) fn words(&self, freeze: Phase, state: State) -> &'static str {
        match (state, self.profile.releases) {
            (State::NotMet, _) if self.has_passed(freeze) => self.missed(freeze),
            (State::Unchecked, Releases::Own | Releases::None) => "nothing missing (pull requests not checked)",
            _ => state.words(),
        }
    }

    /// The words for the state of a KEP at `freeze`. Nobody should read that nothing is missing if answers are.
    #[must_use]
    pub(crate) fn words_of(&self, freeze: Phase, kep: &Candidate) -> String {
        let state = kep.state(freeze);
        let words = self.words(freeze, state);
        match kep.open_questions.filter(|_| !matches!(state, State::NotMet | State::Excepted)) {
            Some(open) => format!("{words}, but {open}"),
            None => words.to_owned(),
        }
    }

    /// The heading of a column with the numbers of KEPs in a state, for all freezes.
    #[must_use]
    pub(crate) fn heading(&self, state: State) -> &'static str {
        let has_passed = |(phase, ..): &(Phase, Option<Deadline>, Option<bool>)| self.has_passed(*phase);
        match state {
            State::NotMet if self.freezes.is_empty() || !self.freezes.iter().any(has_passed) => state.words(),
            State::NotMet if self.freezes.iter().all(has_passed) => "missed",
            State::NotMet => "not met or missed",
            state => self.words(Phase::EnhancementsFreeze, state),
        }
    }

    /// The words for a KEP that lacks something after `freeze` and has no exception.
    #[must_use]
    pub(crate) fn missed(&self, freeze: Phase) -> &'static str {
        let is_deadline = freeze.name(self.release).ends_with("Deadline");
        if is_deadline { "missed the deadline" } else { "missed the freeze" }
    }

    /// True if it is known that `freeze` has passed.
    #[must_use]
    pub(crate) fn has_passed(&self, freeze: Phase) -> bool {
        self.freezes.iter().any(|(phase, _, passed)| *phase == freeze && *passed == Some(true))
    }

    /// True if it is known that the Enhancements Freeze has passed: a KEP that lacks something is out.
    #[must_use]
    pub(crate) fn is_frozen(&self) -> bool {
        self.has_passed(Phase::EnhancementsFreeze)
    }

    /// The heading of the KEPs that lack something. Without a freeze, nothing is at risk.
    #[must_use]
    pub(crate) fn risk_heading(&self) -> &'static str {
        match self.is_frozen() {
            true => "Missed the freeze",
            false if self.has_dates() => "At risk",
            false => "Not met",
        }
    }

    /// The text of a checklist item in Markdown. If a KEP meets the criterion about `status` with another one, it is named.
    #[must_use]
    pub(crate) fn wording(&self, criterion: &Criterion, kep: &Candidate) -> String {
        let usual = self.profile.dialect.status_word(Status::Implementable);
        let is_usual = kep.status.is_empty() || kep.status == usual;
        if criterion.key == "status" && !is_usual && !kep.fails(criterion.key) {
            return format!("`status` is {}", markdown_code(&kep.status));
        }
        criterion.wording(self.release, &self.profile)
    }

    /// The name of a freeze; `Criteria` in a project without freezes.
    #[must_use]
    pub(crate) fn label(&self, freeze: Phase) -> &'static str {
        if self.has_dates() { freeze.name(self.release) } else { "Criteria" }
    }
}
