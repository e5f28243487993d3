//! A change to kepgate's configuration, and the faults at head.

use super::{Config, ConfigFault};
use crate::rule::Rule;
use crate::syntax::yaml::Document;
use crate::text::FileId;

/// kepgate's configuration as the change leaves it.
#[derive(Debug)]
pub struct ConfigInChange {
    /// The file at head.
    pub file: FileId,
    /// Its faults.
    pub faults: Vec<ConfigFault>,
}

impl ConfigInChange {
    /// Validates the document that the change leaves at `file`.
    #[must_use]
    pub fn new(file: FileId, document: &Document, rules: &[&'static Rule]) -> Self {
        let (_, faults) = Config::lower(document, rules);
        Self { file, faults }
    }
}
