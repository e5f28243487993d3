//! README.md: a KEP's proposal, held against the outline of the policy side's template.
//!
//! Sections and questions are found by their headings: by their words, or else by the nearest heading that is none of
//! the template's, for old KEPs answer older wordings. KEPs from before the questions were headings have them in bold
//! at the beginning of a paragraph or of a list's entry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

pub use super::answers::Answer;

use super::names;
use super::template::{self, AnsweredField, Core, Outline, Question, contains_offset};
use crate::syntax::markdown;
use crate::syntax::markdown::{Heading, Markdown};
use crate::syntax::toc;
use crate::text::{FileId, Span, Spanned};

/// The minimum similarity of a heading to one of the template's to match it.
const ALIKE: f64 = 0.7;
/// The maximum number of other headings to compare with the template's.
const MAX_UNKNOWN: usize = 200;
/// How many unresolved places are worth naming.
const MAX_UNRESOLVED: usize = 100;
/// Headings above this level end an answer, whatever they say.
const DIVIDING_LEVEL: u8 = 3;

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
    /// Its questions, in the outline's order.
    pub answers: Vec<Answered>,
}

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

    /// The heading of the question whose answer also goes into `field` of `kep.yaml`.
    #[must_use]
    pub fn question_of(&self, field: AnsweredField, outline: &Outline) -> Option<Span> {
        let (section, question) = outline.question_of(field)?;
        self.sections.get(section)?.answers.get(question)?.heading
    }

    /// True if the answer to that question, or to all of its section, is `N/A`.
    #[must_use]
    pub fn is_not_applicable(&self, field: AnsweredField, outline: &Outline) -> bool {
        let Some((section, question)) = outline.question_of(field) else { return false };
        let Some(reply) = self.sections.get(section) else { return false };
        let answered = reply.answers.get(question).map(|answered| answered.answer);
        let is_stated = |answer| matches!(answer, Answer::NotApplicable(_));
        is_stated(reply.text) || answered.is_some_and(is_stated)
    }

    /// The code in the answer to that question.
    pub fn code_in_answer(&self, field: AnsweredField, outline: &Outline) -> impl Iterator<Item = Span> + '_ {
        let asked = outline.question_of(field);
        let answered = asked.and_then(|(section, question)| self.sections.get(section)?.answers.get(question));
        let content = answered.map_or(Span::new(0, 0), |answered| answered.content);
        self.markdown
            .inline_code
            .iter()
            .copied()
            .filter(move |code| content.start <= code.start && code.end <= content.end)
    }
}

impl Reply {
    /// How many of its questions have an answer.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answers.iter().filter(|answered| answered.answer.is_given()).count()
    }
}

/// A heading, or text that serves as one.
struct Mark {
    span: Span,
    /// 1 to 6; bold text is below every heading.
    level: u8,
    key: String,
    asks: bool,
}

/// The level of bold text.
const LEAD: u8 = 7;

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
            let mut reply = Reply { heading: span_of(marks, *at), text: Answer::Absent, answers: Vec::new() };
            if let Some(content) = at.map(|at| own_text(marks, at, text.len())) {
                reply.text = super::answers::judge(text, content, &self.markdown, outline);
            }
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

/// The headings, and text that serves as one, in order.
fn marks(text: &str, markdown: &Markdown, outline: &Outline) -> Vec<Mark> {
    let mark =
        |span, level, text: &str| Mark { span, level, key: template::key(text), asks: text.trim_end().ends_with('?') };
    let known: BTreeSet<_> = outline.questions().map(|question| question.key.as_str()).collect();
    let headings = markdown.headings.iter().map(|heading| {
        let plain = mark(heading.span, heading.level, &heading.text);
        if heading.level < template::QUESTION_LEVEL || known.contains(plain.key.as_str()) {
            return plain;
        }
        let whole = with_next_lines(text, heading);
        whole.map(|(span, title)| mark(span, heading.level, &title)).unwrap_or(plain)
    });
    let leads = markdown.leads.iter().map(|lead| mark(lead.span, LEAD, &lead.text));
    let mut marks: Vec<_> = headings.chain(leads).collect();
    marks.sort_by_key(|mark| mark.span);
    marks
}

/// The question that a heading begins and the lines directly below it end. Markdown headings have one line, but some
/// authors break long questions.
fn with_next_lines(text: &str, heading: &Heading) -> Option<(Span, String)> {
    const MAX_LINES: usize = 2;
    if heading.text.trim_end().ends_with('?') {
        return None;
    }
    let mut title = heading.text.clone();
    let mut end = heading.span.end + text.get(heading.span.end..)?.find('\n')? + 1;
    for line in text.get(end..)?.split_inclusive('\n').take(MAX_LINES) {
        let words = line.trim();
        title = format!("{title} {words}");
        if words.ends_with('?') {
            return Some((Span::new(heading.span.start, end + line.trim_end().len()), title));
        }
        if words.is_empty() {
            return None;
        }
        end += line.len();
    }
    None
}

/// Maps each section and question of an outline to its mark, by index, in the outline's order.
struct Found {
    sections: Vec<Option<usize>>,
    questions: Vec<Option<usize>>,
}

fn matched(marks: &[Mark], outline: &Outline) -> Found {
    let section_keys: Vec<_> = outline.sections.iter().map(|section| section.key.as_str()).collect();
    let question_keys: Vec<_> = outline.questions().map(|question| question.key.as_str()).collect();
    let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, mark) in marks.iter().enumerate().rev() {
        by_key.entry(&mark.key).or_default().push(index);
    }
    // The first mark of a key is the last in its list; a heading counts for more than bold text.
    let mut take = |key: &&str, is_question: bool| -> Option<usize> {
        let same = by_key.get_mut(*key)?;
        let is_heading = |index: &usize| marks.get(*index).is_some_and(|mark| mark.level < LEAD);
        let at = same.iter().rposition(is_heading).or_else(|| is_question.then(|| same.len().checked_sub(1)).flatten());
        Some(same.remove(at?))
    };
    let mut sections: Vec<_> = section_keys.iter().map(|key| take(key, false)).collect();
    let mut questions: Vec<_> = question_keys.iter().map(|key| take(key, true)).collect();
    let known: BTreeSet<_> = section_keys.iter().chain(&question_keys).copied().collect();
    let unknown = |is_candidate: fn(&Mark) -> bool| -> Vec<usize> {
        let strange =
            marks.iter().enumerate().filter(|(_, mark)| is_candidate(mark) && !known.contains(mark.key.as_str()));
        strange.map(|(index, _)| index).take(MAX_UNKNOWN).collect()
    };
    let titles = unknown(|mark| (2..=6).contains(&mark.level) && !mark.asks);
    let mut asked = unknown(|mark| mark.level >= 4 && mark.asks || mark.level == 6);
    let by_title = |one: &Title<'_>, other: &Title<'_>| {
        if begins_alike(one.key, other.key) { 1.0 } else { one.core.likeness(&other.core) }
    };
    near(&mut sections, &section_keys, Titles::new(titles, marks, outline), by_title);
    shortened(&mut questions, &question_keys, &mut asked, marks);
    near(&mut questions, &question_keys, Titles::new(asked, marks, outline), |one, other| {
        one.core.likeness(&other.core)
    });
    Found { sections, questions }
}

/// Gives each question that has no mark the one of `free` that is its beginning, if it is long enough and begins like no
/// other question.
fn shortened(found: &mut [Option<usize>], keys: &[&str], free: &mut Vec<usize>, marks: &[Mark]) {
    const MIN_WORDS: usize = 4;
    let begins = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '));
    free.retain(|index| {
        let Some(mark) = marks.get(*index).filter(|mark| mark.key.split(' ').count() >= MIN_WORDS) else { return true };
        let mut meant = keys.iter().enumerate().filter(|(_, key)| begins(key, &mark.key) || begins(&mark.key, key));
        let (Some((at, _)), None) = (meant.next(), meant.next()) else { return true };
        match found.get_mut(at) {
            Some(place) if place.is_none() => *place = Some(*index),
            _ => return true,
        }
        false
    });
}

/// A heading as it is compared with others.
struct Title<'a> {
    key: &'a str,
    core: Core<'a>,
}

/// Marks that no key has, by index.
struct Titles<'a> {
    outline: &'a Outline,
    free: Vec<(usize, Title<'a>)>,
}

impl<'a> Titles<'a> {
    fn new(free: Vec<usize>, marks: &'a [Mark], outline: &'a Outline) -> Self {
        let title = |index: usize| {
            let key = marks.get(index)?.key.as_str();
            Some((index, Title { key, core: outline.core(key) }))
        };
        Self { outline, free: free.into_iter().filter_map(title).collect() }
    }
}

/// Gives each key that has no mark the free one that is most like it, if any is.
fn near(
    found: &mut [Option<usize>],
    keys: &[&str],
    Titles { outline, mut free }: Titles<'_>,
    likeness: impl Fn(&Title<'_>, &Title<'_>) -> f64,
) {
    for (found, key) in found.iter_mut().zip(keys).filter(|(found, _)| found.is_none()) {
        let title = Title { key, core: outline.core(key) };
        let likeness = free.iter().map(|(_, other)| likeness(&title, other));
        let best = likeness.enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other));
        if let Some((at, _)) = best.filter(|(_, likeness)| *likeness >= ALIKE) {
            *found = Some(free.swap_remove(at).0);
        }
    }
}

/// True if one title is a prefix of the other: `Design` and `Design Details`, `Proposal` and `Proposal for X`.
fn begins_alike(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '));
    !one.is_empty() && !other.is_empty() && (begins(one, other) || begins(other, one))
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
