//! Trees of files ([`Snapshot`]) and the differences between two of them ([`Change`]).
//!
//! This module knows nothing about KEPs. Every read is bounded, nothing is followed (no symlink, no submodule),
//! and a path is a sequence of bytes that is only ever compared, never trusted.

pub(crate) mod budget;
mod content;
mod diff;
pub mod directory;
pub mod git;
pub mod github;
pub mod memory;
pub mod overlay;

pub(crate) use content::blob_id;
pub use diff::diff;
pub(crate) use diff::{diff_below, is_compared};

use gix::bstr::BStr;
use jiff::Timestamp;

use crate::error::SourceError;
use crate::text::RepoPath;

/// The largest file that is read, in bytes. Anything larger is [`Content::Irregular`].
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The largest file that is compared by its hash, in bytes. GitHub accepts no file of this size.
pub const MAX_HASHED_BYTES: u64 = 256 * 1024 * 1024;

/// The kind of an entry in a tree, known without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, executable or not.
    File,
    /// A folder.
    Folder,
    /// A symbolic link. It is never followed.
    Symlink,
    /// A submodule (a commit of another repository).
    Submodule,
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path from the root of the tree.
    pub path: RepoPath,
    /// The kind of entry.
    pub kind: Kind,
    /// A hash of the content (a git object id), if it is known without reading. Equal ids mean equal content.
    pub id: Option<Vec<u8>>,
}

/// The result of reading a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The path does not exist.
    Absent,
    /// The bytes of a regular file of at most [`MAX_FILE_BYTES`].
    Bytes(Vec<u8>),
    /// Something that cannot be read as a file.
    Irregular(Irregular),
}

/// Why something that exists was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Irregular {
    /// The path is a folder.
    Folder,
    /// A symbolic link.
    Symlink,
    /// A submodule.
    Submodule,
    /// A regular file of this many bytes, more than [`MAX_FILE_BYTES`].
    TooLarge(u64),
}

/// A tree of files at one moment: a commit, a folder, or a map in a test.
pub trait Snapshot {
    /// Reads the file at `path`, at most [`MAX_FILE_BYTES`] of it, without following links.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read (a missing object, a disk error). Absence is not an error.
    fn read(&self, path: &RepoPath) -> Result<Content, SourceError>;

    /// Lists the direct entries of the folder at `path` (the root is [`RepoPath::root`]), sorted by path.
    /// The list is empty if the folder does not exist.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError>;

    /// Calls `visit` with the name of each direct entry of the folder at `path`, in no particular order. It is for large
    /// folders of which few entries matter.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn visit(&self, path: &RepoPath, visit: &mut dyn FnMut(&BStr, Kind)) -> Result<(), SourceError> {
        self.list(path)?.iter().for_each(|entry| visit(entry.path.name(), entry.kind));
        Ok(())
    }

    /// Returns the entry at `path` without reading it, or `None` if it does not exist.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError>;

    /// Returns the size in bytes of the regular file at `path` without reading it, or `None` if there is none.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError>;

    /// Computes the ids that git may have for the regular file or link at `path`, without keeping its content: that of the file
    /// as it is, and, if it differs, that with LF for every CRLF. For a symbolic link, the id is that of its target's
    /// path. The list is empty if there is nothing like that, if it exceeds [`MAX_HASHED_BYTES`], or if the tree cannot
    /// tell.
    ///
    /// # Errors
    /// [`SourceError`] if the file could not be read.
    fn blob_ids(&self, _path: &RepoPath) -> Result<Vec<Vec<u8>>, SourceError> {
        Ok(Vec::new())
    }

    /// Announces that these paths will be read, whether they exist or not, so that a tree that is far
    /// away can fetch them at once. It never fails: errors are returned by [`Snapshot::read`].
    fn announce(&self, _paths: &[RepoPath]) {}

    /// True if announcing paths helps. For a tree on this machine, it is not worth finding out which paths will be read.
    fn is_remote(&self) -> bool {
        false
    }
}

/// A path that differs between base and head. At least one side is set; both are set and differ for a rename.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedPath {
    /// Its path at base; `None` if it was added.
    pub base: Option<RepoPath>,
    /// Its path at head; `None` if it was deleted.
    pub head: Option<RepoPath>,
}

/// A comparison: two trees, their differences, and the tree whose policy applies.
pub struct Comparison<'s> {
    /// The tree that the change started from (the merge base).
    pub base: Box<dyn Snapshot + 's>,
    /// The tree after the change.
    pub head: Box<dyn Snapshot + 's>,
    /// The tree whose `OWNERS_ALIASES`, template and configuration apply: the tip of the target branch.
    pub policy: Box<dyn Snapshot + 's>,
    /// The sorted differences between base and head.
    pub paths: Vec<ChangedPath>,
    /// The names of the trees, for reports.
    pub revisions: Revisions,
}

/// A comparison that owns its trees.
pub type Change = Comparison<'static>;

/// When a change was proposed, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Opened {
    /// Nothing tells.
    #[default]
    Unknown,
    /// Its pull request was opened at this time, according to GitHub.
    At(Timestamp),
    /// Only its commits tell. Their author dates can be forged.
    Commits(git::CommitDates),
}

impl Opened {
    /// The time in GitHub's format, such as `2026-02-01T12:00:00Z`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.parse().map_or(Self::Unknown, Self::At)
    }
}

/// The names of the trees in reports: full commit ids, or a description if a tree is not a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revisions {
    /// The requested base, resolved.
    pub base: Option<String>,
    /// What the base is called, for a check of a checkout: a branch or a revision.
    pub base_name: Option<String>,
    /// Where the diff starts.
    pub merge_base: Option<String>,
    /// Where the diff ends: a commit id, `the work tree`, or the folder's name.
    pub head: Option<String>,
    /// Where policy was read.
    pub policy: Option<String>,
}
