//! Every KEP of one tree, without a comparison.

use std::collections::BTreeMap;

use super::index::{MAX_FOLDERS, too_deep};
use super::tree::Tree;
use super::{Groups, KepState, Policy};
use crate::error::SourceError;
use crate::project::layout;
use crate::source::{Entry, Kind, Snapshot};
use crate::text::RepoPath;
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
    pub fn read(snapshot: &dyn Snapshot, groups: Groups, files: &mut Files) -> Self {
        let (policy, mut failures) = Policy::load(snapshot, groups, files);
        let tree = Tree::new(snapshot, Side::Head);
        let (mut keps, mut unread) = (Vec::new(), Vec::new());
        let (dirs, unlisted) = every_kep(snapshot);
        failures.extend(unlisted);
        for (dir, has_metadata) in dirs {
            if !has_metadata {
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

/// Every KEP directory, including nested ones, with each folder listed once, and whether it contains the
/// metadata.
fn every_kep(snapshot: &dyn Snapshot) -> (BTreeMap<RepoPath, bool>, Vec<SourceError>) {
    let mut search = Search { snapshot, keps: BTreeMap::new(), failures: Vec::new() };
    for sig in search.list(&RepoPath::from(layout::KEPS)) {
        let is_kep_folder = sig.path != RepoPath::from(layout::APPROVALS) && !layout::is_template(&sig.path);
        if sig.kind == Kind::Folder && is_kep_folder {
            search.look_into(&sig.path, false, MAX_FOLDERS);
        }
    }
    (search.keps, search.failures)
}

struct Search<'a> {
    snapshot: &'a dyn Snapshot,
    keps: BTreeMap<RepoPath, bool>,
    failures: Vec<SourceError>,
}

impl Search<'_> {
    fn look_into(&mut self, folder: &RepoPath, is_in_kep: bool, depth: usize) {
        let entries = self.list(folder);
        let is_metadata = |entry: &Entry| entry.kind != Kind::Folder && entry.path.name() == layout::METADATA;
        if entries.iter().any(is_metadata) {
            self.keps.insert(folder.clone(), true);
        }
        for entry in entries {
            if entry.kind == Kind::File || layout::is_template(&entry.path) {
                continue;
            }
            let is_kep = !is_in_kep && layout::is_kep_name(entry.path.name());
            if is_kep {
                self.keps.insert(entry.path.clone(), false);
            }
            match depth.checked_sub(1) {
                _ if entry.kind != Kind::Folder => {}
                Some(depth) => self.look_into(&entry.path, is_in_kep || is_kep, depth),
                None => self.failures.push(too_deep(&entry.path)),
            }
        }
    }

    fn list(&mut self, folder: &RepoPath) -> Vec<Entry> {
        self.snapshot.list(folder).unwrap_or_else(|failure| {
            self.failures.push(failure);
            Vec::new()
        })
    }
}

/// The KEP in the folder `dir` of a tree, or the template, read from its metadata and its production-readiness file;
/// `None` if there is no metadata.
///
/// # Errors
/// [`SourceError`] if the tree itself could not be read.
pub fn read_kep(snapshot: &dyn Snapshot, dir: &RepoPath, files: &mut Files) -> Result<Option<KepState>, SourceError> {
    let kep = Tree::new(snapshot, Side::Head).essentials(dir, files)?;
    Ok(kep.kep().is_some().then_some(kep))
}
