//! The headings of a Markdown text as `mdtoc` sees them.
//!
//! mdtoc reads Markdown with `gomarkdown`, which is not `CommonMark`: it finds other headings, and writes others than
//! GitHub does. A table of contents has to be mdtoc's to pass upstream's check, so this follows `gomarkdown` with the
//! extensions that mdtoc turns on, down to its quirks. What has no effect on headings is left out.

mod blocks;
mod inline;
mod links;
mod scan;

use std::collections::HashMap;

use crate::text::Span;

/// A heading as mdtoc sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its first line, from its first character, or of an underlined heading the line above the line.
    pub span: Span,
    /// Its content as HTML: what the table of contents shows.
    pub html: String,
    /// Its text, from which the anchor is made.
    pub text: String,
    /// The same without code, which mdtoc before v1.1 left out, if there is any.
    pub text_without_code: Option<String>,
}

/// The headings of `text` from the byte `from` on, in order. What comes before is not read at all.
#[must_use]
pub fn headings(text: &str, from: usize) -> Vec<Heading> {
    let rest = text.get(from..).unwrap_or_default();
    let mut blocks = blocks::Blocks::default();
    blocks.read(&Buffer { bytes: rest.as_bytes().to_vec(), pieces: vec![(0, from)] });
    let (found, references) = blocks.finish();
    found
        .into_iter()
        .map(|block| {
            let content = inline::render(block.content.as_bytes(), &references);
            Heading {
                level: block.level,
                span: block.span,
                html: content.html.trim().to_owned(),
                text_without_code: Some(content.text_without_code).filter(|it| *it != content.text),
                text: content.text,
            }
        })
        .collect()
}

/// Where links by name lead: destination and title, by the name in lower case.
type References = HashMap<String, (String, String)>;

/// A heading whose content has not been read yet.
struct Block {
    level: u8,
    span: Span,
    content: String,
}

/// Text that was taken out of the source line by line.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// Where stretches begin: here, and in the source.
    pieces: Vec<(usize, usize)>,
}

impl Buffer {
    /// Where the byte `at` is in the source.
    fn source(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        self.pieces.get(index).map_or(at, |(start, source)| source + at - start)
    }

    /// Adds the bytes `start..end` of `other`.
    fn push(&mut self, other: &Self, start: usize, end: usize) {
        self.pieces.push((self.bytes.len(), other.source(start)));
        self.bytes.extend_from_slice(scan::part(&other.bytes, start, end));
    }

    fn push_line_break(&mut self) {
        self.bytes.push(b'\n');
    }

    /// The bytes `start..end` as a buffer of their own.
    fn part(&self, start: usize, end: usize) -> Self {
        let mut part = Self::default();
        let mut at = start;
        let inner = self.pieces.iter().map(|(piece, _)| *piece).filter(|piece| (start + 1..end).contains(piece));
        for next in inner.chain([end]) {
            part.push(self, at, next);
            at = next;
        }
        part
    }
}

#[cfg(test)]
mod tests;
