//! Finds out where a repository keeps its KEPs.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::SourceError;
use crate::project::Metadata;
use crate::project::layout::{self, Layout, is_markdown, is_template_name};
use crate::project::search::{Found, OTHER_METADATA};
use crate::source::{Content, Entry, Kind, Snapshot};
use crate::text::RepoPath;

/// A folder counts as the folder of all KEPs if it contains at least nine of ten.
const NEARLY_ALL: (usize, usize) = (9, 10);

/// The maximum number of KEP directories to list.
const MAX_LISTED: usize = 500;

/// Single files are probably older proposals if there are fewer than this many for each KEP in a folder.
const SINGLE_FILES_FOR_A_FOLDER: usize = 3;

/// Where the KEPs of a repository are.
#[derive(Debug)]
pub(super) struct Root {
    /// The folder that contains them.
    pub(super) folder: RepoPath,
    /// Where their metadata is.
    pub(super) metadata: Metadata,
    /// The file with the text of each KEP, if they have one of this name beside the metadata.
    pub(super) readme: String,
    /// The directories of the KEPs, or their files.
    pub(super) keps: Vec<RepoPath>,
    /// What looks like a KEP, but is not one of them.
    pub(super) others: Vec<RepoPath>,
}

impl Root {
    /// The folder that contains the KEPs: the usual one, or else the one that contains most; `None` if there are none.
    pub(super) fn of(tree: &dyn Snapshot, found: &Found) -> Result<Option<Self>, SourceError> {
        let Some(mut root) = Self::with_metadata(found) else { return Ok(None) };
        match root.metadata {
            Metadata::File(_) => root.find_readme(tree)?,
            Metadata::FrontMatter => {}
            Metadata::AnyMarkdown => root.add_pages(tree)?,
        }
        Ok(Some(root))
    }

    fn with_metadata(found: &Found) -> Option<Self> {
        let of = |name: &'static str| found.in_folders.iter().filter(move |path| path.name() == name);
        let usual = RepoPath::from(layout::KEPS);
        if of(layout::METADATA).any(|path| path.is_within(&usual)) {
            let metadata = Metadata::File(layout::METADATA.to_owned());
            return Some(Self::new(usual, metadata, of(layout::METADATA), found));
        }
        let names = std::iter::once(layout::README).chain(OTHER_METADATA).chain([layout::METADATA]);
        // Of several names with the same number of KEPs, take the last one.
        let metadata = names.max_by_key(|name| of(name).count())?;
        if found.single.len() > of(metadata).count() * SINGLE_FILES_FOR_A_FOLDER {
            if let Some(name) = common_name(&found.single) {
                let dirs: Vec<_> = found.single.iter().filter_map(RepoPath::parent).collect();
                let files = found.single.iter().filter(|path| path.name() == name.as_bytes());
                let root = Self::new(lowest_folder(&dirs)?, Metadata::FrontMatter, files, found);
                return Some(Self { readme: name, ..root });
            }
            let folder = lowest_folder(&found.single)?;
            return Some(Self::new(folder, Metadata::AnyMarkdown, found.single.iter(), found));
        }
        let dirs: Vec<_> = of(metadata).filter_map(RepoPath::parent).filter(|dir| *dir != RepoPath::root()).collect();
        let folder = lowest_folder(&dirs).or_else(|| fullest_folder(&dirs))?;
        let files = of(metadata);
        let metadata = match metadata {
            layout::README => Metadata::FrontMatter,
            _ => Metadata::File(metadata.to_owned()),
        };
        Some(Self::new(folder, metadata, files, found))
    }

    /// `files` are the metadata of KEPs, of which only those below `folder` count.
    fn new<'f>(
        folder: RepoPath,
        metadata: Metadata,
        files: impl Iterator<Item = &'f RepoPath>,
        found: &'f Found,
    ) -> Self {
        let files: Vec<_> = files.filter(|path| path.is_within(&folder)).collect();
        let dir = |path: &RepoPath| if metadata == Metadata::AnyMarkdown { Some(path.clone()) } else { path.parent() };
        let keps: Vec<_> = files.iter().filter_map(|path| dir(path)).collect();
        // The text of a KEP may have another format than Markdown.
        let unread = found.unread.iter().filter(|path| !keps.iter().any(|dir| path.is_within(dir)));
        let others = found.keps().filter(|path| !files.contains(path)).chain(unread).cloned().collect();
        Self { folder, metadata, readme: layout::README.to_owned(), keps, others }
    }

    /// Adds files to the others whose names begin with a number, like that of a KEP in the same folder, but that have no
    /// metadata.
    fn add_pages(&mut self, tree: &dyn Snapshot) -> Result<(), SourceError> {
        let is_numbered = |path: &RepoPath| is_markdown(path.name()) && layout::begins_with_number(path.name());
        let numbered = self.keps.iter().filter(|path| is_numbered(path));
        let folders: BTreeSet<_> = numbered.filter_map(RepoPath::parent).collect();
        for folder in folders.into_iter().take(MAX_LISTED) {
            let pages = tree.list(&folder)?.into_iter().filter(|entry| entry.kind == Kind::File);
            let pages = pages.map(|entry| entry.path).filter(is_numbered);
            let others: Vec<_> =
                pages.filter(|path| !self.keps.contains(path) && !self.others.contains(path)).collect();
            self.others.extend(others);
        }
        Ok(())
    }

    /// Finds the Markdown file that most KEPs have beside their metadata, if it is not README.md.
    fn find_readme(&mut self, tree: &dyn Snapshot) -> Result<(), SourceError> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for dir in self.keps.iter().take(MAX_LISTED) {
            let entries = tree.list(dir)?.into_iter().filter(|entry| entry.kind == Kind::File);
            let names = entries.filter_map(|entry| String::from_utf8(entry.path.name().to_vec()).ok());
            for name in names.filter(|name| is_markdown(name.as_bytes())) {
                *counts.entry(name).or_default() += 1;
            }
        }
        let of_readme = counts.get(layout::README).copied().unwrap_or_default();
        let usual = counts.into_iter().max_by_key(|(_, count)| *count);
        if let Some((name, count)) = usual
            && count > 2 * of_readme
            && count * 2 > self.keps.len().min(MAX_LISTED)
        {
            self.readme = name;
        }
        Ok(())
    }

    /// Takes a file out that is named after a template, if it is the only one.
    pub(super) fn take_template(&mut self) -> Option<RepoPath> {
        let is_named = |path: &RepoPath| path.name().to_ascii_lowercase().ends_with(b"template.md");
        let mut named = self.keps.iter().filter(|path| is_named(path));
        let template = named.next().filter(|_| named.next().is_none())?.clone();
        self.keps.retain(|path| *path != template);
        Some(template)
    }
}

/// The name that nearly all of these files have, each in a folder of its own. The name of a single file says nothing,
/// unless its folder is that of a KEP.
fn common_name(files: &[RepoPath]) -> Option<String> {
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for path in files {
        *counts.entry(path.name()).or_default() += 1;
    }
    let (part, whole) = NEARLY_ALL;
    let is_of_kep = |path: &RepoPath| path.parent().is_some_and(|dir| layout::begins_with_number(dir.name()));
    let is_enough = |count: usize| count > 1 || files.iter().all(is_of_kep);
    let (name, _) = counts.into_iter().find(|(_, count)| is_enough(*count) && count * whole >= files.len() * part)?;
    String::from_utf8(name.to_vec()).ok()
}

/// The deepest folder that contains nearly all of these directories or files; the one above if it is the folder of a SIG.
fn lowest_folder(keps: &[RepoPath]) -> Option<RepoPath> {
    let mut counts: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for path in keps {
        let mut folder = path.parent();
        while let Some(above) = folder.filter(|folder| *folder != RepoPath::root()) {
            folder = above.parent();
            *counts.entry(above).or_default() += 1;
        }
    }
    let (part, whole) = NEARLY_ALL;
    let nearly_all = counts.into_iter().filter(|(_, count)| count * whole >= keps.len() * part);
    let (lowest, _) = nearly_all.max_by_key(|(folder, _)| folder.segments().count())?;
    let is_sig = lowest.name().starts_with(b"sig-");
    Some(lowest.parent().filter(|above| is_sig && *above != RepoPath::root()).unwrap_or(lowest))
}

/// The folder that contains most of these directories, if they are in several parts of the tree.
fn fullest_folder(dirs: &[RepoPath]) -> Option<RepoPath> {
    let mut counts: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for dir in dirs {
        let above = dir.parent()?;
        let is_sig = above.name().starts_with(b"sig-");
        *counts.entry(if is_sig { above.parent()? } else { above }).or_default() += 1;
    }
    // Among folders with the same number of KEPs, take the upper one.
    let upper = |folder: &RepoPath| std::cmp::Reverse(folder.segments().count());
    let (folder, _) = counts.into_iter().max_by_key(|(folder, count)| (*count, upper(folder)))?;
    (folder != RepoPath::root()).then_some(folder)
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
