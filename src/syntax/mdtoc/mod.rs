//! Finds the headings of a Markdown text as `mdtoc` does.
//!
//! mdtoc reads Markdown with `gomarkdown`, which does not follow `CommonMark`: it finds different headings than GitHub
//! does and renders them differently. To pass upstream's check, a table of contents must match mdtoc's, so this parser
//! follows `gomarkdown`, with the extensions that mdtoc enables, down to its quirks. Whatever cannot affect headings is
//! left out.

mod blocks;
mod inline;
mod links;
mod scan;

use std::collections::HashMap;

use crate::text::Span;

/// A heading, as mdtoc reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The level, from 1 to 6.
    pub level: u8,
    /// From its first character to the end of its content. For an underlined heading, this is the line above the
    /// underline.
    pub span: Span,
    /// Its content as HTML, as shown in the table of contents.
    pub html: String,
    /// Its text, which the anchor is made from.
    pub text: String,
    /// Its text without code, which mdtoc before v1.1 left out; `None` if it contains no code.
    pub text_without_code: Option<String>,
}

/// The headings of `text` in order, starting at the byte offset `from`. Text before that is ignored.
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

/// Link reference definitions: destination and title by lowercase name.
type References = HashMap<String, (String, String)>;

/// A heading whose content has not been rendered yet.
struct Block {
    level: u8,
    span: Span,
    content: String,
}

/// Text that was collected from parts of the source, line by line.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// Where each part begins: the offset in the buffer, and the offset in the source.
    pieces: Vec<(usize, usize)>,
}

impl Buffer {
    /// Converts an offset in the buffer to an offset in the source.
    fn source(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        self.pieces.get(index).map_or(at, |(start, source)| source + at - start)
    }

    /// Appends the bytes `start..end` of `other`.
    fn push(&mut self, other: &Self, start: usize, end: usize) {
        self.pieces.push((self.bytes.len(), other.source(start)));
        self.bytes.extend_from_slice(scan::part(&other.bytes, start, end));
    }

    fn push_line_break(&mut self) {
        self.bytes.push(b'\n');
    }

    /// Copies the bytes `start..end` to a new buffer.
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
