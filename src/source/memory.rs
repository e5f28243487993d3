//! A tree of files in memory. It is used for tests, and as the empty base when a whole tree is checked.

use std::collections::BTreeMap;

use super::{Content, Entry, Irregular, Kind, RepoPath, Snapshot, SourceError, blob_id};

/// A tree of files in memory. The default is the empty tree.
///
/// Folders exist only through their content. The last addition wins: a file replaces a folder and its content, and vice
/// versa.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    nodes: BTreeMap<RepoPath, Node>,
}

#[derive(Debug, Clone)]
enum Node {
    File(Vec<u8>),
    Symlink,
    Submodule,
}

impl Memory {
    /// Adds a regular file with these bytes.
    #[must_use]
    pub fn file(self, path: impl Into<RepoPath>, content: impl Into<Vec<u8>>) -> Self {
        self.with(path.into(), Node::File(content.into()))
    }

    /// Removes the entry at `path`.
    #[must_use]
    pub fn without(mut self, path: &RepoPath) -> Self {
        self.nodes.remove(path);
        self
    }

    /// Adds a symbolic link. Its target does not matter, because links are never followed.
    #[must_use]
    pub fn symlink(self, path: impl Into<RepoPath>) -> Self {
        self.with(path.into(), Node::Symlink)
    }

    /// Adds a submodule.
    #[must_use]
    pub fn submodule(self, path: impl Into<RepoPath>) -> Self {
        self.with(path.into(), Node::Submodule)
    }

    fn with(mut self, path: RepoPath, node: Node) -> Self {
        self.nodes.retain(|other, _| !other.is_within(&path) && !path.is_within(other));
        self.nodes.insert(path, node);
        self
    }
}

impl Snapshot for Memory {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        Ok(match self.nodes.get(path) {
            Some(Node::File(bytes)) if bytes.len() as u64 > limit => {
                Content::Irregular(Irregular::TooLarge(bytes.len() as u64))
            }
            Some(Node::File(bytes)) => Content::Bytes(bytes.clone()),
            Some(Node::Symlink) => Content::Irregular(Irregular::Symlink),
            Some(Node::Submodule) => Content::Irregular(Irregular::Submodule),
            None if self.kind(path)?.is_some() => Content::Irregular(Irregular::Folder),
            None => Content::Absent,
        })
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        // A map is needed, because paths are not in the order of their first segments (`a-b/c` comes before `a/b`).
        let mut entries = BTreeMap::new();
        for (inner, node) in self.nodes.iter().filter(|(inner, _)| *inner != path && inner.is_within(path)) {
            let Some(name) = inner.segments().nth(path.segments().count()) else {
                continue;
            };
            let child = path.join(name);
            let kind = if child == *inner { kind_of(node) } else { Kind::Folder };
            entries.insert(child, kind);
        }
        Ok(entries.into_iter().map(|(path, kind)| Entry { path, kind, id: None }).collect())
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        Ok(match self.nodes.get(path) {
            Some(node) => Some(kind_of(node)),
            None if *path == RepoPath::root() => Some(Kind::Folder),
            None => self.nodes.keys().any(|inner| inner.is_within(path)).then_some(Kind::Folder),
        })
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        Ok(match self.nodes.get(path) {
            Some(Node::File(bytes)) => Some(bytes.len() as u64),
            Some(Node::Symlink | Node::Submodule) | None => None,
        })
    }

    fn blob_ids(&self, path: &RepoPath) -> Result<Vec<Vec<u8>>, SourceError> {
        Ok(match self.nodes.get(path) {
            Some(Node::File(bytes)) => blob_id(bytes).map(|id| id.as_bytes().to_vec()).into_iter().collect(),
            Some(Node::Symlink | Node::Submodule) | None => Vec::new(),
        })
    }
}

fn kind_of(node: &Node) -> Kind {
    match node {
        Node::File(_) => Kind::File,
        Node::Symlink => Kind::Symlink,
        Node::Submodule => Kind::Submodule,
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::source::{Content, Irregular, Kind, Snapshot};
    use crate::text::RepoPath;

    fn names(tree: &Memory, folder: &str) -> Vec<(String, Kind)> {
        let entries = tree.list(&folder.into()).unwrap();
        entries.into_iter().map(|entry| (entry.path.to_string(), entry.kind)).collect()
    }

    #[test]
    fn folders_follow_from_their_files() {
        let tree = Memory::default()
            .file("keps/sig-node/1-a/kep.yaml", "title: A\n")
            .file("keps/sig-node-extra/kep.yaml", "")
            .symlink("keps/link")
            .submodule("keps/module");
        assert_eq!(
            names(&tree, "keps"),
            [
                ("keps/link".to_owned(), Kind::Symlink),
                ("keps/module".to_owned(), Kind::Submodule),
                ("keps/sig-node".to_owned(), Kind::Folder),
                ("keps/sig-node-extra".to_owned(), Kind::Folder),
            ]
        );
        assert_eq!(names(&tree, ""), [("keps".to_owned(), Kind::Folder)]);
        assert_eq!(tree.kind(&"keps/sig-node".into()).unwrap(), Some(Kind::Folder));
        assert_eq!(tree.size(&"keps/sig-node/1-a/kep.yaml".into()).unwrap(), Some(9));
        assert_eq!(tree.size(&"keps/sig-node".into()).unwrap(), None);
        assert_eq!(tree.size(&"keps/link".into()).unwrap(), None);
        assert_eq!(tree.read(&"keps/sig-node".into()).unwrap(), Content::Irregular(Irregular::Folder));
        assert_eq!(tree.read(&"keps/sig-node/1-a/kep.yaml".into()).unwrap(), Content::Bytes(b"title: A\n".to_vec()));
    }

    #[test]
    fn the_empty_tree_is_empty() {
        let nothing = Memory::default();
        assert_eq!(nothing.list(&RepoPath::root()).unwrap(), []);
        assert_eq!(nothing.kind(&RepoPath::root()).unwrap(), Some(Kind::Folder));
        assert_eq!(nothing.read(&"keps".into()).unwrap(), Content::Absent);
    }

    #[test]
    fn a_file_over_the_limit_reports_its_size() {
        let tree = Memory::default().file("a", vec![b'a'; 1_048_576]).file("b", vec![b'b'; 1_048_577]);
        assert!(matches!(tree.read(&"a".into()).unwrap(), Content::Bytes(_)));
        assert_eq!(tree.read(&"b".into()).unwrap(), Content::Irregular(Irregular::TooLarge(1_048_577)));
    }

    #[test]
    fn a_file_replaces_a_folder() {
        let tree = Memory::default().file("keps/a/kep.yaml", "").file("keps/a", "");
        assert_eq!(names(&tree, "keps"), [("keps/a".to_owned(), Kind::File)]);
        assert_eq!(tree.read(&"keps/a/kep.yaml".into()).unwrap(), Content::Absent);
    }
}
