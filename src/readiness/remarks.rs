//! What kepgate remarks on a KEP beyond the criteria.

use super::criteria::Criterion;
use super::judge::{Judge, sentence, speaks};
use super::{OpenQuestions, Remark, Verdict};
use crate::change::Policy;
use crate::check::resolved::ResolvedFinding;
use crate::check::summary::KepSummary;
use crate::kep::Status;
use crate::rule::{Family, Level};
use crate::rules::{milestone_stage_missing, prr_question_unanswered, stage_behind};

use prr_question_unanswered::RULE as QUESTIONS;

impl Judge<'_> {
    /// What kepgate finds beyond the criteria: errors, what the README and its fields lack, a stage that only a comment
    /// explains, and the release of a removal. The release team does not judge these. Each rule gives one remark, except
    /// for what a criterion that is not met already reports.
    pub(super) fn remarks(&self, record: &KepSummary, verdicts: &[(&'static Criterion, Verdict)]) -> Vec<Remark> {
        let unmet = || verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::NotMet(_)));
        let is_reported =
            |finding: &ResolvedFinding| unmet().any(|(criterion, _)| self.explains(criterion, record, finding));
        let weighs = |finding: &&ResolvedFinding| finding.level <= Level::Warning && !is_reported(finding);
        let findings: Vec<_> = self.findings(record).filter(weighs).collect();
        let is_remark = |finding: &&&ResolvedFinding| {
            let is_of_readme = finding.rule.family == Family::Readme;
            let is_of_target = speaks(&[&stage_behind::RULE, &milestone_stage_missing::RULE], finding.rule);
            finding.level == Level::Error || is_of_readme || is_of_target
        };
        let mut rules: Vec<&'static str> = findings.iter().filter(is_remark).map(|it| it.rule.id).collect();
        rules.sort_unstable();
        rules.dedup();
        let remark = |rule: &'static str| {
            let of_rule = findings.iter().copied().filter(|finding| finding.rule.id == rule);
            let what = sentence(of_rule.filter(|finding| !is_open_question(finding)))?;
            Some(Remark { rule, what })
        };
        // All open questions are one remark, with the count that every command gives.
        let open = self.open_questions(record);
        let questions = open.map(|open| Remark { rule: QUESTIONS.id, what: open.to_string() });
        rules.into_iter().filter_map(remark).chain(questions).collect()
    }

    /// The questions that are due at the stage of the KEP and have no answer, as the rule about them sees it.
    pub(super) fn open_questions(&self, record: &KepSummary) -> Option<OpenQuestions> {
        let found = self.findings(record).any(is_open_question).then(|| OpenQuestions::of(record)).flatten();
        found.or_else(|| self.unanswered_later(record))
    }

    /// The same for a KEP that the rule does not check yet, because it is provisional. The release needs its answers all the same.
    fn unanswered_later(&self, record: &KepSummary) -> Option<OpenQuestions> {
        let Policy { profile, .. } = self.policy();
        let kep = record.metadata.as_ref().filter(|kep| kep.known_status == Some(Status::Provisional))?;
        let is_asked = profile.has_reviews() && profile.dialect.is_gated(self.release) && !kep.is_gated;
        let config = self.checked.config;
        let is_due = is_asked && config.runs(&QUESTIONS) && config.level(&QUESTIONS) <= Level::Warning;
        OpenQuestions::of(record).filter(|_| is_due)
    }
}

/// True if a finding is about questions without an answer.
fn is_open_question(finding: &ResolvedFinding) -> bool {
    finding.rule.id == QUESTIONS.id && prr_question_unanswered::is_about_open_questions(&finding.value)
}
