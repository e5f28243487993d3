//! Faults in the documents of the KEP process.

use crate::syntax::yaml;
use crate::text::Span;

/// Something that makes a document invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its location; `None` for the file as a whole.
    pub span: Option<Span>,
    /// The field, as a route (`milestone.beta`); empty for the document as a whole.
    pub route: String,
    /// What is wrong.
    pub kind: FaultKind,
}

impl Fault {
    /// True if the fault hides a part of the file, so that something that seems missing may be there.
    #[must_use]
    pub const fn loses_content(&self) -> bool {
        use crate::syntax::yaml::FaultKind as Yaml;
        matches!(&self.kind, FaultKind::Yaml(kind) if !matches!(kind, Yaml::DuplicateKey { .. } | Yaml::Marker))
    }

    /// True if a key occurs twice, so that its value is ambiguous.
    #[must_use]
    pub const fn is_duplicate(&self) -> bool {
        matches!(self.kind, FaultKind::Yaml(yaml::FaultKind::DuplicateKey { .. }))
    }
}

/// The kinds of faults in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Invalid YAML.
    Yaml(yaml::FaultKind),
    /// A key outside the schema.
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that the mapping may have.
        known: Vec<String>,
        /// The key that was probably meant, if the mapping does not have it yet.
        near: Option<String>,
    },
    /// A value of the wrong type.
    WrongType {
        /// The type that the field needs, with an article.
        wanted: &'static str,
        /// The type of the value, with an article.
        found: &'static str,
    },
}

/// The unknown keys in `mapping` (empty for the root) that are probably misspellings of `key`.
pub(super) fn misspellings<'a>(faults: &'a [Fault], mapping: &str, key: &str) -> impl Iterator<Item = &'a str> {
    faults.iter().filter_map(move |fault| match &fault.kind {
        FaultKind::UnknownKey { key: unknown, near, .. } if near.as_deref() == Some(key) => {
            let route = fault.route.strip_suffix(unknown.as_str())?.trim_end_matches('.');
            (route == mapping).then_some(unknown.as_str())
        }
        _ => None,
    })
}
