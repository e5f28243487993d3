//! Lists: which lines belong to an item, and which items contain blocks.

use super::super::Buffer;
use super::super::scan::{blank_line, byte, find, is_space, line_end, skip, skip_up_to, tail};
use super::{Blocks, is_prefix_heading, is_rule, opening_fence};

/// The kinds of lists, by the marker before an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `- `
    Unordered,
    /// `1. `
    Ordered,
    /// `: ` after a term
    Definition,
}

impl Kind {
    /// The kind of list that begins at the start of `data`.
    pub(super) fn of(data: &[u8]) -> Option<Self> {
        let kinds = [
            (Self::Unordered, bullet_prefix(data)),
            (Self::Ordered, number_prefix(data)),
            (Self::Definition, definition_prefix(data)),
        ];
        kinds.into_iter().find(|(_, prefix)| *prefix > 0).map(|(kind, _)| kind)
    }
}

/// What is known about a list so far.
struct List {
    kind: Kind,
    /// True from the first item that contains blocks on.
    holds_blocks: bool,
    is_over: bool,
}

/// The text of an item without its marker and indentation.
#[derive(Default)]
struct Entry {
    raw: Buffer,
    /// The offset in `raw` of the first nested list; 0 if there is none.
    sublist: usize,
}

impl Blocks {
    /// Reads the list at `start` and returns its length.
    pub(super) fn list(&mut self, buffer: &Buffer, start: usize, kind: Kind) -> usize {
        let mut list = List { kind, holds_blocks: false, is_over: false };
        let mut at = start;
        while at < buffer.bytes.len() && !list.is_over {
            let length = self.entry(buffer, at, &mut list);
            if length == 0 {
                break;
            }
            at += length;
        }
        at - start
    }

    fn entry(&mut self, buffer: &Buffer, start: usize, list: &mut List) -> usize {
        let data = tail(&buffer.bytes, start);
        let prefix = prefix(data);
        let is_term = prefix == 0;
        if is_term && list.kind != Kind::Definition {
            return 0;
        }
        let (entry, end) = list.gather(buffer, start, prefix);
        if list.holds_blocks && !is_term {
            if entry.sublist > 0 {
                self.read(&entry.raw.part(0, entry.sublist));
            } else {
                self.read(&entry.raw);
            }
        }
        if entry.sublist > 0 {
            self.read(&entry.raw.part(entry.sublist, entry.raw.bytes.len()));
        }
        end - start
    }
}

/// The indentation of the line at `line` in columns, and the offset of its text.
fn indentation(data: &[u8], line: usize) -> (usize, usize) {
    if byte(data, line) == b'\t' {
        return (4, line + 1);
    }
    let from = skip_up_to(data, line, b' ', 4);
    (from - line, from)
}

impl List {
    /// Collects the lines of the item at `start`, and returns them with the offset of their end.
    fn gather(&mut self, buffer: &Buffer, start: usize, prefix: usize) -> (Entry, usize) {
        let data = &buffer.bytes;
        let indent_of_entry = if byte(data, start) == b'\t' { 4 } else { skip_up_to(data, start, b' ', 3) - start };
        let first = skip(data, start + prefix, b' ');
        // The line of a term is handled like the lines that follow it.
        let mut line = if first == start { start } else { line_end(data, first) };
        let mut entry = Entry::default();
        entry.raw.push(buffer, first, line);
        let mut is_after_blank = false;
        while line < data.len() {
            let end = line_end(data, line);
            if blank_line(data.get(line..end).unwrap_or_default()) > 0 {
                is_after_blank = true;
                line = end;
                continue;
            }
            let (indent, mut from) = indentation(data, line);
            let chunk = data.get(from..end).unwrap_or_default();
            if self.kind != Kind::Definition && indent == 0 && opening_fence(chunk).is_some() {
                self.is_over = true;
                break;
            }
            let is_definition = definition_prefix(chunk) > 0;
            if bullet_prefix(chunk) > 0 && !is_rule(chunk) || number_prefix(chunk) > 0 || is_definition {
                if from - line >= 4 && !is_definition {
                    from -= (skip(chunk, 0, b' ') + 1).min(from);
                }
                if indent <= indent_of_entry {
                    let chunk = data.get(from..end).unwrap_or_default();
                    self.is_over |= self.differs(chunk);
                    self.holds_blocks |= is_after_blank && !self.differs(chunk);
                    break;
                }
                self.holds_blocks |= is_after_blank;
                entry.begin_sublist(is_definition);
            } else if is_prefix_heading(chunk) {
                if is_after_blank && indent < 4 {
                    self.is_over = true;
                    break;
                }
                self.holds_blocks = true;
            } else if is_after_blank && indent < 4 {
                self.is_over |= self.kind != Kind::Definition || is_last_definition(data, end);
                break;
            } else if is_after_blank {
                entry.raw.push_line_break();
                self.holds_blocks = true;
            }
            if std::mem::take(&mut is_after_blank) {
                entry.raw.push_line_break();
            }
            entry.raw.push(buffer, from, end);
            line = end;
        }
        (entry, line)
    }

    /// True if an item of another kind of list begins here.
    fn differs(&self, chunk: &[u8]) -> bool {
        definition_prefix(chunk) > 0 && self.kind != Kind::Definition
            || number_prefix(chunk) > 0 && self.kind != Kind::Ordered
            || bullet_prefix(chunk) > 0 && self.kind != Kind::Unordered
    }
}

impl Entry {
    /// Records that a nested list begins with the next line. A definition list begins one line earlier, with its term.
    fn begin_sublist(&mut self, is_definition: bool) {
        if self.sublist > 0 {
            return;
        }
        self.sublist = self.raw.bytes.len();
        if is_definition {
            let before = self.raw.bytes.get(..self.sublist.saturating_sub(1)).unwrap_or_default();
            self.sublist = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        }
    }
}

/// True if no definition follows the line that ends at `end`.
fn is_last_definition(data: &[u8], end: usize) -> bool {
    if end + 1 >= data.len() {
        return true;
    }
    let mut next = find(data, end, b'\n');
    while next + 1 < data.len() && byte(data, next) == b'\n' {
        next += 1;
    }
    byte(data, end) != b':' && next + 1 < data.len() && byte(data, next) != b':'
}

/// The length of the marker of an item; 0 if there is none.
fn prefix(data: &[u8]) -> usize {
    [bullet_prefix(data), number_prefix(data), definition_prefix(data)].into_iter().find(|it| *it > 0).unwrap_or(0)
}

fn bullet_prefix(data: &[u8]) -> usize {
    let at = skip_up_to(data, 0, b' ', 3);
    let is_bullet = matches!(byte(data, at), b'*' | b'+' | b'-') && matches!(byte(data, at + 1), b' ' | b'\t');
    if is_bullet { at + 2 } else { 0 }
}

fn number_prefix(data: &[u8]) -> usize {
    let start = skip_up_to(data, 0, b' ', 3);
    let at = start + tail(data, start).iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_number = at > start && matches!(byte(data, at), b'.' | b')') && matches!(byte(data, at + 1), b' ' | b'\t');
    if is_number { at + 2 } else { 0 }
}

pub(super) fn definition_prefix(data: &[u8]) -> usize {
    let is_definition = byte(data, 0) == b':' && byte(data, 1) != b'\n' && is_space(byte(data, 1));
    if is_definition && matches!(byte(data, 1), b' ' | b'\t') { 2 } else { 0 }
}
