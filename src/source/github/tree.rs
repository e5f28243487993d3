//! A commit on GitHub as a snapshot.

use std::cell::OnceCell;
use std::rc::Rc;

use super::blobs::Blobs;
use super::listing::{Listing, Node};
use crate::error::SourceError;
use crate::github::ObjectId;
use crate::source::{Content, Entry, Irregular, Kind, MAX_FILE_BYTES, Snapshot};
use crate::text::RepoPath;

/// The files of one commit. The paths are listed when they are first needed, and content is fetched when it is read.
#[derive(Clone)]
pub(super) struct CommitTree {
    commit: ObjectId,
    listing: Rc<OnceCell<Listing>>,
    blobs: Rc<Blobs>,
}

impl CommitTree {
    /// A commit whose paths are listed when they are needed.
    pub(super) fn new(commit: &ObjectId, blobs: &Rc<Blobs>) -> Self {
        Self { commit: commit.clone(), listing: Rc::new(OnceCell::new()), blobs: Rc::clone(blobs) }
    }

    /// A commit whose paths are listed immediately.
    pub(super) fn listed(commit: &ObjectId, blobs: &Rc<Blobs>) -> Result<Self, SourceError> {
        let tree = Self::new(commit, blobs);
        tree.listing()?;
        Ok(tree)
    }

    fn listing(&self) -> Result<&Listing, SourceError> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let listing = self.blobs.listing(&self.commit)?;
        Ok(self.listing.get_or_init(|| listing))
    }

    /// The entry at `path`, which must not be the root.
    fn node(&self, path: &RepoPath) -> Result<Option<&Node>, SourceError> {
        Ok(self.listing()?.node(path))
    }
}

impl Snapshot for CommitTree {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        if *path == RepoPath::root() {
            return Ok(Content::Irregular(Irregular::Folder));
        }
        let Some(node) = self.node(path)? else { return Ok(Content::Absent) };
        Ok(match node.kind {
            Kind::File if node.size > limit => Content::Irregular(Irregular::TooLarge(node.size)),
            Kind::File => Content::Bytes(self.blobs.read(&node.id, node.size)?.to_vec()),
            Kind::Folder => Content::Irregular(Irregular::Folder),
            Kind::Symlink => Content::Irregular(Irregular::Symlink),
            Kind::Submodule => Content::Irregular(Irregular::Submodule),
        })
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        Ok(self.listing()?.folder(path))
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

    fn is_remote(&self) -> bool {
        true
    }
}
