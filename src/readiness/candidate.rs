//! A KEP that wants to be in a release, with what is known about it.

use std::fmt;

use super::criteria::Criterion;
use super::verdict::{State, Verdict};
use crate::check::summary::KepSummary;
use crate::kep::{KepNumber, Milestone, Stage};
use crate::release::{Exception, Phase, Ruling};
use crate::text::RepoPath;
use crate::text::wording::count;

/// Something that kepgate finds and the release team does not judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The id of the rule.
    pub(crate) rule: &'static str,
    /// The first message, with the number of others. Untrusted text in it is in backticks.
    pub(crate) what: String,
}

/// A KEP that wants to be in the release.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Its directory's number.
    pub(crate) number: Option<KepNumber>,
    /// Its directory; `None` for an exception whose KEP does not exist.
    pub(crate) dir: Option<RepoPath>,
    /// Its title, as written.
    pub(crate) title: String,
    /// The owning SIG: `owning-sig`, or else the SIG of its directory.
    pub(crate) sig: String,
    /// Its status, as written.
    pub(crate) status: String,
    /// The stage that it targets, when it is a known one.
    pub(crate) stage: Option<Stage>,
    /// The release that reaches that stage according to `milestone`, if it is one.
    pub(crate) stage_release: Option<Milestone>,
    /// The project's word for that stage; empty if there is none.
    pub(crate) stage_word: String,
    /// The production-readiness approver of that stage: a handle with its `@`, or else as written; empty if none is
    /// named.
    pub(crate) approver: String,
    /// Its exception from the Enhancements Freeze, whatever became of it.
    pub(crate) exception: Option<Exception>,
    /// The criteria that apply to the project, in order, with the verdicts. They alone decide.
    pub(crate) verdicts: Vec<(&'static Criterion, Verdict)>,
    /// kepgate's own remarks, which decide nothing.
    pub(crate) remarks: Vec<Remark>,
    /// The questions of its README without an answer, if there are any.
    pub(crate) open_questions: Option<OpenQuestions>,
}

/// The questions that are due at a KEP's stage, but have no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenQuestions {
    /// Their number, which is not 0.
    pub(crate) open: usize,
    /// The number of questions that are due.
    pub(crate) due: usize,
}

impl OpenQuestions {
    /// Those that the questionnaire of a KEP has.
    pub(super) fn of(record: &KepSummary) -> Option<Self> {
        let progress = record.questionnaire.as_ref()?;
        let open = progress.questions().saturating_sub(progress.answered());
        (open > 0).then(|| Self { open, due: progress.questions() })
    }
}

/// `3 of 24 questions have no answer`
impl fmt::Display for OpenQuestions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let have = if self.open == 1 { "has" } else { "have" };
        write!(formatter, "{} of {} {have} no answer", self.open, count(self.due, "question"))
    }
}

impl Candidate {
    /// True if the release team has approved an exception from `freeze`.
    #[must_use]
    pub(crate) fn is_excepted(&self, freeze: Phase) -> bool {
        let covers = |exception: &Exception| exception.ruling == Ruling::Approved && exception.freeze >= freeze;
        self.exception.as_ref().is_some_and(covers)
    }

    /// Its state for `freeze`. The second freeze includes all criteria of the first one.
    #[must_use]
    pub(crate) fn state(&self, freeze: Phase) -> State {
        let asked = || self.answers().filter(|(criterion, _)| criterion.freeze <= freeze);
        if asked().any(|(_, verdict)| matches!(verdict, Verdict::NotMet(_))) {
            return if self.is_excepted(freeze) { State::Excepted } else { State::NotMet };
        }
        let unknown: Vec<_> = asked().filter(|(_, verdict)| matches!(verdict, Verdict::Unknown(_))).collect();
        if unknown.is_empty() {
            State::Met
        } else if unknown.iter().all(|(criterion, _)| criterion.needs_api()) {
            State::Unchecked
        } else {
            State::Unknown
        }
    }

    /// The questions without an answer, if the criterion is about the questionnaire. It is met by the headings of the
    /// questionnaire, but nobody should tick it off.
    #[must_use]
    pub(crate) fn open_questions_of(&self, criterion: &Criterion) -> Option<OpenQuestions> {
        self.open_questions.filter(|_| criterion.key == "readme")
    }

    /// The stage that it targets, unless its metadata contradicts it.
    #[must_use]
    pub(crate) fn clear_stage(&self) -> Option<Stage> {
        self.stage.filter(|_| !self.fails("stage"))
    }

    /// True if it does not meet the criterion with this key.
    #[must_use]
    pub(crate) fn fails(&self, key: &str) -> bool {
        self.answers().any(|(criterion, verdict)| criterion.key == key && matches!(verdict, Verdict::NotMet(_)))
    }

    /// The criteria with their verdicts.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (&'static Criterion, &Verdict)> {
        self.verdicts.iter().map(|(criterion, verdict)| (*criterion, verdict))
    }
}
