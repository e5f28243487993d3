//! README.md: a KEP's proposal, held against the outline of the policy side's template.
//!
//! Sections and questions are found by their headings: by their words, or else by the nearest heading that is none of
//! the template's, for old KEPs answer older wordings. KEPs from before the questions were headings have them in bold
//! at the beginning of a paragraph or of a list's entry.

use std::collections::BTreeSet;
use std::sync::OnceLock;

pub use super::answers::Answer;

use super::extents::{Extents, Index, extents};
use super::matching::{DIVIDING_LEVEL, Found, LEAD, Mark, marks, matched};
use super::names;
use super::template::{AnsweredField, Outline, Question, Section, contains_offset};
use crate::syntax::markdown;
use crate::syntax::markdown::{Markdown, without};
use crate::syntax::toc;
use crate::text::words::words;
use crate::text::{FileId, Span, Spanned};

/// How many unresolved places are worth naming.
const MAX_UNRESOLVED: usize = 100;

/// A proposal.
#[derive(Debug, Clone)]
pub struct Readme {
    /// The file it was read from.
    pub file: FileId,
    /// The parts of the text.
    pub markdown: Markdown,
    /// The outline's sections, in the same order; empty without an outline.
    pub sections: Vec<Reply>,
    /// The feature gates that the answers name.
    pub gates: Vec<Spanned<String>>,
    /// The metrics that the answers name.
    pub metrics: Vec<Spanned<String>>,
    /// Where the answer about how to enable the feature names something other than a feature gate: `Other` is ticked,
    /// or the answer is in prose and has no gate.
    pub enabled_otherwise: Option<Span>,
    /// Comments of the template.
    pub template_comments: Vec<Span>,
    /// Lines of the template that are there to be replaced.
    pub template_lines: Vec<Span>,
    /// The locations of `<<[UNRESOLVED` outside of comments.
    pub unresolved: Vec<Span>,
    /// See [`Self::extent`].
    extents: OnceLock<Extents>,
    /// See [`Self::toc`].
    toc: OnceLock<Vec<toc::Entry>>,
}

/// The part of a README for one of the outline's sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The section's heading; `None` if it is absent.
    pub heading: Option<Span>,
    /// The text directly below the heading, which some authors write instead of answers to each question.
    pub text: Answer,
    /// Where that text is; empty if the section is absent.
    pub content: Span,
    /// Its questions, in the outline's order.
    pub answers: Vec<Answered>,
    /// True if text answers all of its questions at once: the text below its heading or, if the README does not have the
    /// section, that below the heading of the questionnaire.
    pub is_answered_as_whole: bool,
    /// True if the text below the heading is long enough to answer several questions.
    is_explained: bool,
}

/// The fewest words that answer several questions at once, such as `N/A: this is a policy`.
const MIN_EXPLANATION: usize = 5;

/// The part of a README for one of the outline's questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The question's heading; `None` if it is absent.
    pub heading: Option<Span>,
    /// The text below it; empty if it is absent.
    pub content: Span,
    /// What the text below it says.
    pub answer: Answer,
}

impl Readme {
    /// The entries that the table of contents of its text should have, computed once for both sides of a change.
    pub fn toc(&self, text: &str, table: Span) -> &[toc::Entry] {
        self.toc.get_or_init(|| toc::entries(text, table.end))
    }

    /// The part for the question whose answer also goes into `field` of `kep.yaml`.
    #[must_use]
    pub fn answer_to(&self, field: AnsweredField, outline: &Outline) -> Option<&Answered> {
        self.answer_at(outline.question_of(field)?)
    }

    /// The part for a question of the outline, by the index of its section and its own in there.
    #[must_use]
    pub fn answer_at(&self, (section, question): (usize, usize)) -> Option<&Answered> {
        self.sections.get(section)?.answers.get(question)
    }

    /// All text that belongs to a question or section, including what is below an author's own headings and below copies
    /// of its heading, and footnotes. [`Answered::content`] is the part that counts as the answer. Only comparisons need
    /// it, so it is found when first asked for, from the text and the outline that the README was read with.
    pub(super) fn extent(&self, index: Index, text: &str, outline: &Outline) -> &[Span] {
        let extents = self.extents.get_or_init(|| {
            let marks = marks(text, &self.markdown, outline);
            extents(text, (&marks, &matched(&marks, outline)), (outline, &self.markdown))
        });
        extents.get(&index).map_or(&[], Vec::as_slice)
    }

    /// `content` with a space for each comment.
    #[must_use]
    pub fn without_comments(&self, text: &str, content: Span) -> String {
        let comments = self.markdown.comments.iter().copied().filter(|comment| comment.end > content.start);
        without(text, content, comments.take_while(|comment| comment.start < content.end)).into_owned()
    }
}

impl Reply {
    /// How many of its questions have an answer of their own.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answers.iter().filter(|answered| answered.answer.is_given()).count()
    }

    /// True if the README has neither the section nor any of its questions.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.heading.is_none() && self.answers.iter().all(|it| it.answer == Answer::Absent)
    }

    /// True if a question of it has no answer, neither its own nor one for the whole section.
    #[must_use]
    pub fn leaves_open(&self, answered: &Answered) -> bool {
        !self.is_answered_as_whole && !answered.answer.is_given()
    }
}

impl Readme {
    /// Holds the text against `outline`.
    #[must_use]
    pub fn read(file: FileId, text: &str, outline: Option<&Outline>) -> Self {
        let mut readme = Self {
            file,
            markdown: markdown::read(text),
            sections: Vec::new(),
            gates: Vec::new(),
            metrics: Vec::new(),
            enabled_otherwise: None,
            template_comments: Vec::new(),
            template_lines: Vec::new(),
            unresolved: Vec::new(),
            extents: OnceLock::new(),
            toc: OnceLock::new(),
        };
        readme.unresolved = readme.find_unresolved(text);
        if let Some(outline) = outline {
            readme.find_template_text(text, outline);
            let marks = marks(text, &readme.markdown, outline);
            let found = matched(&marks, outline);
            readme.fill_in(text, outline, &marks, &found);
        }
        readme
    }

    fn fill_in(&mut self, text: &str, outline: &Outline, marks: &[Mark], found: &Found) {
        let bounds: BTreeSet<_> = found.sections.iter().chain(&found.questions).flatten().copied().collect();
        let mut questions = found.questions.iter();
        for (section, at) in outline.sections.iter().zip(&found.sections) {
            let own = at.map(|at| own_text(marks, at, text.len()));
            let judge = |content| super::answers::judge(text, content, &self.markdown, outline);
            let stated = own.map_or(Answer::Absent, judge);
            let mut reply = Reply {
                heading: span_of(marks, *at),
                text: stated,
                content: own.unwrap_or(Span::new(0, 0)),
                answers: Vec::new(),
                is_answered_as_whole: false,
                is_explained: stated == Answer::Given && own.is_some_and(|own| self.is_explanation(text, own)),
            };
            for question in &section.questions {
                let at = questions.next().copied().flatten();
                reply.answers.push(match at {
                    None => Answered { heading: None, content: Span::new(0, 0), answer: Answer::Absent },
                    Some(at) => {
                        let content = content(marks, at, &bounds, text.len());
                        let answer = super::answers::judge(text, content, &self.markdown, outline);
                        self.add_names(text, content, (question, answer));
                        Answered { heading: span_of(marks, Some(at)), content, answer }
                    }
                });
            }
            self.sections.push(reply);
        }
        self.enabled_otherwise = self.enabled_otherwise.or_else(|| self.general_answer(outline));
        // A section comes after the one around it.
        for (at, section) in outline.sections.iter().enumerate() {
            let is_whole = self.is_answered_as_whole(at, section, outline);
            if let Some(reply) = self.sections.get_mut(at) {
                reply.is_answered_as_whole = is_whole;
            }
        }
    }

    fn is_answered_as_whole(&self, at: usize, section: &Section, outline: &Outline) -> bool {
        let Some(reply) = self.sections.get(at) else { return false };
        if reply.is_absent() {
            return section
                .parent
                .and_then(|parent| self.sections.get(parent))
                .is_some_and(|it| it.is_answered_as_whole);
        }
        if !section.questions.is_empty() {
            let is_answer = match reply.text {
                Answer::Given => reply.is_explained,
                answer => answer.is_given(),
            };
            return is_answer && reply.answered() == 0;
        }
        let has_questions = outline.parts(at).any(|(_, part)| !part.questions.is_empty());
        let is_missing = |(part, _): (usize, &Section)| self.sections.get(part).is_none_or(|it| it.heading.is_none());
        reply.text == Answer::Given && reply.is_explained && has_questions && outline.parts(at).all(is_missing)
    }

    /// True if `content` says enough to answer several questions. Pictures say nothing.
    fn is_explanation(&self, text: &str, content: Span) -> bool {
        let markdown = &self.markdown;
        let mut unsaid: Vec<_> = markdown.hidden.iter().chain(&markdown.images).copied().collect();
        unsaid.retain(|span| span.end > content.start && span.start < content.end);
        unsaid.sort_unstable();
        words(&without(text, content, unsaid.into_iter())).split(' ').nth(MIN_EXPLANATION - 1).is_some()
    }

    /// Finds the text below the heading of the questionnaire, if it stands for the answer about how to enable the
    /// feature.
    fn general_answer(&self, outline: &Outline) -> Option<Span> {
        let (section, question) = outline.question_of(AnsweredField::FeatureGates)?;
        let is_absent = self.sections.get(section)?.answers.get(question)?.answer == Answer::Absent;
        let whole = self.sections.get(outline.sections.get(section)?.parent?)?;
        whole.heading.filter(|_| is_absent && whole.text == Answer::Given)
    }

    fn add_names(&mut self, text: &str, content: Span, (question, answer): (&Question, Answer)) {
        let gates = names::gates(text, content, &self.markdown);
        if question.field == Some(AnsweredField::FeatureGates) {
            let has_answer = answer.is_given() && gates.is_empty();
            self.enabled_otherwise = names::other_mechanism(text, content, &self.markdown)
                .or_else(|| names::without_gate(text, content, &self.markdown).filter(|_| has_answer));
        }
        self.gates.extend(gates);
        self.metrics.extend(names::metrics(text, content, &self.markdown));
    }

    fn find_unresolved(&self, text: &str) -> Vec<Span> {
        const OPENING: &str = "<<[UNRESOLVED";
        let found = text.match_indices(OPENING).map(|(start, mark)| Span::new(start, start + mark.len()));
        found.filter(|span| !contains_offset(&self.markdown.comments, span.start)).take(MAX_UNRESOLVED).collect()
    }

    fn find_template_text(&mut self, text: &str, outline: &Outline) {
        let comments = self.markdown.comments.iter().copied();
        self.template_comments = comments.filter(|comment| outline.has_comment(&text[*comment])).collect();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim();
            let start = at + (line.len() - line.trim_start().len());
            at += line.len();
            if !trimmed.is_empty()
                && outline.has_placeholder(trimmed)
                && !contains_offset(&self.markdown.comments, start)
            {
                self.template_lines.push(Span::new(start, start + trimmed.len()));
            }
        }
    }
}

fn span_of(marks: &[Mark], at: Option<usize>) -> Option<Span> {
    marks.get(at?).map(|mark| mark.span)
}

/// The content directly below a heading.
fn own_text(marks: &[Mark], at: usize, end: usize) -> Span {
    let place = |at: usize| marks.get(at).map(|mark| mark.span);
    Span::new(place(at).map_or(end, |span| span.end), place(at + 1).map_or(end, |span| span.start))
}

/// The content below a question, up to the next one or to the end of its section. An author's own headings in it are
/// part of the answer.
fn content(marks: &[Mark], at: usize, bounds: &BTreeSet<usize>, end: usize) -> Span {
    let start = marks.get(at).map_or(end, |mark| mark.span.end);
    let ends = |(index, mark): &(usize, &Mark)| {
        bounds.contains(index) || mark.level <= DIVIDING_LEVEL || (mark.level < LEAD && mark.asks)
    };
    let next = marks.iter().enumerate().skip(at + 1).find(ends);
    Span::new(start, next.map_or(end, |(_, mark)| mark.span.start))
}
