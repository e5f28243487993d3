//! Escapes untrusted text, with one function for each output format. Every report passes text from a change through the
//! function for its own format, and through no other.
//!
//! No function lets through a character for which [`is_unsafe`] is true, except for the line feeds and tabs that it
//! says it keeps.

mod data;
mod invisible;
mod markdown;

pub use data::{csv_text, json_text, output_entry, quoted, sarif_message, url_path, xml_document, xml_text};
use invisible::show;
pub use invisible::{VisibleSource, is_unsafe};
pub use markdown::{markdown_block, markdown_cell, markdown_code, markdown_diff, markdown_fence, markdown_sentence};

/// Escapes the data of a workflow command, which follows the second `::`. From actions/toolkit, `command.ts`.
#[must_use]
pub fn command_data(text: &str) -> String {
    terminal(text).replace('%', "%25").replace('\n', "%0A")
}

/// Escapes the value of a property of a workflow command. From actions/toolkit, `command.ts`.
#[must_use]
pub fn command_property(text: &str) -> String {
    one_line(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

/// Lines of a log. `##[` starts a workflow command anywhere in a line, and `::` only at its start; a backslash breaks
/// up both. A stop token guards the lines as well. Line feeds stay.
#[must_use]
pub fn log_lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let shown = terminal(line);
        let trimmed = shown.trim_start();
        let indent = shown.len() - trimmed.len();
        let broken = shown.replace("##[", "##\\[");
        if let Some(place) = broken.trim_start().strip_prefix("::: ") {
            // annotate-snippets writes this when it continues in another file.
            safe.push_str(&format!("{}--> {place}", broken.get(..indent).unwrap_or_default()));
        } else if trimmed.starts_with("::") {
            safe.push_str(broken.get(..indent).unwrap_or_default());
            safe.push('\\');
            safe.push_str(broken.get(indent..).unwrap_or_default());
        } else {
            safe.push_str(&broken);
        }
    }
    safe
}

/// Text for a terminal. Line feeds and tabs stay.
#[must_use]
pub fn terminal(text: &str) -> String {
    show(text, &['\n', '\t']).into_owned()
}

/// Text on one line. Line feeds and tabs are made visible, too.
#[must_use]
pub fn one_line(text: &str) -> String {
    show(text, &[]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_escaped_as_the_toolkit_does() {
        assert_eq!(command_data("100%\n::error::x"), "100%25%0A::error::x");
        assert_eq!(command_property("a,b:c%"), "a%2Cb%3Ac%25");
    }

    #[test]
    fn commands_have_no_invisible_characters() {
        assert_eq!(command_data("a\r\u{1b}\u{202e}"), "a\\u{d}\\u{1b}\\u{202e}");
        assert_eq!(command_property("a\n\u{9b}\u{200b}"), "a\\u{a}\\u{9b}\\u{200b}");
    }

    #[test]
    fn no_line_of_a_log_is_a_command() {
        let hostile = "::add-mask::x\n  ::stop-commands::y\ntext ##[error]z\nx\r::error::w\n\u{2028}::error::v";
        let safe = log_lines(hostile);
        for line in safe.split(['\n', '\r']) {
            assert!(!line.trim_start().starts_with("::"), "{line:?}");
            assert!(!line.contains("##["), "{line:?}");
        }
        assert_eq!(log_lines("plain :: text\n"), "plain :: text\n");
        assert_eq!(log_lines(" ::: keps/a::b\n"), " --> keps/a::b\n");
    }

    #[test]
    fn terminals_get_no_escape_sequences() {
        assert_eq!(terminal("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\n");
        assert_eq!(one_line("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\u{a}");
    }
}
