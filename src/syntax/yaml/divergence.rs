//! Finds text that the parser accepts, but Go's yaml.v3, which upstream uses, rejects or reads differently.
//!
//! The parser follows YAML 1.2. yaml.v3 descends from libyaml, which follows YAML 1.1 and has some limits of its own.
//! The two agree on tokens closely enough that the differences can be found there.

use granit_parser::{ScalarStyle, Scanner, StrInput, TokenType};

use super::islands::MAX_FAULTS;
use super::{Fault, FaultKind};
use crate::text::Span;

/// Finds the differences in `text`, which the parser has accepted.
pub(super) fn find(text: &str) -> Vec<Fault> {
    if is_plain(text) {
        return Vec::new();
    }
    let mut finder = Finder { text, flow_depth: 0, end: 0, plain_end: None, key: None, seen: 0, has_content: false };
    let mut faults = Vec::new();
    // The parser has accepted these tokens. If the scanner alone fails, there is nothing more to check.
    for token in Scanner::new(StrInput::new(text)).map_while(Result::ok) {
        let range = token.span().byte_range().unwrap_or_default();
        let span = Span::new(range.start, range.end);
        faults.extend(finder.tabs(span));
        finder.seen = finder.seen.max(span.start);
        faults.extend(finder.fault(token.token_type(), span));
        // The spans of indicators do not always cover their text.
        if !matches!(token.token_type(), TokenType::Key | TokenType::Value | TokenType::BlockEntry) {
            finder.end = finder.end.max(span.end);
        }
        if faults.len() >= MAX_FAULTS {
            break;
        }
    }
    faults
}

/// True if `text` contains nothing that could differ: no tab, flow collection, escape, anchor, tag or document end.
/// Most files are like this, and need no second scan.
fn is_plain(text: &str) -> bool {
    let is_special = |byte: u8| matches!(byte, b'\t' | b'[' | b'{' | b'\\' | b'&' | b'!');
    !text.bytes().any(is_special) && !text.contains("...")
}

struct Finder<'a> {
    text: &'a str,
    /// The number of open flow collections.
    flow_depth: usize,
    /// The end of the tokens so far.
    end: usize,
    /// The offset up to which tabs were checked.
    seen: usize,
    /// The end of the previous token, if that is a plain scalar.
    plain_end: Option<usize>,
    /// The start of the key that is waiting for its `:`.
    key: Option<usize>,
    /// True if the document has begun.
    has_content: bool,
}

impl Finder<'_> {
    /// Checks the next token.
    fn fault(&mut self, token: &TokenType<'_>, span: Span) -> Option<Fault> {
        let (plain_end, key) = (self.plain_end.take(), self.key);
        let had_content = self.has_content;
        self.has_content |= !matches!(token, TokenType::StreamStart | TokenType::Comment(_));
        match token {
            TokenType::FlowSequenceStart | TokenType::FlowMappingStart => self.flow_depth += 1,
            TokenType::FlowSequenceEnd | TokenType::FlowMappingEnd => {
                self.flow_depth = self.flow_depth.saturating_sub(1);
            }
            TokenType::Scalar(ScalarStyle::Plain, _) => {
                self.plain_end = Some(span.end);
                return self.plain(span);
            }
            TokenType::Scalar(ScalarStyle::DoubleQuoted, _) => return self.escape(span),
            TokenType::Anchor(name) if !is_anchor_name(name) => return Some(fault(span, FaultKind::Anchor)),
            TokenType::Tag(..) if !self.is_blank_at(span.end) => return Some(fault(span, FaultKind::TagEnd)),
            TokenType::DocumentEnd if !had_content => return Some(fault(span, FaultKind::LeadingDocumentEnd)),
            // The parser also emits this token for a key without `?`. A key with `?` may end on another line.
            TokenType::Key => self.key = (!self.gap(span).contains('?')).then_some(span.start),
            TokenType::Value if self.flow_depth > 0 => {
                self.key = None;
                return self.flow_value(span, plain_end, key);
            }
            _ => {}
        }
        None
    }

    /// In a flow collection, yaml.v3 ends a plain scalar at a `?`, and always begins a value at a `:`.
    fn plain(&self, span: Span) -> Option<Fault> {
        let scalar = &self.text[span];
        if self.flow_depth == 0 {
            return None;
        }
        if scalar.starts_with(':') {
            return Some(fault(Span::new(span.start, span.start + 1), FaultKind::FlowColon));
        }
        scalar.contains('?').then_some(fault(span, FaultKind::FlowQuestionMark))
    }

    /// In a flow collection, yaml.v3 takes a `:` after a plain scalar as part of it, unless a space or line break
    /// follows.
    fn flow_value(&self, span: Span, plain_end: Option<usize>, key: Option<usize>) -> Option<Fault> {
        if plain_end == Some(span.start) && !self.is_blank_at(span.start + 1) {
            return Some(fault(span, FaultKind::FlowColon));
        }
        let key = self.text.get(key?..span.start)?;
        key.contains('\n').then_some(fault(span, FaultKind::KeyOnOtherLine))
    }

    /// The first `\/` or pair of surrogates in a double-quoted scalar. They are valid in JSON; `\/` is also in YAML since
    /// 1.2.
    fn escape(&self, span: Span) -> Option<Fault> {
        let mut characters = self.text[span].char_indices();
        while let Some((at, character)) = characters.next() {
            if character != '\\' {
                continue;
            }
            let start = span.start + at;
            match characters.next()?.1 {
                '/' => return Some(fault(Span::new(start, start + 2), FaultKind::Escape('/'))),
                'u' if self.is_surrogate(start + 2) => {
                    return Some(fault(Span::new(start, span.end.min(start + 12)), FaultKind::SurrogatePair));
                }
                _ => {}
            }
        }
        None
    }

    /// True if the four digits at `at` are those of a surrogate, U+D800 to U+DFFF.
    fn is_surrogate(&self, at: usize) -> bool {
        let digits = self.text.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        digits.is_some_and(|value| (0xD800..=0xDFFF).contains(&value))
    }

    /// The text between the previous token and the next one: white space, comments and indicators.
    fn gap(&self, next: Span) -> &str {
        self.text.get(self.end..next.start).unwrap_or_default()
    }

    /// Tabs between an indicator and what follows it in a block collection. yaml.v3 only accepts one after the `:` of a
    /// key on the same line.
    fn tabs(&self, next: Span) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut start = self.end.max(self.seen);
        let gap = self.text.get(start..next.start).unwrap_or_default();
        for line in gap.split_inclusive('\n').take_while(|_| self.flow_depth == 0) {
            let code = line.split('#').next().unwrap_or_default();
            for (at, _) in code.match_indices('\t') {
                let before = code.get(..at).unwrap_or_default().trim_end_matches(' ');
                if before.ends_with(['-', '?', ':']) && self.begins_its_line(start + before.len()) {
                    let length = code.bytes().skip(at).take_while(|byte| *byte == b'\t').count();
                    let span = Span::new(start + at, start + at + length);
                    faults.push(Fault { span: Some(span), kind: FaultKind::Tab });
                }
            }
            start += line.len();
        }
        faults
    }

    /// True if the line has only indicators and spaces before `at`.
    fn begins_its_line(&self, at: usize) -> bool {
        let before = self.text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        before.chars().all(|character| matches!(character, ' ' | '-' | '?' | ':'))
    }

    fn is_blank_at(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])
    }
}

fn fault(span: Span, kind: FaultKind) -> Fault {
    Fault { span: Some(span), kind }
}

fn is_anchor_name(name: &str) -> bool {
    name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'))
}
