//! `OWNERS_ALIASES`: named groups of people.

use super::decode::Entries;
use super::fault::{Fault, FaultKind};
use super::field::{Field, List};
use crate::syntax::yaml::{Document, Node, NodeKind};
use crate::text::{FileId, Span, Spanned};

/// The path of the file in a repository.
pub const PATH: &str = "OWNERS_ALIASES";

/// The groups of `OWNERS_ALIASES`.
#[derive(Debug, Clone)]
pub struct Aliases {
    /// The file that it was read from.
    pub file: FileId,
    /// Its faults.
    pub faults: Vec<Fault>,
    /// The key `aliases`.
    pub key: Option<Span>,
    groups: Vec<(String, List)>,
}

impl Aliases {
    /// Decodes a document. Keys other than `aliases` are ignored.
    #[must_use]
    pub fn decode(file: FileId, document: &Document) -> Self {
        let mut faults = Vec::new();
        let mut entries = Entries::of_document(document, &mut faults);
        let aliases = entries.mapping("aliases", decode_groups);
        faults.retain(|fault| !matches!(fault.kind, FaultKind::UnknownKey { .. }));
        let key = aliases.key;
        let groups = aliases.value().map(|(groups, _)| groups.clone()).unwrap_or_default();
        Self { file, faults, key, groups }
    }

    /// The members of `group`, as written; `None` if the group does not exist.
    #[must_use]
    pub fn group(&self, group: &str) -> Option<&List> {
        self.groups.iter().find(|(name, _)| name == group).map(|(_, members)| members)
    }

    /// The names of the groups, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|(name, _)| name.as_str())
    }
}

fn decode_groups(entries: &mut Entries<'_>) -> Vec<(String, List)> {
    let mut groups = Vec::new();
    for (name, key, value) in entries.rest() {
        let members = if let NodeKind::Sequence(items) = &value.kind {
            let members = items.iter().map(|item| (item.is_null(), member(entries, name, item)));
            // Nobody can be meant by an empty entry.
            members.filter(|(is_null, _)| !is_null).map(|(_, member)| member).collect()
        } else {
            if !value.is_null() {
                entries.wrong_type(name, value, "a list");
            }
            Vec::new()
        };
        groups.push((name.to_owned(), Field::listed(key.span, members, value.span)));
    }
    groups
}

fn member(entries: &mut Entries<'_>, group: &str, item: &Node) -> Option<Spanned<String>> {
    match &item.kind {
        NodeKind::Scalar { text, .. } if !item.is_null() => Some(Spanned { value: text.clone(), span: item.span }),
        _ => {
            entries.wrong_type(group, item, "a handle in each entry");
            None
        }
    }
}
