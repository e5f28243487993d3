//! What changed in a KEP since its production readiness was approved: the answers of the questionnaire, the fields that
//! go with them, and who approved which stage.

mod approvals;
mod fields;
mod json;
mod markdown;
mod passages;
mod read;
mod template;
mod text;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kep::{KepNumber, Stage};
use crate::questionnaire::comparison::Comparison;
use crate::text::RepoPath;
use crate::text::wording::count as plural;

pub(crate) use approvals::{
    Approval, Approvals, Malformed, Recorded, add_blame, add_commits, compare_with_target, named,
};
pub(crate) use fields::FieldChange;
#[cfg(test)]
pub(crate) use json::Document;
pub(crate) use json::render as json;
pub(crate) use markdown::render as markdown;
pub(crate) use passages::{Kind, moved, shortened};
pub(crate) use read::{KepVersion, Question, directory, no_match};
pub(crate) use template::{Template, TemplateChange};
pub(crate) use text::render as text;

/// The review of a KEP. Texts are as written, and untrusted.
#[derive(Debug)]
pub(crate) struct Review {
    pub(crate) number: Option<KepNumber>,
    /// Its directory now.
    pub(crate) dir: RepoPath,
    pub(crate) title: String,
    /// Its target stage now.
    pub(crate) stage: Option<Stage>,
    /// The older version.
    pub(crate) since: Point,
    /// The newer version.
    pub(crate) until: Point,
    /// True if the KEP did not exist in the older version.
    pub(crate) is_new: bool,
    /// The approvers, by stage.
    pub(crate) approvals: Vec<Approval>,
    /// The commits whose version of the production-readiness file is malformed.
    pub(crate) malformed_approvals: Vec<Malformed>,
    /// The fields that changed.
    pub(crate) fields: Vec<FieldChange>,
    /// How the template changed.
    pub(crate) template: TemplateChange,
    /// The questions that have an answer in either version, and those that are due.
    pub(crate) answers: Vec<Comparison>,
    pub(crate) not_compared: NotCompared,
}

/// Why something was not compared, so that nothing of it is shown.
#[derive(Debug, Default)]
pub(crate) struct NotCompared {
    pub(crate) answers: Option<String>,
    pub(crate) fields: Option<String>,
}

/// A version of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    /// The commit; `None` for the work tree.
    pub(crate) commit: Option<String>,
    /// Its time.
    pub(crate) time: Option<Timestamp>,
    /// What it is, in words.
    pub(crate) what: String,
}

/// What happened to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A reader sees the same answer.
    Unchanged,
    /// There was and is none.
    Open,
    /// Parts of it moved, but no words changed.
    Moved,
    /// It changed.
    Changed,
    /// There was none before.
    New,
    /// There is none any more.
    Gone,
}

impl State {
    /// The state of the answer.
    pub(crate) fn of(comparison: &Comparison) -> Self {
        match (comparison.before.is_given(), comparison.after.is_given()) {
            (false, false) => Self::Open,
            _ if comparison.changes.is_empty() => Self::Unchanged,
            _ if !comparison.is_altered() => Self::Moved,
            (true, true) => Self::Changed,
            (false, true) => Self::New,
            (true, false) => Self::Gone,
        }
    }

    /// The word in JSON.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Open => "open",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }

    /// True if a reviewer has something to read.
    pub(crate) const fn is_shown(self) -> bool {
        !matches!(self, Self::Unchanged | Self::Open)
    }
}

impl Review {
    /// The answers with something to read, each with its index.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (State, &Comparison)> {
        self.answers.iter().map(|it| (State::of(it), it)).filter(|(state, _)| state.is_shown())
    }

    /// The questions that are due and have no answer.
    pub(crate) fn open(&self) -> impl Iterator<Item = &str> {
        let open = self.answers.iter().filter(|it| State::of(it) == State::Open && self.is_due(it));
        let open = open.filter(|it| !it.is_answered_as_whole);
        open.filter_map(|it| it.question.question.as_deref())
    }

    /// True if the answer is due at the stage of the KEP.
    fn is_due(&self, comparison: &Comparison) -> bool {
        let from = comparison.question.required_from;
        from.zip(self.stage).is_some_and(|(from, stage)| from == stage || from.is_before(stage))
    }

    /// What is known about the answers; empty if there are none.
    pub(crate) fn outcome(&self) -> String {
        match &self.not_compared.answers {
            Some(why) => format!("not compared: {why}"),
            None if self.is_new => "all new, because the KEP is new".to_owned(),
            None => self.summary(),
        }
    }

    /// Where an approver is named, if the commit is unknown: `named in pull request #7`.
    pub(crate) fn where_named(&self, approval: &Approval) -> Option<String> {
        let is_proposed = approval.is_proposed?;
        Some(if is_proposed {
            format!("named in {}", self.until.what)
        } else {
            "named on the target branch".to_owned()
        })
    }

    /// Says that nothing changed, if there is nothing else to say.
    pub(crate) fn nothing(&self) -> Option<&'static str> {
        let NotCompared { answers, fields } = &self.not_compared;
        let is_compared = answers.is_none() && fields.is_none();
        let is_empty = self.fields.is_empty() && self.template.is_empty() && self.outcome().is_empty();
        (is_compared && is_empty).then_some("none in the fields that reviewers look at")
    }

    /// What is wrong with the history of the approvals. All of the text is kepgate's own.
    pub(crate) fn history(&self) -> Vec<String> {
        let mut kinds = BTreeMap::<_, Vec<_>>::new();
        for Malformed { commit, other } in &self.malformed_approvals {
            kinds.entry(other).or_default().push(commit);
        }
        let lines = kinds.into_iter().map(|(other, commits)| {
            let fault = match other {
                Some(other) => format!("has the wrong `kep-number`, {}", other.get()),
                None => "is malformed".to_owned(),
            };
            let counts = |it: &Approval| it.recorded.is_some_and(|recorded| commits.contains(&&recorded.commit));
            let effect = match (self.approvals.iter().any(counts), other) {
                (true, Some(_)) => "check that these approvals belong to this KEP",
                (true, None) => "check these approvals",
                (false, _) => "the approvals before it count",
            };
            let shown = match commits.as_slice() {
                [first, second] => format!("{} and {}", first.short(), second.short()),
                [first, rest @ ..] if !rest.is_empty() => {
                    format!("{} and {}", first.short(), plural(rest.len(), "other commit"))
                }
                commits => commits.iter().map(|commit| commit.short()).collect(),
            };
            format!("the PRR file in {shown} {fault}; {effect}")
        });
        lines.collect()
    }

    /// `3 changed, 1 new, 28 unchanged`
    fn summary(&self) -> String {
        const STATES: [(State, &str); 6] = [
            (State::Changed, "changed"),
            (State::New, "new"),
            (State::Gone, "gone"),
            (State::Moved, "moved"),
            (State::Unchanged, "unchanged"),
            (State::Open, "without an answer"),
        ];
        // A question that is not due needs no answer.
        let counts =
            |it: &&Comparison| it.question.question.is_some() && (State::of(it) != State::Open || self.is_due(it));
        let (whole, single): (Vec<_>, Vec<_>) =
            self.answers.iter().filter(counts).partition(|it| State::of(it) == State::Open && it.is_answered_as_whole);
        let count = |state| single.iter().filter(|it| State::of(it) == state).count();
        let counts = STATES.into_iter().map(|(state, word)| (count(state), word));
        let counts = counts.chain([(whole.len(), "answered as a whole")]).filter(|(number, _)| *number > 0);
        let counts = counts.map(|(number, word)| format!("{number} {word}"));
        let texts = self.shown().filter(|(_, it)| it.question.question.is_none()).count();
        let texts = (texts > 0).then(|| format!("and the text of {}", plural(texts, "section")));
        counts.chain(texts).collect::<Vec<_>>().join(", ")
    }
}

/// The question, or what stands for it.
pub(crate) fn title(comparison: &Comparison) -> &str {
    comparison.question.question.as_deref().unwrap_or("text in the section")
}

/// Which template has a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Both, if both are known.
    Both,
    /// Only the newer one.
    New,
    /// Only the older one.
    Former,
}

impl Review {
    /// Which template has the question.
    fn origin(&self, comparison: &Comparison) -> Origin {
        let is_new = |question| self.template.new_questions.contains(question);
        match &comparison.question.question {
            _ if comparison.question.is_former => Origin::Former,
            Some(question) if is_new(question) => Origin::New,
            _ => Origin::Both,
        }
    }
}

/// `12 words changed, of 80 before`
pub(crate) fn describe(review: &Review, state: State, comparison: &Comparison) -> String {
    let origin = match review.origin(comparison) {
        Origin::Both => "",
        Origin::New => "; the question is new in the template",
        Origin::Former => "; the template no longer has the question",
    };
    let state = match state {
        State::Changed => {
            let (changed, before) = (comparison.changed_words(), comparison.words_before);
            format!("{} changed, of {before} before", plural(changed, "word"))
        }
        State::New => "new answer".to_owned(),
        State::Gone => "answer removed".to_owned(),
        State::Moved => "moved".to_owned(),
        State::Unchanged => "unchanged".to_owned(),
        State::Open => "no answer".to_owned(),
    };
    format!("{state}{origin}")
}
