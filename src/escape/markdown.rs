//! Untrusted text in Markdown that GitHub renders.
//!
//! Such text is always put in code. GitHub links e-mail addresses, references such as `GH-99`, commit ids and mentions
//! even where their punctuation is escaped, and e-mail addresses even between `<code>` and `</code>`, but it links
//! nothing in a code span. In a block of raw HTML, which cannot contain code spans, tags and character references are
//! used instead.

use super::invisible::{is_unsafe, number, show};

/// The shortest run of hexadecimal digits that GitHub takes for a commit id.
const MIN_COMMIT_ID: usize = 7;

/// The longest run of backticks in a code span. GitHub does not recognize a span whose fence has more than 80.
const MAX_BACKTICKS: usize = 60;

/// One line of untrusted text as a code span.
///
/// In a table, pass the result through [`markdown_cell`].
#[must_use]
pub fn markdown_code(text: &str) -> String {
    // Markdown may be printed to a log too, where `##[` begins a command.
    let mut text = show(text, &[]).replace("##[", "##\\u{5b}");
    if longest_run(&text, '`') > MAX_BACKTICKS {
        text = text.replace('`', "\\u{60}");
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let is_padded = |side: Option<char>| matches!(side, Some('`' | ' '));
    let has_only_spaces = text.chars().all(|character| character == ' ');
    // Renderers remove one space at each end, unless the span has only spaces.
    let needs_padding = text.is_empty()
        || (!has_only_spaces && (is_padded(text.chars().next()) || is_padded(text.chars().next_back())));
    let padding = if needs_padding { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// A sentence written by kepgate, with untrusted text between backticks. Text between backticks becomes code, and so
/// does every word that GitHub would turn into a link, such as a handle or a path.
///
/// In a table, pass the result through [`markdown_cell`].
#[must_use]
pub fn markdown_sentence(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    // A dash at the start would begin a list, and four spaces a code block.
    let text = text.trim_start_matches(' ');
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            push_code(&mut out, part);
            continue;
        }
        for (index, word) in part.split(' ').enumerate() {
            if index > 0 {
                out.push(' ');
            }
            match word.strip_prefix('-').filter(|_| out.is_empty()) {
                _ if is_live(word) => push_live(&mut out, word),
                Some(rest) => out.push_str(&format!("&#45;{}", references(rest))),
                // `1.` and `1)` at the start would begin a list.
                None if out.is_empty() => out.push_str(&references(word)),
                None => out.push_str(&inner_references(word)),
            }
        }
    }
    out
}

/// Escapes the result of the functions above for a table cell, which a pipe would end even inside code.
#[must_use]
pub fn markdown_cell(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    for character in markdown.chars() {
        match character {
            // Another backslash would only escape the one before it.
            '|' if out.ends_with('\\') => out.push_str(&number('|')),
            '|' => out.push_str("\\|"),
            character => out.push(character),
        }
    }
    out
}

/// Lines of untrusted text as a block of raw HTML.
#[must_use]
pub fn markdown_block(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(references).collect();
    format!("<pre><code>{}</code></pre>", lines.join("\n"))
}

/// A fence for a code block around `text`. No line of `text` can close it.
#[must_use]
pub fn markdown_fence(text: &str) -> String {
    "`".repeat(longest_run(text, '`').max(2) + 1)
}

/// Lines that begin with `- ` and `+ `, as a code block that GitHub colors as a diff.
#[must_use]
pub fn markdown_diff(lines: &str) -> String {
    let shown: Vec<_> = lines.lines().map(|line| show(line, &['\t']).replace("##[", "##\\u{5b}")).collect();
    let text = shown.join("\n");
    let fence = markdown_fence(&text);
    format!("{fence}diff\n{text}\n{fence}")
}

/// Appends a code span, separated from a backtick directly before it.
fn push_code(out: &mut String, text: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&markdown_code(text));
}

/// Appends a word as a code span, without the punctuation mark after it.
fn push_live(out: &mut String, word: &str) {
    match word.strip_suffix([',', ';', '.', '?']) {
        Some(code) => {
            push_code(out, code);
            out.push_str(word.get(code.len()..).unwrap_or_default());
        }
        None => push_code(out, word),
    }
}

/// True if GitHub would turn the word, or a part of it, into a link.
fn is_live(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let longest_number = word.split(|character: char| !character.is_ascii_hexdigit()).map(str::len).max();
    word.contains(['@', '#'])
        || (word.contains('/') && !is_alternative(word))
        || lower.contains("www.")
        || lower.contains("gh-")
        || longest_number.unwrap_or_default() >= MIN_COMMIT_ID
}

/// True for `and/or` and for a slash on its own, which are neither paths nor addresses.
fn is_alternative(word: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let inner = word.trim_matches(['(', ')', ',', ';', '.', '?']);
    inner == "/" || inner.split('/').all(is_word)
}

fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|character| character != wanted).map(str::len).max().unwrap_or_default()
}

/// Like [`references`], but for text that does not begin a line, where some punctuation is harmless. A colon inside a
/// word is not harmless: it can be part of an address or an emoji.
fn inner_references(text: &str) -> String {
    const HARMLESS: [char; 9] = [',', ';', '.', '?', '%', '(', ')', '\'', '"'];
    // A colon is only harmless at the end of a word that has no other colon.
    if let Some(word) = text.strip_suffix(':').filter(|word| !word.contains(':')) {
        return format!("{}:", inner_references(word));
    }
    text.split_inclusive(HARMLESS)
        .map(|part| match part.char_indices().next_back().filter(|(_, last)| HARMLESS.contains(last)) {
            Some((at, last)) => format!("{}{last}", references(part.get(..at).unwrap_or_default())),
            None => references(part),
        })
        .collect()
}

/// Keeps letters, digits, spaces and non-ASCII text, and replaces everything else with character references.
fn references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            character if is_unsafe(character) => out.push_str(&references(&number(character))),
            ' ' | '-' => out.push(character),
            character if character.is_ascii() && !character.is_ascii_alphanumeric() => {
                out.push_str(&format!("&#{};", u32::from(character)));
            }
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_holds_any_text() {
        for (text, code) in [
            ("a", "`a`"),
            ("", "`  `"),
            (" ", "` `"),
            ("  ", "`  `"),
            (" a", "`  a `"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("`a", "`` `a ``"),
            ("a\\", "`a\\`"),
            ("a\nb\u{202e}", "`a\\u{a}b\\u{202e}`"),
            ("##[error]a", "`##\\u{5b}error]a`"),
        ] {
            assert_eq!(markdown_code(text), code, "{text:?}");
        }
    }

    #[test]
    fn a_pipe_does_not_end_a_cell() {
        assert_eq!(markdown_cell(&markdown_code("a|b")), "`a\\|b`");
        assert_eq!(markdown_code(&"`".repeat(61)), format!("`{}`", "\\u{60}".repeat(61)));
        assert!(markdown_code(&"`".repeat(60)).starts_with(&"`".repeat(61)), "GitHub recognizes up to 80");
        assert_eq!(markdown_cell(&markdown_code("a\\|b||")), "`a\\\\u{7c}b\\|\\|`");
    }

    #[test]
    fn untrusted_words_are_code_in_a_sentence() {
        for (text, markdown) in [
            ("write \"@x\" now", "write `\"@x\"` now"),
            ("`![](http://x)` is none", "`![](http://x)` is none"),
            ("`a``b`", "`a` `b`"),
            ("keps/`a`/b", "`keps/` `a` `/b`"),
            ("on / off, and/or (b/c)? /d", "on &#47; off, and&#47;or (b&#47;c)? `/d`"),
            ("a/b/ a//b a:/b a/b-c a/1", "`a/b/` `a//b` `a:/b` `a/b-c` `a/1`"),
            ("see GH-99, #1 and www.x.y", "see `GH-99`, `#1` and `www.x.y`"),
            ("at 0123abc or 12345", "at `0123abc` or 12345"),
            ("an `open end", "an `open end`"),
            ("<b> *c*", "&#60;b&#62; &#42;c&#42;"),
            ("    - a - b", "&#45; a - b"),
            ("---", "&#45;--"),
            ("1. a", "1&#46; a"),
            ("1) a", "1&#41; a"),
            ("write `a`, \"b\"; not (1) or 50%.", "write `a`, \"b\"; not (1) or 50%."),
            ("these differ: `a`, b:c, ::d, e::", "these differ: `a`, b&#58;c, &#58;&#58;d, e&#58;&#58;"),
            ("a <b>, [c](d) &amp; :e:", "a &#60;b&#62;, &#91;c&#93;(d) &#38;amp; &#58;e&#58;"),
        ] {
            assert_eq!(markdown_sentence(text), markdown, "{text:?}");
        }
    }

    #[test]
    fn nothing_in_a_block_is_markup() {
        assert_eq!(
            markdown_block("a\n</pre>\u{1b}"),
            "<pre><code>a\n&#60;&#47;pre&#62;&#92;u&#123;1b&#125;</code></pre>"
        );
    }

    #[test]
    fn a_diff_is_a_code_block_that_nothing_in_it_closes() {
        assert_eq!(markdown_diff("- a\u{1b}\n+ ```\n"), "````diff\n- a\\u{1b}\n+ ```\n````");
        assert_eq!(markdown_diff("- ##[error]a"), "```diff\n- ##\\u{5b}error]a\n```");
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(markdown_fence("a"), "```");
        assert_eq!(markdown_fence("a\n`````\nb"), "``````");
    }
}
