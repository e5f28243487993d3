//! One walk through the folders of a tree: where its KEPs are, and what is in the way.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::SourceError;
use crate::project::{Layout, layout};
use crate::source::{Entry, Kind, Snapshot};
use crate::text::RepoPath;

/// The maximum depth of KEP directories below a SIG's folder.
pub(super) const MAX_FOLDERS: usize = 32;

/// Where the KEPs of a tree are: paths and names, but no content.
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// The KEP directories, nested ones included.
    pub(super) keps: BTreeMap<RepoPath, KepFolder>,
    /// Links and submodules where a folder or a file of a KEP could be.
    pub(super) irregular: BTreeMap<RepoPath, Kind>,
    /// Folders that are nested too deeply. Nothing in them was looked at.
    pub(super) too_deep: BTreeSet<RepoPath>,
}

/// A KEP directory.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct KepFolder {
    /// True if it contains `kep.yaml`, as far as the walk went.
    pub(super) has_metadata: bool,
    /// True if it is the topmost folder below the SIG's that is named after a number.
    pub(super) is_topmost: bool,
    /// True if it is inside such a folder.
    pub(super) is_nested: bool,
}

/// How far a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Not into the topmost folders that are named after a number: a tree has hundreds of them, and nearly none has
    /// another KEP inside.
    Topmost,
    /// Into every folder.
    Nested,
}

/// Lists each folder of the tree once. A read error never hides the next one.
pub(super) fn walk(snapshot: &dyn Snapshot, layout: &Layout, extent: Extent) -> (Folders, Vec<SourceError>) {
    let mut walk = Walk { snapshot, layout, extent, folders: Folders::default(), failures: Vec::new() };
    walk.root();
    (walk.folders, walk.failures)
}

/// The folder of `path` that is nested too deeply, if there is one.
pub(super) fn too_deep(path: &RepoPath, root: &RepoPath) -> Option<RepoPath> {
    // The KEP root and the SIG's folder come before, and the file's name after the folders.
    let allowed = root.segments().count() + 1 + MAX_FOLDERS;
    let is_deep = path.segments().count() > allowed + 1 && path.is_within(root);
    is_deep.then(|| path.segments().take(allowed + 1).fold(RepoPath::root(), |path, segment| path.join(segment)))
}

struct Walk<'a> {
    snapshot: &'a dyn Snapshot,
    layout: &'a Layout,
    extent: Extent,
    folders: Folders,
    failures: Vec<SourceError>,
}

impl Walk<'_> {
    fn root(&mut self) {
        for entry in self.list(&self.layout.root) {
            if entry.kind != Kind::Folder {
                self.add_irregular(&entry);
            } else if Some(&entry.path) == self.layout.prr_root.as_ref() {
                self.prr_files(&entry.path);
            } else {
                let is_topmost = self.is_topmost(&entry, false);
                if !is_topmost || self.extent == Extent::Nested {
                    self.look_into(&entry.path, is_topmost, MAX_FOLDERS);
                }
            }
        }
    }

    /// Production-readiness files are two folders down, and no KEP is below them.
    fn prr_files(&mut self, folder: &RepoPath) {
        for entry in self.list(folder) {
            if entry.kind == Kind::Folder {
                self.list(&entry.path).iter().for_each(|entry| self.add_irregular(entry));
            } else {
                self.add_irregular(&entry);
            }
        }
    }

    fn look_into(&mut self, folder: &RepoPath, is_in_kep: bool, depth: usize) {
        let entries = self.list(folder);
        let has = |name: &str| entries.iter().any(|entry| entry.kind != Kind::Folder && entry.path.name() == name);
        let (has_metadata, has_readme) = (has(&self.layout.metadata), has(layout::README));
        if (has_metadata || has_readme) && !self.layout.is_template(folder) {
            let kep = self.folders.keps.entry(folder.clone()).or_default();
            kep.has_metadata = has_metadata;
            kep.is_nested = is_in_kep && !kep.is_topmost;
        }
        for entry in entries.iter().filter(|entry| entry.kind != Kind::File) {
            let is_topmost = self.is_topmost(entry, is_in_kep);
            match depth.checked_sub(1) {
                _ if entry.kind != Kind::Folder => self.add_irregular(entry),
                _ if is_topmost && self.extent == Extent::Topmost => {}
                Some(depth) => self.look_into(&entry.path, is_in_kep || is_topmost, depth),
                None => _ = self.folders.too_deep.insert(entry.path.clone()),
            }
        }
    }

    /// Records a folder if it is the topmost one of a KEP, and returns true if it is.
    fn is_topmost(&mut self, entry: &Entry, is_in_kep: bool) -> bool {
        let is_topmost = !is_in_kep && self.layout.is_kep_folder(&entry.path);
        if is_topmost {
            self.folders.keps.entry(entry.path.clone()).or_default().is_topmost = true;
        }
        is_topmost
    }

    fn add_irregular(&mut self, entry: &Entry) {
        if matches!(entry.kind, Kind::Symlink | Kind::Submodule)
            && (entry.kind == Kind::Submodule || layout::could_hold_kep(entry.path.name()))
        {
            self.folders.irregular.insert(entry.path.clone(), entry.kind);
        }
    }

    fn list(&mut self, folder: &RepoPath) -> Vec<Entry> {
        self.snapshot.list(folder).unwrap_or_else(|failure| {
            self.failures.push(failure);
            Vec::new()
        })
    }
}
