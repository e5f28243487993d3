//! The progress of a KEP's questionnaire: the answers that are due at its target stage, and the next ones.

use std::sync::Arc;

use super::readme::{Readme, Reply};
use super::template::{Outline, Section};
use crate::kep::{Stage, stage};

/// How far the questionnaire of a KEP is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The stage that the KEP targets.
    pub stage: Stage,
    /// The sections that must be completed at that stage, in the template's order.
    pub sections: Vec<SectionProgress>,
    /// The stage after it, and the sections that are due then but not yet; `None` if there are
    /// none.
    pub next: Option<(Stage, Vec<SectionProgress>)>,
}

/// How far one section is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionProgress {
    /// The section's heading.
    pub title: Arc<str>,
    /// How many of its questions have an answer.
    pub answered: usize,
    /// How many questions it has.
    pub questions: usize,
    /// True if one text answers all of them.
    pub is_answered_as_whole: bool,
}

impl Progress {
    /// The progress of a KEP that targets `stage`; `None` if the policy's template asks nothing, or the stage is not on
    /// the way to stable.
    #[must_use]
    pub fn new(readme: &Readme, outline: &Outline, stage: Stage) -> Option<Self> {
        let outline = Some(outline).filter(|outline| outline.has_due_stages())?;
        let replies = &readme.sections;
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

    /// True if one text answers every question that is due.
    #[must_use]
    pub fn is_answered_as_whole(&self) -> bool {
        !self.sections.is_empty() && self.sections.iter().all(|section| section.is_answered_as_whole)
    }

    /// How many questions are due.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.sections.iter().map(|section| section.questions).sum()
    }
}

fn due(outline: &Outline, replies: &[Reply], is_due: impl Fn(&Section) -> bool) -> Vec<SectionProgress> {
    let asked = outline.sections.iter().zip(replies).filter(|(section, _)| !section.questions.is_empty());
    let due = asked.filter(|(section, _)| is_due(section));
    due.map(|(section, reply)| SectionProgress {
        title: Arc::clone(&section.title),
        answered: if reply.is_answered_as_whole { section.questions.len() } else { reply.answered() },
        questions: section.questions.len(),
        is_answered_as_whole: reply.is_answered_as_whole,
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
