//! Detects whether a question has an answer.

use std::borrow::Cow;

use crate::questionnaire::template::Outline;
use crate::syntax::markdown::{Checkbox, Markdown};
use crate::text::Span;
use crate::text::words::words;

/// The content below a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The question itself is not there.
    Absent,
    /// Nothing but comments, template text, untouched checkboxes, or the promise of an answer (`TBD`).
    Missing,
    /// That the question does not apply, with no reason; the span is that of these words.
    NotApplicable(Span),
    /// An answer.
    Given,
}

/// The longest text, in words, that is still a promise of an answer when it begins like one.
const MAX_PROMISE: usize = 12;
/// How a promise begins.
const PROMISES: &[&str] = &[
    "tbd",
    "todo",
    "tba",
    "to be determined",
    "to be decided",
    "to be done",
    "to be added",
    "to be defined",
    "to be filled",
    "to be discussed",
    "unresolved",
];
/// Texts that only promise an answer.
const NOT_YET: &[&str] = &["n a yet", "na yet", "not yet", "wip", "work in progress", "fixme"];
/// A line that readers see in older templates: its beginning, the stages that it names, and an end that it may have.
const OLD_DEMAND: &str = "this section must be completed when targeting ";
const OLD_DEMANDS: [&str; 3] = ["alpha", "beta", "beta graduation"];
const OLD_DEMAND_END: &str = " to a release";
/// That a question does not apply, in full.
const NOT_APPLICABLE: &[&str] = &["n a", "na", "not applicable", "not relevant"];

/// How many words of an answer are read to see whether it denies that there is anything to name.
const MAX_DENIAL: usize = 40;
/// How an answer begins that names nothing, beside [`NOT_APPLICABLE`].
const NOTHING: &[&str] =
    &["no", "none", "nothing", "there are no", "there are none", "there is no", "there is nothing"];
/// Words that limit a denial to the time being.
const LATER: &[&str] =
    &["yet", "now", "currently", "today", "later", "will", "until", "planned", "tbd", "todo", "alpha", "beta", "ga"];

impl Answer {
    /// True if it counts as an answer.
    #[must_use]
    pub const fn is_given(self) -> bool {
        matches!(self, Self::Given | Self::NotApplicable(_))
    }
}

/// Judges the text in `content`.
pub(super) fn judge(text: &str, content: Span, markdown: &Markdown, outline: &Outline) -> Answer {
    let reading = Reading::new(text, content, (markdown, outline), MAX_PROMISE);
    let said = reading.said.join(" ");
    match reading.place {
        Some(_) if reading.said.len() > MAX_PROMISE => Answer::Given,
        Some(place) if NOT_APPLICABLE.contains(&said.as_str()) => Answer::NotApplicable(place),
        Some(_) if NOT_YET.contains(&said.as_str()) || PROMISES.iter().any(|promise| begins(&said, promise)) => {
            Answer::Missing
        }
        Some(_) => Answer::Given,
        None if reading.is_chosen => Answer::Given,
        None => Answer::Missing,
    }
}

/// The author's own words in `content` if they begin by stating that there is nothing to name, and do not only put it
/// off: `N/A, since nothing is stored`, `There are no metrics that …`, but not `None yet`.
pub(super) fn denial(text: &str, content: Span, markdown: &Markdown, outline: &Outline) -> Option<Vec<String>> {
    let said = Reading::new(text, content, (markdown, outline), MAX_DENIAL).said;
    let opening = said.join(" ");
    let is_denial = NOT_APPLICABLE.iter().chain(NOTHING).any(|denial| begins(&opening, denial));
    let is_put_off = said.iter().any(|word| LATER.contains(&word.as_str()));
    (is_denial && !is_put_off).then_some(said)
}

/// True for a line of older templates that asks for the section. `said` is in the form of [`words`].
pub(super) fn is_old_demand(said: &str) -> bool {
    let stage = said.strip_prefix(OLD_DEMAND).map(|rest| rest.strip_suffix(OLD_DEMAND_END).unwrap_or(rest));
    stage.is_some_and(|stage| OLD_DEMANDS.contains(&stage))
}

/// True if `said` begins with the words of `phrase`.
fn begins(said: &str, phrase: &str) -> bool {
    said.strip_prefix(phrase).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// True for a character that says something, such as a check mark, but not for a dash or another punctuation mark.
const fn is_sign(character: char) -> bool {
    !character.is_ascii() && !matches!(character, '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{205e}')
}

/// The non-blank lines in `content`, without comments.
pub(super) fn lines<'t>(text: &'t str, content: Span, markdown: &'t Markdown) -> impl Iterator<Item = Span> + 't {
    let first = markdown.comments.partition_point(|comment| comment.end <= content.start);
    let comments = markdown.comments.iter().skip(first).take_while(move |comment| comment.start < content.end);
    let starts = std::iter::once(content.start).chain(comments.clone().map(|comment| comment.end));
    let ends = comments.map(|comment| comment.start).chain([content.end]);
    starts.zip(ends).flat_map(move |(start, end)| {
        let piece = &text[Span::new(start, end)];
        let mut at = start;
        piece.split_inclusive('\n').filter_map(move |line| {
            let start = at + (line.len() - line.trim_start().len());
            at += line.len();
            (!line.trim().is_empty()).then(|| Span::new(start, start + line.trim().len()))
        })
    })
}

/// The checkbox in a line.
pub(super) fn checkbox_in(markdown: &Markdown, line: Span) -> Option<Checkbox> {
    let next = markdown.checkboxes.partition_point(|checkbox| checkbox.span.start < line.start);
    markdown.checkboxes.get(next).copied().filter(|checkbox| checkbox.span.end <= line.end)
}

/// The state of an answer while it is read.
struct Reading<'o> {
    outline: &'o Outline,
    /// The words that are the author's own.
    said: Vec<String>,
    /// The locations of the first ones.
    place: Option<Span>,
    choice: Choice,
    /// True if a box is ticked that needs no further text.
    is_chosen: bool,
}

/// The checkbox that the lines read now belong to.
enum Choice {
    None,
    /// Not ticked.
    Open,
    /// Ticked, and no field of it is still empty.
    Ticked,
    /// Ticked, with an empty field.
    Unfilled,
}

impl<'o> Reading<'o> {
    /// Reads `content` until more than `max` words are the author's own.
    fn new(text: &str, content: Span, (markdown, outline): (&Markdown, &'o Outline), max: usize) -> Self {
        let mut reading = Self { outline, said: Vec::new(), place: None, choice: Choice::None, is_chosen: false };
        for line in lines(text, content, markdown) {
            reading.add(text, line, markdown);
            if reading.said.len() > max {
                break;
            }
        }
        reading.close();
        reading
    }

    fn add(&mut self, text: &str, line: Span, markdown: &Markdown) {
        let checkbox = checkbox_in(markdown, line);
        let rest = match checkbox {
            Some(checkbox) => Span::new(checkbox.span.end, line.end),
            None => line,
        };
        let shown = markdown.shown(text, rest);
        let line = shown.trim();
        let said = words(line);
        if let Some(checkbox) = checkbox {
            self.close();
            self.choice = match checkbox.is_ticked {
                true if said.is_empty() => Choice::None,
                true => Choice::Ticked,
                false => Choice::Open,
            };
            if !checkbox.is_ticked {
                return;
            }
        }
        // Template text is compared as it is written, too, if that differs.
        let is_template_line = self.outline.has_line(&said)
            || (matches!(shown, Cow::Owned(_)) && self.outline.has_line(&words(&text[rest])));
        let field = line.split_once(':').filter(|(label, _)| self.outline.has_field(&words(label)));
        if let Some((_, value)) = field {
            let value = words(value);
            if value.is_empty() {
                self.leave_unfilled();
            } else {
                self.say(&value, rest);
            }
        } else if is_template_line || is_old_demand(&said) {
            if line.ends_with(':') {
                self.leave_unfilled();
            }
        } else if line.ends_with(':') && !matches!(self.choice, Choice::None) {
            // A field of an older template.
            self.leave_unfilled();
        } else if said.is_empty() && line.contains(is_sign) {
            self.say("sign", rest);
        } else {
            self.say(&said, rest);
        }
    }

    fn leave_unfilled(&mut self) {
        if matches!(self.choice, Choice::Ticked) {
            self.choice = Choice::Unfilled;
        }
    }

    fn say(&mut self, said: &str, place: Span) {
        if !said.is_empty() {
            self.place = self.place.or(Some(place));
            self.said.extend(said.split(' ').map(str::to_owned));
        }
    }

    /// The lines of a checkbox are over.
    fn close(&mut self) {
        self.is_chosen |= matches!(self.choice, Choice::Ticked);
        self.choice = Choice::None;
    }
}
