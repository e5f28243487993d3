//! Tabs at the start of lines.

use std::borrow::Cow;

use super::islands::MAX_FAULTS;
use super::{Fault, FaultKind};
use crate::text::Span;

/// Text in which tabs at the start of lines are replaced with spaces, with a fault for each.
pub(super) struct Indented<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) faults: Vec<Fault>,
}

impl Indented<'_> {
    /// The text from the first tab of each entry to the end of the entry. What the parser does not understand there only
    /// follows from the tab.
    pub(super) fn explained(&self) -> Vec<Span> {
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
pub(super) fn indentation(text: &str) -> Indented<'_> {
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
    faults.truncate(MAX_FAULTS);
    Indented { text: Cow::Owned(read), faults }
}
