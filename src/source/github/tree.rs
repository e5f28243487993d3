//! One commit as a snapshot.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::blobs::Blobs;
use super::listing::{self, Listing, Node};
use crate::error::SourceError;
use crate::github::ObjectId;
use crate::github::api::pull_request::{FileEntry, MaybeBlob, Target};
use crate::source::{Content, Entry, Irregular, Kind, MAX_FILE_BYTES, Snapshot};
use crate::text::RepoPath;

/// The files of one commit. Content is fetched when it is read.
#[derive(Clone)]
pub(super) struct CommitTree {
    commit: ObjectId,
    /// What is known without the listing.
    known: Rc<Known>,
    listing: Rc<OnceCell<Listing>>,
    blobs: Rc<Blobs>,
}

/// What the answer about a pull request says about a commit.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What is at these paths; `None` for nothing.
    pub(super) nodes: BTreeMap<RepoPath, Option<Node>>,
    /// The entries of these folders, sorted.
    pub(super) folders: BTreeMap<RepoPath, Vec<Entry>>,
}

impl Known {
    /// Reads what was asked about the target branch: the files at `paths`, and the entries of `folder`. Returns `None` if
    /// any of it is unusable.
    pub(super) fn read(target: &Target, paths: &[RepoPath], folder: &str, blobs: &Blobs) -> Option<Self> {
        let mut known = Self::default();
        for (path, file) in paths.iter().zip(&target.files) {
            let node = match file {
                Some(entry) => Some(file_node(entry, blobs)?),
                None => None,
            };
            known.nodes.insert(path.clone(), node);
        }
        let folder = RepoPath::from(folder);
        if target.folder.is_none() {
            known.nodes.insert(folder.clone(), None);
        }
        let mut entries = Vec::new();
        for entry in target.folder.iter().flatten() {
            let node = Node { kind: listing::kind(entry.mode)?, id: entry.oid.clone(), size: 0 };
            entries.push(listing::entry(folder.join(&entry.name), &node));
        }
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        known.folders.insert(folder, entries);
        Some(known)
    }
}

/// A file of the target branch. Its content is kept.
fn file_node(entry: &FileEntry, blobs: &Blobs) -> Option<Node> {
    let mut node = Node { kind: listing::kind(entry.mode)?, id: entry.oid.clone(), size: 0 };
    if node.kind == Kind::File {
        let Some(MaybeBlob::Blob(blob)) = &entry.object else { return None };
        node.size = blob.byte_size;
        blobs.keep(&node.id, blob);
    }
    Some(node)
}

impl CommitTree {
    /// A commit whose paths are listed at once.
    pub(super) fn listed(commit: &ObjectId, blobs: &Rc<Blobs>) -> Result<Self, SourceError> {
        let tree = Self::known(commit, Known::default(), blobs);
        tree.listing()?;
        Ok(tree)
    }

    /// A commit with some known paths. The others are listed when they are needed.
    pub(super) fn known(commit: &ObjectId, known: Known, blobs: &Rc<Blobs>) -> Self {
        let (known, listing) = (Rc::new(known), Rc::new(OnceCell::new()));
        Self { commit: commit.clone(), known, listing, blobs: Rc::clone(blobs) }
    }

    fn listing(&self) -> Result<&Listing, SourceError> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let listing = self.blobs.listing(&self.commit)?;
        Ok(self.listing.get_or_init(|| listing))
    }

    /// What is at `path`, which is not the root.
    fn node(&self, path: &RepoPath) -> Result<Option<&Node>, SourceError> {
        match self.known.nodes.get(path) {
            Some(node) => Ok(node.as_ref()),
            None => Ok(self.listing()?.node(path)),
        }
    }
}

impl Snapshot for CommitTree {
    fn read(&self, path: &RepoPath) -> Result<Content, SourceError> {
        if *path == RepoPath::root() {
            return Ok(Content::Irregular(Irregular::Folder));
        }
        let Some(node) = self.node(path)? else { return Ok(Content::Absent) };
        Ok(match node.kind {
            Kind::File if node.size > MAX_FILE_BYTES => Content::Irregular(Irregular::TooLarge(node.size)),
            Kind::File => Content::Bytes(self.blobs.read(&node.id, node.size)?.to_vec()),
            Kind::Folder => Content::Irregular(Irregular::Folder),
            Kind::Symlink => Content::Irregular(Irregular::Symlink),
            Kind::Submodule => Content::Irregular(Irregular::Submodule),
        })
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        match self.known.folders.get(path) {
            Some(entries) => Ok(entries.clone()),
            None => Ok(self.listing()?.folder(path)),
        }
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        if *path == RepoPath::root() {
            return Ok(Some(Kind::Folder));
        }
        Ok(self.node(path)?.map(|node| node.kind))
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        let file = if *path == RepoPath::root() { None } else { self.node(path)? };
        Ok(file.filter(|node| node.kind == Kind::File).map(|node| node.size))
    }

    fn announce(&self, paths: &[RepoPath]) {
        // If the listing cannot be fetched, reading a path reports it.
        let nodes = paths.iter().filter_map(|path| self.node(path).ok().flatten());
        for node in nodes.filter(|node| node.kind == Kind::File && node.size <= MAX_FILE_BYTES) {
            self.blobs.announce(&node.id, node.size);
        }
    }
}
