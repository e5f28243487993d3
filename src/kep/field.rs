//! A field of a mapping as it was decoded.

use crate::text::{Span, Spanned};

/// A field of a mapping: the span of its key, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<T> {
    /// The span of the key; `None` if it is absent.
    pub key: Option<Span>,
    /// The value.
    pub state: State<T>,
    /// True if the value is a list of which some entries are unknown. Another finding says why.
    pub is_partial: bool,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State<T> {
    /// The key is absent.
    Absent,
    /// The key is present, but its value is unknown. Another finding says why.
    Broken,
    /// The key is present, but its value is empty: null, `""` or `[]`. The span is that of the value, and may be empty.
    Empty(Span),
    /// A value and its span.
    Value(T, Span),
}

/// A field that contains text.
pub type Text = Field<String>;
/// A field that contains a list of texts. Null entries are empty strings.
pub type List = Field<Vec<Spanned<String>>>;

/// One of the project's own fields that is present.
#[derive(Debug, Clone)]
pub struct OwnValue {
    /// Its key.
    pub key: String,
    /// The span of the key.
    pub key_span: Span,
    /// True if it has a value.
    pub is_filled: bool,
    /// Its value, if that is text.
    pub text: Option<Spanned<String>>,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { key: None, state: State::Absent, is_partial: false }
    }
}

impl<T> Field<T> {
    /// The value and its span, if there is a value.
    pub fn value(&self) -> Option<(&T, Span)> {
        match &self.state {
            State::Value(value, span) => Some((value, *span)),
            _ => None,
        }
    }

    /// True if the field is absent or empty. A broken field is neither.
    pub fn is_missing(&self) -> bool {
        matches!(self.state, State::Absent | State::Empty(_))
    }

    /// True if all of the value is known, so that what is not in it is absent.
    pub const fn is_known(&self) -> bool {
        !self.is_partial && !matches!(self.state, State::Broken)
    }

    /// The span to report for a missing value: the text of the empty value or, if that has none, the key; `None` if the
    /// field is absent.
    pub fn missing_span(&self) -> Option<Span> {
        match self.state {
            State::Empty(span) if !span.is_empty() => Some(span),
            State::Empty(_) => self.key,
            _ => None,
        }
    }

    /// The field without its value.
    #[must_use]
    pub const fn outline(&self) -> Field<()> {
        let state = match &self.state {
            State::Absent => State::Absent,
            State::Broken => State::Broken,
            State::Empty(span) => State::Empty(*span),
            State::Value(_, span) => State::Value((), *span),
        };
        Field { key: self.key, state, is_partial: self.is_partial }
    }

    pub(super) fn broken(key: Span) -> Self {
        Self { key: Some(key), state: State::Broken, is_partial: false }
    }
}

impl Text {
    /// The text, or `""` if there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.value().map_or("", |(text, _)| text.as_str())
    }
}

impl List {
    /// A list with these entries, whose key has the span `key`. Without the value of an entry, it is partial.
    pub(super) fn listed(key: Span, entries: Vec<Option<Spanned<String>>>, span: Span) -> Self {
        let is_partial = entries.iter().any(Option::is_none);
        let entries: Vec<_> = entries.into_iter().flatten().collect();
        let state = if entries.is_empty() { State::Empty(span) } else { State::Value(entries, span) };
        Self { key: Some(key), state, is_partial }
    }

    /// The entries; empty if there is no list.
    #[must_use]
    pub fn entries(&self) -> &[Spanned<String>] {
        self.value().map_or(&[], |(entries, _)| entries.as_slice())
    }
}
