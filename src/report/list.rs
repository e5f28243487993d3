//! Lists of things, one a row: as aligned text, CSV, Markdown, JSON and YAML.
//!
//! Headings, keys and links are ours; every other cell may hold a stranger's text and leaves through the function for
//! its way out.

use crate::escape::{csv_field, log_lines, markdown_code, one_line, quoted};

/// The widest that a cell of aligned text gets, in characters; links are never cut.
const MAX_WIDTH: usize = 60;

/// Rows of cells below headings. Every row has a cell for each column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The key in JSON and YAML: a plain word of lower case and dashes.
    pub key: &'static str,
    /// The heading everywhere else: plain words.
    pub heading: &'static str,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known: null in JSON and YAML, empty elsewhere.
    Empty,
    /// Text, perhaps a stranger's.
    Text(String),
    /// A number.
    Number(u64),
    /// Several texts: a list in JSON and YAML, with commas between them elsewhere.
    List(Vec<String>),
    /// An address that kepgate made, of ASCII letters, digits and `-_./:%#?=&` alone (see
    /// [`url_path`](super::escape::url_path)).
    Link(String),
    /// The number of an issue or a pull request, and its address, of which holds what does of a link.
    Reference {
        /// The number.
        number: u64,
        /// The address.
        url: String,
    },
    /// A table in itself: a list of mappings in JSON and YAML; elsewhere its cells in a row, its rows with semicolons
    /// between them.
    Rows(Table),
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new() }
    }

    /// Takes a row in. Cells that are missing at its end are empty, and those beyond the last column are dropped.
    pub fn push(&mut self, mut row: Vec<Cell>) {
        row.resize(self.columns.len(), Cell::Empty);
        self.rows.push(row);
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Columns of text for a terminal or a log, the headings first, two spaces between them. What is longer than 60
    /// characters is cut, with `…` at its end.
    #[must_use]
    pub fn text(&self) -> String {
        let headings = self.columns.iter().map(|column| column.heading.to_owned()).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::short).collect());
        let lines: Vec<Vec<String>> = std::iter::once(headings).chain(rows).collect();
        let mut widths = vec![0; self.columns.len()];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for line in lines {
            let padded: Vec<_> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            text.push_str(padded.join("  ").trim_end());
            text.push('\n');
        }
        log_lines(&text)
    }

    /// CSV with a line of headings, as spreadsheets read it: lines end with a carriage return and a line feed.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut csv = self.columns.iter().map(|column| column.heading).collect::<Vec<_>>().join(",") + "\r\n";
        for row in &self.rows {
            let fields: Vec<_> = row.iter().map(|cell| csv_field(&cell.plain())).collect();
            csv.push_str(&fields.join(","));
            csv.push_str("\r\n");
        }
        csv
    }

    /// A table of Markdown as GitHub renders it, in which nothing of a stranger lives.
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

    /// A list of objects as JSON, with a line feed at its end.
    #[must_use]
    pub fn json(&self) -> String {
        self.json_below(0) + "\n"
    }

    fn json_below(&self, depth: usize) -> String {
        if self.rows.is_empty() {
            return "[]".to_owned();
        }
        let indent = "  ".repeat(depth);
        let objects = self.rows.iter().map(|row| {
            let entries = self
                .columns
                .iter()
                .zip(row)
                .map(|(column, cell)| format!("{indent}    {}: {}", quoted(column.key), cell.json(depth + 2)));
            format!("{indent}  {{\n{}\n{indent}  }}", entries.collect::<Vec<_>>().join(",\n"))
        });
        format!("[\n{}\n{indent}]", objects.collect::<Vec<_>>().join(",\n"))
    }

    /// A list of mappings as YAML; every text is in double quotes, so that none of it means anything else.
    #[must_use]
    pub fn yaml(&self) -> String {
        if self.rows.is_empty() {
            return "[]\n".to_owned();
        }
        self.yaml_below(0)
    }

    fn yaml_below(&self, depth: usize) -> String {
        let indent = "  ".repeat(depth);
        let mut yaml = String::new();
        for row in &self.rows {
            for (index, (column, cell)) in self.columns.iter().zip(row).enumerate() {
                let lead = if index == 0 { "- " } else { "  " };
                yaml.push_str(&format!("{indent}{lead}{}:{}\n", column.key, cell.yaml(depth + 1)));
            }
        }
        yaml
    }
}

impl Cell {
    /// A text, or nothing when there is none.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// The value as one text, not escaped for any way out yet.
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

    /// The value on one line, bounded; of a table each text in it.
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
            Self::Text(text) => markdown_code(text),
            Self::List(list) => list.iter().map(|text| markdown_code(text)).collect::<Vec<_>>().join(", "),
            Self::Rows(table) => {
                let rows = table.rows.iter().map(|row| {
                    let cells = row.iter().map(Self::markdown).filter(|cell| !cell.is_empty());
                    cells.collect::<Vec<_>>().join(" ")
                });
                rows.collect::<Vec<_>>().join("; ")
            }
        }
    }

    fn json(&self, depth: usize) -> String {
        match self {
            Self::Empty => "null".to_owned(),
            Self::Text(text) | Self::Link(text) => quoted(text),
            Self::Number(number) | Self::Reference { number, .. } => number.to_string(),
            Self::List(list) => flow(list),
            Self::Rows(table) => table.json_below(depth),
        }
    }

    /// What stands behind the colon, with the space or the line break before it.
    fn yaml(&self, depth: usize) -> String {
        match self {
            Self::Rows(table) if !table.rows.is_empty() => {
                format!("\n{}", table.yaml_below(depth + 1).trim_end_matches('\n'))
            }
            cell => format!(" {}", cell.json(0)),
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

/// `["a", "b"]`, which is JSON and YAML alike.
fn flow(list: &[String]) -> String {
    let items: Vec<_> = list.iter().map(|text| quoted(text)).collect();
    format!("[{}]", items.join(", "))
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
    fn text_stands_in_columns() {
        let expected = "\
KEP  Title          Authors         Link
12   Quiet, \"loud\"  @ida-r, @jon-b  https://example.org/keps/12
345  =1+1\u{240a}| a |
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
        assert_eq!(table.text(), "Title\n\\::add-mask::x\u{240d}\u{240a}##\\[error]y\n");
    }

    #[test]
    fn csv_is_read_by_spreadsheets() {
        let expected = "KEP,Title,Authors,Link\r\n\
                        12,\"Quiet, \"\"loud\"\"\",\"'@ida-r, @jon-b\",https://example.org/keps/12\r\n\
                        345,'=1+1\u{240a}| a |,,\r\n";
        assert_eq!(table().csv(), expected);
    }

    #[test]
    fn nothing_breaks_out_of_a_cell_of_markdown() {
        let expected = "\
| KEP | Title | Authors | Link |
|---|---|---|---|
| 12 | <code>Quiet&#44; &#34;loud&#34;</code> | <code>&#64;ida-r</code>, <code>&#64;jon-b</code> | [link](https://example.org/keps/12) |
| 345 | <code>&#61;1&#43;1\u{240a}&#124; a &#124;</code> |  |  |
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
    fn yaml_quotes_every_text() {
        let mut inner = Table::new([TITLE]);
        inner.push(vec![Cell::text("yes")]);
        let mut table = Table::new([KEP, AUTHORS, TITLE]);
        table.push(vec![Cell::Number(1), Cell::Rows(inner.clone()), Cell::text("null # x")]);
        table.push(vec![Cell::Empty, Cell::Rows(Table::new([TITLE]))]);
        let expected = "\
- kep: 1
  authors:
    - title: \"yes\"
  title: \"null # x\"
- kep: null
  authors: []
  title: null
";
        assert_eq!(table.yaml(), expected);
        assert_eq!(Table::new([KEP]).yaml(), "[]\n");
        assert!(table.json().contains("\"authors\": [\n      {\n        \"title\": \"yes\"\n      }\n    ]"));
    }
}
