//! Changes one field of a document in place, and keeps the comments, order, quotes and line endings around it.
//!
//! Each function returns the span to replace and the new text, or `None` if the way in which the file is written makes
//! the right place uncertain.

use super::field::{Field, State, Text};
use crate::text::{SourceFile, Span};

/// A span and its new text.
pub type Edit = (Span, String);

/// Sets an existing field, and keeps its quotes. An empty value is replaced with `fresh`.
#[must_use]
pub fn set(file: &SourceFile, field: &Text, value: &str, fresh: &str) -> Option<Edit> {
    match &field.state {
        State::Value(old, _) if old.contains('\n') => None,
        State::Value(_, span) => {
            let new = requoted(file, *span, value);
            // Without quotes, a value must not begin with `@`.
            Some((*span, if new.starts_with('@') { fresh.to_owned() } else { new }))
        }
        State::Empty(span) if file.text()[*span].starts_with(['"', '\'']) => {
            Some((*span, requoted(file, *span, value)))
        }
        State::Empty(span) => fill(file, *span, fresh),
        State::Absent | State::Broken => None,
    }
}

/// Replaces a null value with `text`, even if nothing is written after the colon.
#[must_use]
pub fn fill(file: &SourceFile, value: Span, text: &str) -> Option<Edit> {
    if !value.is_empty() {
        return Some((value, text.to_owned()));
    }
    let rest = file.text().get(value.end..).unwrap_or_default();
    let behind = Span::new(value.end + 1, value.end + 1);
    rest.starts_with(':')
        .then(|| (behind, if text.starts_with(['\r', '\n']) { text.to_owned() } else { format!(" {text}") }))
}

/// A key and the end of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Span,
    /// The byte after the value.
    pub end: usize,
}

impl Entry {
    /// The entry of a field that exists and has a known value.
    #[must_use]
    pub fn of<T>(field: &Field<T>) -> Option<Self> {
        match &field.state {
            State::Value(_, value) | State::Empty(value) => Some(Self { key: field.key?, end: value.end }),
            State::Absent | State::Broken => None,
        }
    }
}

/// Inserts lines below an entry of a block mapping, with the indentation and line endings of the entry. The key must be
/// the first text on its line, and only a comment may follow the value on its last line.
#[must_use]
pub fn below(file: &SourceFile, entry: Entry, lines: &str) -> Option<Edit> {
    let first = file.line(file.position(entry.key.start).line);
    let indent = &file.text()[Span::new(first.start, entry.key.start)];
    let last = file.line(file.position(entry.end.max(entry.key.end)).line);
    if !indent.bytes().all(|byte| byte == b' ') {
        return None;
    }
    let is_last = file.text().len() == last.end;
    let has_carriage_return = file.text().get(last.end..).is_some_and(|rest| rest.starts_with('\r'));
    let line_break = match (is_last, has_carriage_return) {
        (true, _) => line_break(file),
        (false, true) => "\r\n",
        (false, false) => "\n",
    };
    let start = format!("{line_break}{indent}");
    Some((Span::new(last.end, last.end), format!("{start}{}", lines.replace('\n', &start))))
}

/// The line ending of a file, which is that of its first line.
#[must_use]
pub fn line_break(file: &SourceFile) -> &'static str {
    if file.text().get(file.line(1).end..).is_some_and(|rest| rest.starts_with('\r')) { "\r\n" } else { "\n" }
}

/// `new` in the same quotes as the text at `span`, if it has any. Many programs would take a release such as 0.10 without
/// quotes for the number 0.1.
#[must_use]
pub fn requoted(file: &SourceFile, span: Span, new: &str) -> String {
    let would_lose_zero = new.contains('.') && new.ends_with('0') && new.parse::<f64>().is_ok();
    match file.text()[span].chars().next() {
        Some(quote @ ('"' | '\'')) => format!("{quote}{new}{quote}"),
        _ if would_lose_zero => format!("\"{new}\""),
        _ => new.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::requoted;
    use crate::text::{RepoPath, Side, SourceFile, Span};

    #[test]
    fn new_text_has_the_quotes_of_the_old_one_or_those_that_it_needs() {
        let text = |written: &str, new: &str| {
            let file = SourceFile::new(Side::Head, RepoPath::from("kep.yaml"), written);
            requoted(&file, Span::new(0, written.len()), new)
        };
        assert_eq!(text("\"v1.34\"", "v1.35"), "\"v1.35\"");
        assert_eq!(text("'0.9'", "0.10"), "'0.10'");
        assert_eq!(text("0.9", "0.11"), "0.11");
        assert_eq!(text("0.9", "0.10"), "\"0.10\"", "it would be 0.1");
        assert_eq!(text("v1.9", "v1.10"), "v1.10");
    }
}
