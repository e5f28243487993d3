//! Tables for a terminal or a log: aligned columns that fit, and no line that wraps.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cell::row_text;
use super::{Cell, Holds, Table};
use crate::escape::{log_lines, one_line};

/// The number of spaces between columns.
const GAP: usize = 2;

/// The width to which a column of texts may shrink.
const MIN_TEXT: usize = 20;

/// The width to which a column of words, such as handles, may shrink. Values in real KEPs are shorter.
const MIN_WORD: usize = 24;

/// A column of text: its place in the table, and its width.
struct Place {
    index: usize,
    width: usize,
}

impl Table {
    /// Aligned columns, with the headings first. If `width` is set, no line is wider: long texts are cut and end with
    /// `…`, then columns are left out, the last one first. Nested tables are lines of their own below the row.
    #[must_use]
    pub fn text(&self, width: Option<usize>) -> String {
        let places = self.places(width);
        let mut aligned = comfy_table::Table::new();
        aligned.load_preset(comfy_table::presets::NOTHING);
        let heading = |place: &Place| self.columns.get(place.index).map_or("", |column| column.heading);
        aligned.set_header(places.iter().map(|place| fit(heading(place), place.width)));
        for row in &self.rows {
            aligned.add_row(places.iter().map(|place| {
                let cell = row.get(place.index).map(Cell::short).unwrap_or_default();
                fit(&cell, place.width)
            }));
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
        let natural: Vec<_> =
            columns.map(|(index, column)| (index, column.holds, self.natural_width(index, column.heading))).collect();
        let Some(width) = width else {
            return natural.into_iter().map(|(index, _, width)| Place { index, width }).collect();
        };
        let least = |(_, holds, natural): &(usize, Holds, usize)| match holds {
            Holds::Text | Holds::List => MIN_TEXT.min(*natural),
            Holds::Word => MIN_WORD.min(*natural),
            Holds::Number | Holds::Link | Holds::Rows(_) => *natural,
        };
        let mut shown = natural.as_slice();
        let total = |shown: &[_]| shown.iter().map(least).sum::<usize>() + GAP * shown.len().saturating_sub(1);
        while let (true, [rest @ .., _]) = (shown.len() > 1 && total(shown) > width, shown) {
            shown = rest;
        }
        let mut spare = width.saturating_sub(total(shown));
        let mut places = Vec::new();
        for column @ (index, _, natural) in shown {
            let more = spare.min(natural - least(column));
            spare -= more;
            places.push(Place { index: *index, width: (least(column) + more).min(width) });
        }
        places
    }

    /// The width of the widest value of a column, or of its heading.
    fn natural_width(&self, index: usize, heading: &str) -> usize {
        let values = self.rows.iter().filter_map(|row| row.get(index));
        values.map(|cell| cell.short().width()).max().unwrap_or(0).max(heading.width())
    }
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
