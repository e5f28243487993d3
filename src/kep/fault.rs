//! What can be wrong with a document of the KEP process.

use crate::syntax::yaml;
use crate::text::Span;

/// Something that makes a document invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is; `None` for the file as a whole.
    pub span: Option<Span>,
    /// The field, as a route (`milestone.beta`); empty for the document.
    pub route: String,
    /// What is wrong.
    pub kind: FaultKind,
}

impl Fault {
    /// True if something of the file is lost with it, so that what is missing may be there.
    #[must_use]
    pub const fn loses_content(&self) -> bool {
        use crate::syntax::yaml::FaultKind as Yaml;
        matches!(&self.kind, FaultKind::Yaml(kind) if !matches!(kind, Yaml::DuplicateKey { .. } | Yaml::Marker))
    }

    /// True if a key is there twice, so that nobody knows which value is meant.
    #[must_use]
    pub const fn is_duplicate(&self) -> bool {
        matches!(self.kind, FaultKind::Yaml(yaml::FaultKind::DuplicateKey { .. }))
    }
}

/// What can be wrong with a document.
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
        /// The key that was probably meant, of those that the mapping does not have yet.
        near: Option<String>,
    },
    /// A value of the wrong kind.
    WrongType {
        /// What the field takes, with its article.
        wanted: &'static str,
        /// What the file has, with its article.
        found: &'static str,
    },
}

/// The unknown keys of `mapping` (empty for the root) that are probably `key` misspelled.
pub(super) fn misspellings<'a>(faults: &'a [Fault], mapping: &str, key: &str) -> impl Iterator<Item = &'a str> {
    faults.iter().filter_map(move |fault| match &fault.kind {
        FaultKind::UnknownKey { key: unknown, near, .. } if near.as_deref() == Some(key) => {
            let route = fault.route.strip_suffix(unknown.as_str())?.trim_end_matches('.');
            (route == mapping).then_some(unknown.as_str())
        }
        _ => None,
    })
}
