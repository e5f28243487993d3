//! Every KEP of one tree, with nothing to compare it with.

use super::tree::Tree;
use super::{Groups, Policy, Record};
use crate::source::{RepoPath, Snapshot, SourceError};
use crate::text::{Files, Side};

/// All that stands in a tree.
#[derive(Debug)]
pub struct Survey {
    /// The KEPs whose metadata can be read, in the order of their directories.
    pub keps: Vec<Record>,
    /// The directories of those whose metadata is not there, is no regular file, or cannot be read at all.
    pub unread: Vec<RepoPath>,
    /// What the tree itself lays down.
    pub policy: Policy,
    /// What could not be had from the disk or the repository: the survey is not complete.
    pub failures: Vec<SourceError>,
}

impl Survey {
    /// Reads every KEP of `snapshot`. A failure to read one never hides the next.
    pub fn read(snapshot: &dyn Snapshot, groups: Groups, files: &mut Files) -> Self {
        let mut failures = Vec::new();
        let policy = Policy::load(snapshot, groups, files, &mut failures);
        let tree = Tree::new(snapshot, Side::Head);
        let (mut keps, mut unread) = (Vec::new(), Vec::new());
        for (dir, has_metadata) in tree.every_kep(&mut failures) {
            if !has_metadata {
                unread.push(dir);
                continue;
            }
            match tree.essentials(&dir, files) {
                Ok(record) if record.kep().is_some_and(|kep| kep.readable) => keps.push(record),
                Ok(_) => unread.push(dir),
                Err(failure) => failures.push(failure),
            }
        }
        Self { keps, unread, policy, failures }
    }
}

/// The KEP in the folder `dir` of a tree, or the template, as far as its metadata and its production-readiness file tell;
/// `None` when there is no metadata.
///
/// # Errors
/// [`SourceError`] when the tree itself could not be read.
pub fn read_kep(snapshot: &dyn Snapshot, dir: &RepoPath, files: &mut Files) -> Result<Option<Record>, SourceError> {
    let record = Tree::new(snapshot, Side::Head).essentials(dir, files)?;
    Ok(record.kep().is_some().then_some(record))
}
