//! Tables as aligned text, CSV, Markdown, JSON and YAML.
//!
//! Headings, keys and links come from kepgate. Every other cell may contain text from a change and is escaped for the
//! output format.

mod cell;
mod rank;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;
mod text;

use serde::{Serialize, Serializer};

pub use cell::Cell;
pub(crate) use rank::{SortKey, ranks};
#[cfg(test)]
pub(crate) use schema::{Rows, of_list};
pub(crate) use text::wrap;

use crate::error::{Cause, Error};
use crate::escape::{csv_text, quoted};

/// Rows of cells under headings. Every row has one cell per column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// A column: its name and the kind of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The key in JSON and YAML, and on the command line: lowercase words joined by dashes, as in `kep.yaml`.
    pub key: &'static str,
    /// The heading in the other formats.
    pub heading: &'static str,
    /// The values.
    pub holds: Holds,
    /// What the values mean, for the schema.
    pub about: &'static str,
}

/// The values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Short texts that are shown in full: a status, a handle, a date.
    Word,
    /// Texts that may be cut to fit.
    Text,
    /// Texts that make no sense when cut.
    Sentence,
    /// Numbers.
    Number,
    /// Lists of texts.
    List,
    /// Links and paths, which are useless when cut.
    Link,
    /// Nested tables with these columns.
    Rows(&'static [Column]),
}

impl Column {
    /// A column.
    #[must_use]
    pub const fn new(key: &'static str, heading: &'static str, holds: Holds, about: &'static str) -> Self {
        Self { key, heading, holds, about }
    }

    /// Finds a column by its key or its heading, in any case, with spaces or dashes.
    #[must_use]
    pub fn find<'c>(columns: &'c [Self], name: &str) -> Option<&'c Self> {
        let name = name.to_lowercase().replace([' ', '_'], "-");
        let is_headed = |column: &&Self| column.heading.to_lowercase().replace(' ', "-") == name;
        columns.iter().find(|column| column.key == name).or_else(|| columns.iter().find(is_headed))
    }
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new() }
    }

    /// Adds a row. Missing cells at its end become empty; cells beyond the last column are dropped.
    pub fn push(&mut self, mut row: Vec<Cell>) {
        row.resize(self.columns.len(), Cell::Empty);
        self.rows.push(row);
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// True if there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// True if every row has the same value in the column with this key.
    pub(crate) fn is_constant(&self, key: &str) -> bool {
        let Some(at) = self.columns.iter().position(|column| column.key == key) else { return false };
        let mut values = self.rows.iter().map(|row| row.get(at));
        values.next().is_some_and(|first| values.all(|value| value == first))
    }

    /// The table without the column with this key.
    #[must_use]
    pub(crate) fn without(mut self, key: &str) -> Self {
        if let Some(at) = self.columns.iter().position(|column| column.key == key) {
            self.columns.remove(at);
            self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        }
        self
    }

    /// Sorts the rows by the first key, then by the second where the first is equal, and so on. The sort is stable.
    pub(crate) fn sort(&mut self, keys: &[SortKey]) {
        let index = |key: &SortKey| self.columns.iter().position(|column| column.key == key.key);
        let keys: Vec<_> = keys.iter().filter_map(|key| Some((index(key)?, key.descending))).collect();
        self.rows.sort_by_cached_key(|row| {
            ranks(keys.iter().map(|(index, descending)| (row.get(*index).unwrap_or(&Cell::Empty), *descending)))
        });
    }

    /// CSV for spreadsheets, with a line of headings. Everything except numbers is quoted, so that spreadsheets that
    /// split at semicolons see the same fields.
    ///
    /// # Errors
    /// Cannot fail in practice: it writes to memory, and every row has the same number of cells.
    pub fn csv(&self) -> Result<String, Error> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .quote_style(csv::QuoteStyle::NonNumeric)
            .from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.heading)).map_err(unwritable)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| csv_text(&cell.plain()))).map_err(unwritable)?;
        }
        let bytes = writer.into_inner().map_err(unwritable)?;
        String::from_utf8(bytes).map_err(unwritable)
    }

    /// A table in GitHub's Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let headings: Vec<_> = self.columns.iter().map(|column| column.heading).collect();
        let mut table = format!("| {} |\n|{}\n", headings.join(" | "), "---|".repeat(headings.len()));
        for row in &self.rows {
            let cells: Vec<_> = row.iter().map(Cell::markdown).collect();
            table.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        table
    }

    /// A JSON array of objects, ending with a line feed.
    #[must_use]
    pub fn json(&self) -> String {
        super::to_json(self)
    }

    /// A YAML sequence of mappings; every text is in double quotes.
    ///
    /// # Errors
    /// Cannot fail in practice, because YAML can express every table.
    pub fn yaml(&self) -> Result<String, Error> {
        // The serializer would write `2025-02-28` without quotes, which other readers parse as a date, and would
        // not escape unsafe text. So each text is replaced by a placeholder first, and that by a quoted scalar.
        let mut texts = Vec::new();
        let mut replace = |text: &str| {
            texts.push(quoted(text));
            format!("{PLACEHOLDER}{}{PLACEHOLDER}", texts.len() - 1)
        };
        let yaml = serde_yaml::to_string(&self.with_texts(&mut replace)).map_err(unwritable)?;
        let mut parts = yaml.split(PLACEHOLDER);
        let mut out = parts.next().unwrap_or_default().to_owned();
        while let (Some(index), Some(rest)) = (parts.next(), parts.next()) {
            out.push_str(index.parse().ok().and_then(|index: usize| texts.get(index)).map_or("", String::as_str));
            out.push_str(rest);
        }
        Ok(out)
    }

    /// Returns the same table with `replace` applied to every text.
    fn with_texts(&self, replace: &mut impl FnMut(&str) -> String) -> Self {
        let mut table = Self::new(self.columns.clone());
        for row in &self.rows {
            table.push(row.iter().map(|cell| cell.with_texts(replace)).collect());
        }
        table
    }
}

/// Encloses the index of a text to insert after serialization. It is a plain word, so YAML does not quote it.
const PLACEHOLDER: &str = "kepgate_escaped_text_";

fn unwritable(error: impl Into<Cause>) -> Error {
    Error::internal("the list cannot be written", "please report this bug").caused_by(error)
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|row| Row { columns: &self.columns, cells: row }))
    }
}

struct Row<'a> {
    columns: &'a [Column],
    cells: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().map(|column| column.key).zip(self.cells))
    }
}
