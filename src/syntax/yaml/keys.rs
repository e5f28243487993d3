//! Keys that occur twice in a mapping, and merge keys.

use std::collections::HashMap;

use super::{Document, Fault, FaultKind, Node, NodeKind};
use crate::text::Span;

/// Reports every key that occurs twice in a mapping, at any depth.
pub(super) fn duplicates(entries: &[(Node, Node)], faults: &mut Vec<Fault>) {
    let mut seen = HashMap::new();
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

/// Makes each merge key (`<<: *name`), at any depth, a single fault that includes the aliases in its value.
pub(super) fn merge_keys(document: &mut Document) {
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
