//! HTML blocks, which hide the headings inside them.

use super::super::scan::{blank_line, byte, find, part, tail};
use super::Blocks;

/// Elements whose content is hidden if they are closed at the end of a line, before a blank line.
const HTML_BLOCKS: &[&str] = &[
    "blockquote",
    "del",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "iframe",
    "ins",
    "li",
    "math",
    "noscript",
    "ol",
    "pre",
    "p",
    "script",
    "style",
    "table",
    "ul",
    "address",
    "article",
    "aside",
    "canvas",
    "details",
    "dialog",
    "figcaption",
    "figure",
    "footer",
    "header",
    "hgroup",
    "main",
    "nav",
    "output",
    "progress",
    "section",
    "video",
];

impl Blocks {
    /// An element, a comment or `<hr>` that ends at the end of a line, before a blank line.
    pub(super) fn html(&mut self, data: &[u8]) -> usize {
        if byte(data, 0) != b'<' {
            return 0;
        }
        let name = data.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let name = part(data, 1, 1 + name);
        if HTML_BLOCKS.iter().any(|tag| tag.as_bytes() == name) {
            // gomarkdown leaves these two in the text, as the original Markdown did.
            return if matches!(name, b"ins" | b"del") { 0 } else { self.element(data, name) };
        }
        let end = if data.starts_with(b"<!--") { self.find_close(data, 2, b"-->").map(|end| end + 3) } else { None };
        if let Some(end) = end.filter(|end| *end > 4) {
            let blank = blank_line(tail(data, end));
            return if blank > 0 { end + blank } else { 0 };
        }
        let is_rule = part(data, 1, 3).eq_ignore_ascii_case(b"hr") && matches!(byte(data, 3), b' ' | b'/' | b'>');
        if !is_rule {
            return 0;
        }
        let line_end = find(data, 3, b'\n');
        let close = find(part(data, 0, line_end), 3, b'>');
        if close >= line_end {
            return 0;
        }
        let blank = blank_line(tail(data, close + 1));
        if blank > 0 { close + 1 + blank } else { 0 }
    }

    fn element(&mut self, data: &[u8], name: &[u8]) -> usize {
        let close = [b"</", name, b">"].concat();
        let mut at = 0;
        while let Some(found) = self.find_close(data, at, &close) {
            at = found + close.len();
            let blank = blank_line(tail(data, at));
            let next = blank_line(tail(data, at + blank));
            if blank > 0 && (at + blank >= data.len() || next > 0) {
                return at + blank + next;
            }
        }
        0
    }
}
