//! Which question or section of the outline the text of a questionnaire belongs to. All text that a reader sees there belongs
//! to one, so that none of it is left out of a comparison: text below an author's own heading is a part of the answer
//! above it, and a copy of a question is as good as the first one.

use std::collections::{BTreeMap, BTreeSet};

use super::footnotes;
use super::matching::{ALIKE, DIVIDING_LEVEL, Found, LEAD, Mark};
use super::template::{Core, Outline, Question};
use crate::syntax::markdown::Markdown;
use crate::text::Span;

/// A question of an outline: the index of its section and its own in there, if it is not the section itself.
pub(super) type Index = (usize, Option<usize>);

/// The text of each question or section, in order.
pub(super) type Extents = BTreeMap<Index, Vec<Span>>;

/// Assigns the text of a README to the places of `outline`.
pub(super) fn extents(
    text: &str,
    (marks, found): (&[Mark], &Found),
    (outline, markdown): (&Outline, &Markdown),
) -> Extents {
    let known = Owners::new(found, outline);
    let owners: Vec<_> = marks.iter().enumerate().map(|(at, mark)| known.of(at, mark)).collect();
    let is_question = |owner: &Option<Index>| owner.is_some_and(|(_, question)| question.is_some());
    let first = owners.iter().position(is_question).unwrap_or(marks.len());
    let last = owners.iter().rposition(is_question).unwrap_or_default();
    let ends = marks.iter().skip(1).map(|next| next.span.start).chain([text.len()]);
    let mut extents = Extents::new();
    let mut current = None;
    // A heading at this level or above ends the questionnaire, unless questions come before and after it.
    let mut floor = DIVIDING_LEVEL;
    for (at, ((mark, owner), end)) in marks.iter().zip(owners).zip(ends).enumerate() {
        let mut start = mark.span.start;
        if owner.is_some() {
            floor = if current.is_some() { floor.min(mark.level) } else { DIVIDING_LEVEL.min(mark.level) };
            current = owner;
            start = known.start_of_answer(text, mark, owner);
        } else if mark.level <= floor && !(first..=last).contains(&at) {
            current = None;
        }
        if let Some(current) = current {
            let spans: &mut Vec<Span> = extents.entry(current).or_default();
            match spans.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = end,
                None => spans.push(Span::new(start, end.max(start))),
            }
        }
    }
    footnotes::add_to(&mut extents, text, markdown);
    extents
}

/// The end of the question in a heading. Some authors answer on the same line.
fn after_question(text: &str, heading: Span) -> usize {
    text[heading].find('?').map_or(heading.end, |at| heading.start + at + 1)
}

/// The fewest words with which a heading says more than another wording of the question would.
const MIN_ADDED: usize = 4;

/// The number of words in `heading` that `question` does not have.
fn added(question: &str, heading: &str) -> usize {
    let mut left: Vec<_> = question.split(' ').collect();
    let is_added = |word: &&str| match left.iter().position(|other| other == word) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    };
    heading.split(' ').filter(is_added).count()
}

/// Finds the question or section that a mark is the heading of.
struct Owners<'a> {
    found: BTreeMap<usize, Index>,
    by_key: BTreeMap<&'a str, Index>,
    /// The sections that contain all others, with what distinguishes their headings.
    whole: Vec<(Index, Core<'a>)>,
    outline: &'a Outline,
}

impl<'a> Owners<'a> {
    fn new(found: &Found, outline: &'a Outline) -> Self {
        let mut owners = Self { found: BTreeMap::new(), by_key: BTreeMap::new(), whole: Vec::new(), outline };
        let mut questions = found.questions.iter();
        let asked: BTreeSet<_> = places(outline).collect();
        for (at, section) in outline.sections.iter().enumerate() {
            let own = found.sections.get(at).copied().flatten();
            let keys = section.questions.iter().map(|question| &question.key);
            let own = std::iter::once(((at, None), &section.key, own));
            if section.parent.is_none() && asked.contains(&(at, None)) {
                owners.whole.push(((at, None), outline.core(&section.key)));
            }
            let asks =
                keys.enumerate().map(|(number, key)| ((at, Some(number)), key, questions.next().copied().flatten()));
            for (index, key, place) in own.chain(asks).filter(|(index, ..)| asked.contains(index)) {
                owners.found.extend(place.map(|place| (place, index)));
                owners.by_key.entry(key).or_insert(index);
            }
        }
        owners
    }

    /// The offset at which the answer below a heading starts. A heading that says more than the question is a part of it.
    fn start_of_answer(&self, text: &str, mark: &Mark, owner: Option<Index>) -> usize {
        if self.by_key.contains_key(mark.key.as_str()) {
            return mark.span.end;
        }
        let keys = self.by_key.iter().filter(|(_, index)| Some(**index) == owner);
        let says_more =
            keys.map(|(key, _)| *key).any(|key| mark.key.starts_with(key) || added(key, &mark.key) >= MIN_ADDED);
        if says_more { mark.span.start } else { after_question(text, mark.span) }
    }

    fn of(&self, at: usize, mark: &Mark) -> Option<Index> {
        let is_meant = |(_, question): &&Index| question.is_some() || mark.level < LEAD;
        let exact = self.found.get(&at).or_else(|| self.by_key.get(mark.key.as_str()).filter(is_meant));
        exact.copied().or_else(|| self.continued(mark))
    }

    /// The section of which `mark` is another heading, such as `Production Readiness Review Questionnaire (continued)`.
    fn continued(&self, mark: &Mark) -> Option<Index> {
        if mark.level > DIVIDING_LEVEL || mark.key.is_empty() {
            return None;
        }
        let core = self.outline.core(&mark.key);
        let is_meant = |known: &Core<'_>| {
            let likeness = known.likeness(&core);
            likeness >= ALIKE || (likeness > 0.0 && known.is_subset(&core))
        };
        self.whole.iter().find(|(_, known)| is_meant(known)).map(|(at, _)| *at)
    }
}

/// The questions of an outline, each section with questions in it or below it before its own.
pub(super) fn places(outline: &Outline) -> impl Iterator<Item = Index> {
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

/// The question at `index`; `None` for a section.
pub(super) fn question_at(outline: &Outline, (section, question): Index) -> Option<&Question> {
    outline.sections.get(section)?.questions.get(question?)
}
