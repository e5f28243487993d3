//! Text in columns for a terminal.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The width of a page, in columns.
pub(crate) const WIDTH: u16 = 80;
/// A word longer than this many lines is divided.
const MAX_LINES: usize = 4;

/// Labels in a column on the left, and next to each its text, wrapped so that no line is wider than `width` columns.
pub(crate) fn columns<L: AsRef<str>>(rows: &[(L, String)], width: usize) -> String {
    let mut table = table(u16::try_from(width).unwrap_or(u16::MAX));
    let labels = rows.iter().map(|(label, _)| label.as_ref().width()).max().unwrap_or_default();
    for (label, text) in rows {
        table.add_row([label.as_ref().into(), without_long_words(text, width.saturating_sub(labels + 2))]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
    }
    if let Some(labels) = table.column_mut(0) {
        labels.set_padding((0, 2)).set_constraint(comfy_table::ColumnConstraint::ContentWidth);
    }
    table.trim_fmt() + "\n"
}

/// Wraps a paragraph and indents each line by `indent` columns.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    let width = WIDTH.saturating_sub(u16::try_from(indent).unwrap_or_default());
    let mut table = table(width);
    table.add_row([without_long_words(text, usize::from(width))]);
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 0));
    }
    let indent = " ".repeat(indent);
    let text = table.trim_fmt();
    text.lines().flat_map(|line| [indent.as_str(), line, "\n"]).collect()
}

/// Inserts spaces into words that are much wider than a line. Otherwise the table would copy the rest of such a word
/// for each line.
fn without_long_words(text: &str, width: usize) -> Cow<'_, str> {
    let is_long = |word: &str| word.len() > MAX_LINES * width.max(1);
    if !text.split(char::is_whitespace).any(is_long) {
        return text.into();
    }
    let mut parts = String::with_capacity(text.len() + text.len() / width.max(1));
    for word in text.split_inclusive(char::is_whitespace) {
        if !is_long(word) {
            parts.push_str(word);
            continue;
        }
        let mut column = 0;
        for letter in word.chars() {
            column += letter.width().unwrap_or_default();
            if column > width && !letter.is_whitespace() {
                parts.push(' ');
                column = letter.width().unwrap_or_default();
            }
            parts.push(letter);
        }
    }
    parts.into()
}

fn table(width: u16) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table.set_width(width);
    table
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{columns, without_long_words, wrapped};

    #[test]
    fn only_words_of_many_lines_are_divided() {
        assert!(matches!(without_long_words(&"x".repeat(16), 4), Cow::Borrowed(_)));
        assert_eq!(without_long_words(&format!("a\n{} b", "x".repeat(18)), 4), "a\nxxxx xxxx xxxx xxxx xx b");
        assert_eq!(without_long_words(&"漢".repeat(6), 4), "漢漢 漢漢 漢漢");
        assert_eq!(wrapped(&"x".repeat(400), 0).lines().map(str::len).collect::<Vec<_>>(), [80; 5]);
        let page = columns(&[("Title", "x".repeat(400))], 80);
        assert_eq!(page.lines().map(str::len).collect::<Vec<_>>(), [80, 80, 80, 80, 80, 42]);
    }

    /// Without [`without_long_words`], each line would copy the rest of its word.
    #[test]
    fn the_time_for_a_long_word_grows_with_its_length() {
        let started = std::time::Instant::now();
        assert!(wrapped(&"x".repeat(1_000_000), 6).lines().count() > 10_000);
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}
