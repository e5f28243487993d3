//! A tree with some of its files in other words, which nobody has written to disk yet.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Content, Entry, Kind, RepoPath, Snapshot, SourceError};

/// Files in other words: their paths and their bytes.
pub type Edits = Rc<RefCell<BTreeMap<RepoPath, Vec<u8>>>>;

/// A tree in which the content of some files, which have to be there, is replaced.
pub struct Overlay {
    inner: Box<dyn Snapshot>,
    edits: Edits,
}

impl Overlay {
    /// `inner` with whatever `edits` holds at the moment of reading.
    #[must_use]
    pub fn new(inner: Box<dyn Snapshot>, edits: Edits) -> Self {
        Self { inner, edits }
    }
}

impl Snapshot for Overlay {
    fn read(&self, path: &RepoPath) -> Result<Content, SourceError> {
        match self.edits.borrow().get(path) {
            Some(bytes) => Ok(Content::Bytes(bytes.clone())),
            None => self.inner.read(path),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        self.inner.list(path)
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        self.inner.kind(path)
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        match self.edits.borrow().get(path) {
            Some(bytes) => Ok(Some(bytes.len() as u64)),
            None => self.inner.size(path),
        }
    }
}
