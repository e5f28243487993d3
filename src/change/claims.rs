//! Which production-readiness files belong to a KEP.

use std::collections::{BTreeMap, BTreeSet};

use super::Sides;
use super::kep_state::{KepState, Metadata};
use crate::kep::KepNumber;
use crate::text::RepoPath;

/// The production-readiness files that KEPs claim, as paths.
#[derive(Debug, Default)]
pub struct PrrIndex {
    pub(super) base: Claims,
    pub(super) head: Claims,
    /// Files at base that their KEP no longer claims.
    pub(super) left_behind: BTreeSet<RepoPath>,
    /// The KEPs at head by the file that their fields point to, whether or not it exists.
    expected: BTreeMap<RepoPath, Vec<RepoPath>>,
}

impl PrrIndex {
    /// Adds what a KEP claims on each side.
    pub fn add(&mut self, sides: &Sides<KepState>) {
        let (base, head) = (sides.base(), sides.head());
        if let Some(base) = base {
            self.base.add(base);
        }
        if let Some(head) = head {
            self.head.add(head);
            if let Some(path) = &head.expected_prr_path {
                self.expected.entry(path.clone()).or_default().push(head.dir.clone());
            }
        }
        // A KEP that moved or was removed may have orphaned its file.
        let old = base.and_then(KepState::prr_file_path);
        let new = head.and_then(KepState::prr_file_path);
        self.left_behind.extend(old.filter(|old| Some(*old) != new).cloned());
    }

    /// The other KEPs, if there are any, whose fields point to the same file as those of each KEP.
    pub fn sharers(&self) -> impl Iterator<Item = (&RepoPath, Vec<RepoPath>)> {
        let shared = self.expected.values().filter(|dirs| dirs.len() > 1);
        shared
            .flat_map(|dirs| dirs.iter().map(|dir| (dir, dirs.iter().filter(|other| *other != dir).cloned().collect())))
    }
}

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
