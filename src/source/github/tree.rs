//! One commit as a tree.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::blobs::Blobs;
use super::listing::{Listing, Node};
use crate::error::SourceError;
use crate::source::{Content, Entry, Irregular, Kind, MAX_FILE_BYTES, Snapshot};
use crate::text::RepoPath;

/// The files of one commit. What they hold is asked for when it is read.
#[derive(Clone)]
pub(super) struct CommitTree {
    commit: String,
    /// What is known without the listing.
    known: Rc<Known>,
    listing: Rc<OnceCell<Listing>>,
    blobs: Rc<Blobs>,
}

/// What an answer about something else told of a commit.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What stands at these paths; `None` for nothing.
    pub(super) nodes: BTreeMap<RepoPath, Option<Node>>,
    /// The entries of these folders, sorted.
    pub(super) folders: BTreeMap<RepoPath, Vec<Entry>>,
}

impl CommitTree {
    /// A commit of which all paths are known.
    pub(super) fn listed(commit: &str, blobs: &Rc<Blobs>) -> Result<Self, SourceError> {
        let tree = Self::known(commit, Known::default(), blobs);
        tree.listing()?;
        Ok(tree)
    }

    /// A commit of which some paths are known; the others are asked for when they are needed.
    pub(super) fn known(commit: &str, known: Known, blobs: &Rc<Blobs>) -> Self {
        let (known, listing) = (Rc::new(known), Rc::new(OnceCell::new()));
        Self { commit: commit.to_owned(), known, listing, blobs: Rc::clone(blobs) }
    }

    fn listing(&self) -> Result<&Listing, SourceError> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let listing = self.blobs.listing(&self.commit)?;
        Ok(self.listing.get_or_init(|| listing))
    }

    /// What stands at `path`, the root aside.
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
        // A listing that cannot be had is said when a path is read.
        let nodes = paths.iter().filter_map(|path| self.node(path).ok().flatten());
        for node in nodes.filter(|node| node.kind == Kind::File && node.size <= MAX_FILE_BYTES) {
            self.blobs.announce(&node.id, node.size);
        }
    }
}
