//! Parses YAML into a tree in which every node has a span.
//!
//! [`read`] never fails: every error becomes a [`Fault`], and the tree has whatever could be read. A file that does not
//! parse is read again in *islands*, one for each entry at column 0, so that one broken line does not hide the rest.
//!
//! Upstream parses these files with Go's yaml.v3, after a front-matter splitter. Whatever those reject is a fault here,
//! and so is some of what they silently misread (a line that contains `---`, an invisible line separator).

mod compose;
mod divergence;
mod fence;
pub mod front_matter;
mod islands;
pub(crate) mod messages;

use std::borrow::Cow;

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

/// A fault of a file as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its location; `None` for the file as a whole.
    pub span: Option<Span>,
    /// Its kind.
    pub kind: FaultKind,
}

/// The kinds of faults in YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes are not UTF-8.
    NotUtf8 {
        /// The 1-based line of the first bad byte.
        line: usize,
        /// Its 0-based offset in the file, in bytes.
        byte: usize,
    },
    /// The file has only white space and comments.
    Empty,
    /// The root is not a mapping.
    NotAMapping {
        /// The kind of the root.
        found: &'static str,
    },
    /// A character that YAML does not allow, or an invisible line separator.
    Character(char),
    /// A line longer than upstream's reader accepts, with its length in bytes.
    LongLine(usize),
    /// Collections nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// More values than [`MAX_VALUES`].
    TooMany,
    /// An alias.
    Alias,
    /// `@handle` without quotes.
    BareHandle {
        /// True if the span is exactly a handle, so that quoting the span fixes it.
        whole: bool,
    },
    /// A tab where YAML requires spaces.
    Tab,
    /// `key:value`.
    MissingSpace,
    /// `key: value: more`.
    SecondColon,
    /// `[`, `{`, `"` or `'` that is never closed.
    Unclosed(char),
    /// A merge key (`<<`) and its value.
    MergeKey,
    /// A tag (`!!str`) on a key.
    TaggedKey,
    /// A tag without a space after it, inside `[…]` or `{…}`.
    TagEnd,
    /// An anchor (`&name`) whose name upstream's reader does not accept.
    Anchor,
    /// A `...` before anything else.
    LeadingDocumentEnd,
    /// A backslash in double quotes before a character that upstream's reader or YAML does not allow to be escaped.
    Escape(char),
    /// A `?` in a value without quotes inside `[…]` or `{…}`.
    FlowQuestionMark,
    /// A `:` inside `[…]` or `{…}` that upstream's reader interprets differently.
    FlowColon,
    /// A `:` inside `[…]` or `{…}` that is not on the line where its key begins.
    KeyOnOtherLine,
    /// Any other syntax error, in the parser's words.
    Syntax(String),
    /// A key that already occurred in the same mapping.
    DuplicateKey {
        /// The key.
        key: String,
        /// The span of its first occurrence.
        first: Span,
    },
    /// A line that contains `---`.
    Marker,
    /// Content after the end of the first document.
    SecondDocument,
}

impl FaultKind {
    /// True if the text after the fault, or before it, is not part of the document.
    const fn cuts_document(&self) -> bool {
        matches!(self, Self::Marker | Self::SecondDocument | Self::LeadingDocumentEnd)
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
    let indented = indentation(&fenced.text);
    let mut document = match compose::compose(&indented.text, room) {
        Ok(composed) => {
            let mut document = from_root(composed);
            document.faults.extend(divergence::find(&indented.text));
            document
        }
        Err(error) if error.kind().is_none() => islands::too_many(&indented.text),
        Err(error) => islands::read(&indented.text, &error, room),
    };
    merge_keys(&mut document);
    duplicates(&document.entries, &mut document.faults);
    let explained = indented.explained();
    document.faults.retain(|fault| {
        let at = fault.span.filter(|_| matches!(fault.kind, FaultKind::Syntax(_)));
        !at.is_some_and(|at| explained.iter().any(|entry| entry.start <= at.start && at.start <= entry.end))
    });
    document.faults.extend(fenced.faults);
    document.faults.extend(indented.faults);
    document.faults.sort_by_key(|fault| fault.span);
    document.has_stray_text |= document.faults.iter().any(|fault| fault.kind.cuts_document());
    document.has_conflict = !document.faults.is_empty() && text.lines().any(is_conflict_marker);
    document
}

/// True for the first and last lines of the conflict markers that git writes.
fn is_conflict_marker(line: &str) -> bool {
    line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ")
}

/// Makes each merge key (`<<: *name`), at any depth, a single fault that includes the aliases in its value.
fn merge_keys(document: &mut Document) {
    let mut merged = Vec::new();
    find_merge_keys(&document.entries, &mut merged);
    let is_merged = |fault: &Fault| {
        let span = fault.span.unwrap_or_default();
        fault.kind == FaultKind::Alias && merged.iter().any(|it: &Span| it.start <= span.start && span.end <= it.end)
    };
    document.faults.retain(|fault| !is_merged(fault));
    document.faults.extend(merged.iter().map(|span| Fault { span: Some(*span), kind: FaultKind::MergeKey }));
}

fn find_merge_keys(entries: &[(Node, Node)], merged: &mut Vec<Span>) {
    for (key, value) in entries {
        if key.is_merge_key() {
            merged.push(key.span.to(value.span));
        } else {
            find_nested_merge_keys(value, merged);
        }
    }
}

fn find_nested_merge_keys(node: &Node, merged: &mut Vec<Span>) {
    match &node.kind {
        NodeKind::Mapping(entries) => find_merge_keys(entries, merged),
        NodeKind::Sequence(items) => items.iter().for_each(|item| find_nested_merge_keys(item, merged)),
        NodeKind::Scalar { .. } | NodeKind::Alias => {}
    }
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

/// Text in which tabs at the start of lines are replaced with spaces, with a fault for each.
struct Indented<'a> {
    text: Cow<'a, str>,
    faults: Vec<Fault>,
}

impl Indented<'_> {
    /// The text from the first tab of each entry to the end of the entry. What the parser does not understand there only
    /// follows from the tab.
    fn explained(&self) -> Vec<Span> {
        let begins_entry = |line: &str| line.starts_with(|first: char| !first.is_whitespace());
        let mut explained: Vec<Span> = Vec::new();
        for tab in self.faults.iter().filter_map(|tab| tab.span) {
            if explained.last().is_some_and(|entry| tab.start < entry.end) {
                continue;
            }
            let rest = self.text.get(tab.start..).unwrap_or_default();
            let lines = rest.split_inclusive('\n').enumerate();
            let length = lines.take_while(|(at, line)| *at == 0 || !begins_entry(line)).map(|(_, line)| line.len());
            explained.push(Span::new(tab.start, tab.start + length.sum::<usize>()));
        }
        explained
    }
}

/// Go's yaml.v3 rejects a tab at the beginning of a line in most places, even on blank lines and before comments.
fn indentation(text: &str) -> Indented<'_> {
    if !text.contains('\t') {
        return Indented { text: Cow::Borrowed(text), faults: Vec::new() };
    }
    let mut read = String::with_capacity(text.len());
    let mut faults = Vec::new();
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t']);
        let (indent, _) = line.split_at(line.len() - content.len());
        if let Some(tab) = indent.find('\t') {
            let length = indent.bytes().skip(tab).take_while(|byte| *byte == b'\t').count();
            let start = read.len() + tab;
            faults.push(Fault { span: Some(Span::new(start, start + length)), kind: FaultKind::Tab });
        }
        read.push_str(&indent.replace('\t', " "));
        read.push_str(content);
    }
    faults.truncate(islands::MAX_FAULTS);
    Indented { text: Cow::Owned(read), faults }
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

/// Reports every key that occurs twice in a mapping, at any depth.
fn duplicates(entries: &[(Node, Node)], faults: &mut Vec<Fault>) {
    let mut seen = std::collections::HashMap::new();
    for (key, value) in entries {
        if let NodeKind::Scalar { text, .. } = &key.kind {
            if let Some(first) = seen.get(text.as_str()) {
                let kind = FaultKind::DuplicateKey { key: text.clone(), first: *first };
                faults.push(Fault { span: Some(key.span), kind });
            } else {
                seen.insert(text.as_str(), key.span);
            }
        }
        nested_duplicates(key, faults);
        nested_duplicates(value, faults);
    }
}

fn nested_duplicates(node: &Node, faults: &mut Vec<Fault>) {
    match &node.kind {
        NodeKind::Mapping(entries) => duplicates(entries, faults),
        NodeKind::Sequence(items) => items.iter().for_each(|item| nested_duplicates(item, faults)),
        NodeKind::Scalar { .. } | NodeKind::Alias => {}
    }
}

#[cfg(test)]
mod tests;
