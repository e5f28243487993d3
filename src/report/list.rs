//! Tables as aligned text, CSV, Markdown, JSON and YAML.
//!
//! Headings, keys and links come from kepgate. Every other cell may hold text from a change and is escaped for the
//! format it is written in.

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::escape::{csv_text, log_lines, markdown_cell, markdown_code, one_line, quoted};

/// The maximum length of a cell in aligned text, in characters. Links are never cut.
const MAX_WIDTH: usize = 60;

/// Rows of cells under headings. Every row has one cell per column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// The name of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The key in JSON and YAML: lowercase words joined by dashes.
    pub key: &'static str,
    /// The heading in the other formats.
    pub heading: &'static str,
}

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

    /// Columns of text for a terminal or a log, with the headings first and two spaces between columns. A text longer
    /// than 60 characters is cut and ends with `…`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_preset(comfy_table::presets::NOTHING);
        table.set_header(self.columns.iter().map(|column| column.heading));
        table.add_rows(self.rows.iter().map(|row| row.iter().map(Cell::short)));
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        log_lines(&(table.trim_fmt() + "\n"))
    }

    /// CSV for spreadsheets, with a line of headings. Everything except numbers is quoted, so that a spreadsheet that
    /// splits at semicolons reads the same fields.
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
        // The serializer would write `2025-02-28` plain, which other readers take for a date, and would leave live text
        // as it is. Every text is therefore replaced by a placeholder first, and that by a double-quoted scalar after.
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

    /// The same table with every text passed through `replace`.
    fn with_texts(&self, replace: &mut impl FnMut(&str) -> String) -> Self {
        let mut table = Self::new(self.columns.clone());
        for row in &self.rows {
            table.push(row.iter().map(|cell| cell.with_texts(replace)).collect());
        }
        table
    }
}

/// Surrounds the index of a text that is inserted after serialization. A plain word, so that YAML does not quote it.
const PLACEHOLDER: &str = "kepgate_escaped_text_";

fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::Internal {
        message: format!("the list cannot be written: {error}"),
        help: "please report this bug".to_owned(),
    }
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
    fn short(&self) -> String {
        match self {
            Self::Link(link) => one_line(link),
            Self::Rows(table) => {
                let rows = table.rows.iter().map(|row| {
                    let cells = row.iter().map(|cell| match cell {
                        Self::List(list) => list.iter().map(|text| cut(text)).collect::<Vec<_>>().join(", "),
                        other => other.short(),
                    });
                    cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
                });
                rows.collect::<Vec<_>>().join("; ")
            }
            other => cut(&other.plain()),
        }
    }

    fn markdown(&self) -> String {
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

    fn with_texts(&self, replace: &mut impl FnMut(&str) -> String) -> Self {
        match self {
            Self::Text(text) | Self::Link(text) => Self::Text(replace(text)),
            Self::List(list) => Self::List(list.iter().map(|text| replace(text)).collect()),
            Self::Rows(table) => Self::Rows(table.with_texts(replace)),
            Self::Empty | Self::Number(_) | Self::Reference { .. } => self.clone(),
        }
    }
}

/// Text on one line, of at most [`MAX_WIDTH`] characters.
fn cut(text: &str) -> String {
    let text = one_line(text);
    if text.chars().nth(MAX_WIDTH).is_none() {
        return text;
    }
    text.chars().take(MAX_WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cell, Column, Table};

    const KEP: Column = Column { key: "kep", heading: "KEP" };
    const TITLE: Column = Column { key: "title", heading: "Title" };
    const AUTHORS: Column = Column { key: "authors", heading: "Authors" };
    const LINK: Column = Column { key: "link", heading: "Link" };

    fn table() -> Table {
        let mut table = Table::new([KEP, TITLE, AUTHORS, LINK]);
        let authors = Cell::List(vec!["@ida-r".to_owned(), "@jon-b".to_owned()]);
        let link = Cell::Link("https://example.org/keps/12".to_owned());
        table.push(vec![Cell::Number(12), Cell::text("Quiet, \"loud\""), authors, link]);
        table.push(vec![Cell::Number(345), Cell::text("=1+1\n| a |")]);
        table
    }

    #[test]
    fn text_is_aligned_in_columns() {
        let expected = "\
KEP  Title           Authors         Link
12   Quiet, \"loud\"   @ida-r, @jon-b  https://example.org/keps/12
345  =1+1\\u{a}| a |
";
        assert_eq!(table().text(), expected);
        let mut long = Table::new([TITLE, LINK]);
        let link = format!("https://example.org/{}", "x".repeat(80));
        long.push(vec![Cell::text("y".repeat(61)), Cell::Link(link.clone())]);
        let expected = format!("{}…  {link}", "y".repeat(59));
        assert_eq!(long.text().lines().nth(1), Some(expected.as_str()));
    }

    #[test]
    fn no_line_of_text_is_a_workflow_command() {
        let mut table = Table::new([TITLE]);
        table.push(vec![Cell::text("::add-mask::x\r\n##[error]y")]);
        assert_eq!(table.text(), "Title\n\\::add-mask::x\\u{d}\\u{a}##\\[error]y\n");
    }

    #[test]
    fn csv_is_read_by_spreadsheets() {
        let expected = "\"KEP\",\"Title\",\"Authors\",\"Link\"\r\n\
                        12,\"Quiet, \"\"loud\"\"\",\"'@ida-r, @jon-b\",\"https://example.org/keps/12\"\r\n\
                        345,\"'=1+1\\u{a}| a |\",\"\",\"\"\r\n";
        assert_eq!(table().csv().unwrap(), expected);
    }

    #[test]
    fn text_cannot_break_out_of_a_markdown_cell() {
        let expected = "\
| KEP | Title | Authors | Link |
|---|---|---|---|
| 12 | `Quiet, \"loud\"` | `@ida-r`, `@jon-b` | [link](https://example.org/keps/12) |
| 345 | `=1+1\\u{a}\\| a \\|` |  |  |
";
        assert_eq!(table().markdown(), expected);
    }

    #[test]
    fn json_is_a_list_of_objects() {
        let value: serde_json::Value = serde_json::from_str(&table().json()).unwrap();
        let expected = serde_json::json!([
            {"kep": 12, "title": "Quiet, \"loud\"", "authors": ["@ida-r", "@jon-b"], "link": "https://example.org/keps/12"},
            {"kep": 345, "title": "=1+1\n| a |", "authors": null, "link": null},
        ]);
        assert_eq!(value, expected);
        assert_eq!(Table::new([KEP]).json(), "[]\n");
    }

    #[test]
    fn yaml_keeps_every_text_and_nests_tables() {
        let mut inner = Table::new([TITLE]);
        inner.push(vec![Cell::text("yes")]);
        let mut table = Table::new([KEP, AUTHORS, TITLE]);
        table.push(vec![Cell::Number(1), Cell::Rows(inner), Cell::text("null # x")]);
        table.push(vec![Cell::Empty, Cell::Rows(Table::new([TITLE]))]);
        let expected = serde_json::json!([
            {"kep": 1, "authors": [{"title": "yes"}], "title": "null # x"},
            {"kep": null, "authors": [], "title": null},
        ]);
        assert_eq!(serde_yaml::from_str::<serde_json::Value>(&table.yaml().unwrap()).unwrap(), expected);
        assert_eq!(Table::new([KEP]).yaml().unwrap(), "[]\n");
    }

    #[test]
    fn text_in_yaml_is_inert_and_unchanged() {
        let texts =
            ["a\n::error::b", "##[error]c", "\u{202e}d\u{1b}[31m", "kepgate_escaped_text_0", "::e", "\u{feff}f"];
        let mut table = Table::new([AUTHORS]);
        table.push(vec![Cell::List(texts.map(str::to_owned).into())]);
        let yaml = table.yaml().unwrap();
        for line in yaml.lines() {
            assert!(
                crate::escape::terminal(line) == line && !line.contains("##[") && !line.trim_start().starts_with("::"),
                "{line:?}"
            );
        }
        let expected = serde_json::json!([{"authors": texts}]);
        assert_eq!(serde_yaml::from_str::<serde_json::Value>(&yaml).unwrap(), expected);
    }
}
