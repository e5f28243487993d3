//! `keps/prod-readiness/<sig>/<number>.yaml`: who approved production readiness, stage by stage.

use super::Stage;
use super::decode::{self, Entries, Fault, Field, Text};
use crate::syntax::yaml::Document;
use crate::text::FileId;

pub(super) const KEYS: &[&str] = &["kep-number", "alpha", "beta", "stable", "deprecated", "disabled", "removed"];
pub(super) const ENTRY_KEYS: &[&str] = &["approver"];

/// A production-readiness file.
#[derive(Debug, Clone)]
pub struct Approval {
    /// The file it was read from.
    pub file: FileId,
    /// What is wrong with it as YAML and as a production-readiness file.
    pub faults: Vec<Fault>,
    /// Whether there is anything to hold rules against.
    pub readable: bool,
    /// `kep-number`, as written.
    pub kep_number: Text,
    stages: [Field<Entry>; 6],
}

/// The entry of a stage.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// `approver`, as written.
    pub approver: Text,
}

impl Approval {
    /// Lowers a document; what is wrong with it becomes [`Approval::faults`].
    #[must_use]
    pub fn lower(file: FileId, document: &Document) -> Self {
        let mut faults = Vec::new();
        let mut entries = Entries::of_document(document, &mut faults);
        let kep_number = entries.text("kep-number");
        let stages = Stage::ALL.map(|stage| entries.mapping(stage.word(), lower_entry));
        entries.finish(KEYS);
        Self { file, faults, readable: document.readable, kep_number, stages }
    }

    /// Whether a key outside the schema is likely `key` misspelt: its finding says all there is to say.
    #[must_use]
    pub fn is_misspelt(&self, key: &str) -> bool {
        decode::is_misspelt(&self.faults, "", key)
    }

    /// The same for a key of the entry of `stage`.
    #[must_use]
    pub fn is_misspelt_below(&self, stage: Stage, key: &str) -> bool {
        decode::is_misspelt(&self.faults, stage.word(), key)
    }

    /// The entry of `stage`.
    #[must_use]
    pub fn entry(&self, stage: Stage) -> &Field<Entry> {
        let [alpha, beta, stable, deprecated, disabled, removed] = &self.stages;
        match stage {
            Stage::Alpha => alpha,
            Stage::Beta => beta,
            Stage::Stable => stable,
            Stage::Deprecated => deprecated,
            Stage::Disabled => disabled,
            Stage::Removed => removed,
        }
    }

    /// The approver named for `stage`, when there is one.
    #[must_use]
    pub fn approver(&self, stage: Stage) -> Option<&Text> {
        let (entry, _) = self.entry(stage).value()?;
        entry.approver.value().map(|_| &entry.approver)
    }
}

fn lower_entry(entries: &mut Entries<'_>) -> Entry {
    let entry = Entry { approver: entries.text("approver") };
    entries.finish(ENTRY_KEYS);
    entry
}
