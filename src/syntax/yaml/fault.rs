//! What can be wrong with a file as YAML.

use crate::text::Span;

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
    /// Collections nested deeper than [`super::MAX_DEPTH`].
    TooDeep,
    /// More values than [`super::MAX_VALUES`].
    TooMany,
    /// An alias.
    Alias,
    /// `@handle` without quotes.
    BareHandle {
        /// True if the span is exactly a handle, so that quoting the span fixes it.
        whole: bool,
    },
    /// A value without quotes that begins with a character that YAML keeps for itself: `%` or a backquote.
    Reserved(char),
    /// The markers of an unresolved merge conflict.
    Conflict,
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
    /// A surrogate pair (`\ud83d\ude00`) in double quotes, as in JSON.
    SurrogatePair,
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
    pub(super) const fn cuts_document(&self) -> bool {
        matches!(self, Self::Marker | Self::SecondDocument | Self::LeadingDocumentEnd)
    }
}
