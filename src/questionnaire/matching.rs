//! Matches the headings of a README with the sections and questions of the template.

use std::collections::{BTreeMap, BTreeSet};

use super::template::{self, Core, Outline};
use crate::syntax::markdown::{Heading, Markdown};
use crate::text::Span;

/// The minimum similarity of a heading to one of the template's to match it.
pub(super) const ALIKE: f64 = 0.7;
/// The maximum number of other headings to compare with the template's.
const MAX_UNKNOWN: usize = 200;
/// The minimum number of words of an opening that identifies a question.
const MIN_OPENING: usize = 4;

/// A heading, or text that serves as one.
pub(super) struct Mark {
    pub(super) span: Span,
    /// 1 to 6; bold text is below every heading.
    pub(super) level: u8,
    pub(super) key: String,
    pub(super) asks: bool,
}

/// The level of bold text.
pub(super) const LEAD: u8 = 7;

/// Headings at this level or above end an answer, whatever they say.
pub(super) const DIVIDING_LEVEL: u8 = 3;

/// Older READMEs have their questions one level higher.
const MIN_QUESTION_LEVEL: u8 = template::QUESTION_LEVEL - 1;

/// The headings, and text that serves as one, in order.
pub(super) fn marks(text: &str, markdown: &Markdown, outline: &Outline) -> Vec<Mark> {
    let mark =
        |span, level, text: &str| Mark { span, level, key: template::key(text), asks: text.trim_end().ends_with('?') };
    let questions = outline.questions().map(|question| question.key.as_str());
    let known: BTreeSet<_> = questions.chain(outline.sections.iter().map(|section| section.key.as_str())).collect();
    let headings = markdown.headings.iter().map(|heading| {
        let plain = mark(heading.span, heading.level, &heading.text);
        if heading.level < MIN_QUESTION_LEVEL || known.contains(plain.key.as_str()) {
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
pub(super) struct Found {
    pub(super) sections: Vec<Option<usize>>,
    pub(super) questions: Vec<Option<usize>>,
}

pub(super) fn matched(marks: &[Mark], outline: &Outline) -> Found {
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
        let is_same = begins_alike(one.key, other.key) || is_synonym(one.key, other.key);
        if is_same { 1.0 } else { one.core.likeness(&other.core) }
    };
    near(&mut sections, &section_keys, Titles::new(titles, marks, outline), by_title);
    shortened(&mut questions, &question_keys, &mut asked, marks);
    reworded(&mut questions, &question_keys, &mut asked, (marks, outline));
    near(&mut questions, &question_keys, Titles::new(asked, marks, outline), |one, other| {
        one.core.likeness(&other.core)
    });
    Found { sections, questions }
}

/// Gives each question that has no mark the one of `free` that is its beginning, if it is long enough and begins like no
/// other question.
fn shortened(found: &mut [Option<usize>], keys: &[&str], free: &mut Vec<usize>, marks: &[Mark]) {
    let begins = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '));
    free.retain(|index| {
        let Some(mark) = marks.get(*index).filter(|mark| mark.key.split(' ').count() >= MIN_OPENING) else {
            return true;
        };
        let mut meant = keys.iter().enumerate().filter(|(_, key)| begins(key, &mark.key) || begins(&mark.key, key));
        let (Some((at, _)), None) = (meant.next(), meant.next()) else { return true };
        match found.get_mut(at) {
            Some(place) if place.is_none() => *place = Some(*index),
            _ => return true,
        }
        false
    });
}

/// Gives each question that has no mark the one of `free` that opens like it and like no other question, if the rest of
/// the heading has only words of the question: `What are the SLIs for this feature?` asks what `What are the SLIs (Service
/// Level Indicators) an operator can use …?` asks.
fn reworded(found: &mut [Option<usize>], keys: &[&str], free: &mut Vec<usize>, (marks, outline): (&[Mark], &Outline)) {
    free.retain(|index| {
        let Some(mark) = marks.get(*index) else { return true };
        let shared =
            |key: &str| key.split(' ').zip(mark.key.split(' ')).take_while(|(one, other)| one == other).count();
        let longest = keys.iter().map(|key| shared(key)).max().unwrap_or_default();
        let mut meant = keys.iter().enumerate().filter(|(_, key)| shared(key) == longest);
        let (Some((at, key)), None) = (meant.next(), meant.next()) else { return true };
        let is_covered = longest >= MIN_OPENING && outline.core(&mark.key).is_subset(&outline.core(key));
        match found.get_mut(at) {
            Some(place) if place.is_none() && is_covered => *place = Some(*index),
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

/// True if authors use one key for the other.
fn is_synonym(one: &str, other: &str) -> bool {
    const SYNONYMS: [(&str, &str); 2] =
        [("graduation criteria", "graduation requirements"), ("test plan", "testing plan")];
    SYNONYMS.iter().any(|pair| *pair == (one, other) || *pair == (other, one))
}

/// True if one title is a prefix of the other: `Design` and `Design Details`, `Proposal` and `Proposal for X`.
fn begins_alike(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '));
    !one.is_empty() && !other.is_empty() && (begins(one, other) || begins(other, one))
}
