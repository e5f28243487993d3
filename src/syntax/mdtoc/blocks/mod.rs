//! Blocks: finds headings, and the blocks that hide them.

use std::collections::{HashMap, HashSet};

mod html;
mod lists;
mod tables;

use super::scan::{blank_line, byte, find, find_all, is_escaped, line_end, part, skip, skip_up_to, tail, text};
use super::{Block, Buffer, References, links};
use crate::text::Span;

/// The maximum nesting depth of blocks.
const MAX_NESTING: usize = 16;

/// The blocks that were found so far.
#[derive(Default)]
pub(super) struct Blocks {
    found: Vec<Block>,
    references: References,
    nesting: usize,
    /// Marks that do not occur in the rest of the current buffer. They are not searched for again, because that would
    /// take quadratic time.
    unclosed: HashSet<Vec<u8>>,
    /// The closing fences in the rest of the current buffer, for the same reason.
    closing_fences: Option<ClosingFences>,
}

/// The lines that close a fence.
struct ClosingFences {
    /// How much of the end of the buffer was read, in bytes.
    read: usize,
    /// The bytes from the last such line to the end of the buffer, by the character and the length of its marker.
    last: HashMap<(u8, usize), usize>,
}

impl ClosingFences {
    /// Those in `rest`, the end of a buffer.
    fn of(rest: &[u8]) -> Self {
        let (mut last, mut at) = (HashMap::new(), 0);
        while at < rest.len() {
            if let Some((_, marker)) = closing_fence(tail(rest, at)) {
                last.insert((byte(marker, 0), marker.len()), rest.len() - at);
            }
            at = find(rest, at, b'\n') + 1;
        }
        Self { read: rest.len(), last }
    }

    fn last(&self, marker: &[u8]) -> Option<usize> {
        self.last.get(&(byte(marker, 0), marker.len())).copied()
    }
}

impl Blocks {
    pub(super) fn finish(self) -> (Vec<Block>, References) {
        (self.found, self.references)
    }

    /// Reads all blocks of `buffer`.
    pub(super) fn read(&mut self, buffer: &Buffer) {
        if self.nesting >= MAX_NESTING {
            return;
        }
        self.nesting += 1;
        let (unclosed, closing_fences) = (std::mem::take(&mut self.unclosed), self.closing_fences.take());
        let mut at = 0;
        while at < buffer.bytes.len() {
            at += self.block(buffer, at).max(1);
        }
        (self.unclosed, self.closing_fences) = (unclosed, closing_fences);
        self.nesting -= 1;
    }

    /// Reads the block at `at` and returns its length.
    fn block(&mut self, buffer: &Buffer, at: usize) -> usize {
        let data = tail(&buffer.bytes, at);
        let hidden = self.title(data);
        if hidden > 0 {
            return hidden;
        }
        if is_prefix_heading(data) {
            return self.prefix_heading(buffer, at);
        }
        let hidden = [self.html(data), blank_line(data), indented_code(data), self.fenced_code(data)];
        if let Some(length) = hidden.into_iter().find(|length| *length > 0) {
            return length;
        }
        if is_rule(data) {
            return find(data, 0, b'\n');
        }
        if quote_prefix(data) > 0 {
            return self.quote(buffer, at);
        }
        let table = tables::table(data);
        if table > 0 {
            return table;
        }
        if let Some(kind) = lists::Kind::of(data) {
            return self.list(buffer, at, kind);
        }
        let math = self.math(data);
        if math > 0 { math } else { self.paragraph(buffer, at) }
    }

    /// The length of front matter: everything from a leading `---` or `%%%` to the next such mark; 0 if there is none.
    fn title(&mut self, data: &[u8]) -> usize {
        [&b"---"[..], b"%%%"]
            .into_iter()
            .filter(|mark| data.starts_with(mark))
            .find_map(|mark| self.find_close(data, 3, mark))
            .map_or(0, |end| end + 3)
    }

    /// The offset of the next `mark` from `at` on.
    fn find_close(&mut self, data: &[u8], at: usize, mark: &[u8]) -> Option<usize> {
        if self.unclosed.contains(mark) {
            return None;
        }
        let found = find_all(data, at, mark);
        if found.is_none() {
            self.unclosed.insert(mark.to_vec());
        }
        found
    }

    pub(super) fn add_heading(&mut self, buffer: &Buffer, level: u8, start: usize, content: (usize, usize)) {
        let span = Span::new(buffer.source(start), buffer.source(content.1.saturating_sub(1)) + 1);
        let content = text(part(&buffer.bytes, content.0, content.1));
        self.found.push(Block { level, span, content });
    }

    /// `## Heading {#id}`. Text after the id is a separate block.
    fn prefix_heading(&mut self, buffer: &Buffer, at: usize) -> usize {
        let data = tail(&buffer.bytes, at);
        let special = data.starts_with(b".");
        let level = if special { 1 } else { skip_up_to(data, 0, b'#', 6) };
        let start = skip(data, if special { 2 } else { level }, b' ');
        let line = find(data, start, b'\n');
        let (mut end, mut length) = (line, line);
        if let Some(id) = find_all(part(data, 0, line), start, b"{#")
            && let Some(close) = part(data, id + 1, line).iter().position(|byte| *byte == b'}')
        {
            end = trim_end(data, id, b' ');
            length = id + 1 + close + 1;
        }
        while end > 0 && byte(data, end - 1) == b'#' && !is_escaped(data, end - 1) {
            end -= 1;
        }
        end = trim_end(data, end, b' ');
        if end > start {
            self.add_heading(buffer, u8::try_from(level).unwrap_or(6), at, (at + start, at + end));
        }
        length
    }

    /// The length of a fenced code block, from its opening fence to its closing fence; 0 if there is none.
    pub(super) fn fenced_code(&mut self, data: &[u8]) -> usize {
        let Some((mut at, marker)) = opening_fence(data) else { return 0 };
        if !self.is_closed(tail(data, at), marker) {
            return 0;
        }
        while at < data.len() {
            if let Some((end, _)) = closing_fence(tail(data, at)).filter(|(_, closing)| *closing == marker) {
                return at + end;
            }
            at = find(data, at, b'\n') + 1;
        }
        0
    }

    /// True if a line of `rest` closes a fence with this marker.
    fn is_closed(&mut self, rest: &[u8], marker: &[u8]) -> bool {
        if self.closing_fences.as_ref().is_none_or(|known| known.read < rest.len()) {
            self.closing_fences = Some(ClosingFences::of(rest));
        }
        self.closing_fences.as_ref().is_some_and(|known| known.last(marker).is_some_and(|left| left <= rest.len()))
    }

    /// A quote. Its blocks are read without the `>` prefixes.
    fn quote(&mut self, buffer: &Buffer, start: usize) -> usize {
        let data = &buffer.bytes;
        let mut raw = Buffer::default();
        let (mut at, mut end) = (start, start);
        while at < data.len() {
            end = at;
            while end < data.len() && byte(data, end) != b'\n' {
                let code =
                    if matches!(byte(data, end), b'`' | b'~' | b' ') { self.fenced_code(tail(data, end)) } else { 0 };
                if code > 0 {
                    end += code - 1;
                    break;
                }
                end += 1;
            }
            end = skip_up_to(data, end, b'\n', 1);
            let prefix = quote_prefix(tail(data, at));
            let next = tail(data, end);
            let is_over =
                blank_line(tail(data, at)) > 0 && (next.is_empty() || quote_prefix(next) == 0 && blank_line(next) == 0);
            if prefix == 0 && is_over {
                break;
            }
            raw.push(buffer, (at + prefix).min(end), end);
            at = end;
        }
        self.read(&raw);
        end - start
    }

    /// `$$…$$`
    fn math(&mut self, data: &[u8]) -> usize {
        if data.len() <= 4 || !data.starts_with(b"$$") || byte(data, 2) == b'$' {
            return 0;
        }
        self.find_close(data, 2, b"$$").map_or(0, |end| end + 2)
    }

    /// A paragraph. If its last line is underlined, that line is a heading.
    fn paragraph(&mut self, buffer: &Buffer, start: usize) -> usize {
        let data = tail(&buffer.bytes, start);
        let (mut line, mut at) = (0, 0);
        while at < data.len() {
            let before = std::mem::replace(&mut line, at);
            let current = tail(data, at);
            let reference = links::reference(current, &mut self.references);
            if reference > 0 {
                return at + reference;
            }
            let blank = blank_line(current);
            if blank > 0 {
                if byte(data, at + 1) == b':' && at + 1 < data.len() {
                    return before + self.list(buffer, start + before, lists::Kind::Definition);
                }
                return at + blank;
            }
            let level = if at > 0 { underline(current) } else { 0 };
            if level > 0 {
                let end = trim_end(data, at - 1, b' ').max(before);
                let first =
                    (before + part(data, before, end).iter().take_while(|byte| **byte == b' ').count()).min(end);
                self.add_heading(buffer, level, start + first, (start + first, start + end));
                return find(data, at, b'\n');
            }
            let is_over = is_prefix_heading(current)
                || is_rule(current)
                || quote_prefix(current) > 0
                || self.fenced_code(current) > 0
                || tables::header(current) > 0;
            // The first line was already tried as each of these. It is none of them, even if it looks like one.
            if is_over && at > 0 {
                return at;
            }
            if lists::definition_prefix(current) > 0 {
                return before + self.list(buffer, start + before, lists::Kind::Definition);
            }
            at = line_end(data, at);
        }
        at
    }
}

/// Returns `end`, moved back over the `trailing` bytes before it.
fn trim_end(data: &[u8], end: usize, trailing: u8) -> usize {
    end - part(data, 0, end).iter().rev().take_while(|byte| **byte == trailing).count()
}

/// True for `## Title` and `.# Title`.
pub(super) fn is_prefix_heading(data: &[u8]) -> bool {
    let level = skip_up_to(data, 0, b'#', 6);
    level > 0 && byte(data, level) == b' ' || data.starts_with(b".# ") && data.len() >= 4
}

/// The level of the heading that this line underlines; 0 if it is not an underline.
fn underline(data: &[u8]) -> u8 {
    let level = match byte(data, 0) {
        b'=' => 1,
        b'-' => 2,
        _ => return 0,
    };
    let end = skip(data, skip(data, 1, byte(data, 0)), b' ');
    if byte(data, end) == b'\n' { level } else { 0 }
}

/// A line of at least three `*`, `-` or `_`, possibly with spaces between them.
pub(super) fn is_rule(data: &[u8]) -> bool {
    let start = skip_up_to(data, 0, b' ', 3);
    let mark = byte(data, start);
    if !matches!(mark, b'*' | b'-' | b'_') {
        return false;
    }
    let line = part(data, start, find(data, start, b'\n'));
    line.iter().all(|byte| *byte == mark || *byte == b' ') && line.split(|byte| *byte == mark).count() > 3
}

/// The length of the `> ` prefix of a quote.
fn quote_prefix(data: &[u8]) -> usize {
    let start = skip_up_to(data, 0, b' ', 3);
    match (byte(data, start), byte(data, start + 1)) {
        (b'>', b' ') => start + 2,
        (b'>', _) => start + 1,
        _ => 0,
    }
}

fn code_prefix(data: &[u8]) -> usize {
    match data {
        [b'\t', ..] => 1,
        [b' ', b' ', b' ', b' ', ..] => 4,
        _ => 0,
    }
}

/// The length of the lines that are indented as code, including blank lines between them.
fn indented_code(data: &[u8]) -> usize {
    if code_prefix(data) == 0 {
        return 0;
    }
    let mut at = 0;
    while at < data.len() && (code_prefix(tail(data, at)) > 0 || blank_line(tail(data, at)) > 0) {
        at = line_end(data, at);
    }
    at
}

/// The fence that opens a code block: the length of its line, and its marker.
pub(super) fn opening_fence(data: &[u8]) -> Option<(usize, &[u8])> {
    let (mut at, marker) = marker(data)?;
    at = skip(data, at, b' ');
    if byte(data, at) == b'{' {
        let line = part(data, at, find(data, at, b'\n'));
        at += line.iter().position(|byte| *byte == b'}')? + 1;
    } else {
        at += tail(data, at).iter().take_while(|byte| !super::scan::is_space(**byte)).count();
    }
    Some((rest_of_line(data, at)?, marker))
}

/// A fence that closes a code block: the length of its line, and its marker.
fn closing_fence(data: &[u8]) -> Option<(usize, &[u8])> {
    let (at, marker) = marker(data)?;
    Some((rest_of_line(data, at)?, marker))
}

/// At least three `~` or backquotes at the beginning of a line: their end, and the marker.
fn marker(data: &[u8]) -> Option<(usize, &[u8])> {
    let start = skip_up_to(data, 0, b' ', 3);
    let mark = Some(byte(data, start)).filter(|mark| matches!(mark, b'~' | b'`'))?;
    let end = skip(data, start, mark);
    (end - start >= 3).then(|| (end, part(data, start, end)))
}

/// The end of a line on which nothing but spaces follows `at`.
fn rest_of_line(data: &[u8], at: usize) -> Option<usize> {
    let at = skip(data, at, b' ');
    match data.get(at) {
        None => Some(at),
        Some(b'\n') => Some(at + 1),
        Some(_) => None,
    }
}
