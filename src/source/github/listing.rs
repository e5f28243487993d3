//! What a commit holds: every path, without any content.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::SourceError;
use crate::github::{Client, Repository};
use crate::source::{Entry, Kind};
use crate::text::RepoPath;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The object's id, in hexadecimal.
    pub(super) id: String,
    /// The size of a file, in bytes.
    pub(super) size: u64,
}

/// All paths of a commit.
#[derive(Debug, Default)]
pub(super) struct Listing {
    nodes: BTreeMap<RepoPath, Node>,
    folders: BTreeMap<RepoPath, Vec<Entry>>,
}

#[derive(Deserialize)]
struct Tree {
    tree: Vec<Item>,
    truncated: bool,
}

#[derive(Deserialize)]
struct Item {
    path: String,
    mode: String,
    sha: String,
    #[serde(default)]
    size: u64,
}

impl Listing {
    /// Asks for it in one piece.
    pub(super) fn ask(client: &Client, repository: &Repository, commit: &str) -> Result<Self, SourceError> {
        let what = format!("the tree of commit {commit}");
        let tree: Tree = client.get(&what, &repository.path(&format!("git/trees/{commit}?recursive=1")))?;
        if tree.truncated {
            return Err(SourceError::Unavailable {
                message: format!("{what} is too large: GitHub lists a part of it alone"),
                help: "check it from a clone instead, with --base and --head".to_owned(),
            });
        }
        let mut listing = Self::default();
        for item in tree.tree {
            let Some(kind) = u32::from_str_radix(&item.mode, 8).ok().and_then(kind) else {
                return Err(SourceError::Unavailable {
                    message: format!("{what} holds something that is neither file, folder, link nor submodule"),
                    help: "look for damage with `git fsck`, or check it from a clone".to_owned(),
                });
            };
            listing.add(RepoPath::from(item.path.as_str()), Node { kind, id: item.sha, size: item.size });
        }
        Ok(listing)
    }

    fn add(&mut self, path: RepoPath, node: Node) {
        let entry = entry(path.clone(), &node);
        self.folders.entry(path.parent().unwrap_or_default()).or_default().push(entry);
        self.nodes.insert(path, node);
    }

    /// What stands at `path`, the root aside.
    pub(super) fn node(&self, path: &RepoPath) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// The direct entries of a folder, sorted by path.
    pub(super) fn folder(&self, path: &RepoPath) -> Vec<Entry> {
        let mut entries = self.folders.get(path).cloned().unwrap_or_default();
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        entries
    }
}

/// An entry of a folder.
pub(super) fn entry(path: RepoPath, node: &Node) -> Entry {
    Entry { path, kind: node.kind, id: Some(node.id.clone().into_bytes()) }
}

/// What a mode of git's says; `None` for one that git does not write.
pub(super) const fn kind(mode: u32) -> Option<Kind> {
    match mode {
        0o100_644 | 0o100_755 | 0o100_664 => Some(Kind::File),
        0o040_000 => Some(Kind::Folder),
        0o120_000 => Some(Kind::Symlink),
        0o160_000 => Some(Kind::Submodule),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Listing, Node};
    use crate::source::Kind;

    #[test]
    fn folders_list_what_stands_right_below_them() {
        let mut listing = Listing::default();
        for (path, kind) in [
            ("keps", Kind::Folder),
            ("keps/sig-node", Kind::Folder),
            ("keps/sig-node/1-a", Kind::Folder),
            ("keps/sig-node/1-a/kep.yaml", Kind::File),
            ("keps/b", Kind::Symlink),
        ] {
            listing.add(path.into(), Node { kind, id: "x".to_owned(), size: 0 });
        }
        let names: Vec<_> = listing.folder(&"keps".into()).iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(names, ["keps/b", "keps/sig-node"]);
        assert!(listing.folder(&"keps/sig-node/1-a/kep.yaml".into()).is_empty());
    }
}
