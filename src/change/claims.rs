//! Which production-readiness files belong to a KEP.

use std::collections::{BTreeMap, BTreeSet};

use super::kep_state::{KepState, Metadata};
use crate::kep::KepNumber;
use crate::text::RepoPath;

/// The production-readiness files that the KEPs of one side claim: paths alone, no text.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) paths: BTreeSet<RepoPath>,
    /// The directories of a number, and whether the KEP there misses its file.
    pub(super) by_number: BTreeMap<KepNumber, Vec<(RepoPath, bool)>>,
}

impl Claims {
    pub(super) fn add(&mut self, state: &KepState) {
        self.paths.extend(state.prr_file_path().cloned());
        // A KEP that could not be read may well claim it.
        let misses = match &state.metadata {
            Metadata::Read(kep) => state.prr_file_path().is_none() && kep.is_gated(),
            Metadata::Absent { .. } => state.readme_file().is_some(),
            Metadata::Unreadable(_) | Metadata::Irregular => true,
        };
        if let Some(number) = state.number {
            self.by_number.entry(number).or_default().push((state.dir.clone(), misses));
        }
    }
}
