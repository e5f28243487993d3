//! Tables for a terminal or a log: columns are aligned and fitted to the width, so that no line wraps.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cell::row_text;
use super::{Cell, Holds, Table};
use crate::escape::{log_lines, one_line};

/// The number of spaces between columns.
const GAP: usize = 2;

/// The minimum width of a column of texts.
const MIN_TEXT: usize = 20;

/// The minimum width if the table ends with a link, which takes up much space and is left out first.
const MIN_TEXT_BESIDE_LINK: usize = 40;

/// The minimum width of a column of sentences.
const MIN_SENTENCE: usize = 44;

/// The minimum width of a column of words, such as handles. Values in real KEPs are shorter.
const MIN_WORD: usize = 24;

/// A column of text: its index in the table, and its width.
struct Place {
    index: usize,
    width: usize,
}

impl Table {
    /// Aligned columns under their headings. If `width` is set, no line is wider: long texts are cut and end with `…`,
    /// then columns are left out, the last one first. Nested tables are on lines of their own below the row.
    #[must_use]
    pub fn text(&self, width: Option<usize>) -> String {
        let places = self.places(width);
        let mut aligned = comfy_table::Table::new();
        aligned.load_preset(comfy_table::presets::NOTHING);
        let heading = |place: &Place| self.columns.get(place.index).map_or("", |column| column.heading);
        aligned.set_header(places.iter().map(|place| fit(heading(place), place.width)));
        for row in &self.rows {
            aligned.add_row(places.iter().map(|place| fit(&self.shown(row, place.index), place.width)));
        }
        for column in aligned.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let indent = places.first().map_or(0, |first| first.width) + GAP;
        let mut text = String::new();
        let drawn = if places.is_empty() { String::new() } else { aligned.trim_fmt() };
        let mut lines = drawn.lines();
        text.extend(lines.next().map(|line| format!("{line}\n")));
        for row in &self.rows {
            text.extend(lines.next().map(|line| format!("{line}\n")));
            for line in row.iter().flat_map(nested) {
                let line = fit(&line, width.map_or(usize::MAX, |width| width.saturating_sub(indent)));
                text.push_str(&format!("{:indent$}{line}\n", ""));
            }
        }
        log_lines(&text)
    }

    /// The headings of the columns that [`Table::text`] leaves out at this width.
    #[must_use]
    pub fn left_out(&self, width: Option<usize>) -> Vec<&'static str> {
        let last = self.places(width).last().map_or(0, |place| place.index);
        let columns = self.columns.iter().skip(last + 1).filter(|column| !matches!(column.holds, Holds::Rows(_)));
        columns.map(|column| column.heading).collect()
    }

    /// The columns that fit, each with its width.
    fn places(&self, width: Option<usize>) -> Vec<Place> {
        let columns = self.columns.iter().enumerate().filter(|(_, column)| !matches!(column.holds, Holds::Rows(_)));
        let natural = columns.map(|(index, column)| Natural {
            index,
            holds: column.holds,
            width: self
                .rows
                .iter()
                .map(|row| self.shown(row, index).width())
                .max()
                .unwrap_or(0)
                .max(column.heading.width()),
        });
        let natural: Vec<_> = natural.collect();
        let Some(width) = width else {
            return natural.into_iter().map(|Natural { index, width, .. }| Place { index, width }).collect();
        };
        let mut shown = natural.as_slice();
        while let (true, [rest @ .., _]) = (shown.len() > 1 && least_total(shown) > width, shown) {
            shown = rest;
        }
        let mut spare = width.saturating_sub(least_total(shown));
        let has_link = ends_with_link(shown);
        let mut places = Vec::new();
        for column @ Natural { index, width: natural, .. } in shown {
            let least = column.least(has_link);
            let more = spare.min(natural - least);
            spare -= more;
            places.push(Place { index: *index, width: (least + more).min(width) });
        }
        places
    }

    /// A value on one line. Links are complete; other long texts are cut.
    fn shown(&self, row: &[Cell], index: usize) -> String {
        match (self.columns.get(index).map(|column| column.holds), row.get(index)) {
            (Some(Holds::Link), Some(cell)) => one_line(&cell.plain()),
            (_, cell) => cell.map(Cell::short).unwrap_or_default(),
        }
    }
}

/// A column as wide as its widest value.
struct Natural {
    index: usize,
    holds: Holds,
    width: usize,
}

impl Natural {
    /// The minimum width of the column.
    fn least(&self, has_link: bool) -> usize {
        let least = match self.holds {
            Holds::Text | Holds::List if has_link => MIN_TEXT_BESIDE_LINK,
            Holds::Text | Holds::List => MIN_TEXT,
            Holds::Word => MIN_WORD,
            Holds::Sentence => MIN_SENTENCE,
            Holds::Number | Holds::Link | Holds::Rows(_) => self.width,
        };
        least.min(self.width)
    }
}

/// The minimum width of a table with these columns.
fn least_total(columns: &[Natural]) -> usize {
    let has_link = ends_with_link(columns);
    let widths: usize = columns.iter().map(|column| column.least(has_link)).sum();
    widths + GAP * columns.len().saturating_sub(1)
}

fn ends_with_link(columns: &[Natural]) -> bool {
    columns.len() > 1 && columns.last().is_some_and(|column| column.holds == Holds::Link)
}

/// The lines of a nested table.
fn nested(cell: &Cell) -> Vec<String> {
    match cell {
        Cell::Rows(table) => table.rows.iter().map(|row| row_text(row)).collect(),
        _ => Vec::new(),
    }
}

/// Text on one line, cut to a width in columns of the terminal.
pub(crate) fn fit(text: &str, width: usize) -> String {
    let text = one_line(text);
    if text.width() <= width {
        return text;
    }
    let mut cut = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(character);
    }
    let cut = cut.trim_end();
    format!("{cut}…")
}

/// Wraps text so that no line is wider than `width`. Lines after the first one begin with `indent`.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let (mut lines, mut used) = (String::new(), 0);
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 && used + 1 + word.width() > width {
            lines.push('\n');
            lines.push_str(indent);
            used = indent.width();
        } else if index > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += word.width();
    }
    lines
}
