//! Compares the answers in two versions of a README.

mod moves;
mod wording;

use std::collections::BTreeSet;

pub use wording::Segment;

use super::answers::Answer;
use super::own_text::passages;
use super::readme::Readme;
use super::template::{Outline, Question};
use crate::kep::Stage;
use crate::text::Span;
use moves::Moves;

/// A README, read against an outline.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    /// The README.
    pub readme: &'a Readme,
    /// Its text.
    pub text: &'a str,
}

/// Both versions of a README, read against the same outline.
#[derive(Clone, Copy)]
pub struct Versions<'a> {
    /// The older version.
    pub before: Version<'a>,
    /// The newer version.
    pub after: Version<'a>,
    /// The outline.
    pub outline: &'a Outline,
}

/// What the answers in two versions of a README have to do with a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What was asked.
    pub question: Asked,
    /// What the older version has.
    pub before: Answer,
    /// What the newer version has.
    pub after: Answer,
    /// True if the newer version has one text that answers all questions of the section.
    pub is_answered_as_whole: bool,
    /// The question's heading in the newer version.
    pub heading: Option<Span>,
    /// The number of words that are the author's own in the older version.
    pub words_before: usize,
    /// The differences, in the order of the newer version. Without any, a reader sees the same answer.
    pub changes: Vec<Change>,
}

/// A question, or a section with questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The heading of the section.
    pub section: String,
    /// The question; `None` for the text directly below the heading of the section.
    pub question: Option<String>,
    /// The stage from which an answer is due.
    pub required_from: Option<Stage>,
    /// True if only the template of the older version has the question.
    pub is_former: bool,
}

/// A difference between two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Some words of a passage changed.
    Reworded(Vec<Segment>),
    /// Passages are new; a line each.
    Added(String),
    /// Passages are gone; a line each.
    Removed(String),
    /// A passage came from another place in the README.
    MovedHere(String, Place),
    /// A passage went to another place in the README.
    MovedAway(String, Place),
}

/// Where a passage came from or went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The same answer.
    Here,
    /// Another answer, by its index in the comparisons.
    Answer(usize),
    /// A part of the README without questions.
    Elsewhere,
}

impl Comparison {
    /// True if the text changed, rather than only its place.
    #[must_use]
    pub fn is_altered(&self) -> bool {
        self.changes.iter().any(|change| !change.is_move())
    }

    /// The number of words that were added or removed.
    #[must_use]
    pub fn changed_words(&self) -> usize {
        self.changes.iter().map(Change::changed_words).sum()
    }
}

impl Change {
    const fn is_move(&self) -> bool {
        matches!(self, Self::MovedHere(..) | Self::MovedAway(..))
    }

    fn changed_words(&self) -> usize {
        let count = |text: &str| text.split_whitespace().count();
        match self {
            Self::Added(text) | Self::Removed(text) => count(text),
            Self::Reworded(segments) => segments.iter().filter(|it| !it.is_same()).map(|it| count(it.text())).sum(),
            Self::MovedHere(..) | Self::MovedAway(..) => 0,
        }
    }
}

/// A question of an outline: the index of its section and its own in there, if it is not the section itself.
type Index = (usize, Option<usize>);

/// A question with its answers.
struct Pair {
    asked: Asked,
    before: Part,
    after: Part,
    /// True if the newer version has one text that answers all questions of the section.
    is_answered_as_whole: bool,
}

/// An answer in one version.
struct Part {
    heading: Option<Span>,
    answer: Answer,
    content: Span,
    passages: Vec<String>,
}

impl Versions<'_> {
    /// Compares the answers to the questions of the outline, in its order.
    #[must_use]
    pub fn compare(&self) -> Vec<Comparison> {
        self.finish(&self.pairs(&[self.outline]), &[self.outline])
    }

    /// The same, if the older version answers the questions of another template: `former` has both versions, read
    /// against that one. Questions that only it has come last.
    #[must_use]
    pub fn compare_with_former(&self, former: &Self) -> Vec<Comparison> {
        let templates = [self.outline, former.outline];
        let known: BTreeSet<_> = self.outline.questions().map(|question| question.key.as_str()).collect();
        let mut pairs = self.pairs(&templates);
        let claimed: BTreeSet<_> = pairs.iter().filter_map(|pair| pair.before.heading).collect();
        for index in places(former.outline) {
            let Some(question) = question_at(former.outline, index) else { continue };
            let mut pair = former.pair(index, &templates);
            let is_gone = pair.before.heading.is_some_and(|heading| !claimed.contains(&heading));
            if is_gone && !known.contains(question.key.as_str()) {
                pair.asked.is_former = true;
                pairs.push(pair);
            }
        }
        self.finish(&pairs, &templates)
    }

    fn pairs(&self, templates: &[&Outline]) -> Vec<Pair> {
        places(self.outline).map(|index| self.pair(index, templates)).collect()
    }

    fn pair(&self, index: Index, templates: &[&Outline]) -> Pair {
        let section = self.outline.sections.get(index.0);
        Pair {
            asked: Asked {
                section: section.map(|section| section.title.clone()).unwrap_or_default(),
                question: question_at(self.outline, index).map(|question| question.title.clone()),
                required_from: section.and_then(|section| section.required_from),
                is_former: false,
            },
            before: self.before.part(index, templates),
            after: self.after.part(index, templates),
            is_answered_as_whole: self.after.readme.sections.get(index.0).is_some_and(|it| it.is_answered_as_whole),
        }
    }

    fn finish(&self, pairs: &[Pair], templates: &[&Outline]) -> Vec<Comparison> {
        let hunks: Vec<_> =
            pairs.iter().map(|pair| wording::hunks(&pair.before.passages, &pair.after.passages)).collect();
        let contents = |part: fn(&Pair) -> &Part| pairs.iter().map(|pair| part(pair).content).collect::<Vec<_>>();
        let mut moves = Moves::new(pairs, &hunks);
        if moves.has_open() {
            let before = self.before.elsewhere(contents(|pair| &pair.before), templates);
            let after = self.after.elsewhere(contents(|pair| &pair.after), templates);
            moves.look_elsewhere(before, after);
        }
        let compared = pairs.iter().zip(hunks).enumerate().map(|(at, (pair, hunks))| Comparison {
            question: pair.asked.clone(),
            before: pair.before.answer,
            after: pair.after.answer,
            is_answered_as_whole: pair.is_answered_as_whole,
            heading: pair.after.heading,
            words_before: pair.before.passages.iter().map(|it| it.split_whitespace().count()).sum(),
            changes: hunks.iter().flat_map(|hunk| moves.changes(pair, at, hunk)).collect(),
        });
        compared.collect()
    }
}

impl Version<'_> {
    fn part(&self, (section, question): Index, templates: &[&Outline]) -> Part {
        let absent = || (None, Span::new(0, 0), Answer::Absent);
        let (heading, content, answer) =
            self.readme.sections.get(section).map_or_else(absent, |reply| match question {
                None => (reply.heading, reply.content, reply.text),
                Some(at) => reply.answers.get(at).map_or_else(absent, |it| (it.heading, it.content, it.answer)),
            });
        Part { heading, answer, content, passages: passages(self.text, content, &self.readme.markdown, templates) }
    }

    /// The passages outside of `contents`.
    fn elsewhere(&self, mut contents: Vec<Span>, templates: &[&Outline]) -> Vec<String> {
        contents.retain(|content| content.start < content.end);
        contents.sort();
        let starts = std::iter::once(0).chain(contents.iter().map(|content| content.end));
        let ends = contents.iter().map(|content| content.start).chain([self.text.len()]);
        let gaps = starts.zip(ends).filter(|(start, end)| start < end);
        gaps.flat_map(|(start, end)| passages(self.text, Span::new(start, end), &self.readme.markdown, templates))
            .collect()
    }
}

/// The questions of an outline, each section with questions in it or below it before its own.
fn places(outline: &Outline) -> impl Iterator<Item = Index> {
    let mut asks = vec![false; outline.sections.len()];
    for (at, section) in outline.sections.iter().enumerate().filter(|(_, section)| !section.questions.is_empty()) {
        let parents = std::iter::successors(section.parent, |at| outline.sections.get(*at)?.parent);
        for at in parents.chain([at]) {
            // Everything in a README is below a section of level 2; only what asks is an answer.
            if let Some(asks) = asks.get_mut(at) {
                *asks = true;
            }
        }
    }
    let sections = outline.sections.iter().enumerate().zip(asks).filter(|(_, asks)| *asks);
    sections.flat_map(|((at, section), _)| {
        std::iter::once((at, None)).chain((0..section.questions.len()).map(move |question| (at, Some(question))))
    })
}

fn question_at(outline: &Outline, (section, question): Index) -> Option<&Question> {
    outline.sections.get(section)?.questions.get(question?)
}

#[cfg(test)]
mod tests;
