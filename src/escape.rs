//! The ways out: one function each. What comes from a change is a stranger's text, and every report passes it through
//! the function for its own way out, and no other.

/// The data of a workflow command, after the second `::`. From actions/toolkit, `command.ts`.
#[must_use]
pub fn command_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a workflow command. From actions/toolkit, `command.ts`.
#[must_use]
pub fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Lines of a log: control characters and invisible line separators are made visible, and `##[`, which begins a
/// workflow command anywhere in a line, is broken up by a backslash. Line feeds stay; a `::` at the start of a line is broken up too,
/// though a stop token guards the lines as well.
#[must_use]
pub fn log_lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = safe.len();
        for character in line.chars() {
            match character {
                '\n' | '\t' => safe.push(character),
                character if is_unsafe(character) => safe.push(visible(character)),
                character => safe.push(character),
            }
        }
        let written = safe.split_off(start);
        let trimmed = written.trim_start();
        let indent = written.len() - trimmed.len();
        let broken = written.replace("##[", "##\\[");
        if let Some(place) = broken.trim_start().strip_prefix("::: ") {
            // Where annotate-snippets goes on in another file.
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

/// An entry of the file that `GITHUB_OUTPUT` names, with the value between a delimiter, which must be random: nothing in
/// the value can then end it early.
#[must_use]
pub fn output_entry(name: &str, value: &str, delimiter: &str) -> String {
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

/// Text of XML 1.0, in an element or an attribute: what it cannot hold is made visible. The markup characters are left
/// to the writer.
#[must_use]
pub fn xml_text(text: &str) -> String {
    let visible = |character: char| match character {
        '\n' => character,
        character if is_unsafe(character) || matches!(character, '\u{fffe}' | '\u{ffff}') => visible(character),
        character => character,
    };
    text.chars().map(visible).collect()
}

/// A whole document of XML in which no line is a command, should it be printed to a log: character references mean the same.
#[must_use]
pub fn xml_document(text: &str) -> String {
    let guarded = |line: &str| {
        if line.trim_start().starts_with("::") { line.replacen("::", "&#58;:", 1) } else { line.to_owned() }
    };
    let lines: String = text.split_inclusive('\n').map(guarded).collect();
    lines.replace("##[", "#&#35;[")
}

/// The text of a SARIF message, in which `[words](target)` would be a link: none is one.
#[must_use]
pub fn sarif_message(text: &str) -> String {
    text.replace("](", "] (")
}

/// Text as the terminal shows it: control characters made visible, line feeds and tabs kept.
#[must_use]
pub fn terminal(text: &str) -> String {
    let visible = |character: char| match character {
        '\n' | '\t' => character,
        character if is_unsafe(character) => visible(character),
        character => character,
    };
    text.chars().map(visible).collect()
}

/// One line of a stranger's text for Markdown that GitHub renders: code, so that no link, mention, reference, image
/// or tag in it comes alive, with all punctuation as character references, so that it cannot end early.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    format!("<code>{}</code>", references(text))
}

/// A sentence of ours, with a stranger's text between backquotes, for Markdown that GitHub renders. Handles, which
/// would be mentions, and all that is between backquotes become code.
#[must_use]
pub fn markdown_sentence(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out.push_str(&markdown_code(part));
            continue;
        }
        for (index, word) in part.split(' ').enumerate() {
            if index > 0 {
                out.push(' ');
            }
            let is_live = word.contains(['@', '#', '/']) || word.contains("www.");
            out.push_str(&if is_live { markdown_code(word) } else { references(word) });
        }
    }
    out
}

/// Lines of text inside `<pre>`, for Markdown that GitHub renders.
#[must_use]
pub fn markdown_block(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(references).collect();
    format!("<pre><code>{}</code></pre>", lines.join("\n"))
}

/// The text of a CSV field, on one line and not quoted yet. What a spreadsheet would take for a formula (`=`, `+`, `-`
/// or `@` in front, OWASP's "CSV injection") gets an apostrophe in front; so do handles.
#[must_use]
pub fn csv_text(text: &str) -> String {
    let text = one_line(text).replace("##[", "##\\[");
    // White space of any kind in front does not keep a spreadsheet, or a runner that reads the log, from looking on.
    let is_live = text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || text.trim_start().starts_with("::");
    if is_live { format!("'{text}") } else { text }
}

/// A whole JSON document in which no control or direction character is left and no text starts a workflow command.
/// Such characters can only be inside strings, where an escape means the same.
#[must_use]
pub fn json_document(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => safe.push('\n'),
            // `##[` begins a workflow command anywhere in a line of a log.
            '[' if safe.ends_with("##") => safe.push_str("\\u005b"),
            character if is_unsafe(character) || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                safe.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => safe.push(character),
        }
    }
    safe
}

/// A string of JSON that is a scalar of YAML, too, quotes included: what does not show is escaped, and so is the
/// bracket of `##[`, which would begin a workflow command in a log.
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
            character if is_unsafe(character) || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Text on one line of a table: control characters, line feeds and tabs among them, made visible.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.chars().map(|character| if is_unsafe(character) { visible(character) } else { character }).collect()
}

/// The path of a link: every byte that is not plain becomes `%NN`.
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

/// Letters, digits, spaces and non-ASCII text stay; the rest becomes character references.
fn references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            character if is_unsafe(character) => out.push(visible(character)),
            ' ' | '-' => out.push(character),
            character if character.is_ascii() && !character.is_ascii_alphanumeric() => {
                out.push_str(&format!("&#{};", u32::from(character)));
            }
            character => out.push(character),
        }
    }
    out
}

/// Source text as the terminal shows it: what is unsafe is replaced by a character of the same length in bytes, so
/// that spans still hold. ASCII control characters stay, for annotate-snippets draws them.
#[must_use]
pub fn terminal_source(text: &str) -> String {
    let visible = |character: char| match character.len_utf8() {
        _ if character.is_ascii() || !is_unsafe(character) => character,
        2 => '\u{b7}',
        _ => '\u{fffd}',
    };
    text.chars().map(visible).collect()
}

/// Control characters, invisible line separators, and the marks that turn the direction of text.
pub(crate) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// The picture of a control character, or the replacement character.
fn visible(character: char) -> char {
    match u32::from(character) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_escaped_as_the_toolkit_does() {
        assert_eq!(command_data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(command_property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
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
    fn nothing_of_a_stranger_lives_in_markdown() {
        assert_eq!(markdown_code("a</code><b>"), "<code>a&#60;&#47;code&#62;&#60;b&#62;</code>");
        assert_eq!(markdown_sentence("write \"@x\" now"), "write <code>&#34;&#64;x&#34;</code> now");
        assert_eq!(
            markdown_sentence("`![](http://x)` is none"),
            "<code>&#33;&#91;&#93;&#40;http&#58;&#47;&#47;x&#41;</code> is none"
        );
        assert_eq!(markdown_block("a\n</pre>"), "<pre><code>a\n&#60;&#47;pre&#62;</code></pre>");
    }

    #[test]
    fn a_spreadsheet_gets_no_formula() {
        assert_eq!(csv_text("Quiet Hours"), "Quiet Hours");
        assert_eq!(csv_text("a, \"b\""), "a, \"b\"");
        assert_eq!(csv_text("=HYPERLINK(\"https://x\",1)"), "'=HYPERLINK(\"https://x\",1)");
        assert_eq!(csv_text("@petra-solm"), "'@petra-solm");
        assert_eq!(csv_text(" =1"), "' =1");
        assert_eq!(csv_text("\t=1"), "\u{2409}=1");
        assert_eq!(csv_text("a\r\n=1"), "a\u{240d}\u{240a}=1");
        assert_eq!(csv_text("::error::x ##[error]y"), "'::error::x ##\\[error]y");
    }

    #[test]
    fn a_json_document_has_no_live_text_and_means_the_same() {
        let text = "a\"b\\c\n\t\u{1b}\u{85}\u{202e}\u{feff}\u{ffff}é😀 ##[error]x";
        let document = json_document(&serde_json::to_string_pretty(&[text]).unwrap());
        assert!(document.lines().all(|line| !line.contains("##[") && !line.chars().any(is_unsafe)), "{document}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&document).unwrap(), [text]);
    }

    #[test]
    fn a_quoted_string_is_json_and_means_the_text() {
        let text = "a\"b\\c\n\t\u{1b}\u{85}\u{202e}\u{feff}\u{ffff}é😀 ##[error]x";
        let quoted = quoted(text);
        assert!(quoted.chars().all(|character| !is_unsafe(character)) && !quoted.contains("##["), "{quoted}");
        assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
    }

    #[test]
    fn an_output_ends_where_its_delimiter_stands() {
        assert_eq!(output_entry("keps", "[1]\nEND", "END-5f"), "keps<<END-5f\n[1]\nEND\nEND-5f\n");
    }

    #[test]
    fn xml_holds_what_it_can_hold() {
        assert_eq!(xml_text("a\0b\u{1b}[31m\tc\u{fffe}\nd"), "a\u{2400}b\u{241b}[31m\u{2409}c\u{fffd}\nd");
        let document = xml_document("<a>\n ::error::x ::y\n##[error]z</a>");
        assert_eq!(document, "<a>\n &#58;:error::x ::y\n#&#35;[error]z</a>");
    }

    #[test]
    fn no_message_of_sarif_is_a_link() {
        assert_eq!(sarif_message("[x](https://evil.example) [0](1)"), "[x] (https://evil.example) [0] (1)");
    }

    #[test]
    fn terminals_get_no_escape_sequences() {
        assert_eq!(terminal("a\u{1b}[31mb\n"), "a\u{241b}[31mb\n");
    }

    #[test]
    fn source_keeps_its_length_in_bytes() {
        let source = "a\u{9b}b\u{2028}c\u{feff}é\t";
        assert_eq!(terminal_source(source), "a\u{b7}b\u{fffd}c\u{fffd}é\t");
        assert_eq!(terminal_source(source).len(), source.len());
    }

    #[test]
    fn links_hold_plain_bytes_only() {
        assert_eq!(url_path("keps/a b\"c/é".as_bytes()), "keps/a%20b%22c/%C3%A9");
    }
}
