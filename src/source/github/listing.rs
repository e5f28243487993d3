//! All paths of a commit, without content.

use std::collections::BTreeMap;

use crate::error::SourceError;
use crate::github::api::trees::{self, TreeEntry};
use crate::github::{ApiError, Client, ObjectId, Repository};
use crate::source::{Entry, Kind};
use crate::text::RepoPath;
use crate::text::wording::quote;

/// An entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The file mode, as git writes it.
    mode: u32,
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
    /// Fetches the paths of `commit`, whose tree is `tree`, in one request.
    pub(super) fn fetch(
        client: &Client,
        repository: &Repository,
        commit: &ObjectId,
        tree: &ObjectId,
    ) -> Result<Self, SourceError> {
        let what = format!("the tree of commit {commit}");
        let found = trees::fetch(client, repository, &what, commit)?;
        if found.truncated {
            return Err(SourceError::unavailable(
                format!("{what} is too large: GitHub lists only a part of it"),
                "check from a clone instead, with --base and --head",
            ));
        }
        let listing = Self::new(&what, &found.entries)?;
        listing.verify(&what, tree)?;
        Ok(listing)
    }

    fn new(what: &str, entries: &[TreeEntry]) -> Result<Self, SourceError> {
        let mut listing = Self::default();
        for entry in entries {
            let Some((mode, kind)) = entry.mode().and_then(|mode| Some((mode, kind(mode)?))) else {
                return Err(SourceError::unavailable(
                    format!("{what} contains an object of an unknown type"),
                    "check for damage with `git fsck`, or check from a clone",
                ));
            };
            // In JSON, all names that are not UTF-8 look the same.
            if entry.path.contains(char::REPLACEMENT_CHARACTER) {
                return Err(unusable(format!("{what} contains {}, a name that is not UTF-8", quote(&entry.path))));
            }
            // `a//b` would have the same name and parent as `a/b`, and therefore the same hash.
            if entry.path.split('/').any(|name| matches!(name, "" | "." | "..") || name.contains('\0')) {
                return Err(unusable(format!("{what} contains {}, which is not a path of git", quote(&entry.path))));
            }
            let id = ObjectId::parse(&entry.sha).ok_or_else(|| ApiError::wrong_fields(what))?;
            let path = RepoPath::from(entry.path.as_str());
            if !listing.add(path, Node { kind, mode, id, size: entry.size }) {
                return Err(unusable(format!("GitHub lists {} twice in {what}", quote(&entry.path))));
            }
        }
        Ok(listing)
    }

    /// Adds a path. Returns false if it is already there.
    fn add(&mut self, path: RepoPath, node: Node) -> bool {
        let entry = entry(path.clone(), &node);
        self.folders.entry(path.parent().unwrap_or_default()).or_default().push(entry);
        self.nodes.insert(path, node).is_none()
    }

    /// Computes the id of each folder from its entries, as git does, and compares it with the listed one; for the root,
    /// with `tree`. This proves that nothing is missing, added or replaced.
    fn verify(&self, what: &str, tree: &ObjectId) -> Result<(), SourceError> {
        let root = (RepoPath::root(), tree);
        let nested = self.nodes.iter().filter(|(_, node)| node.kind == Kind::Folder);
        let folders: BTreeMap<_, _> = nested.map(|(path, node)| (path.clone(), &node.id)).chain([root]).collect();
        let is_orphan = |path: &&RepoPath| !folders.contains_key(*path);
        let has_id = |path: &RepoPath, id: &ObjectId| self.tree_id(path).is_some_and(|own| id.is(&own));
        let wrong = folders.iter().find(|(path, id)| !has_id(path, id)).map(|(path, _)| path);
        match self.folders.keys().find(is_orphan).or(wrong) {
            None => Ok(()),
            Some(path) if *path == RepoPath::root() => {
                Err(unusable(format!("the paths that GitHub lists for {what} do not have its hash")))
            }
            Some(path) => Err(unusable(format!(
                "the paths that GitHub lists below {} in {what} do not have its hash",
                quote(&path.to_string())
            ))),
        }
    }

    /// The id of the git tree with the entries of this folder.
    fn tree_id(&self, folder: &RepoPath) -> Option<gix::ObjectId> {
        let entries = self.folders.get(folder).map(Vec::as_slice).unwrap_or_default();
        let mut nodes = Vec::with_capacity(entries.len());
        for Entry { path, .. } in entries {
            nodes.push((path.name().to_vec(), self.nodes.get(path)?));
        }
        // git sorts folders as if their names ended with a slash.
        nodes.sort_by_cached_key(|(name, node)| {
            let end: &[u8] = if node.kind == Kind::Folder { b"/" } else { b"" };
            [name, end].concat()
        });
        let mut bytes = Vec::new();
        for (name, node) in nodes {
            bytes.extend(format!("{:o} ", node.mode).bytes());
            bytes.extend(name);
            bytes.push(0);
            bytes.extend(gix::ObjectId::from_hex(node.id.as_str().as_bytes()).ok()?.as_bytes());
        }
        gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Tree, &bytes).ok()
    }

    /// The entry at `path`, which must not be the root.
    pub(super) fn node(&self, path: &RepoPath) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// The direct entries of a folder, sorted by path.
    pub(super) fn folder(&self, path: &RepoPath) -> Vec<Entry> {
        let mut entries = self.folders.get(path).cloned().unwrap_or_default();
        entries.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        entries
    }
}

/// Verifies GitHub's answer about the tree with the id `tree` as a check does, and returns its paths; `None` if the
/// answer is rejected. The fuzz target `tree` calls this.
#[must_use]
pub fn verified_paths(answer: &[u8], tree: &str) -> Option<Vec<(RepoPath, Kind)>> {
    let found: trees::Tree = serde_json::from_slice(answer).ok()?;
    if found.truncated {
        return None;
    }
    let listing = Listing::new("the tree", &found.entries).ok()?;
    listing.verify("the tree", &ObjectId::parse(tree)?).ok()?;
    Some(listing.nodes.into_iter().map(|(path, node)| (path, node.kind)).collect())
}

fn unusable(message: String) -> SourceError {
    SourceError::unavailable(message, "try again, or check from a clone with --base and --head")
}

/// A node as an entry of its folder.
fn entry(path: RepoPath, node: &Node) -> Entry {
    Entry { path, kind: node.kind, id: Some(node.id.as_str().as_bytes().to_vec()) }
}

/// The kind of entry for a git file mode; `None` for modes that git does not write.
const fn kind(mode: u32) -> Option<Kind> {
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
    use serde_json::{Value, json};

    use super::Listing;
    use crate::github::ObjectId;

    /// The output of `git write-tree` and `git ls-tree -r -t` for a small repository.
    const ROOT: &str = "b3939a0ab65874f0da10bb47952cfee323fd689f";
    const EMPTY: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    const PATHS: [(&str, &str, &str); 8] = [
        ("040000", "bc9398a4c2e59d47b88db30f8394defe6bbf7a5c", "keps"),
        ("040000", "50a0bf73442df4add7d727ed3ebbc4176c8c19be", "keps/a-b"),
        ("100644", EMPTY, "keps/a-b/y"),
        ("100644", EMPTY, "keps/a.txt"),
        ("040000", "5805b676e247eb9a8046ad0c4d249cd2fb2513df", "keps/a"),
        ("100644", EMPTY, "keps/a/x"),
        ("120000", "c1b0730e0133447badcfd47fd144e254807b06e1", "keps/link"),
        ("100644", EMPTY, "top"),
    ];

    fn paths() -> Vec<Value> {
        PATHS.map(|(mode, sha, path)| json!({"mode": mode, "sha": sha, "path": path})).to_vec()
    }

    fn list(paths: Vec<Value>) -> Result<Listing, String> {
        let entries: Vec<_> = serde_json::from_value(Value::Array(paths)).unwrap();
        let listing = Listing::new("the tree", &entries).map_err(|error| error.to_string())?;
        listing.verify("the tree", &ObjectId::parse(ROOT).unwrap()).map_err(|error| error.to_string())?;
        Ok(listing)
    }

    #[test]
    fn folders_list_their_direct_entries() {
        let listing = list(paths()).unwrap();
        let names: Vec<_> = listing.folder(&"keps".into()).iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(names, ["keps/a", "keps/a-b", "keps/a.txt", "keps/link"]);
        assert!(listing.folder(&"keps/a/x".into()).is_empty());
    }

    #[test]
    fn the_order_of_the_answer_does_not_matter() {
        let mut paths = paths();
        paths.reverse();
        list(paths).unwrap();
    }

    #[test]
    fn a_list_with_another_hash_is_refused() {
        for index in 0..PATHS.len() {
            let mut missing = paths();
            missing.remove(index);
            list(missing).unwrap_err();
            for (key, value) in [
                ("mode", "100755"),
                ("mode", "040000"),
                ("mode", "160000"),
                ("sha", "c1b0730e0133447badcfd47fd144e254807b06e2"),
                ("path", "keps/other"),
                ("path", "other"),
            ] {
                let mut changed = paths();
                if changed[index][key] != value {
                    changed[index][key] = value.into();
                    list(changed).unwrap_err();
                }
            }
        }
        for more in ["keps/a/new", "new", "new/x", "top/x", "keps/link/x"] {
            let mut added = paths();
            added.push(json!({"mode": "100644", "sha": EMPTY, "path": more}));
            list(added).unwrap_err();
        }
        list(Vec::new()).unwrap_err();
    }

    #[test]
    fn a_path_is_listed_once() {
        let mut twice = paths();
        twice.push(json!({"mode": "100644", "sha": EMPTY, "path": "top"}));
        assert!(list(twice).unwrap_err().contains("twice"));
    }

    #[test]
    fn a_path_that_git_cannot_have_is_refused() {
        for (index, path) in
            [(2, "keps/a-b//y"), (2, "keps//a-b/y"), (7, "/top"), (7, "top/"), (7, "./top"), (7, "x/../top")]
        {
            let mut renamed = paths();
            renamed[index]["path"] = path.into();
            assert!(list(renamed).unwrap_err().contains("not a path of git"), "{path}");
        }
    }

    #[test]
    fn a_name_that_is_not_utf8_is_refused() {
        let mut paths = paths();
        paths.push(json!({"mode": "100644", "sha": EMPTY, "path": "keps/\u{fffd}"}));
        assert!(list(paths).unwrap_err().contains("not UTF-8"));
    }
}
