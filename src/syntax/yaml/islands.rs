//! Reads a file that does not parse. Each entry at column 0 is an *island* that is parsed on its own.

use granit_parser::ErrorKind;

use super::compose::{self, Cause, ComposeError};
use super::{Document, Fault, FaultKind, Node, NodeKind};
use crate::text::{Span, Spanned};

/// The maximum number of faults to report for a file. More would not help anyone.
pub(super) const MAX_FAULTS: usize = 20;

/// Reads as much of `text` as possible, after parsing it as a whole failed with `error`.
pub(super) fn read(text: &str, error: &ComposeError, mut room: usize) -> Document {
    let mut document = Document::default();
    for island in islands(text) {
        if room == 0 && document.faults.len() >= MAX_FAULTS {
            // There is enough to report, so what is left is not parsed.
            broken(text, island, None, &mut document);
            continue;
        }
        let content = &text[island];
        match compose::compose(content, room) {
            Ok(composed) => {
                room = composed.room;
                document.comments.extend(composed.comments.into_iter().map(|mut comment| {
                    comment.span = comment.span.shifted(island.start);
                    comment
                }));
                document.faults.extend(composed.faults.into_iter().map(|fault| shift_fault(fault, island.start)));
                match composed.root {
                    Some(Node { kind: NodeKind::Mapping(mut entries), .. }) => {
                        shift_entries(&mut entries, island.start);
                        document.entries.append(&mut entries);
                    }
                    Some(node) if !node.is_null() => broken(text, island, None, &mut document),
                    _ => {}
                }
            }
            Err(ComposeError { cause: Cause::TooMany, .. }) => return too_many(text),
            Err(error) => {
                room = room.saturating_sub(1);
                broken(text, island, Some(&error), &mut document);
            }
        }
    }
    if document.faults.is_empty() {
        // Each island is valid, so the fault is between them. All that is left to report is the error for the whole
        // text.
        document.faults.push(diagnose_generic(text, Span::new(0, text.len()), error));
    }
    document.faults.truncate(MAX_FAULTS);
    document.readable = !document.entries.is_empty() || !document.broken.is_empty();
    document
}

/// A file with too many values: only its keys are recorded, as present but broken.
pub(super) fn too_many(text: &str) -> Document {
    let faults = vec![Fault { span: None, kind: FaultKind::TooMany }];
    Document { faults, broken: keys(text), ..Document::default() }
}

/// The keys at column 0 of a text, without parsing it.
pub(super) fn keys(text: &str) -> Vec<Spanned<String>> {
    islands(text).into_iter().filter_map(|island| key(text, island)).collect()
}

fn broken(text: &str, island: Span, error: Option<&ComposeError>, document: &mut Document) {
    match key(text, island) {
        Some(key) => document.broken.push(key),
        None => document.has_stray_text = true,
    }
    // Finding the cause takes longer than parsing.
    if document.faults.len() < MAX_FAULTS {
        let found = diagnose(text, island, error);
        document.faults.extend(found);
    }
}

/// The islands: one for each line that begins an entry at column 0. Text before the first entry belongs to the first
/// island.
fn islands(text: &str) -> Vec<Span> {
    let mut starts = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let begins =
            line.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '"' | '\'' | '_' | '@' | '?'));
        if begins {
            starts.push(start);
        }
        start += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let first = starts.first().copied().unwrap_or_default();
    let lead = Span::new(0, first);
    let lead = (!text[lead].trim().is_empty() && !only_comments(&text[lead])).then_some(lead);
    lead.into_iter().chain(starts.iter().copied().zip(ends).map(|(start, end)| Span::new(start, end))).collect()
}

fn only_comments(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

/// The key of an island: the text before its first colon, without quotes.
fn key(text: &str, island: Span) -> Option<Spanned<String>> {
    let line = text[island].lines().next()?;
    let (key, _) = line.split_once(':')?;
    let value = key.trim().trim_matches(['"', '\'']).to_owned();
    let span = Span::new(island.start, island.start + key.trim_end().len());
    (!value.is_empty()).then_some(Spanned { value, span })
}

/// Finds the fault of an island. Common mistakes of authors are tried first; the parser's own message is the last
/// resort.
fn diagnose(text: &str, island: Span, error: Option<&ComposeError>) -> Vec<Fault> {
    let mut handles = Vec::new();
    let mut start = island.start;
    for line in text[island].split_inclusive('\n') {
        handles.extend(bare_handles(line).map(|fault| shift_fault(fault, start)));
        start += line.len();
    }
    if !handles.is_empty() {
        return handles;
    }
    if let Some(error) = error {
        let known = match error.kind() {
            Some(ErrorKind::RecursionLimitExceeded) => Some((error_span(text, island, error), FaultKind::TooDeep)),
            Some(kind) if is_unclosed(kind) => unclosed(text, island),
            Some(kind) if is_tab(kind) => tab(text, island, error),
            Some(ErrorKind::UnknownQuotedScalarEscape) => unknown_escape(text, island, error),
            _ => None,
        };
        if let Some((span, kind)) = known {
            return vec![Fault { span: Some(span), kind }];
        }
    }
    if let Some(span) = missing_space(text, island) {
        return vec![Fault { span: Some(span), kind: FaultKind::MissingSpace }];
    }
    if let Some(error) = error {
        match tab(text, island, error).or_else(|| unclosed(text, island)) {
            Some((span, kind)) => vec![Fault { span: Some(span), kind }],
            None => vec![diagnose_generic(text, island, error)],
        }
    } else {
        let span = trimmed(text, first_line(text, island));
        let words = "this line is not a `key: value` entry".to_owned();
        vec![Fault { span: Some(span), kind: FaultKind::Syntax(words) }]
    }
}

fn diagnose_generic(text: &str, island: Span, error: &ComposeError) -> Fault {
    let kind = match error.kind() {
        Some(ErrorKind::RecursionLimitExceeded) => FaultKind::TooDeep,
        Some(_) if is_second_colon(text, island, error) => FaultKind::SecondColon,
        Some(ErrorKind::UnexpectedCharacter { character: character @ ('%' | '`') }) => FaultKind::Reserved(*character),
        Some(kind) => FaultKind::Syntax(kind.to_string()),
        None => FaultKind::TooMany,
    };
    Fault { span: Some(error_span(text, island, error)), kind }
}

/// True if the parser stopped at a colon after another one in the line, as in `title: Retries: a proposal`.
fn is_second_colon(text: &str, island: Span, error: &ComposeError) -> bool {
    let (before, rest) = text.split_at_checked(island.start + error.at).unwrap_or((text, ""));
    let line = before.rsplit('\n').next().unwrap_or_default();
    rest.starts_with(": ") && line.contains(": ")
}

/// The word at which the parser stopped or, at the end of a line, the word before.
fn error_span(text: &str, island: Span, error: &ComposeError) -> Span {
    let at = (island.start + error.at).min(island.end);
    let word = text.get(at..island.end).unwrap_or_default();
    // Only white space in YAML's sense: a no-break space is part of a word.
    let space = [' ', '\t', '\r', '\n'];
    let length = word.find(space).unwrap_or(word.len());
    if length > 0 {
        return Span::new(at, at + length);
    }
    let before = text.get(island.start..at).unwrap_or_default().trim_end_matches(space);
    let start = before.rfind(space).map_or(0, |last| last + 1);
    Span::new(island.start + start, island.start + before.len())
}

/// Finds each `@handle` at the beginning of a value, outside quotes and comments. Offsets are relative to the line.
fn bare_handles(line: &str) -> impl Iterator<Item = Fault> {
    let mut quote = None;
    let mut before = ' ';
    let mut value_begins = true;
    let mut found = Vec::new();
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '#') if before.is_whitespace() => break,
            (None, '"' | '\'') if value_begins => quote = Some(character),
            (None, '@') if value_begins => found.push(bare_handle(line, at)),
            _ => {}
        }
        value_begins = match character {
            '[' | ',' | '{' => true,
            ' ' | '\t' => value_begins || matches!(before, ':' | '-'),
            _ => false,
        };
        before = character;
    }
    found.into_iter()
}

fn bare_handle(line: &str, at: usize) -> Fault {
    let rest = line.get(at..).unwrap_or_default();
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let name = rest.get(1..).unwrap_or_default();
    let length = 1 + name.find(|character| !is_name(character)).unwrap_or(name.len());
    let after = rest.get(length..).unwrap_or_default();
    // Only the quote at the start was forgotten.
    let quote = usize::from(after.starts_with(['"', '\'']));
    let after = after.get(quote..).unwrap_or_default();
    let ends = after.starts_with([',', ']']) || after.trim().is_empty() || after.trim_start().starts_with('#');
    let whole = length > 1 && ends;
    let length = if whole { length + quote } else { rest.trim_end().len() };
    Fault { span: Some(Span::new(at, at + length)), kind: FaultKind::BareHandle { whole } }
}

fn is_unclosed(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::UnclosedQuotedScalar
    )
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
    )
}

/// The last opening bracket or quote that is never closed.
fn unclosed(text: &str, island: Span) -> Option<(Span, FaultKind)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut before = ' ';
    for (at, character) in text[island].char_indices() {
        let quote = open.last().copied().filter(|(_, opened)| matches!(opened, '"' | '\''));
        match (quote, character) {
            (Some((start, opened)), _) if opened == character => {
                // A quote on a later line, directly before a value, opens the next value instead.
                let inside = &text[island][start..at];
                let after = text[island][at..].chars().nth(1);
                let opens = after.is_some_and(|next| next.is_alphanumeric() || next == '@');
                if opens && inside.contains('\n') {
                    break;
                }
                open.pop();
            }
            (None, '[' | '{') => open.push((at, character)),
            (None, ']' | '}') => {
                open.pop();
            }
            (None, '"' | '\'') if matches!(before, ' ' | '[' | ',' | '{') => open.push((at, character)),
            _ => {}
        }
        before = character;
    }
    open.last().map(|(at, character)| {
        let start = island.start + at;
        (Span::new(start, start + 1), FaultKind::Unclosed(*character))
    })
}

/// The first backslash before a character that YAML does not escape, on the line at which the parser stopped.
fn unknown_escape(text: &str, island: Span, error: &ComposeError) -> Option<(Span, FaultKind)> {
    let at = (island.start + error.at).min(island.end);
    let start = text.get(..at)?.rfind('\n').map_or(0, |line| line + 1).max(island.start);
    let mut characters = text.get(start..island.end)?.char_indices();
    while let Some((at, character)) = characters.next() {
        if character != '\\' {
            continue;
        }
        let (_, escaped) = characters.next()?;
        if !matches!(
            escaped,
            '0' | 'a'
                | 'b'
                | 't'
                | '\t'
                | 'n'
                | 'v'
                | 'f'
                | 'r'
                | 'e'
                | ' '
                | '"'
                | '/'
                | '\\'
                | 'N'
                | '_'
                | 'L'
                | 'P'
                | 'x'
                | 'u'
                | 'U'
                | '\n'
                | '\r'
        ) {
            let span = Span::new(start + at, start + at + character.len_utf8() + escaped.len_utf8());
            return Some((span, FaultKind::Escape(escaped)));
        }
    }
    None
}

/// The closest run of tabs before the place at which the parser stopped, on the same line.
fn tab(text: &str, island: Span, error: &ComposeError) -> Option<(Span, FaultKind)> {
    let at = (island.start + error.at).min(island.end);
    let start = text.get(..at)?.rfind('\n').map_or(0, |line| line + 1).max(island.start);
    let line = text.get(start..island.end)?.lines().next()?;
    let tab = line.find('\t')?;
    let length = line.get(tab..)?.chars().take_while(|character| *character == '\t').count();
    Some((Span::new(start + tab, start + tab + length), FaultKind::Tab))
}

/// `key:value` at the beginning of a line, which YAML reads as one word.
fn missing_space(text: &str, island: Span) -> Option<Span> {
    let mut start = island.start;
    for line in text[island].split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '-']);
        let indent = line.len() - content.len();
        if let Some((key, value)) = content.trim_end().split_once(':') {
            let is_key =
                !key.is_empty() && key.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
            let is_joined = !value.is_empty() && !value.starts_with([' ', '\t', '/', ':']);
            if is_key && is_joined {
                let span = Span::new(start + indent, start + indent + content.trim_end().len());
                return Some(span);
            }
        }
        start += line.len();
    }
    None
}

fn first_line(text: &str, island: Span) -> Span {
    let length = text[island].find('\n').unwrap_or(text[island].len());
    Span::new(island.start, island.start + length)
}

fn trimmed(text: &str, span: Span) -> Span {
    let content = &text[span];
    let start = span.start + content.len() - content.trim_start().len();
    Span::new(start, start + content.trim().len())
}

fn shift_fault(mut fault: Fault, offset: usize) -> Fault {
    fault.span = fault.span.map(|span| span.shifted(offset));
    if let FaultKind::DuplicateKey { first, .. } = &mut fault.kind {
        *first = first.shifted(offset);
    }
    fault
}

fn shift(node: &mut Node, offset: usize) {
    node.span = node.span.shifted(offset);
    match &mut node.kind {
        NodeKind::Sequence(items) => items.iter_mut().for_each(|item| shift(item, offset)),
        NodeKind::Mapping(entries) => shift_entries(entries, offset),
        NodeKind::Scalar { .. } | NodeKind::Alias => {}
    }
}

fn shift_entries(entries: &mut [(Node, Node)], offset: usize) {
    for (key, value) in entries {
        shift(key, offset);
        shift(value, offset);
    }
}
