//! The answers of a KEP that changed since its approval, with what changed in them.

use maud::{Markup, html};

use super::page::{MAX_ENTRIES, sentence, text};
use crate::questionnaire::comparison::Change;
use crate::review::{Kind, Review, describe, moved, shortened, title};
use crate::text::wording::count;

/// The largest number of passages of an answer to show.
const MAX_PASSAGES: usize = 5;

/// The most text of a passage to show, in characters.
const MAX_PASSAGE: usize = 600;

/// The most text of all passages of a KEP to show, in bytes.
const MAX_TEXT: usize = 20_000;

/// An answer with a difference.
#[derive(Debug)]
pub(super) struct Answer {
    question: String,
    /// `12 words changed, of 80 before`
    what: String,
    passages: Vec<Passage>,
    /// The number of passages that are not shown.
    others: usize,
}

/// A part of an answer that changed.
#[derive(Debug)]
enum Passage {
    /// Words that stayed, went or came.
    Words(Vec<(Kind, String)>),
    /// A passage that moved, as a sentence.
    Moved(String),
}

/// The answers of `review` that have differences.
pub(super) fn of(review: &Review) -> Vec<Answer> {
    let mut room = MAX_TEXT;
    let mut answers = Vec::new();
    for (state, comparison) in review.shown() {
        let mut passages = Vec::new();
        for change in comparison.changes.iter().take(MAX_PASSAGES) {
            let Some(passage) = passage(review, change).filter(|passage| passage.len() <= room) else { break };
            room -= passage.len();
            passages.push(passage);
        }
        let others = comparison.changes.len() - passages.len();
        let (question, what) = (title(comparison).to_owned(), describe(review, state, comparison));
        answers.push(Answer { question, what, passages, others });
    }
    answers
}

impl Passage {
    /// The number of bytes.
    fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.iter().map(|(_, words)| words.len()).sum(),
            Self::Moved(what) => what.len(),
        }
    }
}

fn passage(review: &Review, change: &Change) -> Option<Passage> {
    let words = match change {
        Change::MovedHere(..) | Change::MovedAway(..) => {
            return moved(review, change).map(|moved| Passage::Moved(moved.sentence()));
        }
        Change::Added(text) => vec![(Kind::Added, text.into())],
        Change::Removed(text) => vec![(Kind::Removed, text.into())],
        Change::Reworded(segments) => shortened(segments),
    };
    let mut room = MAX_PASSAGE;
    let mut shown = Vec::new();
    for (kind, words) in words {
        // On the page, lines are as long as there is room.
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_cut = words.chars().count() > room;
        let cut: String = words.chars().take(room).collect();
        room -= cut.chars().count();
        shown.push((kind, if is_cut { format!("{cut}…") } else { cut }));
        if is_cut {
            break;
        }
    }
    Some(Passage::Words(shown))
}

/// The list of the answers; empty if there are none.
pub(super) fn list(answers: &[Answer]) -> Markup {
    let shown = answers.iter().take(MAX_ENTRIES);
    let others = answers.len() - shown.len();
    html! {
        @if !answers.is_empty() {
            details {
                summary { (count(answers.len(), "answer")) " with differences" }
                ul .answers {
                    @for answer in shown { (one(answer)) }
                    @if others > 0 { li { (others) " more" } }
                }
            }
        }
    }
}

fn one(answer: &Answer) -> Markup {
    html! {
        li {
            (text(&answer.question)) " (" (text(&answer.what)) ")"
            @if !answer.passages.is_empty() || answer.others > 0 {
                ul {
                    @for passage in &answer.passages {
                        li {
                            @match passage {
                                Passage::Moved(what) => (sentence(what)),
                                Passage::Words(words) => (self::words(words)),
                            }
                        }
                    }
                    @if answer.others > 0 { li { (count(answer.others, "more passage")) } }
                }
            }
        }
    }
}

fn words(words: &[(Kind, String)]) -> Markup {
    html! {
        @for (index, (kind, words)) in words.iter().enumerate() {
            @if index > 0 { " " }
            // The text was cut before.
            @let words = crate::escape::one_line(words);
            @match kind {
                Kind::Same => (words),
                Kind::Removed => del { (words) },
                Kind::Added => ins { (words) },
            }
        }
    }
}
