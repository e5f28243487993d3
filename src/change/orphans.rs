//! Production-readiness files that no KEP claims.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::Claims;
use super::{Changeset, KepState, Loaded, OrphanState, Sides};
use crate::error::SourceError;
use crate::text::RepoPath;

/// A production-readiness file that no KEP claims at head.
#[derive(Debug)]
pub struct Orphan {
    /// At base; `None` if it is absent or claimed there.
    pub base: Option<OrphanState>,
    /// At head.
    pub head: OrphanState,
}

/// The production-readiness files that KEPs claim, as paths.
#[derive(Debug, Default)]
pub struct PrrIndex {
    base: Claims,
    head: Claims,
    /// Files at base that their KEP no longer claims.
    left_behind: BTreeSet<RepoPath>,
    /// The KEPs at head by the file that their fields point to, whether or not it exists.
    expected: BTreeMap<RepoPath, Vec<RepoPath>>,
}

impl Changeset<'_> {
    /// The production-readiness files that the change touches or orphans, in order.
    #[must_use]
    pub fn prr_file_paths(&self, index: &PrrIndex) -> BTreeSet<RepoPath> {
        self.prr_files.union(&index.left_behind).cloned().collect()
    }

    /// Reads the production-readiness file at `path`, if no KEP claims it at head. `index` has to contain
    /// every KEP of the change.
    #[must_use]
    pub fn read_orphan(&self, path: &RepoPath, index: &PrrIndex) -> Loaded<Orphan> {
        let mut loaded = Loaded { value: None, files: self.files.fork(), failures: Vec::new() };
        let sides = [(&self.trees.base, &index.base), (&self.trees.head, &index.head)];
        let is_complete = self.reads_every_kep();
        let [base, head] = sides.map(|(tree, claims)| {
            tree.orphan(path, (claims, is_complete), &mut loaded.files).unwrap_or_else(|failure| {
                loaded.failures.push(failure);
                None
            })
        });
        loaded.value = head.map(|head| Orphan { base, head });
        loaded
    }

    /// True if the change removes the KEP but leaves its production-readiness file, and no other KEP claims it.
    pub(super) fn leaves_prr_file(&self, sides: &Sides<KepState>) -> Result<bool, SourceError> {
        match sides {
            Sides::Removed(base) => {
                let head = &self.trees.head;
                let is_left = |path| Ok(head.exists(path)? && !head.is_claimed(path)?);
                base.prr_file_path().map_or(Ok(false), is_left)
            }
            Sides::Added(_) | Sides::Kept { .. } => Ok(false),
        }
    }
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
