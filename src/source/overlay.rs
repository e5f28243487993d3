//! A tree with edits that have not been written to disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Content, Entry, Kind, RepoPath, Snapshot, SourceError, blob_id};

/// Edited files: the new content by path.
pub type Edits = Rc<RefCell<BTreeMap<RepoPath, Vec<u8>>>>;

/// A tree with some files changed or added.
pub struct Overlay {
    inner: Box<dyn Snapshot>,
    edits: Edits,
}

impl Overlay {
    /// Adds `edits` to `inner`. They are looked up on each read, so later edits are seen, too.
    #[must_use]
    pub fn new(inner: Box<dyn Snapshot>, edits: Edits) -> Self {
        Self { inner, edits }
    }
}

impl Snapshot for Overlay {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        match self.edits.borrow().get(path) {
            Some(bytes) => Ok(Content::Bytes(bytes.clone())),
            None => self.inner.read_up_to(path, limit),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        let mut entries = self.inner.list(path)?;
        for edited in self.edits.borrow().keys().filter(|edited| *edited != path && edited.is_within(path)) {
            let Some(name) = edited.segments().nth(path.segments().count()) else { continue };
            let child = path.join(name);
            if entries.iter().all(|entry| entry.path != child) {
                let kind = if child == *edited { Kind::File } else { Kind::Folder };
                entries.push(Entry { path: child, kind, id: None });
            }
        }
        entries.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Ok(entries)
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        if let Some(kind) = self.inner.kind(path)? {
            return Ok(Some(kind));
        }
        let edits = self.edits.borrow();
        let is_above = || edits.keys().any(|edited| edited.is_within(path));
        Ok(if edits.contains_key(path) { Some(Kind::File) } else { is_above().then_some(Kind::Folder) })
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        match self.edits.borrow().get(path) {
            Some(bytes) => Ok(Some(bytes.len() as u64)),
            None => self.inner.size(path),
        }
    }

    fn blob_ids(&self, path: &RepoPath) -> Result<Vec<Vec<u8>>, SourceError> {
        match self.edits.borrow().get(path) {
            Some(bytes) => Ok(blob_id(bytes).map(|id| id.as_bytes().to_vec()).into_iter().collect()),
            None => self.inner.blob_ids(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{Edits, Overlay};
    use crate::source::memory::Memory;
    use crate::source::{Content, Kind, Snapshot as _};
    use crate::text::RepoPath;

    #[test]
    fn pending_edits_can_be_read_and_listed() {
        let inner = Memory::default().file("keps/sig-node/1-a/kep.yaml", "title: A\n");
        let edits = Edits::default();
        let tree = Overlay::new(Box::new(inner), Rc::clone(&edits));
        for (path, text) in [("keps/sig-node/1-a/kep.yaml", "title: B\n"), ("keps/sig-apps/2-b/kep.yaml", "title: C\n")]
        {
            edits.borrow_mut().insert(RepoPath::from(path), text.as_bytes().to_vec());
        }
        let list = |path: &str| -> Vec<_> {
            let entries = tree.list(&path.into()).unwrap();
            entries.into_iter().map(|entry| (entry.path.to_string(), entry.kind)).collect()
        };
        let folder = |path: &str| (path.to_owned(), Kind::Folder);
        assert_eq!(list("keps"), [folder("keps/sig-apps"), folder("keps/sig-node")]);
        assert_eq!(list("keps/sig-apps/2-b"), [("keps/sig-apps/2-b/kep.yaml".to_owned(), Kind::File)]);
        assert_eq!(list("keps/sig-node/1-a").len(), 1);
        assert_eq!(tree.read(&"keps/sig-node/1-a/kep.yaml".into()).unwrap(), Content::Bytes(b"title: B\n".to_vec()));
        assert_eq!(tree.kind(&"keps/sig-apps/2-b".into()).unwrap(), Some(Kind::Folder));
        assert_eq!(tree.kind(&"keps/sig-apps/2-b/kep.yaml".into()).unwrap(), Some(Kind::File));
        assert_eq!(tree.size(&"keps/sig-apps/2-b/kep.yaml".into()).unwrap(), Some(9));
        assert_eq!(tree.kind(&"keps/sig-apps/2".into()).unwrap(), None);
    }
}
