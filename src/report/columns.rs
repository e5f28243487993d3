//! Text in columns for a terminal.

/// The width of a page, in columns.
pub(crate) const WIDTH: u16 = 80;

/// Labels on the left, and what they are about in lines that are wrapped at `width` columns.
pub(crate) fn columns<L: AsRef<str>>(rows: &[(L, String)], width: usize) -> String {
    let mut table = table(u16::try_from(width).unwrap_or(u16::MAX));
    for (label, text) in rows {
        table.add_row([label.as_ref(), text.as_str()]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
    }
    if let Some(labels) = table.column_mut(0) {
        labels.set_padding((0, 2)).set_constraint(comfy_table::ColumnConstraint::ContentWidth);
    }
    table.trim_fmt() + "\n"
}

/// A paragraph in lines that are indented by `indent` columns.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    let mut table = table(WIDTH.saturating_sub(u16::try_from(indent).unwrap_or_default()));
    table.add_row([text]);
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 0));
    }
    let indent = " ".repeat(indent);
    let text = table.trim_fmt();
    text.lines().flat_map(|line| [indent.as_str(), line, "\n"]).collect()
}

fn table(width: u16) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table.set_width(width);
    table
}
