//! The changes of an answer, shortened to what a reviewer has to read.

use std::borrow::Cow;

use super::{Review, title};
use crate::questionnaire::comparison::{Change, Place, Segment};
use crate::text::wording::quote;

/// So many words around a change are shown.
const CONTEXT: usize = 8;
/// A passage that only moved is shown up to this many words.
const MAX_MOVED: usize = 12;

/// Words that did not change, or that are only in one of the versions. A line feed begins another passage.
pub(crate) type Words<'a> = (Kind, Cow<'a, str>);

/// Which version has some words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Both.
    Same,
    /// Only the older one.
    Removed,
    /// Only the newer one.
    Added,
}

/// The words of `segments` without those that are far from a change.
pub(crate) fn shortened(segments: &[Segment]) -> Vec<Words<'_>> {
    let last = segments.len().saturating_sub(1);
    let shortened = segments.iter().enumerate().map(|(at, segment)| match segment {
        Segment::Removed(text) => (Kind::Removed, text.into()),
        Segment::Added(text) => (Kind::Added, text.into()),
        Segment::Same(text) => (Kind::Same, context(text, at == 0, at == last)),
    });
    shortened.collect()
}

fn context(text: &str, is_first: bool, is_last: bool) -> Cow<'_, str> {
    let most = if is_first || is_last { CONTEXT } else { 2 * CONTEXT };
    if text.split_whitespace().count() <= most {
        return text.into();
    }
    let (start, end) = (first_words(text, CONTEXT), last_words(text, CONTEXT));
    match (is_first, is_last) {
        (true, false) => format!("… {end}"),
        (_, true) => format!("{start} …"),
        (false, false) => format!("{start} … {end}"),
    }
    .into()
}

/// The first `count` words, and the white space before them.
fn first_words(text: &str, count: usize) -> &str {
    let mut ends = text.char_indices().filter(|(at, letter)| {
        let before = text.get(..*at).unwrap_or_default();
        letter.is_whitespace() && !before.is_empty() && !before.ends_with(char::is_whitespace)
    });
    ends.nth(count - 1).map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

fn last_words(text: &str, count: usize) -> &str {
    let mut rest = text.trim_end();
    for _ in 0..count {
        rest = rest.rfind(char::is_whitespace).map_or("", |at| rest.get(..at).unwrap_or_default()).trim_end();
    }
    text.get(rest.len()..).unwrap_or(text).trim_start()
}

/// A passage that moved.
pub(crate) struct Moved<'a> {
    /// `moved within the answer`, or another place; a question follows if there is one.
    pub(super) what: &'static str,
    /// The question of the answer that it came from or went to.
    pub(super) question: Option<&'a str>,
    /// How it begins.
    pub(super) start: String,
}

impl Moved<'_> {
    /// ``moved from `How can a rollout fail?`: `It begins …` ``
    pub(crate) fn sentence(&self) -> String {
        let question = self.question.map(|question| format!(" {}", quote(question))).unwrap_or_default();
        format!("{}{question}: {}", self.what, quote(&self.start))
    }
}

/// The passage, if it moved.
pub(crate) fn moved<'a>(review: &'a Review, change: &Change) -> Option<Moved<'a>> {
    let (text, is_here, place) = match change {
        Change::MovedHere(text, place) => (text, true, place),
        Change::MovedAway(text, place) => (text, false, place),
        Change::Reworded(_) | Change::Added(_) | Change::Removed(_) => return None,
    };
    let (what, question) = match (place, is_here) {
        (Place::Here, _) => ("moved within the answer", None),
        (Place::Elsewhere, true) => ("moved from another part of the README", None),
        (Place::Elsewhere, false) => ("moved to another part of the README", None),
        (Place::Answer(index), is_here) => {
            let question = review.answers.get(*index).map(title).unwrap_or_default();
            (if is_here { "moved from" } else { "moved to" }, Some(question))
        }
    };
    let start = first_words(text, MAX_MOVED);
    let more = if start.len() < text.len() { " …" } else { "" };
    Some(Moved { what, question, start: format!("{start}{more}") })
}

#[cfg(test)]
mod tests {
    use super::{context, first_words, last_words};

    #[test]
    fn words_are_counted_from_either_end() {
        assert_eq!(first_words("one two three", 2), "one two");
        assert_eq!(first_words("\none two three", 2), "\none two");
        assert_eq!(first_words("one", 2), "one");
        assert_eq!(last_words("one two\nthree", 2), "two\nthree");
        assert_eq!(last_words("one", 2), "one");
    }

    #[test]
    fn words_that_are_far_from_a_change_are_left_out() {
        let text = (0..20).map(|at| at.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(context(&text, true, false), "… 12 13 14 15 16 17 18 19");
        assert_eq!(context(&text, false, true), "0 1 2 3 4 5 6 7 …");
        assert_eq!(context(&text, false, false), "0 1 2 3 4 5 6 7 … 12 13 14 15 16 17 18 19");
        assert_eq!(context("1 2 3 4 5 6 7 8 9", false, false), "1 2 3 4 5 6 7 8 9");
    }
}
