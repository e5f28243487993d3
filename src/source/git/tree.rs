//! The files of one commit.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gix::ObjectId;
use gix::bstr::BStr;

use super::one_line;
use super::tables::{Folder, Node, Tables, damaged, missing};
use crate::error::SourceError;
use crate::source::{Content, Entry, Irregular, Kind, Snapshot};
use crate::text::RepoPath;

/// The files of one commit, read from the object store.
pub struct GitTree {
    store: Rc<gix::Repository>,
    tables: Rc<Tables>,
    root: ObjectId,
    /// The ids of folders that were looked up, so that each path is resolved only once.
    folders: RefCell<HashMap<RepoPath, ObjectId>>,
}

impl GitTree {
    /// The tree with the id `root`. The top folder is read immediately, so that a missing tree is detected before
    /// anything is reported about the commit.
    pub(super) fn open(store: Rc<gix::Repository>, tables: Rc<Tables>, root: ObjectId) -> Result<Self, SourceError> {
        let tree = Self { store, tables, root, folders: RefCell::default() };
        tree.folder(root, &RepoPath::root())?;
        Ok(tree)
    }

    /// The entry at `path`; the root is a folder.
    fn find(&self, path: &RepoPath) -> Result<Option<Node>, SourceError> {
        let Some(parent) = path.parent() else {
            return Ok(Some(Node { kind: Kind::Folder, id: self.root }));
        };
        let Some(folder) = self.folder_id(&parent)? else { return Ok(None) };
        Ok(self.folder(folder, &parent)?.find(path.name()))
    }

    /// The id of the folder at `path`.
    fn folder_id(&self, path: &RepoPath) -> Result<Option<ObjectId>, SourceError> {
        if let Some(id) = self.folders.borrow().get(path) {
            return Ok(Some(*id));
        }
        let (mut id, mut walked) = (self.root, RepoPath::root());
        for segment in path.segments() {
            let Some(node) = self.folder(id, &walked)?.find(segment).filter(|node| node.kind == Kind::Folder) else {
                return Ok(None);
            };
            id = node.id;
            walked = walked.join(segment);
            self.folders.borrow_mut().insert(walked.clone(), id);
        }
        Ok(Some(id))
    }

    /// The folder with this id; `path` is only for messages.
    fn folder(&self, id: ObjectId, path: &RepoPath) -> Result<Folder, SourceError> {
        self.tables.folder(&self.store, id, path)
    }

    /// The size of a blob in bytes, from its header.
    pub(super) fn blob_size(&self, id: ObjectId, path: &RepoPath) -> Result<u64, SourceError> {
        let header = self
            .store
            .try_find_header(id)
            .map_err(|error| damaged("file", path, &one_line(&error)))?
            .ok_or_else(|| missing("file", path, id))?;
        if header.kind() != gix::objs::Kind::Blob {
            return Err(damaged("file", path, "it is not a blob"));
        }
        Ok(header.size())
    }

    pub(super) fn read_blob(&self, id: ObjectId, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        let size = self.blob_size(id, path)?;
        if size > limit {
            return Ok(Content::Irregular(Irregular::TooLarge(size)));
        }
        let object = self
            .store
            .try_find_object(id)
            .map_err(|error| damaged("file", path, &one_line(&error)))?
            .ok_or_else(|| missing("file", path, id))?;
        // The data is copied, because gix's buffer is as large as the largest object so far and is reused.
        Ok(Content::Bytes(object.data.as_slice().to_vec()))
    }
}

impl Snapshot for GitTree {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        let Some(node) = self.find(path)? else {
            return Ok(Content::Absent);
        };
        match node.kind {
            Kind::File => self.read_blob(node.id, path, limit),
            Kind::Folder => Ok(Content::Irregular(Irregular::Folder)),
            Kind::Symlink => Ok(Content::Irregular(Irregular::Symlink)),
            Kind::Submodule => Ok(Content::Irregular(Irregular::Submodule)),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        let Some(id) = self.folder_id(path)? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        self.folder(id, path)?.visit(|name, node| {
            entries.push(Entry { path: path.join(name), kind: node.kind, id: Some(node.id.as_bytes().to_vec()) });
        });
        // Git sorts a folder as if its name ended in a slash, but paths are compared as they are here.
        entries.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        Ok(entries)
    }

    fn visit(&self, path: &RepoPath, visit: &mut dyn FnMut(&BStr, Kind)) -> Result<(), SourceError> {
        if let Some(id) = self.folder_id(path)? {
            self.folder(id, path)?.visit(|name, node| visit(name, node.kind));
        }
        Ok(())
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        Ok(self.find(path)?.map(|node| node.kind))
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        self.find(path)?.filter(|node| node.kind == Kind::File).map(|node| self.blob_size(node.id, path)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use crate::error::SourceError;
    use crate::source::git::fixture::Fixture;
    use crate::source::{Content, Irregular, Kind, Snapshot};
    use crate::text::RepoPath;

    fn bytes(text: &str) -> Content {
        Content::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn files_are_read_and_listed_as_committed() {
        let fixture = Fixture::new();
        fixture.write("keps/sig-node/1-a/kep.yaml", "title: A\n");
        fixture.write("keps/sig-node.md", "");
        let commit = fixture.commit();
        fixture.write("keps/sig-node/1-a/kep.yaml", "not committed\n");
        let tree = fixture.open().tree(commit).unwrap();
        assert_eq!(tree.read(&"keps/sig-node/1-a/kep.yaml".into()).unwrap(), bytes("title: A\n"));
        assert_eq!(tree.read(&"keps/sig-node".into()).unwrap(), Content::Irregular(Irregular::Folder));
        assert_eq!(tree.read(&RepoPath::root()).unwrap(), Content::Irregular(Irregular::Folder));
        for absent in
            ["nope", "keps/nope/kep.yaml", "keps/sig-node.md/kep.yaml", "keps/../keps/sig-node.md", ".git/HEAD"]
        {
            assert_eq!(tree.read(&absent.into()).unwrap(), Content::Absent, "{absent}");
            assert_eq!(tree.kind(&absent.into()).unwrap(), None, "{absent}");
        }
        // Git itself puts `sig-node.md` first, because it compares `sig-node/`.
        let listed = tree.list(&"keps".into()).unwrap();
        let listed: Vec<_> = listed.iter().map(|entry| (entry.path.to_string(), entry.kind)).collect();
        assert_eq!(listed, [("keps/sig-node".to_owned(), Kind::Folder), ("keps/sig-node.md".to_owned(), Kind::File)]);
        assert_eq!(tree.list(&"keps/sig-node.md".into()).unwrap(), []);
        assert_eq!(tree.list(&"nope".into()).unwrap(), []);
    }

    #[test]
    fn ids_match_git() {
        let fixture = Fixture::new();
        fixture.write("a", "");
        let commit = fixture.commit();
        let entries = fixture.open().tree(commit).unwrap().list(&RepoPath::root()).unwrap();
        let empty_blob = gix::ObjectId::from_hex(b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391").unwrap();
        assert_eq!(entries[0].id.as_deref(), Some(empty_blob.as_bytes()));
    }

    #[test]
    fn only_regular_files_are_read() {
        let fixture = Fixture::new();
        let file = fixture.write("keps/sig-node/kep.yaml", "a\n");
        fixture.commit();
        let blob = fixture.git(&["rev-parse", "HEAD:keps/sig-node/kep.yaml"]);
        let commit = fixture.head();
        std::fs::remove_file(file).unwrap();
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{blob},keps/link")]);
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},keps/module")]);
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("100755,{blob},keps/executable")]);
        let commit = fixture.commit_index();
        let tree = fixture.open().tree(commit).unwrap();
        assert_eq!(tree.read(&"keps/link".into()).unwrap(), Content::Irregular(Irregular::Symlink));
        assert_eq!(tree.read(&"keps/link/kep.yaml".into()).unwrap(), Content::Absent);
        assert_eq!(tree.read(&"keps/module".into()).unwrap(), Content::Irregular(Irregular::Submodule));
        assert_eq!(tree.list(&"keps/module".into()).unwrap(), []);
        assert_eq!(tree.read(&"keps/executable".into()).unwrap(), bytes("a\n"));
        let kinds: Vec<_> = tree.list(&"keps".into()).unwrap().iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, [Kind::File, Kind::Symlink, Kind::Submodule, Kind::Folder]);
    }

    #[test]
    fn a_file_over_the_limit_reports_its_size() {
        let fixture = Fixture::new();
        fixture.write("small", vec![b'a'; 1_048_576]);
        fixture.write("large", vec![b'a'; 1_048_577]);
        fixture.write("huge", vec![b'a'; 65 * 1024 * 1024]);
        let commit = fixture.commit();
        let tree = fixture.open().tree(commit).unwrap();
        assert!(matches!(tree.read(&"small".into()).unwrap(), Content::Bytes(bytes) if bytes.len() == 1_048_576));
        assert_eq!(tree.read(&"large".into()).unwrap(), Content::Irregular(Irregular::TooLarge(1_048_577)));
        assert_eq!(tree.size(&"small".into()).unwrap(), Some(1_048_576));
        assert_eq!(tree.size(&"nope".into()).unwrap(), None);
        assert_eq!(tree.size(&RepoPath::root()).unwrap(), None);
        // This is more than may be allocated at once, so only the header can be read.
        assert_eq!(tree.size(&"huge".into()).unwrap(), Some(68_157_440));
        assert_eq!(tree.read(&"huge".into()).unwrap(), Content::Irregular(Irregular::TooLarge(68_157_440)));
    }

    #[test]
    fn names_that_are_not_utf8_are_found() {
        let fixture = Fixture::new();
        fixture.write("placeholder", "a\n");
        fixture.commit();
        let blob = fixture.git(&["rev-parse", "HEAD:placeholder"]);
        // A tree as git writes it: mode, name, NUL, and the 20 bytes of the id.
        let id = gix::ObjectId::from_hex(blob.as_bytes()).unwrap();
        let commit = commit_tree(&fixture, &[(b"caf\xe9.md", id)]);
        let tree = fixture.open().tree(commit).unwrap();
        assert_eq!(tree.list(&RepoPath::root()).unwrap()[0].path, RepoPath::new(b"caf\xe9.md"));
        assert_eq!(tree.read(&RepoPath::new(b"caf\xe9.md")).unwrap(), bytes("a\n"));
    }

    #[test]
    fn a_tree_that_git_would_not_write_is_refused() {
        let fixture = Fixture::new();
        fixture.write("placeholder", "a\n");
        fixture.commit();
        let blob = fixture.git(&["rev-parse", "HEAD:placeholder"]);
        let id = gix::ObjectId::from_hex(blob.as_bytes()).unwrap();
        for names in [&[&b"a"[..], b"a"][..], &[b"keps/sig-node"], &[b".."], &[b"."]] {
            let entries: Vec<_> = names.iter().map(|name| (*name, id)).collect();
            let commit = commit_tree(&fixture, &entries);
            let Err(error) = fixture.open().tree(commit) else { panic!("{names:?} was taken") };
            assert!(matches!(error, SourceError::Unavailable { .. }), "{error}");
        }
    }

    /// Commits a tree of regular files that may be malformed.
    fn commit_tree(fixture: &Fixture, entries: &[(&[u8], gix::ObjectId)]) -> crate::source::git::CommitId {
        let mut raw = Vec::new();
        for (name, id) in entries {
            raw.extend_from_slice(b"100644 ");
            raw.extend_from_slice(name);
            raw.push(0);
            raw.extend_from_slice(id.as_bytes());
        }
        let file = fixture.write(".git/raw-tree", raw);
        let tree = fixture.git(&["hash-object", "-t", "tree", "-w", "--literally", file.to_str().unwrap()]);
        let commit = fixture.git(&["commit-tree", "-m", ".", &tree]);
        fixture.id(&commit)
    }

    #[test]
    fn a_missing_object_is_not_a_missing_file() {
        let fixture = Fixture::new();
        fixture.write("keps/a", "a\n");
        fixture.write("hack/b", "b\n");
        let commit = fixture.commit();
        for object in ["HEAD:keps/a", "HEAD:hack"] {
            let id = fixture.git(&["rev-parse", object]);
            fixture.remove_object(&id);
        }
        let tree = fixture.open().tree(commit).unwrap();
        assert_eq!(tree.kind(&"keps/a".into()).unwrap(), Some(Kind::File));
        for error in [
            tree.read(&"keps/a".into()).unwrap_err(),
            tree.read(&"hack/b".into()).unwrap_err(),
            tree.list(&"hack".into()).unwrap_err(),
        ] {
            assert!(matches!(error, SourceError::Unavailable { .. }), "{error}");
        }
    }

    #[test]
    fn a_clone_without_blobs_says_so_and_starts_no_download() {
        let origin = Fixture::new();
        origin.write("keps/a", "a\n");
        let commit = origin.commit();
        origin.git(&["config", "uploadpack.allowFilter", "true"]);
        let partial = origin.clone_with(&["--bare", "--filter=blob:none"]);
        let tree = partial.open().tree(commit).unwrap();
        let error = tree.read(&"keps/a".into()).unwrap_err();
        assert!(matches!(error, SourceError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("`keps/a`"), "{error}");
    }
}
