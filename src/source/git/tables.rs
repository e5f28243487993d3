//! Caches the folders of a repository, so that a folder that several commits share is read only once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use gix::bstr::{BStr, BString};
use gix::objs::tree::{EntryKind, EntryRef};
use gix::objs::{Data, Find, Kind as ObjectKind, TreeRefIter};
use gix::{ObjectId, oid};

use super::{FETCH_OBJECTS, one_line, unavailable};
use crate::error::SourceError;
use crate::source::Kind;
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The raw folders that were read. Base, head and policy share nearly all of them.
#[derive(Default)]
pub(super) struct Tables {
    folders: RefCell<HashMap<ObjectId, Table>>,
    /// The size of all folders together, in bytes.
    size: Cell<usize>,
}

#[derive(Clone)]
struct Table {
    data: Rc<[u8]>,
    /// True if the folder has passed [`check`].
    is_checked: Rc<Cell<bool>>,
}

/// The raw entries of a folder.
pub(super) struct Folder(Rc<[u8]>);

/// One name in a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
}

impl Tables {
    /// The folder with this id; `path` is only for messages.
    pub(super) fn folder(&self, store: &gix::Repository, id: ObjectId, path: &RepoPath) -> Result<Folder, SourceError> {
        let table = self.table(store, id, path)?;
        if !table.is_checked.get() {
            check(&table.data).map_err(|why| damaged("folder", path, &why))?;
            table.is_checked.set(true);
        }
        Ok(Folder(table.data))
    }

    /// The raw entries of the folder with this id.
    pub(super) fn data(&self, store: &gix::Repository, id: ObjectId, path: &RepoPath) -> Result<Rc<[u8]>, SourceError> {
        Ok(self.table(store, id, path)?.data)
    }

    /// Drops all folders if they are larger than `bytes` in total.
    pub(super) fn forget_beyond(&self, bytes: usize) {
        if self.size.get() > bytes {
            self.folders.borrow_mut().clear();
            self.size.set(0);
        }
    }

    fn table(&self, store: &gix::Repository, id: ObjectId, path: &RepoPath) -> Result<Table, SourceError> {
        let known = self.folders.borrow().get(&id).cloned();
        known.map_or_else(|| self.read(store, id, path), Ok)
    }

    fn read(&self, store: &gix::Repository, id: ObjectId, path: &RepoPath) -> Result<Table, SourceError> {
        let object = store
            .try_find_object(id)
            .map_err(|error| damaged("folder", path, &one_line(&error)))?
            .ok_or_else(|| missing("folder", path, id))?;
        let tree = object.try_into_tree().map_err(|_| damaged("folder", path, "it is not a tree"))?;
        Ok(self.insert(id, &tree.data))
    }

    fn insert(&self, id: ObjectId, data: &[u8]) -> Table {
        let table = Table { data: data.into(), is_checked: Rc::default() };
        if self.folders.borrow_mut().insert(id, table.clone()).is_none() {
            self.size.set(self.size.get() + data.len());
        }
        table
    }
}

/// Finds objects for gix, but reads each folder only once.
pub(super) struct Cached<'a> {
    pub(super) store: &'a gix::Repository,
    pub(super) tables: &'a Tables,
}

impl Find for Cached<'_> {
    fn try_find<'a>(&self, id: &oid, buffer: &'a mut Vec<u8>) -> gix::Result<Option<Data<'a>>> {
        if let Some(table) = self.tables.folders.borrow().get(id) {
            buffer.clear();
            buffer.extend_from_slice(&table.data);
            return Ok(Some(Data { kind: ObjectKind::Tree, object_hash: id.kind(), data: buffer }));
        }
        let found = self.store.objects.try_find(id, buffer)?;
        if let Some(data) = found.as_ref().filter(|data| data.kind == ObjectKind::Tree) {
            self.tables.insert(id.to_owned(), data.data);
        }
        Ok(found)
    }
}

impl Folder {
    /// The entries in git's order. [`Tables::folder`] has verified that all of them can be parsed.
    fn entries(&self) -> impl Iterator<Item = EntryRef<'_>> {
        TreeRefIter::from_bytes(&self.0, gix::hash::Kind::Sha1).filter_map(Result::ok)
    }

    /// The entry with this name.
    pub(super) fn find(&self, name: &BStr) -> Option<Node> {
        self.entries().find(|entry| entry.filename == name).map(|entry| node(&entry))
    }

    /// Calls `visit` with each entry, in git's order.
    pub(super) fn visit(&self, mut visit: impl FnMut(&BStr, Node)) {
        self.entries().for_each(|entry| visit(entry.filename, node(&entry)));
    }
}

fn node(entry: &EntryRef<'_>) -> Node {
    let kind = match entry.mode.kind() {
        EntryKind::Tree => Kind::Folder,
        EntryKind::Blob | EntryKind::BlobExecutable => Kind::File,
        EntryKind::Link => Kind::Symlink,
        EntryKind::Commit => Kind::Submodule,
    };
    Node { kind, id: entry.oid.to_owned() }
}

/// Rejects folders that git never writes. They are made so that two readers see different things.
fn check(data: &[u8]) -> Result<(), String> {
    const TRAP: &str = "it has a duplicate or invalid file name";
    let mut files: Vec<&BStr> = Vec::new();
    let mut last: Option<EntryRef<'_>> = None;
    for entry in TreeRefIter::from_bytes(data, gix::hash::Kind::Sha1) {
        let entry = entry.map_err(|error| one_line(&error))?;
        if !is_plain_name(entry.filename) {
            return Err(TRAP.to_owned());
        }
        if last.is_some_and(|last| last >= entry) {
            return if has_duplicate(data) { Err(TRAP.to_owned()) } else { Ok(()) };
        }
        // Git sorts a folder as if its name ended in a slash, so there may be several entries between it and a file of
        // the same name. The names of all entries in between start with that name.
        while files.last().is_some_and(|file| !entry.filename.starts_with(file)) {
            files.pop();
        }
        if files.last().is_some_and(|file| *file == entry.filename) {
            return Err(TRAP.to_owned());
        }
        if !entry.mode.is_tree() {
            files.push(entry.filename);
        }
        last = Some(entry);
    }
    Ok(())
}

/// Finds duplicates in a folder that is not in git's order.
fn has_duplicate(data: &[u8]) -> bool {
    let entries = TreeRefIter::from_bytes(data, gix::hash::Kind::Sha1).filter_map(Result::ok);
    let mut names: Vec<BString> = entries.map(|entry| entry.filename.to_owned()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| matches!(pair, [left, right] if left == right))
        || names.iter().any(|name| !is_plain_name(name.as_ref()))
}

/// True if a name is safe in a path.
fn is_plain_name(name: &BStr) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(&b'/')
}

pub(super) fn missing(what: &str, path: &RepoPath, id: ObjectId) -> SourceError {
    unavailable(
        format!("the {what} {} (object {id}) is not in this repository", quote(&path.to_string())),
        FETCH_OBJECTS,
    )
}

pub(super) fn damaged(what: &str, path: &RepoPath, why: &str) -> SourceError {
    unavailable(format!("the {what} {} could not be read: {why}", quote(&path.to_string())), FETCH_OBJECTS)
}

#[cfg(test)]
mod tests {
    use super::check;

    fn tree(entries: &[(&str, &str)]) -> Vec<u8> {
        entries.iter().flat_map(|(mode, name)| [format!("{mode} {name}\0").as_bytes(), &[7; 20]].concat()).collect()
    }

    #[test]
    fn a_name_that_occurs_twice_is_refused() {
        let (file, folder) = ("100644", "40000");
        for entries in [
            &[(file, "a"), (file, "a")][..],
            &[(file, "a"), (folder, "a")],
            // Git sorts entries between the two.
            &[(file, "a"), (file, "a.b"), (file, "a.b.c"), (file, "a.d"), (folder, "a")],
            // Not in git's order.
            &[(folder, "b"), (file, "a"), (file, "b")],
            &[(file, "a/b")],
            &[(folder, "..")],
        ] {
            assert!(check(&tree(entries)).is_err(), "{entries:?}");
        }
        for entries in [
            &[][..],
            &[(file, "a"), (file, "a.b"), (folder, "a.c"), (folder, "ab")],
            &[(file, "a-b"), (folder, "a"), (file, "ab")],
            &[(file, "b"), (file, "a")],
        ] {
            assert_eq!(check(&tree(entries)), Ok(()), "{entries:?}");
        }
    }
}
