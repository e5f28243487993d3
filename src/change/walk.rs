//! One walk through the folders of a tree: where its KEPs are, and what is in the way.

use std::collections::{BTreeMap, BTreeSet};

use gix::bstr::BStr;

use crate::error::SourceError;
use crate::kep::KepNumber;
use crate::project::layout::{self, Layout};
use crate::source::{Content, Kind, Snapshot};
use crate::syntax::yaml::front_matter;
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
    /// Like [`Self::Topmost`], but without the folders that are named after another number, so that the cost hardly
    /// depends on how many there are.
    Numbered(KepNumber),
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
        let root = self.layout.root.clone();
        self.add_irregular_root(&root);
        if let Some(prr_root) = self.layout.prr_root.as_ref().filter(|_| self.extent == Extent::Nested) {
            self.add_irregular_root(prr_root);
        }
        if self.layout.has_single_files() {
            self.single_files(&root, MAX_FOLDERS);
            return;
        }
        let layout = self.layout;
        let entries = self.entries(&root, |name, kind| kind != Kind::File || layout.hides_sig_folder(name));
        for (path, kind) in entries {
            if kind != Kind::Folder {
                self.add_irregular(&path, kind);
            } else if Some(&path) == self.layout.prr_root.as_ref() {
                self.prr_files(&path);
            } else {
                let is_topmost = self.is_topmost(&path, false);
                if !is_topmost || self.extent == Extent::Nested {
                    self.look_into(&path, is_topmost, MAX_FOLDERS);
                }
            }
        }
    }

    /// Records a link or a submodule in the place of the folder of all KEPs, or of one that contains it. In the place of
    /// the folder itself, even a file hides all KEPs.
    fn add_irregular_root(&mut self, root: &RepoPath) {
        let mut path = RepoPath::root();
        for segment in root.segments() {
            path = path.join(segment);
            match self.snapshot.kind(&path) {
                Ok(Some(Kind::Folder)) => {}
                Ok(None) => return,
                Ok(Some(kind)) => {
                    self.folders.irregular.insert(path, kind);
                    return;
                }
                Err(failure) => {
                    self.failures.push(failure);
                    return;
                }
            }
        }
    }

    /// The Markdown files that are KEPs.
    fn single_files(&mut self, folder: &RepoPath, depth: usize) {
        for (path, kind) in self.entries(folder, |name, kind| kind != Kind::File || layout::is_markdown(name)) {
            if kind == Kind::Folder && Some(&path) == self.layout.prr_root.as_ref() {
                self.prr_files(&path);
                continue;
            }
            match (kind, depth.checked_sub(1)) {
                (Kind::Folder, Some(depth)) => self.single_files(&path, depth),
                (Kind::Folder, None) => _ = self.folders.too_deep.insert(path),
                (Kind::File, _) => self.single_file(path),
                (Kind::Symlink | Kind::Submodule, _) => self.add_irregular(&path, kind),
            }
        }
    }

    fn single_file(&mut self, path: RepoPath) {
        let has_other_number = |number| self.layout.number(&path).is_some_and(|other| other != number);
        let is_skipped = matches!(self.extent, Extent::Numbered(number) if has_other_number(number));
        if is_skipped || self.layout.is_template(&path) {
            return;
        }
        match self.snapshot.read(&path) {
            Ok(Content::Bytes(bytes)) if !front_matter::begins(&bytes) => {}
            Ok(Content::Absent) => {}
            Ok(_) => {
                self.folders.keps.insert(path, KepFolder { has_metadata: true, is_topmost: true, is_nested: false });
            }
            Err(failure) => self.failures.push(failure),
        }
    }

    /// Production-readiness files are two folders down, and no KEP is below them.
    fn prr_files(&mut self, folder: &RepoPath) {
        // Only what is irregular is of interest here.
        if self.extent != Extent::Nested {
            return;
        }
        let layout = self.layout;
        for (path, kind) in self.entries(folder, |name, kind| kind != Kind::File || layout.hides_sig_folder(name)) {
            if kind == Kind::Folder {
                let irregular = self.entries(&path, |_, kind| kind != Kind::File);
                for (path, kind) in &irregular {
                    self.add_irregular(path, *kind);
                }
            } else {
                self.add_irregular(&path, kind);
            }
        }
    }

    fn look_into(&mut self, folder: &RepoPath, is_in_kep: bool, depth: usize) {
        let (mut has_metadata, mut makes_kep) = (false, false);
        let (extent, layout) = (self.extent, self.layout);
        let entries = self.entries(folder, |name, kind| {
            has_metadata |= kind != Kind::Folder && name == layout.metadata.as_str();
            makes_kep |= kind != Kind::Folder && (layout.makes_kep(name) || layout.is_misspelled_metadata(name));
            let is_skipped =
                || matches!(extent, Extent::Numbered(number) if has_other_number(layout, &folder.join(name), number));
            kind != Kind::File && (kind != Kind::Folder || !is_skipped())
        });
        if makes_kep && !layout.is_template(folder) {
            let kep = self.folders.keps.entry(folder.clone()).or_default();
            kep.has_metadata = has_metadata;
            kep.is_nested = is_in_kep && !kep.is_topmost;
        }
        for (path, kind) in entries {
            let is_topmost = self.is_topmost(&path, is_in_kep);
            match depth.checked_sub(1) {
                _ if kind != Kind::Folder => self.add_irregular(&path, kind),
                _ if is_topmost && self.extent != Extent::Nested => {}
                Some(depth) => self.look_into(&path, is_in_kep || is_topmost, depth),
                None => _ = self.folders.too_deep.insert(path),
            }
        }
    }

    /// Records an entry if it is the topmost folder of a KEP, and returns true if it is.
    fn is_topmost(&mut self, path: &RepoPath, is_in_kep: bool) -> bool {
        let is_topmost = !is_in_kep && self.layout.is_kep_folder(path);
        if is_topmost {
            self.folders.keps.entry(path.clone()).or_default().is_topmost = true;
        }
        is_topmost
    }

    fn add_irregular(&mut self, path: &RepoPath, kind: Kind) {
        let hides_folder = match kind {
            // Links to documents are common in old trees.
            Kind::Symlink => self.layout.could_hold_kep(path.name()),
            Kind::File => self.layout.hides_sig_folder(path.name()),
            Kind::Submodule => true,
            Kind::Folder => false,
        };
        if hides_folder {
            self.folders.irregular.insert(path.clone(), kind);
        }
    }

    /// The entries of `folder` that are wanted.
    fn entries(&mut self, folder: &RepoPath, mut is_wanted: impl FnMut(&BStr, Kind) -> bool) -> Vec<(RepoPath, Kind)> {
        let mut entries = Vec::new();
        let visited = self.snapshot.visit(folder, &mut |name, kind| {
            if is_wanted(name, kind) {
                entries.push((folder.join(name), kind));
            }
        });
        self.failures.extend(visited.err());
        entries
    }
}

/// True for a KEP directory with a number other than `number`. A template may have KEPs inside.
fn has_other_number(layout: &Layout, folder: &RepoPath, number: KepNumber) -> bool {
    layout::is_kep_name(folder.name())
        && layout.number(folder).is_some_and(|other| other != number)
        && !layout.is_template(folder)
}
