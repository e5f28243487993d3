//! The values of a table.

use serde::{Serialize, Serializer};

use super::Table;
use crate::escape::{markdown_cell, markdown_code, one_line};

/// The maximum length of a text in a list for people, in characters. Links are never cut.
const MAX_LENGTH: usize = 60;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// No value: null in JSON and YAML, empty elsewhere.
    Empty,
    /// Text, possibly from a change.
    Text(String),
    /// A number.
    Number(u64),
    /// Several texts: a list in JSON and YAML, joined by commas elsewhere.
    List(Vec<String>),
    /// A URL built by kepgate that contains only ASCII letters, digits and `-_./:%#?=&` (see
    /// [`url_path`](crate::escape::url_path)).
    Link(String),
    /// An issue or a pull request with its URL, which follows the same rule as a link.
    Reference {
        /// The number.
        number: u64,
        /// The URL.
        url: String,
    },
    /// A nested table: a list of mappings in JSON and YAML; elsewhere its rows, joined by semicolons.
    Rows(Table),
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_none(),
            Self::Text(text) | Self::Link(text) => serializer.serialize_str(text),
            Self::Number(number) | Self::Reference { number, .. } => serializer.serialize_u64(*number),
            Self::List(list) => list.serialize(serializer),
            Self::Rows(table) => table.serialize(serializer),
        }
    }
}

impl Cell {
    /// A text, or [`Cell::Empty`] if it is empty.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// True if there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) | Self::Link(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Rows(table) => table.is_empty(),
            Self::Number(_) | Self::Reference { .. } => false,
        }
    }

    /// The value as one text, not escaped for any output.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Link(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Reference { number, .. } => format!("#{number}"),
            Self::List(list) => list.join(", "),
            Self::Rows(table) => {
                let rows = table.rows.iter().map(|row| {
                    let cells = row.iter().map(Self::plain).filter(|cell| !cell.is_empty());
                    cells.collect::<Vec<_>>().join(" ")
                });
                rows.collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// The value on one line, cut to the maximum length; in a nested table each text is cut on its own.
    pub(super) fn short(&self) -> String {
        match self {
            Self::Link(link) => one_line(link),
            Self::Rows(table) => table.rows.iter().map(|row| row_text(row)).collect::<Vec<_>>().join("; "),
            other => cut(&other.plain()),
        }
    }

    pub(super) fn markdown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Link(url) => format!("[link]({url})"),
            Self::Reference { number, url } => format!("[#{number}]({url})"),
            Self::Text(text) => markdown_cell(&markdown_code(text)),
            Self::List(list) => {
                list.iter().map(|text| markdown_cell(&markdown_code(text))).collect::<Vec<_>>().join(", ")
            }
            Self::Rows(table) => {
                let rows = table.rows.iter().map(|row| {
                    let cells = row.iter().map(Self::markdown).filter(|cell| !cell.is_empty());
                    cells.collect::<Vec<_>>().join(" ")
                });
                rows.collect::<Vec<_>>().join("; ")
            }
        }
    }

    pub(super) fn with_texts(&self, replace: &mut impl FnMut(&str) -> String) -> Self {
        match self {
            Self::Text(text) | Self::Link(text) => Self::Text(replace(text)),
            Self::List(list) => Self::List(list.iter().map(|text| replace(text)).collect()),
            Self::Rows(table) => Self::Rows(table.with_texts(replace)),
            Self::Empty | Self::Number(_) | Self::Reference { .. } => self.clone(),
        }
    }
}

/// A row of a nested table on one line. Each text is cut on its own.
pub(super) fn row_text(row: &[Cell]) -> String {
    let cells = row.iter().map(|cell| match cell {
        Cell::List(list) => list.iter().map(|text| cut(text)).collect::<Vec<_>>().join(", "),
        other => other.short(),
    });
    cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text on one line, of at most [`MAX_LENGTH`] characters.
fn cut(text: &str) -> String {
    let text = one_line(text);
    if text.chars().nth(MAX_LENGTH).is_none() {
        return text;
    }
    text.chars().take(MAX_LENGTH - 1).chain(['…']).collect()
}
