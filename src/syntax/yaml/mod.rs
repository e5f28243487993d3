//! Parses YAML into a tree in which every node has a span.
//!
//! [`read`] never fails: every error becomes a [`Fault`], and the tree has whatever could be read. A file that does not
//! parse is read again in *islands*, one for each entry at column 0, so that one broken line does not hide the rest.
//!
//! Upstream parses these files with Go's yaml.v3, after a front-matter splitter. Whatever those reject is a fault here,
//! and so is some of what they silently misread (a line that contains `---`, an invisible line separator).

mod compose;
mod divergence;
mod fault;
mod fence;
pub mod front_matter;
mod islands;
mod keys;
pub(crate) mod messages;
mod tabs;

use std::borrow::Cow;

pub use fault::{Fault, FaultKind};

use fence::Fenced;

use crate::text::{Span, Spanned};

/// The maximum nesting depth of collections.
pub const MAX_DEPTH: usize = 64;

/// The maximum number of values in a file, including keys. The longest real KEP has a few hundred, `OWNERS_ALIASES` a
/// few thousand.
pub const MAX_VALUES: usize = 10_000;

/// The name in messages for a value that is neither a list nor a mapping.
pub(crate) const SINGLE_VALUE: &str = "a single value";

/// The longest line, in bytes, that upstream's reader accepts (Go's `bufio.Scanner`).
const MAX_LINE_BYTES: usize = 64 * 1024 - 1;

/// The content of a YAML file.
#[derive(Debug, Default)]
pub struct Document {
    /// The entries of the root mapping, in order. For a broken file, these are the entries that could be read.
    pub entries: Vec<(Node, Node)>,
    /// Keys of the root mapping whose entries are broken: they are present, but their values are unknown.
    pub broken: Vec<Spanned<String>>,
    /// True if the root is a mapping, or if entries of a broken file could be read.
    pub readable: bool,
    /// The comments, in order.
    pub comments: Vec<Comment>,
    /// Its faults.
    pub faults: Vec<Fault>,
    /// True if it has text at the root that may be entries with unknown keys.
    pub has_stray_text: bool,
    /// True if it has the markers of an unresolved merge conflict, so that an entry may not be the intended one.
    pub has_conflict: bool,
}

/// A comment. The span covers it from `#` to the end of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The text after `#`, without surrounding white space.
    pub text: String,
    /// Its span.
    pub span: Span,
    /// True if it follows content on the same line.
    pub trailing: bool,
}

/// A value and its span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// From the first character to the last, including quotes and brackets; empty for an omitted value.
    pub span: Span,
    /// The kind of value.
    pub kind: NodeKind,
    /// An explicit tag (`!!str`, `!x`), as written.
    pub tag: Option<String>,
}

/// The kinds of value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A scalar.
    Scalar {
        /// The text, with escapes and folding resolved.
        text: String,
        /// True for a plain scalar: not quoted, and not a block scalar.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, including duplicate keys.
    Mapping(Vec<(Node, Node)>),
    /// An alias (`*name`), which is reported and never expanded.
    Alias,
}

impl Node {
    /// True if it is null in YAML 1.2's core schema: empty, `~`, `null`, `Null` or `NULL`, without quotes.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match &self.kind {
            NodeKind::Scalar { text, plain: true } => {
                self.span.is_empty() || matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// True if this is the key `<<`, which merges another mapping into its own.
    pub(crate) fn is_merge_key(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar { text, plain: true } if text == "<<")
    }

    /// The name of its kind in messages.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar { .. } if self.is_null() => "nothing",
            NodeKind::Scalar { .. } => SINGLE_VALUE,
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
            NodeKind::Alias => "an alias",
        }
    }
}

/// Parses `text` (without a byte order mark) as upstream parses a `kep.yaml`, with at most [`MAX_VALUES`] values.
#[must_use]
pub fn read(text: &str) -> Document {
    read_within(text, MAX_VALUES)
}

/// Like [`read`], but with at most `room` values. It is for long lists from files that the caller named and that no
/// change can modify.
#[must_use]
pub fn read_within(text: &str, room: usize) -> Document {
    let fenced = fence::strip(text);
    read_parts(text, fenced, room)
}

/// Parses `text` as upstream parses a production-readiness file: without looking for front-matter fences, so `---` in a
/// comment or a value is ordinary text.
#[must_use]
pub fn read_without_fences(text: &str) -> Document {
    read_parts(text, Fenced { text: Cow::Borrowed(text), faults: Vec::new() }, MAX_VALUES)
}

fn read_parts(text: &str, fenced: Fenced<'_>, room: usize) -> Document {
    let faults = bounds(text);
    if !faults.is_empty() {
        return Document { faults, broken: islands::keys(text), ..Document::default() };
    }
    let indented = tabs::indentation(&fenced.text);
    let mut document = match compose::compose(&indented.text, room) {
        Ok(composed) => {
            let mut document = from_root(composed);
            document.faults.extend(divergence::find(&indented.text));
            document
        }
        Err(error) if error.kind().is_none() => islands::too_many(&indented.text),
        Err(error) => islands::read(&indented.text, &error, room),
    };
    keys::merge_keys(&mut document);
    keys::duplicates(&document.entries, &mut document.faults);
    let explained = indented.explained();
    document.faults.retain(|fault| {
        let at = fault.span.filter(|_| matches!(fault.kind, FaultKind::Syntax(_)));
        !at.is_some_and(|at| explained.iter().any(|entry| entry.start <= at.start && at.start <= entry.end))
    });
    document.faults.extend(fenced.faults);
    document.faults.extend(indented.faults);
    document.faults.sort_by_key(|fault| fault.span);
    document.has_stray_text |= document.faults.iter().any(|fault| fault.kind.cuts_document());
    if !document.faults.is_empty() {
        mark_conflict(text, &mut document);
    }
    document
}

/// Looks for the first and last lines of the conflict markers that git writes. A whole conflict explains every other
/// fault.
fn mark_conflict(text: &str, document: &mut Document) {
    let [open, close] = ["<<<<<<< ", ">>>>>>> "].map(|marker| first_line(text, marker));
    document.has_conflict = open.is_some() || close.is_some();
    if let Some(span) = open.filter(|_| close.is_some()) {
        document.faults = vec![Fault { span: Some(span), kind: FaultKind::Conflict }];
    }
}

/// The first line that begins with `start`.
fn first_line(text: &str, start: &str) -> Option<Span> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with(start) {
            return Some(Span::new(at, at + line.trim_end().len()));
        }
        at += line.len();
    }
    None
}

/// A document for a file about which nothing but this fault is known.
#[must_use]
pub fn unreadable(kind: FaultKind) -> Document {
    Document { faults: vec![Fault { span: None, kind }], ..Document::default() }
}

/// Checks limits before parsing.
fn bounds(text: &str) -> Vec<Fault> {
    // Nearly all files are printable ASCII, which is faster to check byte by byte.
    let is_printable = text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b' '..=b'~'));
    let mut characters = if is_printable { "" } else { text }.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let lone = character == '\r' && !matches!(characters.peek(), Some((_, '\n')));
        if !lone && is_allowed(character) {
            continue;
        }
        let span = Span::new(at, at + character.len_utf8());
        return vec![Fault { span: Some(span), kind: FaultKind::Character(character) }];
    }
    let mut start = 0;
    for line in text.split('\n') {
        if line.len() > MAX_LINE_BYTES {
            return vec![Fault { span: Some(Span::new(start, start)), kind: FaultKind::LongLine(line.len()) }];
        }
        start += line.len() + 1;
    }
    Vec::new()
}

/// True for characters that Go's yaml.v3 reads, except for line separators that authors cannot see: U+0085, U+2028,
/// U+2029 and (checked in [`bounds`]) a lone carriage return.
fn is_allowed(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn from_root(composed: compose::Composed) -> Document {
    let mut faults = composed.faults;
    let comments = composed.comments;
    let (entries, readable) = match composed.root {
        None => {
            faults.push(Fault { span: None, kind: FaultKind::Empty });
            (Vec::new(), false)
        }
        Some(root) if root.is_null() => {
            faults.push(Fault { span: None, kind: FaultKind::Empty });
            (Vec::new(), false)
        }
        Some(Node { kind: NodeKind::Mapping(entries), .. }) => (entries, true),
        Some(other) => {
            faults.push(Fault { span: None, kind: FaultKind::NotAMapping { found: other.what() } });
            (Vec::new(), false)
        }
    };
    Document { entries, readable, comments, faults, ..Document::default() }
}

#[cfg(test)]
mod tests;
