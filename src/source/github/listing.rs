//! All paths of a commit, without content.

use std::collections::BTreeMap;

use crate::error::SourceError;
use crate::github::api::trees;
use crate::github::{ApiError, Client, ObjectId, Repository};
use crate::source::{Entry, Kind};
use crate::text::RepoPath;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
    /// The size of a file, in bytes.
    pub(super) size: u64,
}

/// All paths of a commit.
#[derive(Debug, Default)]
pub(super) struct Listing {
    nodes: BTreeMap<RepoPath, Node>,
    folders: BTreeMap<RepoPath, Vec<Entry>>,
}

impl Listing {
    /// Fetches the paths of `commit` in one request.
    pub(super) fn fetch(client: &Client, repository: &Repository, commit: &ObjectId) -> Result<Self, SourceError> {
        let what = format!("the tree of commit {commit}");
        let tree = trees::fetch(client, repository, &what, commit)?;
        if tree.truncated {
            return Err(SourceError::Unavailable {
                message: format!("{what} is too large: GitHub lists only a part of it"),
                help: "check from a clone instead, with --base and --head".to_owned(),
            });
        }
        let mut listing = Self::default();
        for entry in tree.entries {
            let Some(kind) = entry.mode().and_then(kind) else {
                return Err(SourceError::Unavailable {
                    message: format!("{what} contains something other than files, folders, links and submodules"),
                    help: "check for damage with `git fsck`, or check from a clone".to_owned(),
                });
            };
            let id = ObjectId::parse(&entry.sha).ok_or_else(|| ApiError::wrong_fields(&what))?;
            listing.add(RepoPath::from(entry.path.as_str()), Node { kind, id, size: entry.size });
        }
        Ok(listing)
    }

    fn add(&mut self, path: RepoPath, node: Node) {
        let entry = entry(path.clone(), &node);
        self.folders.entry(path.parent().unwrap_or_default()).or_default().push(entry);
        self.nodes.insert(path, node);
    }

    /// What is at `path`, which is not the root.
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

/// A node as an entry of its folder.
pub(super) fn entry(path: RepoPath, node: &Node) -> Entry {
    Entry { path, kind: node.kind, id: Some(node.id.as_str().as_bytes().to_vec()) }
}

/// The kind that a git file mode stands for; `None` for modes that git does not write.
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
    use crate::github::ObjectId;
    use crate::source::Kind;

    #[test]
    fn folders_list_their_direct_entries() {
        let mut listing = Listing::default();
        for (path, kind) in [
            ("keps", Kind::Folder),
            ("keps/sig-node", Kind::Folder),
            ("keps/sig-node/1-a", Kind::Folder),
            ("keps/sig-node/1-a/kep.yaml", Kind::File),
            ("keps/b", Kind::Symlink),
        ] {
            listing.add(path.into(), Node { kind, id: ObjectId::parse(&"0".repeat(40)).unwrap(), size: 0 });
        }
        let names: Vec<_> = listing.folder(&"keps".into()).iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(names, ["keps/b", "keps/sig-node"]);
        assert!(listing.folder(&"keps/sig-node/1-a/kep.yaml".into()).is_empty());
    }
}
