//! The files of one commit.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use gix::{
    ObjectId,
    bstr::{BStr, BString},
    objs::tree::EntryKind,
};

use super::{FETCH_OBJECTS, one_line, unavailable};
use crate::error::SourceError;
use crate::source::{Content, Entry, Irregular, Kind, MAX_FILE_BYTES, Snapshot};
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The files of one commit, read from the object store.
///
/// Folders are decoded once and kept, so that reading every file of a folder costs one decoding of each folder above.
pub struct GitTree {
    store: Rc<gix::Repository>,
    root: ObjectId,
    folders: RefCell<HashMap<ObjectId, Rc<[Node]>>>,
}

/// One name in a folder.
#[derive(Debug, Clone)]
struct Node {
    name: BString,
    kind: Kind,
    id: ObjectId,
}

impl GitTree {
    /// The tree with the id `root`, of which the top folder is read at once: a commit without its tree is found out
    /// before anything is said about it.
    pub(super) fn open(store: Rc<gix::Repository>, root: ObjectId) -> Result<Self, SourceError> {
        let tree = Self { store, root, folders: RefCell::default() };
        tree.folder(root, &RepoPath::root())?;
        Ok(tree)
    }

    /// The entry at `path`; the root is a folder without a name.
    fn find(&self, path: &RepoPath) -> Result<Option<Node>, SourceError> {
        let mut node = Node { name: BString::default(), kind: Kind::Folder, id: self.root };
        let mut walked = RepoPath::root();
        for segment in path.segments() {
            if node.kind != Kind::Folder {
                return Ok(None);
            }
            let nodes = self.folder(node.id, &walked)?;
            let Ok(index) = nodes.binary_search_by(|candidate| candidate.name.as_slice().cmp(segment)) else {
                return Ok(None);
            };
            let Some(found) = nodes.get(index) else { return Ok(None) };
            node = found.clone();
            walked = walked.join(segment);
        }
        Ok(Some(node))
    }

    /// The entries of the folder with this id, sorted by name; `path` is for messages alone.
    fn folder(&self, id: ObjectId, path: &RepoPath) -> Result<Rc<[Node]>, SourceError> {
        if let Some(nodes) = self.folders.borrow().get(&id) {
            return Ok(Rc::clone(nodes));
        }
        let nodes: Rc<[Node]> = self.decode_folder(id, path)?.into();
        self.folders.borrow_mut().insert(id, Rc::clone(&nodes));
        Ok(nodes)
    }

    fn decode_folder(&self, id: ObjectId, path: &RepoPath) -> Result<Vec<Node>, SourceError> {
        let object = self
            .store
            .try_find_object(id)
            .map_err(|error| damaged("folder", path, &one_line(&error)))?
            .ok_or_else(|| missing("folder", path, id))?;
        let tree = object.try_into_tree().map_err(|_| damaged("folder", path, "it is not a tree"))?;
        let decoded = tree.decode().map_err(|error| damaged("folder", path, &one_line(&error)))?;
        let mut nodes: Vec<Node> = decoded
            .entries
            .iter()
            .map(|entry| Node {
                name: entry.filename.to_owned(),
                kind: kind_of(entry.mode.kind()),
                id: entry.oid.to_owned(),
            })
            .collect();
        // Git sorts a folder as if its name ended in a slash; a path here is compared as it is.
        nodes.sort_by(|left, right| left.name.cmp(&right.name));
        // Git itself never writes such trees. Whoever did wants two readers to see two different things.
        let is_ambiguous = nodes.windows(2).any(|pair| matches!(pair, [left, right] if left.name == right.name));
        if is_ambiguous || nodes.iter().any(|node| !is_plain_name(node.name.as_ref())) {
            return Err(damaged("folder", path, "it has a duplicate or invalid file name"));
        }
        Ok(nodes)
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

    pub(super) fn read_blob(&self, id: ObjectId, path: &RepoPath) -> Result<Content, SourceError> {
        let size = self.blob_size(id, path)?;
        if size > MAX_FILE_BYTES {
            return Ok(Content::Irregular(Irregular::TooLarge(size)));
        }
        let object = self
            .store
            .try_find_object(id)
            .map_err(|error| damaged("file", path, &one_line(&error)))?
            .ok_or_else(|| missing("file", path, id))?;
        Ok(Content::Bytes(object.detach().data))
    }
}

impl Snapshot for GitTree {
    fn read(&self, path: &RepoPath) -> Result<Content, SourceError> {
        let Some(node) = self.find(path)? else {
            return Ok(Content::Absent);
        };
        match node.kind {
            Kind::File => self.read_blob(node.id, path),
            Kind::Folder => Ok(Content::Irregular(Irregular::Folder)),
            Kind::Symlink => Ok(Content::Irregular(Irregular::Symlink)),
            Kind::Submodule => Ok(Content::Irregular(Irregular::Submodule)),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        let Some(node) = self.find(path)?.filter(|node| node.kind == Kind::Folder) else {
            return Ok(Vec::new());
        };
        let nodes = self.folder(node.id, path)?;
        Ok(nodes
            .iter()
            .map(|node| Entry { path: path.join(&node.name), kind: node.kind, id: Some(node.id.as_bytes().to_vec()) })
            .collect())
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        Ok(self.find(path)?.map(|node| node.kind))
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        self.find(path)?.filter(|node| node.kind == Kind::File).map(|node| self.blob_size(node.id, path)).transpose()
    }
}

fn kind_of(kind: EntryKind) -> Kind {
    match kind {
        EntryKind::Tree => Kind::Folder,
        EntryKind::Blob | EntryKind::BlobExecutable => Kind::File,
        EntryKind::Link => Kind::Symlink,
        EntryKind::Commit => Kind::Submodule,
    }
}

/// True if a name is safe in a path.
fn is_plain_name(name: &BStr) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(&b'/')
}

fn missing(what: &str, path: &RepoPath, id: ObjectId) -> SourceError {
    unavailable(
        format!("the {what} {} (object {id}) is not in this repository", quote(&path.to_string())),
        FETCH_OBJECTS,
    )
}

fn damaged(what: &str, path: &RepoPath, why: &str) -> SourceError {
    unavailable(format!("the {what} {} could not be read: {why}", quote(&path.to_string())), FETCH_OBJECTS)
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
        // Git itself puts `sig-node.md` first, as it compares `sig-node/`.
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
        // More than may be allocated at once: the header alone is looked at.
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

    /// Commits a tree of regular files that need not be well-formed.
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
