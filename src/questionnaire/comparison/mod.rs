//! Compares the answers in two versions of a README.

mod moves;
mod unsaid;
mod wording;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use wording::Hunk;
pub use wording::Segment;

use super::answers::{Answer, judge};
use super::extents::{Index, places, question_at};
use super::footnotes;
use super::own_text::{Templates, passages};
use super::readme::Readme;
use super::template::{self, Outline, Question};
use crate::kep::Stage;
use crate::syntax::markdown::rendered_within;
use crate::text::Span;
use moves::Moves;
use unsaid::seen_words;

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

    /// True if the answer has other text than before, even if that was or is somewhere else in the README.
    #[must_use]
    pub fn has_other_text(&self) -> bool {
        let stays = |it: &Change| matches!(it, Change::MovedHere(_, Place::Here) | Change::MovedAway(_, Place::Here));
        !self.changes.iter().all(stays)
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
    /// All text that belongs to the question.
    extent: Vec<Span>,
    passages: Vec<String>,
    /// What a reader sees of it; empty on both sides if the text is the same.
    seen: String,
}

impl Versions<'_> {
    /// Compares the answers to the questions of the outline, in its order.
    #[must_use]
    pub fn compare(&self) -> Vec<Comparison> {
        self.finish(&self.pairs(&[self.outline], &[]), &[self.outline])
    }

    /// The same, if the older version answers the questions of another template: `former` has both versions, read
    /// against that one. Questions that only it has come last.
    #[must_use]
    pub fn compare_with_former(&self, former: &Self) -> Vec<Comparison> {
        let templates = [self.outline, former.outline];
        let known: BTreeSet<_> = self.outline.questions().map(|question| question.key.as_str()).collect();
        let claimed: BTreeSet<_> =
            places(self.outline).filter_map(|index| heading_at(self.before.readme, index)).collect();
        let is_gone = |index: &Index| {
            let is_unknown = |question: &Question| !known.contains(question.key.as_str());
            question_at(former.outline, *index).is_some_and(is_unknown)
                && heading_at(former.before.readme, *index).is_some_and(|heading| !claimed.contains(&heading))
        };
        let mut gone: Vec<_> =
            places(former.outline).filter(is_gone).map(|index| former.pair(index, &templates, &[])).collect();
        for pair in &mut gone {
            pair.asked.is_former = true;
        }
        let mut pairs = self.pairs(&templates, &gone);
        pairs.append(&mut gone);
        self.finish(&pairs, &templates)
    }

    fn pairs(&self, templates: &[&Outline], gone: &[Pair]) -> Vec<Pair> {
        places(self.outline).map(|index| self.pair(index, templates, gone)).collect()
    }

    /// The answers to the question at `index`, without the text that belongs to one of `gone`.
    fn pair(&self, index: Index, templates: &[&Outline], gone: &[Pair]) -> Pair {
        let section = self.outline.sections.get(index.0);
        let part = |version: &Version<'_>, part: fn(&Pair) -> &Part| {
            let mut others: Vec<_> = gone.iter().flat_map(|pair| part(pair).place()).collect();
            others.sort_unstable();
            version.part(index, (self.outline, templates), &others)
        };
        let (mut before, mut after) = (part(&self.before, |pair| &pair.before), part(&self.after, |pair| &pair.after));
        // Most answers are the same, byte for byte.
        let has_same_targets = self.before.readme.markdown.targets == self.after.readme.markdown.targets;
        if !(has_same_targets && self.before.texts(&before.extent).eq(self.after.texts(&after.extent))) {
            before.seen = self.before.seen(&before.extent);
            after.seen = self.after.seen(&after.extent);
        }
        self.show_questions(index, &mut before, &mut after);
        if before.seen != after.seen {
            self.show_unsaid(templates, &mut before, &mut after);
        }
        Pair {
            asked: Asked {
                section: section.map(|section| section.title.to_string()).unwrap_or_default(),
                question: question_at(self.outline, index).map(|question| question.title.clone()),
                required_from: section.and_then(|section| section.required_from),
                is_former: false,
            },
            before,
            after,
            is_answered_as_whole: self.after.readme.sections.get(index.0).is_some_and(|it| it.is_answered_as_whole),
        }
    }

    /// Adds the wording of the question to both versions of an answer if the newer one has another than the older one and
    /// the template: the same answer says something else then.
    fn show_questions(&self, index: Index, before: &mut Part, after: &mut Part) {
        let (Some(old), Some(new)) = (before.heading, after.heading) else { return };
        let [old, new] = [&self.before.text[old], &self.after.text[new]].map(|it| it.trim_start_matches('#').trim());
        let key = template::key(new);
        let of_template = match question_at(self.outline, index) {
            Some(question) => Some(&question.key),
            None => self.outline.sections.get(index.0).map(|section| &section.key),
        };
        if template::key(old) == key || of_template == Some(&key) {
            return;
        }
        for (part, question) in [(before, old), (after, new)] {
            part.passages.insert(0, question.to_owned());
            part.seen.insert_str(0, question);
        }
    }

    fn finish(&self, pairs: &[Pair], templates: &[&Outline]) -> Vec<Comparison> {
        let hunks: Vec<_> = pairs.iter().map(Pair::hunks).collect();
        let contents =
            |part: fn(&Pair) -> &Part| pairs.iter().flat_map(|pair| part(pair).extent.clone()).collect::<Vec<_>>();
        let mut moves = Moves::new(pairs, &hunks);
        if moves.has_open() {
            let before = self.before.blocks_outside(contents(|pair| &pair.before));
            let after = self.after.blocks_outside(contents(|pair| &pair.after));
            let changed = changed(&before, &after);
            let passages = |version: &Version<'_>, blocks: &[(Span, &str)]| {
                let blocks = blocks.iter().filter(|(_, text)| changed.contains(text));
                let passages =
                    |span| passages(version.text, span, &version.readme.markdown, Templates::shown(templates));
                blocks.flat_map(|(span, _)| passages(*span)).collect()
            };
            moves.look_elsewhere(passages(&self.before, &before), passages(&self.after, &after));
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

impl Pair {
    /// The passages that differ. There are none if a reader sees the same words.
    fn hunks(&self) -> Vec<Hunk> {
        if self.before.seen == self.after.seen {
            return Vec::new();
        }
        wording::hunks(&self.before.passages, &self.after.passages)
    }
}

impl<'a> Version<'a> {
    fn texts<'s>(&self, extent: &'s [Span]) -> impl Iterator<Item = &'s str>
    where
        'a: 's,
    {
        let text = self.text;
        extent.iter().map(move |span| &text[*span])
    }

    /// The words that a reader sees of `extent`, whatever their case, the punctuation after them and the labels of
    /// footnotes. The case of a unit makes a difference: `128m`, `128M`.
    fn seen(&self, extent: &[Span]) -> String {
        footnotes::renumbered(&seen_words(&self.rendered(extent, &self.readme.markdown.targets)))
    }

    fn rendered(&self, extent: &[Span], targets: &BTreeMap<String, String>) -> String {
        extent.iter().map(|span| rendered_within(&self.text[*span], targets)).collect::<Vec<_>>().join(" ")
    }

    fn passages(&self, extent: &[Span], templates: Templates<'_>) -> Vec<String> {
        let passages = |span: &Span| passages(self.text, *span, &self.readme.markdown, templates);
        extent.iter().flat_map(passages).collect()
    }

    /// The answer to the question at `index` of `outline`, without the text in `others`.
    fn part(&self, index: Index, (outline, templates): (&Outline, &[&Outline]), others: &[Span]) -> Part {
        let Version { readme, text } = self;
        let mut answer = match (readme.sections.get(index.0), index.1) {
            (None, _) => Answer::Absent,
            (Some(reply), None) => reply.text,
            (Some(reply), Some(at)) => reply.answers.get(at).map_or(Answer::Absent, |it| it.answer),
        };
        let extent = readme.extent(index, text, outline);
        let extent: Vec<_> = extent.iter().flat_map(|span| without(*span, others)).collect();
        if !answer.is_given() {
            // The author may have put the answer below another heading.
            let answers = extent.iter().map(|span| judge(text, *span, &readme.markdown, outline));
            answer = answers.into_iter().find(|answer| answer.is_given()).unwrap_or(answer);
        }
        let passages = self.passages(&extent, Templates::shown(templates));
        Part { heading: heading_at(readme, index), answer, extent, passages, seen: String::new() }
    }

    /// The text outside of `contents`, in blocks. A block ends at a blank line, where every passage ends.
    fn blocks_outside(&self, mut contents: Vec<Span>) -> Vec<(Span, &'a str)> {
        contents.retain(|content| content.start < content.end);
        contents.sort_unstable();
        let starts = std::iter::once(0).chain(contents.iter().map(|content| content.end));
        let ends = contents.iter().map(|content| content.start).chain([self.text.len()]);
        let mut blocks = Vec::new();
        for (mut start, end) in starts.zip(ends).filter(|(start, end)| start < end) {
            for block in self.text[Span::new(start, end)].split_inclusive("\n\n") {
                let span = Span::new(start, start + block.len());
                blocks.push((span, &self.text[span]));
                start = span.end;
            }
        }
        blocks
    }
}

/// The texts of blocks that one version has more often than the other. All others cancel out.
fn changed<'a>(before: &[(Span, &'a str)], after: &[(Span, &'a str)]) -> HashSet<&'a str> {
    let mut counts: HashMap<&str, isize> = HashMap::new();
    for (blocks, count) in [(before, 1), (after, -1)] {
        for (_, text) in blocks {
            *counts.entry(text).or_default() += count;
        }
    }
    counts.into_iter().filter(|(_, count)| *count != 0).map(|(text, _)| text).collect()
}

impl Part {
    /// Its heading and its text.
    fn place(&self) -> impl Iterator<Item = Span> {
        self.heading.into_iter().chain(self.extent.iter().copied())
    }
}

/// The heading of a question or section in a README.
fn heading_at(readme: &Readme, (section, question): Index) -> Option<Span> {
    let reply = readme.sections.get(section)?;
    question.map_or(reply.heading, |at| reply.answers.get(at)?.heading)
}

/// What is left of `span` without `others`, which are sorted.
fn without(span: Span, others: &[Span]) -> Vec<Span> {
    let (mut left, mut start) = (Vec::new(), span.start);
    let first = others.partition_point(|other| other.end <= span.start);
    for other in others.iter().skip(first).take_while(|other| other.start < span.end) {
        left.push(Span::new(start, other.start.max(start)));
        start = start.max(other.end);
    }
    left.push(Span::new(start.min(span.end), span.end));
    left.retain(|part| !part.is_empty());
    left
}

#[cfg(test)]
mod tests;
