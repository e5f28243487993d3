//! Finds out where a repository keeps its KEPs.

use std::collections::BTreeMap;

use crate::error::SourceError;
use crate::project::layout::{self, Layout, is_template_name};
use crate::project::search::{Found, OTHER_METADATA};
use crate::source::{Content, Entry, Kind, Snapshot};
use crate::text::RepoPath;

/// The names that a KEP's metadata can have. The usual one is last.
const METADATA_NAMES: [&str; 3] = [layout::README, OTHER_METADATA, layout::METADATA];

/// A folder counts as the folder of all KEPs if it contains at least nine of ten.
const NEARLY_ALL: (usize, usize) = (9, 10);

/// Where the KEPs of a repository are.
#[derive(Debug)]
pub(super) struct Root {
    /// The folder that contains them.
    pub(super) folder: RepoPath,
    /// The name of their metadata, or [`layout::ANY_MARKDOWN`].
    pub(super) metadata: &'static str,
    /// The directories of the KEPs, or their files.
    pub(super) keps: Vec<RepoPath>,
}

impl Root {
    /// The folder that contains most KEPs; `None` if there are none.
    pub(super) fn of(found: &Found) -> Option<Self> {
        let of = |name: &'static str| {
            let files = found.in_folders.iter().filter(move |path| path.name() == name);
            files.filter_map(RepoPath::parent).filter(|dir| *dir != RepoPath::root())
        };
        let metadata = METADATA_NAMES.into_iter().max_by_key(|name| (of(name).count(), *name == layout::METADATA))?;
        if found.single.len() > of(metadata).count() {
            return Self::of_single_files(&found.single);
        }
        let mut counts: BTreeMap<RepoPath, usize> = BTreeMap::new();
        for dir in of(metadata) {
            let above = dir.parent()?;
            let is_sig = above.name().starts_with(b"sig-");
            *counts.entry(if is_sig { above.parent()? } else { above }).or_default() += 1;
        }
        // Among folders with the same number of KEPs, take the upper one.
        let upper = |folder: &RepoPath| std::cmp::Reverse(folder.segments().count());
        let (folder, _) = counts.into_iter().max_by_key(|(folder, count)| (*count, upper(folder)))?;
        let keps = of(metadata).filter(|dir| dir.is_within(&folder)).collect();
        (folder != RepoPath::root()).then_some(Self { folder, metadata, keps })
    }

    /// The deepest folder that contains nearly all of these files.
    fn of_single_files(files: &[RepoPath]) -> Option<Self> {
        let mut counts: BTreeMap<RepoPath, usize> = BTreeMap::new();
        for path in files {
            let mut folder = path.parent();
            while let Some(above) = folder.filter(|folder| *folder != RepoPath::root()) {
                folder = above.parent();
                *counts.entry(above).or_default() += 1;
            }
        }
        let (part, whole) = NEARLY_ALL;
        let nearly_all = counts.into_iter().filter(|(_, count)| count * whole >= files.len() * part);
        let (lowest, _) = nearly_all.max_by_key(|(folder, _)| folder.segments().count())?;
        let is_sig = lowest.name().starts_with(b"sig-");
        let folder = lowest.parent().filter(|above| is_sig && *above != RepoPath::root()).unwrap_or(lowest);
        let keps = files.iter().filter(|path| path.is_within(&folder)).cloned().collect();
        Some(Self { folder, metadata: layout::ANY_MARKDOWN, keps })
    }
}

/// What is directly below the root other than KEPs.
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// The folder of the template, or its file.
    pub(super) template: Option<RepoPath>,
    /// True if there are folders of SIGs.
    pub(super) has_sigs: bool,
}

/// A template in the folder of a SIG, if there is none directly below the root.
pub(super) fn template_of_sig(tree: &dyn Snapshot, root: &RepoPath) -> Result<Option<RepoPath>, SourceError> {
    let is_template = |entry: &Entry| entry.kind == Kind::Folder && is_template_name(entry.path.name());
    let entries = tree.list(root)?;
    if entries.iter().any(is_template) {
        return Ok(None);
    }
    let is_sig = |entry: &&Entry| entry.kind == Kind::Folder && entry.path.name().starts_with(b"sig-");
    for sig in entries.iter().filter(is_sig) {
        if let Some(template) = tree.list(&sig.path)?.into_iter().find(is_template) {
            return Ok(Some(template.path));
        }
    }
    Ok(None)
}

impl Folders {
    pub(super) fn of(tree: &dyn Snapshot, layout: &Layout) -> Result<Self, SourceError> {
        let mut folders = Self::default();
        let kind = if layout.has_single_files() { Kind::File } else { Kind::Folder };
        if tree.kind(&layout.template)? == Some(kind) {
            folders.template = Some(layout.template.clone());
        }
        for entry in tree.list(&layout.root)?.into_iter().filter(|entry| entry.kind == Kind::Folder) {
            folders.has_sigs |= entry.path.name().starts_with(b"sig-");
            let is_first = folders.template.is_none() || entry.path == layout.template;
            if is_first && !layout.has_single_files() && is_template_name(entry.path.name()) {
                folders.template = Some(entry.path);
            }
        }
        Ok(folders)
    }
}

pub(super) fn text(tree: &dyn Snapshot, path: &RepoPath) -> Result<Option<String>, SourceError> {
    Ok(match tree.read(path)? {
        Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
        Content::Absent | Content::Irregular(_) => None,
    })
}
