//! Compares two trees of any kind by walking both.

use std::{cmp::Ordering, iter::Peekable, vec::IntoIter};

use super::content::{has_equal_content, is_equal_large};
use super::{ChangedPath, Content, Entry, Irregular, Kind, RepoPath, Snapshot, SourceError, blob_id};
use crate::text::lookalike::looks_like;

/// The names at the root of the enhancements repository that kepgate compares: the KEPs and their PRR files, the
/// aliases, and the configuration of the checks. Nothing else is walked, so a large work tree costs nothing.
const RELEVANT: [&str; 4] = [".github", "OWNERS_ALIASES", "hack", "keps"];

/// True if [`diff`] compares `path`.
pub(crate) fn is_compared(path: &RepoPath) -> bool {
    path.segments().next().is_some_and(|top| is_relevant(top))
}

/// True if a name at the root is one of [`RELEVANT`], or could be taken for one, because that is a finding.
fn is_relevant(name: &[u8]) -> bool {
    let is_meant = |known: &[u8]| name == known || looks_like(name, known);
    RELEVANT.iter().any(|relevant| is_meant(relevant.as_bytes()))
}

/// Returns the sorted differences between `base` and `head` in `keps/`, `OWNERS_ALIASES`, `.github/` and `hack/`:
/// files, links and submodules, but not folders. A rename is a deletion and an addition.
///
/// Entries with the same id are equal and are not read; folders with the same id are not walked. Otherwise, kinds and
/// contents are compared. If only one side has ids, as when a commit is compared with a work tree, there are two
/// exceptions:
/// - a file that differs only in CRLF and LF is unchanged, because git may have checked it out with `core.autocrlf`;
/// - an empty folder in place of a submodule is unchanged, because git leaves it empty until `git submodule update`.
///
/// Links are equal if they have the same target. Submodules count as equal unless both have ids, because their commits
/// are unknown otherwise. A file that is too large to be read is compared by its hash. The executable bit is ignored.
///
/// # Errors
/// [`SourceError`] if either tree could not be read.
pub fn diff(base: &dyn Snapshot, head: &dyn Snapshot) -> Result<Vec<ChangedPath>, SourceError> {
    diff_below(base, head, &RepoPath::root())
}

/// Like [`diff`], but compares everything below `folder`.
pub(crate) fn diff_below(
    base: &dyn Snapshot,
    head: &dyn Snapshot,
    folder: &RepoPath,
) -> Result<Vec<ChangedPath>, SourceError> {
    let mut changed = Vec::new();
    // Folders that still have to be walked and exist on at least one side. An explicit stack is used instead of
    // recursion, because an untrusted tree may be deep.
    let mut folders = vec![folder.clone()];
    while let Some(folder) = folders.pop() {
        let is_root = folder == RepoPath::root();
        for pair in pairs(base.list(&folder)?, head.list(&folder)?) {
            if is_root && !is_relevant(pair.path().name()) {
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
    changed.sort_unstable();
    Ok(changed)
}

/// The entries at the same path on both sides.
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

    /// The change to the path itself. The content of folders is ignored.
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

/// True if two entries at the same path are equal, although their ids do not prove it.
fn is_equal(left: &Entry, right: &Entry, base: &dyn Snapshot, head: &dyn Snapshot) -> Result<bool, SourceError> {
    let has_ids = (left.id.is_some(), right.id.is_some());
    if left.kind == right.kind {
        return match left.kind {
            // The entries of both folders are walked separately.
            Kind::Folder => Ok(true),
            // Different ids mean different contents.
            _ if has_ids == (true, true) => Ok(false),
            Kind::Symlink => has_same_target(left, right, base, head),
            Kind::Submodule => Ok(true),
            Kind::File => is_equal_file(left, right, base, head),
        };
    }
    // In a work tree, a submodule that is not checked out is an empty folder.
    match (left.kind, right.kind, has_ids) {
        (Kind::Submodule, Kind::Folder, (true, false)) => Ok(head.list(&right.path)?.is_empty()),
        (Kind::Folder, Kind::Submodule, (false, true)) => Ok(base.list(&left.path)?.is_empty()),
        _ => Ok(false),
    }
}

fn is_equal_file(left: &Entry, right: &Entry, base: &dyn Snapshot, head: &dyn Snapshot) -> Result<bool, SourceError> {
    // Hashing the file on disk takes a fifth of the time that unpacking the git object takes, and is nearly always
    // enough.
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

/// True if two links have the same target, or if a tree cannot tell the target. At most one of them has an id.
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
#[cfg(unix)]
mod tests;
