//! Untrusted text in documents that other programs read.

use std::borrow::Cow;

use super::invisible::{is_unsafe, show};
use super::one_line;

/// An entry for the file at `GITHUB_OUTPUT`, with the value between two delimiters. The delimiter must be random, so
/// that nothing in the value can end it early.
#[must_use]
pub fn output_entry(name: &str, value: &str, delimiter: &str) -> String {
    let value = show(value, &['\n']);
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

/// Text for an XML 1.0 element or attribute. Characters that XML does not allow are made visible; the XML writer
/// escapes the markup characters.
#[must_use]
pub fn xml_text(text: &str) -> String {
    show(text, &['\n']).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// An XML document in which no line is a workflow command, in case it is printed to a log. Only character references
/// are introduced, so the meaning stays the same.
#[must_use]
pub fn xml_document(text: &str) -> String {
    let guarded = |line: &str| {
        if line.trim_start().starts_with("::") { line.replacen("::", "&#58;:", 1) } else { line.to_owned() }
    };
    let lines: String = text.split_inclusive('\n').map(guarded).collect();
    lines.replace("##[", "#&#35;[")
}

/// The text of a SARIF message. `[words](target)` would be a link, so it is broken up.
#[must_use]
pub fn sarif_message(text: &str) -> String {
    text.replace("](", "] (")
}

/// The text of a CSV field, on one line and not quoted yet. Text that a spreadsheet would take for a formula (it starts
/// with `=`, `+`, `-` or `@`; OWASP calls this "CSV injection") gets an apostrophe in front. Handles get one, too.
#[must_use]
pub fn csv_text(text: &str) -> String {
    // Spreadsheets, and runners that read the log, ignore leading white space.
    let start = text.trim_start_matches(|character: char| character.is_whitespace() || is_unsafe(character));
    let is_live = start.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || start.starts_with("::");
    let text = one_line(text).replace("##[", "##\\[");
    if is_live { format!("'{text}") } else { text }
}

/// JSON, or a part of a string in it, in which no character is unsafe and no text starts a workflow command. Such
/// characters can only occur in strings, where an escape has the same meaning.
#[must_use]
pub fn json_text(text: &str) -> Cow<'_, str> {
    // Nearly all bytes are plain ASCII and are copied in runs.
    let is_plain = |byte: u8| matches!(byte, b'\n' | b' '..=b'~') && byte != b'[';
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let run = rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
        let (plain, other) = rest.split_at(run);
        safe.push_str(plain);
        let mut characters = other.chars();
        let Some(character) = characters.next() else { return Cow::Owned(safe) };
        rest = characters.as_str();
        match character {
            // `##[` begins a workflow command anywhere in a line of a log.
            '[' if safe.ends_with("##") => safe.push_str("\\u005b"),
            character if needs_escape(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    safe.push_str(&format!("\\u{unit:04x}"));
                }
            }
            character => safe.push(character),
        }
    }
}

/// A double-quoted YAML scalar, including the quotes. Unsafe characters are escaped, and so is the bracket in `##[`,
/// which would start a workflow command in a log.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '[' if out.ends_with("##") => out.push_str("\\u005b"),
            character if needs_escape(character) => {
                let number = u32::from(character);
                // YAML has no surrogate pairs.
                out.push_str(&if number > 0xffff { format!("\\U{number:08x}") } else { format!("\\u{number:04x}") });
            }
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// True for unsafe characters, and for the two noncharacters at the end of the Basic Multilingual Plane.
fn needs_escape(character: char) -> bool {
    is_unsafe(character) || matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// Escapes the path of a link: every byte that is not plain becomes `%NN`.
#[must_use]
pub fn url_path(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGE: &str = "a\"b\\c\n\t\u{1b}\u{85}\u{202e}\u{feff}\u{e0001}\u{ffff}é😀 ##[error]x";

    #[test]
    fn a_spreadsheet_gets_no_formula() {
        assert_eq!(csv_text("Quiet Hours"), "Quiet Hours");
        assert_eq!(csv_text("a, \"b\""), "a, \"b\"");
        assert_eq!(csv_text("=HYPERLINK(\"https://x\",1)"), "'=HYPERLINK(\"https://x\",1)");
        assert_eq!(csv_text("@petra-solm"), "'@petra-solm");
        assert_eq!(csv_text(" =1"), "' =1");
        assert_eq!(csv_text("\t=1"), "'\\u{9}=1");
        assert_eq!(csv_text("\u{200b}=1"), "'\\u{200b}=1");
        assert_eq!(csv_text("a\r\n=1"), "a\\u{d}\\u{a}=1");
        assert_eq!(csv_text("::error::x ##[error]y"), "'::error::x ##\\[error]y");
    }

    #[test]
    fn a_json_document_has_no_live_text_and_means_the_same() {
        let document = serde_json::to_string_pretty(&[STRANGE]).unwrap();
        let document = json_text(&document);
        assert!(document.lines().all(|line| !line.contains("##[") && !line.chars().any(is_unsafe)), "{document}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&document).unwrap(), [STRANGE]);
    }

    #[test]
    fn a_quoted_string_is_yaml_and_means_the_text() {
        let quoted = quoted(STRANGE);
        assert!(quoted.chars().all(|character| !is_unsafe(character)) && !quoted.contains("##["), "{quoted}");
        assert_eq!(serde_yaml::from_str::<String>(&quoted).unwrap(), STRANGE);
    }

    #[test]
    fn only_characters_past_the_basic_plane_need_a_long_escape() {
        assert_eq!(quoted("\u{ffff}\u{e0001}"), r#""\uffff\U000e0001""#);
    }

    #[test]
    fn an_output_ends_where_its_delimiter_stands() {
        assert_eq!(output_entry("keps", "[1]\nEND", "END-5f"), "keps<<END-5f\n[1]\nEND\nEND-5f\n");
        assert_eq!(output_entry("report", "a\r\u{202e}", "END-5f"), "report<<END-5f\na\\u{d}\\u{202e}\nEND-5f\n");
    }

    #[test]
    fn xml_holds_what_it_can_hold() {
        assert_eq!(xml_text("a\0b\u{1b}[31m\tc\u{fffe}\nd"), "a\\u{0}b\\u{1b}[31m\\u{9}c\u{fffd}\nd");
        let document = xml_document("<a>\n ::error::x ::y\n##[error]z</a>");
        assert_eq!(document, "<a>\n &#58;:error::x ::y\n#&#35;[error]z</a>");
    }

    #[test]
    fn no_message_of_sarif_is_a_link() {
        assert_eq!(sarif_message("[x](https://evil.example) [0](1)"), "[x] (https://evil.example) [0] (1)");
    }

    #[test]
    fn links_hold_plain_bytes_only() {
        assert_eq!(url_path("keps/a b\"c/é".as_bytes()), "keps/a%20b%22c/%C3%A9");
    }
}
