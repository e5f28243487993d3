//! How far a KEP's questionnaire is: what is answered of what its target stage asks for, and what the next one will.

use crate::change::{Policy, Record};
use crate::kep::{Kep, Stage, stage};
use crate::questionnaire::readme::Reply;
use crate::questionnaire::template::{Outline, Section};

/// How far the questionnaire of a KEP is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The stage that the KEP targets.
    pub stage: Stage,
    /// The sections that must be completed at that stage, in the template's order.
    pub sections: Vec<SectionProgress<'a>>,
    /// The stage after it, and the sections that must be completed then and need not be yet; `None` when it asks for no
    /// more.
    pub next: Option<(Stage, Vec<SectionProgress<'a>>)>,
}

/// How far one section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionProgress<'a> {
    /// The section's heading.
    pub title: &'a str,
    /// How many of its questions have an answer.
    pub answered: usize,
    /// How many questions it has.
    pub questions: usize,
}

impl<'a> Progress<'a> {
    /// The progress of `record`; `None` when its README was not looked at, the policy's template asks nothing, or the
    /// KEP does not target a stage on the way to stable.
    #[must_use]
    pub fn of(record: &Record, policy: &'a Policy) -> Option<Self> {
        let outline = policy.outline.as_ref().filter(|outline| outline.asks())?;
        let replies = &record.proposal.as_ref()?.sections;
        let stage = record.kep().and_then(Kep::target_stage)?;
        let sections = due(outline, replies, |section| section.is_required_at(stage));
        let next = after(stage).map(|next| {
            (next, due(outline, replies, |section| section.is_required_at(next) && !section.is_required_at(stage)))
        });
        let is_maturing = stage.family() == stage::Family::Maturing;
        is_maturing.then_some(Self { stage, sections, next: next.filter(|(_, sections)| !sections.is_empty()) })
    }

    /// How many of the questions that are due have an answer.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.sections.iter().map(|section| section.answered).sum()
    }

    /// How many questions are due.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.sections.iter().map(|section| section.questions).sum()
    }
}

fn due<'a>(outline: &'a Outline, replies: &[Reply], is_due: impl Fn(&Section) -> bool) -> Vec<SectionProgress<'a>> {
    let asked = outline.sections.iter().zip(replies).filter(|(section, _)| !section.questions.is_empty());
    let due = asked.filter(|(section, _)| is_due(section));
    due.map(|(section, reply)| SectionProgress {
        title: &section.title,
        answered: reply.answered(),
        questions: section.questions.len(),
    })
    .collect()
}

fn after(stage: Stage) -> Option<Stage> {
    match stage {
        Stage::Alpha => Some(Stage::Beta),
        Stage::Beta => Some(Stage::Stable),
        _ => None,
    }
}
