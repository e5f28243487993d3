//! Finds files that look like the metadata of KEPs anywhere in a tree.

use std::collections::{BTreeMap, VecDeque};

use super::layout::{
    self, begins_with_number, is_document, is_kep_name, is_markdown, is_template_name, without_prefix,
};
use crate::error::SourceError;
use crate::source::{Content, Entry, Kind, Snapshot};
use crate::syntax::yaml::front_matter;
use crate::syntax::yaml::{Document, NodeKind};
use crate::text::RepoPath;

/// The maximum number of folders to search. Folders near the root are searched first.
const MAX_SEARCHED: usize = 20_000;

/// The maximum number of Markdown files to read.
const MAX_READ: usize = 2_000;

/// Folders that contain files of other projects.
const FOREIGN: [&str; 2] = ["node_modules", "vendor"];

/// The names that some projects use for the metadata in numbered folders.
pub const OTHER_METADATA: [&str; 5] = ["metadata.yaml", "kep.yml", "metadata.yml", "proposal.yaml", "proposal.yml"];

/// The result of a search. Templates are listed separately.
#[derive(Debug, Default)]
pub struct Found {
    /// Metadata files, and READMEs with front matter in numbered folders.
    pub in_folders: Vec<RepoPath>,
    /// Other Markdown files whose front matter looks like the metadata of a KEP.
    pub single: Vec<RepoPath>,
    /// Markdown files with front matter whose names are those of templates.
    pub templates: Vec<RepoPath>,
    /// Files in another format than Markdown that look like KEPs. Nothing reads them.
    pub unread: Vec<RepoPath>,
}

impl Found {
    /// Everything that looks like a KEP.
    pub fn keps(&self) -> impl Iterator<Item = &RepoPath> {
        self.in_folders.iter().chain(&self.single)
    }
}

/// Searches `tree` for `kep.yaml`, files with the name `metadata`, and other files that look like the metadata of a
/// KEP.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub fn search(tree: &dyn Snapshot, metadata: &str) -> Result<Found, SourceError> {
    search_without(tree, metadata, |_| Ok(Vec::new()))
}

/// Like [`search`], but leaves out the files that `base` has, too.
///
/// # Errors
/// [`SourceError`] if either tree could not be read.
pub fn search_added(base: &dyn Snapshot, tree: &dyn Snapshot, metadata: &str) -> Result<Found, SourceError> {
    search_without(tree, metadata, |folder| base.list(folder))
}

/// Like [`search`], but leaves out files and equal folders among those that `known` lists in the same folder.
fn search_without(
    tree: &dyn Snapshot,
    metadata: &str,
    known: impl Fn(&RepoPath) -> Result<Vec<Entry>, SourceError>,
) -> Result<Found, SourceError> {
    let mut search = Search { tree, metadata, found: Found::default(), read: 0 };
    let mut folders = VecDeque::from([RepoPath::root()]);
    let mut searched = 0;
    while let Some(folder) = folders.pop_front().filter(|_| searched < MAX_SEARCHED) {
        searched += 1;
        let known: BTreeMap<_, _> =
            known(&folder)?.into_iter().map(|entry| (entry.path, (entry.kind, entry.id))).collect();
        let is_known = |entry: &Entry| {
            known.get(&entry.path).is_some_and(|(kind, id)| {
                *kind == entry.kind && (*kind == Kind::File || (id.is_some() && *id == entry.id))
            })
        };
        let (files, others): (Vec<_>, Vec<_>) = tree
            .list(&folder)?
            .into_iter()
            .filter(|entry| !is_known(entry))
            .partition(|entry| entry.kind == Kind::File);
        for entry in files {
            search.file(&entry, &folder)?;
        }
        let inner = others.into_iter().filter(|entry| entry.kind == Kind::Folder && !is_foreign(&entry.path));
        folders.extend(inner.map(|entry| entry.path));
    }
    Ok(search.found)
}

struct Search<'a> {
    tree: &'a dyn Snapshot,
    metadata: &'a str,
    found: Found,
    read: usize,
}

impl Search<'_> {
    fn file(&mut self, entry: &Entry, folder: &RepoPath) -> Result<(), SourceError> {
        let (path, name) = (&entry.path, entry.path.name());
        if is_template(folder) {
            return Ok(());
        }
        let is_numbered = is_kep_name(folder.name());
        let has_number = is_numbered || without_prefix(folder.name()).is_some_and(is_kep_name);
        if name == layout::METADATA
            || (name == self.metadata && !is_markdown(name))
            || (has_number && OTHER_METADATA.iter().any(|other| name == *other))
        {
            self.found.in_folders.push(path.clone());
        } else if name == layout::README && (is_numbered || !self.tree.is_remote()) && *folder != RepoPath::root() {
            let document = self.front_matter(path)?;
            if document.is_some_and(|document| is_numbered || is_of_kep(&document)) {
                self.found.in_folders.push(path.clone());
            }
        } else if is_markdown(name) && !self.tree.is_remote() && self.read < MAX_READ {
            self.read += 1;
            let Some(document) = self.front_matter(path)? else { return Ok(()) };
            if is_template(path) {
                self.found.templates.push(path.clone());
            } else if is_of_kep(&document) {
                self.found.single.push(path.clone());
            }
        } else if is_document(name)
            && (has_number || begins_with_number(name))
            && !self.tree.is_remote()
            && self.read < MAX_READ
        {
            self.read += 1;
            if matches!(self.tree.read(path)?, Content::Bytes(bytes) if has_fields_of_kep(&bytes)) {
                self.found.unread.push(path.clone());
            }
        }
        Ok(())
    }

    fn front_matter(&self, path: &RepoPath) -> Result<Option<Document>, SourceError> {
        let Content::Bytes(bytes) = self.tree.read(path)? else { return Ok(None) };
        let text = std::str::from_utf8(&bytes).unwrap_or_default().trim_start_matches('\u{feff}');
        Ok(front_matter::place(text).map(|_| front_matter::read(text)))
    }
}

/// True if the front matter has fields that nearly every KEP has, but other pages do not.
fn is_of_kep(document: &Document) -> bool {
    let has = |name: &str| {
        document.entries.iter().any(|(key, _)| matches!(&key.kind, NodeKind::Scalar { text, .. } if text == name))
    };
    let others = ["status", "authors", "reviewers", "approvers", "creation-date"].into_iter().filter(|key| has(key));
    has("title") && others.count() >= 2
}

/// The number of lines in which the fields of a document in another format than Markdown are looked for.
const FIELD_LINES: usize = 40;

/// True if a document begins with fields such as `:status: accepted` or `Status: accepted`, as in `reStructuredText` and
/// `AsciiDoc`.
fn has_fields_of_kep(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().take(FIELD_LINES);
    let keys = lines.filter_map(|line| line.trim_start_matches([':', '#', '+']).split_once(':'));
    let keys: Vec<_> = keys.map(|(key, _)| key.trim().to_ascii_lowercase()).collect();
    let has = |names: &[&str]| keys.iter().any(|key| names.contains(&key.as_str()));
    has(&["status"]) && has(&["author", "authors", "reviewers", "approvers", "creation-date", "created"])
}

fn is_template(path: &RepoPath) -> bool {
    path.name().starts_with(b"NNNN") || is_template_name(path.name())
}

fn is_foreign(folder: &RepoPath) -> bool {
    let name = folder.name();
    name.starts_with(b".") || FOREIGN.iter().any(|foreign| name == *foreign)
}
