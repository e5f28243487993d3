//! Messages for YAML faults.

use super::{FaultKind, MAX_DEPTH, MAX_VALUES};
use crate::text::wording::quote;

/// The program that reads a file, which decides what the file may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The checks of kubernetes/enhancements.
    Upstream,
    /// Only kepgate.
    Kepgate,
}

impl Reader {
    /// The reader of the KEPs of a project.
    pub(crate) const fn of(is_kubernetes: bool) -> Self {
        if is_kubernetes { Self::Upstream } else { Self::Kepgate }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Kepgate => "kepgate",
        }
    }
}

/// The message and help for a fault in a document that only kepgate reads.
pub(crate) fn of(kind: &FaultKind) -> (String, String) {
    let reader = Reader::Kepgate;
    match (syntax(kind, reader), kind) {
        (Some(words), _) => words,
        (None, FaultKind::DuplicateKey { key, .. }) => {
            (format!("the key {} is defined twice", quote(key)), "keep one".to_owned())
        }
        (None, _) => {
            (format!("this is outside the document that {} reads", reader.word()), "delete the `---` line".to_owned())
        }
    }
}

/// The message and help for a fault; `None` if other rules report it.
pub(crate) fn syntax(kind: &FaultKind, reader: Reader) -> Option<(String, String)> {
    let (message, help) = match kind {
        FaultKind::NotUtf8 { line, byte } => (
            format!("this file is not UTF-8: line {line} has an invalid byte (at byte {byte})"),
            "save the file as UTF-8",
        ),
        FaultKind::Empty => ("this file is empty".to_owned(), "fill it in or delete it"),
        FaultKind::NotAMapping { found } => {
            (format!("this file contains {found} instead of `key: value` entries"), "start each line with `key: `")
        }
        FaultKind::Character(character) => (
            format!("the character U+{:04X} is not allowed here", u32::from(*character)),
            "delete it; it is invisible in most editors, and YAML parsers treat it as a line break or an error",
        ),
        FaultKind::LongLine(bytes) => (
            format!("this line is {bytes} bytes long, but {} stops reading at 64 KiB", reader.word()),
            "break the line",
        ),
        FaultKind::TooDeep => {
            (format!("collections are nested more than {MAX_DEPTH} deep"), "no field of a KEP needs more than three")
        }
        FaultKind::TooMany => (
            format!("this file has more than {MAX_VALUES} values, so it was not read"),
            "keep only what belongs to the KEP",
        ),
        FaultKind::Alias => {
            ("aliases (`*name`) are not supported".to_owned(), "write out the value; quote it if it starts with `*`")
        }
        FaultKind::BareHandle { whole } => (
            "YAML values cannot start with `@`".to_owned(),
            if *whole { "put the handle in quotes" } else { "put the value in quotes, from the `@` to its end" },
        ),
        FaultKind::Reserved(character) => {
            (format!("YAML values cannot start with {}", quote(&character.to_string())), "put the value in quotes")
        }
        FaultKind::Conflict => (
            "this is an unresolved merge conflict".to_owned(),
            "keep what you want of both sides, and delete the lines that start with `<<<<<<<`, `=======` and `>>>>>>>`",
        ),
        FaultKind::Tab => ("there is a tab where YAML needs spaces".to_owned(), "replace the tab with spaces"),
        FaultKind::MissingSpace => {
            ("the space after the colon is missing, so YAML reads this as one word".to_owned(), "write `key: value`")
        }
        FaultKind::Unclosed(open) => {
            (format!("this {} is never closed", quote(&open.to_string())), "close it, or write one entry per line")
        }
        FaultKind::SecondColon => (
            "this line has a second `: `, which is not valid YAML".to_owned(),
            "if the colon is part of the value, put the value in quotes; otherwise start a new line",
        ),
        FaultKind::Syntax(words) => {
            (format!("this is not valid YAML: {words}"), "check the quotes, brackets and indentation of this entry")
        }
        _ => return divergence(kind, reader),
    };
    Some((message, help.to_owned()))
}

/// Like [`syntax`], for text that upstream's parser rejects although it may be valid YAML. kepgate rejects it, too.
fn divergence(kind: &FaultKind, reader: Reader) -> Option<(String, String)> {
    let parser = format!("{}'s parser", reader.word());
    let (message, help) = match kind {
        FaultKind::MergeKey => {
            ("merge keys (`<<`) are not supported".to_owned(), "delete it and write out the entries that it would add")
        }
        FaultKind::TaggedKey => ("a key cannot have a YAML tag (`!…`)".to_owned(), "delete the tag"),
        FaultKind::TagEnd => (format!("{parser} needs a space after this tag"), "delete the tag"),
        FaultKind::Anchor => (
            format!("{parser} takes only ASCII letters, digits, `_` and `-` in the name of an anchor (`&name`)"),
            "delete the anchor, or put the value in quotes if it begins with `&`",
        ),
        FaultKind::LeadingDocumentEnd => {
            (format!("`...` ends the document before it begins, and {parser} rejects that"), "delete the line")
        }
        FaultKind::Escape('/') => {
            (format!(r"{parser} does not know the escape `\/`"), "write `/` without the backslash")
        }
        FaultKind::Escape(character) => (
            format!("{} is not an escape in double quotes", quote(&format!("\\{character}"))),
            if *character == '\'' { "write `'` without the backslash" } else { r"write the backslash twice: `\\`" },
        ),
        FaultKind::SurrogatePair => {
            (format!("{parser} does not accept surrogate pairs"), "write the character itself instead of its escapes")
        }
        FaultKind::FlowQuestionMark => (
            format!("inside `[…]` or `{{…}}` {parser} does not accept a `?` without quotes"),
            "put the value in quotes",
        ),
        FaultKind::FlowColon => (
            format!("inside `[…]` or `{{…}}` {parser} reads this `:` differently"),
            "write `key: value` with a space after the colon, or put the value in quotes",
        ),
        FaultKind::KeyOnOtherLine => {
            ("this `:` is not on the line on which its key begins".to_owned(), "write the key and its `:` on one line")
        }
        _ => return None,
    };
    Some((message, help.to_owned()))
}
