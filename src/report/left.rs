//! What is left to do for a KEP. `kepgate status`, `new` and `promote` count it here, so that their numbers agree.

use super::tally;
use crate::check::resolved::ResolvedFinding;
use crate::check::result::Counts;
use crate::rules::prr_question_unanswered;

/// Open questions and findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// The number of questions that are due and have no answer.
    pub(crate) questions: usize,
    /// The findings, except those about these questions.
    findings: Counts,
}

impl Left {
    /// Counts what is left for a KEP with so many open questions and these findings.
    pub(crate) fn new<'a>(questions: usize, findings: impl IntoIterator<Item = &'a ResolvedFinding>) -> Self {
        let others = findings.into_iter().filter(|finding| !(questions > 0 && is_about_open_questions(finding)));
        Self { questions, findings: Counts::of_levels(others.map(|finding| finding.level)) }
    }

    /// The findings in words, such as `1 error, 2 notices`, if there are any.
    pub(crate) fn findings(self) -> Option<String> {
        (self.findings != Counts::default()).then(|| tally(self.findings))
    }
}

/// True if the finding only repeats that questions are open.
pub(crate) fn is_about_open_questions(finding: &ResolvedFinding) -> bool {
    finding.rule.id == prr_question_unanswered::RULE.id
        && prr_question_unanswered::is_about_open_questions(&finding.value)
}
