//! What differs between two trees of any kind, by walking both.

use std::{cmp::Ordering, iter::Peekable, vec::IntoIter};

use super::content::{has_equal_content, is_equal_large};
use super::{ChangedPath, Content, Entry, Irregular, Kind, RepoPath, Snapshot, SourceError, blob_id};

/// The names at the root of the enhancements repository that kepgate looks at: the KEPs and their PRR files, the
/// aliases, and what configures the checks. Nothing else is walked, so that a large work tree costs nothing.
const RELEVANT: [&str; 4] = [".github", "OWNERS_ALIASES", "hack", "keps"];

/// True if [`diff`] compares `path`.
pub(crate) fn is_compared(path: &RepoPath) -> bool {
    path.segments().next().is_some_and(|top| RELEVANT.iter().any(|name| top == *name))
}

/// Returns the differences between `base` and `head` in `keps/`, `OWNERS_ALIASES`, `.github/` and `hack/`: files, links
/// and submodules, never folders; sorted. A rename is a deletion and an addition.
///
/// Entries of the same id are equal and are not read, and folders of the same id are not walked. Otherwise the kinds
/// and the contents decide, with these liberties where one side has ids and the other has none, which is a commit
/// against a work tree:
/// - a file that differs only in CRLF against LF is unchanged: git checked it out with `core.autocrlf`;
/// - an empty folder in place of a submodule is unchanged: git leaves it so until `git submodule update`.
///
/// Links are equal if they have the same target. Two submodules without ids on both sides count as equal, because
/// nothing tells their commits.
/// A file too large to be read is compared by its hash. The executable bit is ignored.
///
/// # Errors
/// [`SourceError`] if either tree could not be read.
pub fn diff(base: &dyn Snapshot, head: &dyn Snapshot) -> Result<Vec<ChangedPath>, SourceError> {
    diff_below(base, head, &RepoPath::root())
}

/// The same for what is below `folder`, wherever that is.
pub(crate) fn diff_below(
    base: &dyn Snapshot,
    head: &dyn Snapshot,
    folder: &RepoPath,
) -> Result<Vec<ChangedPath>, SourceError> {
    let mut changed = Vec::new();
    // Folders on at least one side that are still to be walked. It is a list because an untrusted tree may be deep.
    let mut folders = vec![folder.clone()];
    while let Some(folder) = folders.pop() {
        let is_root = folder == RepoPath::root();
        for pair in pairs(base.list(&folder)?, head.list(&folder)?) {
            if is_root && !RELEVANT.iter().any(|name| pair.path().name() == *name) {
                continue;
            }
            if pair.has_same_id() {
                continue;
            }
            if pair.has_folder() {
                folders.push(pair.path().clone());
            }
            changed.extend(pair.change(base, head)?);
        }
    }
    changed.sort();
    Ok(changed)
}

/// The entries at one path on both sides. At least one of them is set.
#[derive(Debug)]
enum Pair {
    Base(Entry),
    Head(Entry),
    Both(Entry, Entry),
}

impl Pair {
    fn path(&self) -> &RepoPath {
        match self {
            Self::Base(entry) | Self::Head(entry) | Self::Both(entry, _) => &entry.path,
        }
    }

    fn has_same_id(&self) -> bool {
        matches!(self, Self::Both(base, head) if base.kind == head.kind && base.id.is_some() && base.id == head.id)
    }

    fn has_folder(&self) -> bool {
        match self {
            Self::Base(entry) | Self::Head(entry) => entry.kind == Kind::Folder,
            Self::Both(base, head) => base.kind == Kind::Folder || head.kind == Kind::Folder,
        }
    }

    /// How the path itself changed, ignoring its content.
    fn change(&self, base: &dyn Snapshot, head: &dyn Snapshot) -> Result<Option<ChangedPath>, SourceError> {
        let is_changed = match self {
            Self::Both(left, right) => !is_equal(left, right, base, head)?,
            Self::Base(_) | Self::Head(_) => true,
        };
        if !is_changed {
            return Ok(None);
        }
        let (left, right) = match self {
            Self::Base(left) => (Some(left), None),
            Self::Head(right) => (None, Some(right)),
            Self::Both(left, right) => (Some(left), Some(right)),
        };
        let side =
            |entry: Option<&Entry>| entry.filter(|entry| entry.kind != Kind::Folder).map(|entry| entry.path.clone());
        let change = ChangedPath { base: side(left), head: side(right) };
        Ok((change.base.is_some() || change.head.is_some()).then_some(change))
    }
}

/// True if two entries at one path are equal although their ids do not show it.
fn is_equal(left: &Entry, right: &Entry, base: &dyn Snapshot, head: &dyn Snapshot) -> Result<bool, SourceError> {
    let has_ids = (left.id.is_some(), right.id.is_some());
    if left.kind == right.kind {
        return match left.kind {
            // Their content is walked separately.
            Kind::Folder => Ok(true),
            // Two ids that differ are two contents.
            _ if has_ids == (true, true) => Ok(false),
            Kind::Symlink => has_same_target(left, right, base, head),
            Kind::Submodule => Ok(true),
            Kind::File => is_equal_file(left, right, base, head),
        };
    }
    // True if the folder of a submodule in a work tree is empty.
    match (left.kind, right.kind, has_ids) {
        (Kind::Submodule, Kind::Folder, (true, false)) => Ok(head.list(&right.path)?.is_empty()),
        (Kind::Folder, Kind::Submodule, (false, true)) => Ok(base.list(&left.path)?.is_empty()),
        _ => Ok(false),
    }
}

fn is_equal_file(left: &Entry, right: &Entry, base: &dyn Snapshot, head: &dyn Snapshot) -> Result<bool, SourceError> {
    // Hashing the file on disk costs a fifth of unpacking the git object, and is nearly always enough.
    let (known, unknown) = match (&left.id, &right.id) {
        (Some(id), None) => (id, head.read(&right.path)?),
        (None, Some(id)) => (id, base.read(&left.path)?),
        _ => {
            let contents = (base.read(&left.path)?, head.read(&right.path)?);
            return match contents {
                (Content::Irregular(Irregular::TooLarge(one)), Content::Irregular(Irregular::TooLarge(other))) => {
                    Ok(one == other && is_equal_large(&base.blob_ids(&left.path)?, &head.blob_ids(&right.path)?))
                }
                (left, right) => Ok(has_equal_content(&left, &right, false)),
            };
        }
    };
    if let Content::Irregular(Irregular::TooLarge(_)) = unknown {
        let ids = if left.id.is_none() { base.blob_ids(&left.path)? } else { head.blob_ids(&right.path)? };
        return Ok(ids.contains(known));
    }
    let hash = match &unknown {
        Content::Bytes(bytes) => blob_id(bytes),
        Content::Absent | Content::Irregular(_) => None,
    };
    if hash.is_some_and(|id| id.as_bytes() == known.as_slice()) {
        return Ok(true);
    }
    let known = match &left.id {
        Some(_) => base.read(&left.path)?,
        None => head.read(&right.path)?,
    };
    Ok(has_equal_content(&known, &unknown, true))
}

/// True if two links, at most one of which has an id, have the same target, or if a tree cannot tell the target.
fn has_same_target(left: &Entry, right: &Entry, base: &dyn Snapshot, head: &dyn Snapshot) -> Result<bool, SourceError> {
    let target = |entry: &Entry, tree: &dyn Snapshot| -> Result<Option<Vec<u8>>, SourceError> {
        match &entry.id {
            Some(id) => Ok(Some(id.clone())),
            None => Ok(tree.blob_ids(&entry.path)?.into_iter().next()),
        }
    };
    Ok(match (target(left, base)?, target(right, head)?) {
        (Some(left), Some(right)) => left == right,
        (None, _) | (_, None) => true,
    })
}

/// Pairs two sorted listings by path.
fn pairs(base: Vec<Entry>, head: Vec<Entry>) -> impl Iterator<Item = Pair> {
    let mut base: Peekable<IntoIter<Entry>> = base.into_iter().peekable();
    let mut head: Peekable<IntoIter<Entry>> = head.into_iter().peekable();
    std::iter::from_fn(move || {
        let order = match (base.peek(), head.peek()) {
            (Some(left), Some(right)) => left.path.cmp(&right.path),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => base.next().map(Pair::Base),
            Ordering::Greater => head.next().map(Pair::Head),
            Ordering::Equal => base.next().zip(head.next()).map(|(left, right)| Pair::Both(left, right)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::error::SourceError;
    use crate::source::directory::Directory;
    use crate::source::git::fixture::Fixture;
    use crate::source::memory::Memory;
    use crate::source::{ChangedPath, Content, Entry, Kind, Snapshot};
    use crate::text::RepoPath;

    fn change(base: Option<&str>, head: Option<&str>) -> ChangedPath {
        ChangedPath { base: base.map(RepoPath::from), head: head.map(RepoPath::from) }
    }

    fn edited(path: &str) -> ChangedPath {
        change(Some(path), Some(path))
    }

    /// The differences between the last commit and the work tree.
    fn local(fixture: &Fixture) -> Vec<ChangedPath> {
        let head = fixture.open().tree(fixture.head()).unwrap();
        let work = Directory::new(fixture.path()).unwrap();
        let changed = diff(&head, &work).unwrap();
        let mut back: Vec<_> = diff(&work, &head).unwrap();
        for change in &mut back {
            std::mem::swap(&mut change.base, &mut change.head);
        }
        back.sort();
        assert_eq!(changed, back, "the way back is the way there");
        changed
    }

    #[test]
    fn only_what_kepgate_reads_is_compared() {
        let base = Memory::default()
            .file("keps/sig-node/1-a/kep.yaml", "1")
            .file("keps/sig-node/2-b/kep.yaml", "1")
            .file("keps/sig-node/3-c/kep.yaml", "1")
            .file("OWNERS_ALIASES", "1")
            .file("kepsy/a", "1")
            .file("README.md", "1");
        let head = Memory::default()
            .file("keps/sig-node/1-a/kep.yaml", "1")
            .file("keps/sig-node/2-b/kep.yaml", "2")
            .file("keps/sig-node/4-d/kep.yaml", "1")
            .file("OWNERS_ALIASES", "2")
            .file("hack/.notableofcontents", "1")
            .file(".github/workflows/check.yml", "1")
            .file("README.md", "2");
        assert_eq!(
            diff(&base, &head).unwrap(),
            [
                change(None, Some(".github/workflows/check.yml")),
                change(None, Some("hack/.notableofcontents")),
                change(None, Some("keps/sig-node/4-d/kep.yaml")),
                edited("OWNERS_ALIASES"),
                edited("keps/sig-node/2-b/kep.yaml"),
                change(Some("keps/sig-node/3-c/kep.yaml"), None),
            ]
        );
        assert_eq!(diff(&Memory::default(), &Memory::default()).unwrap(), []);
    }

    #[test]
    fn a_change_of_kind_is_a_change() {
        let base =
            Memory::default().file("keps/a", "").file("keps/b/kep.yaml", "").symlink("keps/c").submodule("keps/d");
        let head = Memory::default().symlink("keps/a").file("keps/b", "").symlink("keps/c").symlink("keps/d");
        assert_eq!(
            diff(&base, &head).unwrap(),
            [change(None, Some("keps/b")), edited("keps/a"), change(Some("keps/b/kep.yaml"), None), edited("keps/d")]
        );
    }

    #[test]
    fn a_file_too_large_to_read_is_compared_by_its_hash() {
        let tree = |byte| Memory::default().file("keps/a.svg", vec![byte; 1_048_577]);
        assert_eq!(diff(&tree(b'a'), &tree(b'a')).unwrap(), []);
        assert_eq!(diff(&tree(b'a'), &tree(b'b')).unwrap(), [edited("keps/a.svg")]);
    }

    #[test]
    fn large_files_of_a_clean_checkout_are_unchanged() {
        let fixture = Fixture::new();
        let text = "one\ntwo\n".repeat(200_000);
        fixture.write("keps/a.svg", &text);
        fixture.write("keps/b.svg", &text);
        fixture.write("keps/c.png", vec![7; 3_000_000]);
        fixture.write("keps/d.txt", &text);
        fixture.commit();
        assert_eq!(local(&fixture), []);
        fixture.write("keps/a.svg", text.replace('\n', "\r\n"));
        assert_eq!(local(&fixture), [], "checked out with core.autocrlf");
        fixture.write("keps/b.svg", text.replacen("two", "tow", 1));
        fixture.write("keps/c.png", vec![7; 3_000_001]);
        fixture.write("keps/d.txt", "short\n");
        assert_eq!(local(&fixture), [edited("keps/b.svg"), edited("keps/c.png"), edited("keps/d.txt")]);
    }

    #[test]
    fn a_large_file_of_the_same_id_is_unchanged() {
        let fixture = Fixture::new();
        fixture.write("keps/a.svg", vec![b'a'; 1_048_577]);
        fixture.write("keps/kep.yaml", "1\r\n");
        let base = fixture.commit();
        fixture.write("keps/kep.yaml", "1\n");
        let head = fixture.commit();
        let repository = fixture.open();
        let (base, head) = (repository.tree(base).unwrap(), repository.tree(head).unwrap());
        // Between commits a change of line ends is a change.
        assert_eq!(diff(&base, &head).unwrap(), [edited("keps/kep.yaml")]);
        assert_eq!(diff(&head, &head).unwrap(), []);
    }

    #[test]
    fn a_work_tree_is_compared_as_it_is_on_disk() {
        let fixture = Fixture::new();
        for path in ["keps/same", "keps/edited", "keps/deleted", "README.md"] {
            fixture.write(path, "one\ntwo\n");
        }
        fixture.commit();
        assert_eq!(local(&fixture), []);
        fixture.write("README.md", "not kepgate's\n");
        fixture.write("keps/edited", "one\ntow\n");
        fixture.write("keps/untracked", "");
        std::fs::remove_file(fixture.path().join("keps/deleted")).unwrap();
        assert_eq!(
            local(&fixture),
            [change(None, Some("keps/untracked")), change(Some("keps/deleted"), None), edited("keps/edited")]
        );
    }

    #[test]
    fn a_checkout_with_crlf_is_unchanged() {
        let fixture = Fixture::new();
        for path in ["keps/a", "keps/b", "keps/c", "keps/d"] {
            fixture.write(path, "one\n\ntwo\n");
        }
        fixture.commit();
        fixture.write("keps/a", "one\r\n\r\ntwo\r\n");
        fixture.write("keps/b", "one\r\n\r\ntwo\r");
        fixture.write("keps/c", "one\r\r\n\r\ntwo\r\n");
        fixture.write("keps/d", "one\r\n\r\nthree\r\n");
        assert_eq!(local(&fixture), [edited("keps/b"), edited("keps/c"), edited("keps/d")]);
        // Two folders are always equal.
        let folders = [Memory::default().file("keps/a", "1\n"), Memory::default().file("keps/a", "1\r\n")];
        assert_eq!(diff(&folders[0], &folders[1]).unwrap(), [edited("keps/a")]);
    }

    #[test]
    fn a_submodule_may_be_checked_out_or_not() {
        let fixture = Fixture::new();
        let commit = fixture.commit_index();
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},keps/module")]);
        fixture.commit_index();
        std::fs::create_dir_all(fixture.path().join("keps/module")).unwrap();
        assert_eq!(local(&fixture), []);
        let file = fixture.write("keps/module/kep.yaml", "");
        assert_eq!(local(&fixture), [change(None, Some("keps/module/kep.yaml")), change(Some("keps/module"), None)]);
        fixture.write("keps/module/.git", "gitdir: elsewhere\n");
        assert_eq!(local(&fixture), []);
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
        assert_eq!(local(&fixture), [change(Some("keps/module"), None)]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_changes_with_its_target() {
        use std::os::unix::fs::symlink;
        let fixture = Fixture::new();
        let link = |name: &str, target: &str| {
            let place = fixture.path().join("keps").join(name);
            std::fs::remove_file(&place).unwrap_or_default();
            symlink(target, place).unwrap();
        };
        fixture.write("keps/kep.yaml", "");
        link("same", "kep.yaml");
        link("moved", "kep.yaml");
        fixture.commit();
        assert_eq!(local(&fixture), []);
        let copy = tempfile::tempdir().unwrap();
        std::fs::create_dir(copy.path().join("keps")).unwrap();
        std::fs::write(copy.path().join("keps/kep.yaml"), "").unwrap();
        for name in ["same", "moved"] {
            symlink("kep.yaml", copy.path().join("keps").join(name)).unwrap();
        }
        let folders = || [fixture.path(), copy.path()].map(|folder| Directory::new(folder).unwrap());
        let [work, before] = folders();
        assert_eq!(diff(&before, &work).unwrap(), []);
        link("moved", "nowhere");
        assert_eq!(local(&fixture), [edited("keps/moved")], "a commit and a folder");
        let [work, before] = folders();
        assert_eq!(diff(&before, &work).unwrap(), [edited("keps/moved")], "two folders");
    }

    /// A tree that can be listed and not read.
    struct Unreadable<T>(T);

    impl<T: Snapshot> Snapshot for Unreadable<T> {
        fn read(&self, _: &RepoPath) -> Result<Content, SourceError> {
            Err(SourceError::Unavailable { message: "a bad sector".to_owned(), help: String::new() })
        }

        fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
            self.0.list(path)
        }

        fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
            self.0.kind(path)
        }

        fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
            self.0.size(path)
        }
    }

    #[test]
    fn a_file_on_disk_that_hashes_as_committed_is_not_looked_up() {
        let fixture = Fixture::new();
        fixture.write("keps/a", "1\n");
        let head = Unreadable(fixture.open().tree(fixture.commit()).unwrap());
        let work = Directory::new(fixture.path()).unwrap();
        assert_eq!(diff(&head, &work).unwrap(), []);
        fixture.write("keps/a", "2\n");
        assert!(diff(&head, &work).is_err());
    }

    #[test]
    fn a_read_error_fails_the_diff() {
        let tree = Memory::default().file("keps/a", "1");
        let error = diff(&tree, &Unreadable(tree.clone())).unwrap_err();
        assert_eq!(error.to_string(), "a bad sector");
    }
}
