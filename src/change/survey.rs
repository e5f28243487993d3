//! Every KEP of one tree, without a comparison.

use std::sync::Arc;

use super::tree::Tree;
use super::walk::{Extent, MAX_FOLDERS, walk};
use super::{Groups, KepState, Policy};
use crate::error::SourceError;
use crate::project::Profile;
use crate::source::Snapshot;
use crate::text::RepoPath;
use crate::text::wording::quote;
use crate::text::{Files, Side};

/// The content of a tree.
#[derive(Debug)]
pub struct Survey {
    /// The KEPs whose metadata can be read, in the order of their directories.
    pub keps: Vec<KepState>,
    /// The directories of KEPs whose metadata is missing, not a regular file, or unreadable.
    pub unread: Vec<RepoPath>,
    /// The policy in the tree.
    pub policy: Policy,
    /// Read errors. If there are any, the survey is incomplete.
    pub failures: Vec<SourceError>,
}

impl Survey {
    /// Reads every KEP of `snapshot`. A read error never hides the next one.
    pub fn read(snapshot: &dyn Snapshot, groups: Groups, profile: &Arc<Profile>, files: &mut Files) -> Self {
        let (policy, mut failures) = Policy::load(snapshot, groups, profile, files);
        let tree = Tree::new(snapshot, Side::Head, profile);
        let (mut keps, mut unread) = (Vec::new(), Vec::new());
        let (folders, unlisted) = walk(snapshot, &profile.layout, Extent::Nested);
        failures.extend(unlisted);
        failures.extend(folders.too_deep.iter().map(too_deep));
        for (dir, kep) in folders.keps {
            if !kep.has_metadata {
                unread.push(dir);
                continue;
            }
            match tree.essentials(&dir, files) {
                Ok(kep) if kep.kep().is_some_and(|kep| kep.readable) => keps.push(kep),
                Ok(_) => unread.push(dir),
                Err(failure) => failures.push(failure),
            }
        }
        Self { keps, unread, policy, failures }
    }
}

/// The error for a folder that was not looked into.
fn too_deep(folder: &RepoPath) -> SourceError {
    SourceError::unavailable(
        format!("{} is nested too deeply", quote(&folder.to_string())),
        format!("move KEP directories to at most {MAX_FOLDERS} levels below the SIG's folder"),
    )
}

/// The KEP in the folder `dir` of a tree, or the template, read from its metadata and its production-readiness file;
/// `None` if there is no metadata.
///
/// # Errors
/// [`SourceError`] if the tree itself could not be read.
pub fn read_kep(
    snapshot: &dyn Snapshot,
    dir: &RepoPath,
    profile: &Arc<Profile>,
    files: &mut Files,
) -> Result<Option<KepState>, SourceError> {
    let kep = Tree::new(snapshot, Side::Head, profile).essentials(dir, files)?;
    Ok(kep.kep().is_some().then_some(kep))
}
