//! Files that were read, and positions in them.

use std::ops::{Index, Range};
use std::sync::Arc;

use crate::text::RepoPath;

/// Which tree a file was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The head of the change.
    Head,
    /// The base of the change.
    Base,
    /// The tip of the target branch, whose policy applies.
    Policy,
}

/// A range of a file's text: 0-based byte offsets with an exclusive end, both on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end` (exclusive), in bytes.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// True if it is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The same span as a range.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The smallest span that contains both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The same span, moved by `offset` bytes.
    #[must_use]
    pub const fn shifted(self, offset: usize) -> Self {
        Self::new(self.start + offset, self.end + offset)
    }
}

/// Indexing text with a span returns the text in it. A span out of bounds gives the empty string and never panics.
impl Index<Span> for str {
    type Output = str;

    fn index(&self, span: Span) -> &str {
        self.get(span.range()).unwrap_or_default()
    }
}

/// A value and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its location, including quotes.
    pub span: Span,
}

/// A file in [`Files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// A position in a file as people count: a 1-based line and a 1-based column in Unicode scalar values, plus the 0-based
/// byte offset in the stored file (including a byte order mark).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 1-based; lines end at `\n`, as git and GitHub count.
    pub line: usize,
    /// 1-based, in Unicode scalar values; a byte order mark does not count.
    pub column: usize,
    /// 0-based, in bytes.
    pub byte: usize,
}

/// The text of a file with an index of its lines.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The tree it was read from.
    pub side: Side,
    /// Its path in that tree.
    pub path: RepoPath,
    text: String,
    mark: usize,
    line_starts: Vec<usize>,
}

const BYTE_ORDER_MARK: &str = "\u{feff}";

impl SourceFile {
    /// A file with this text. A leading byte order mark is removed, and its length is kept.
    #[must_use]
    pub fn new(side: Side, path: RepoPath, text: impl Into<String>) -> Self {
        let mut text = text.into();
        let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        text.drain(..mark);
        let line_starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        Self { side, path, line_starts: line_starts.collect(), text, mark }
    }

    /// The text without its byte order mark. Every [`Span`] is relative to it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file as it is stored, including the byte order mark.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mark = if self.mark > 0 { BYTE_ORDER_MARK } else { "" };
        [mark, &self.text].concat().into_bytes()
    }

    /// The length of the byte order mark that was removed, in bytes.
    #[must_use]
    pub fn mark(&self) -> usize {
        self.mark
    }

    /// The position of the byte `offset` of the text, or of the end if `offset` is past it.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text()[Span::new(start, offset)].chars().count() + 1;
        Position { line, column, byte: offset + self.mark }
    }

    /// The span of the 1-based line `line` without its line break; empty past the end of the file.
    #[must_use]
    pub fn line(&self, line: usize) -> Span {
        let Some(start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied() else {
            return Span::new(self.text.len(), self.text.len());
        };
        let end = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        let content = self.text()[Span::new(start, end)].trim_end_matches(['\n', '\r']);
        Span::new(start, start + content.len())
    }
}

/// Files that were read together: the files of one KEP, and those that every KEP is checked against.
#[derive(Debug, Default)]
pub struct Files {
    shared: Arc<[SourceFile]>,
    own: Vec<SourceFile>,
}

impl Files {
    /// Adds a file and returns its id.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.own.push(file);
        FileId(self.shared.len() + self.own.len() - 1)
    }

    /// The same files with the same ids, all of them shared with forks (see [`Files::fork`]).
    #[must_use]
    pub fn into_shared(self) -> Self {
        let shared = self.shared.iter().cloned().chain(self.own).collect();
        Self { shared, own: Vec::new() }
    }

    /// A fork with the shared files, which keep their ids. Files added to the fork are dropped with it.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), own: Vec::new() }
    }
}

impl Index<FileId> for Files {
    type Output = SourceFile;

    // An id is only used with the `Files` that created it, or with a fork of them, and files are never removed.
    #[allow(clippy::indexing_slicing)]
    fn index(&self, file: FileId) -> &SourceFile {
        match file.0.checked_sub(self.shared.len()) {
            None => &self.shared[file.0],
            Some(index) => &self.own[index],
        }
    }
}

/// The text of a file, with a question mark for each byte that is not UTF-8, so that offsets stay correct.
pub(crate) fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| lossy(error.as_bytes()))
}

/// Converts `bytes` to text, with a question mark for each byte that is not UTF-8.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Side, SourceFile, Span, lossy};
    use crate::text::RepoPath;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(Side::Head, RepoPath::from("kep.yaml"), text)
    }

    #[test]
    fn positions_count_lines_from_one_and_characters_not_bytes() {
        let file = file("title: Zoë\nstage: beta\n");
        let place = file.position(file.text().find("ë").unwrap() + "ë".len());
        assert_eq!((place.line, place.column, place.byte), (1, 11, 11));
        let place = file.position(file.text().find("beta").unwrap());
        assert_eq!((place.line, place.column, place.byte), (2, 8, 19));
    }

    #[test]
    fn a_byte_order_mark_counts_as_bytes_but_not_as_a_column() {
        let file = file("\u{feff}title: x\n");
        let place = file.position(0);
        assert_eq!((place.line, place.column, place.byte), (1, 1, 3));
    }

    #[test]
    fn lines_come_without_their_breaks() {
        let file = file("a: 1\r\nb: 2");
        assert_eq!(&file.text()[file.line(1)], "a: 1");
        assert_eq!(&file.text()[file.line(2)], "b: 2");
        assert_eq!(&file.text()[file.line(3)], "");
        assert_eq!(&file.text()[file.line(0)], "");
    }

    #[test]
    fn invalid_utf8_keeps_its_length() {
        assert_eq!(lossy(b"a\xff\xc3b\xc3\xa9"), "a??b\u{e9}");
    }

    #[test]
    fn a_span_out_of_bounds_is_empty() {
        assert_eq!(&"abc"[Span::new(2, 9)], "");
        assert_eq!(&"é"[Span::new(0, 1)], "");
    }
}
