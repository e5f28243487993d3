//! Trees of files ([`Snapshot`]) and the differences between two of them ([`Change`]).
//!
//! This module knows nothing about KEPs. Every read is bounded, symbolic links and submodules are never followed, and a
//! path is a sequence of bytes that is only compared, never trusted.

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

/// The largest file that is compared by its hash, in bytes. GitHub does not accept files of this size.
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
    /// The bytes of a regular file that does not exceed the limit.
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
    /// A regular file of this many bytes, more than the limit.
    TooLarge(u64),
}

impl Irregular {
    /// What is wrong with a file that should have at most `limit` bytes, after its name.
    #[must_use]
    pub fn describe(self, limit: u64) -> String {
        match self {
            Self::TooLarge(_) => format!("is larger than {} MiB", limit >> 20),
            Self::Folder | Self::Symlink | Self::Submodule => "is not a regular file".to_owned(),
        }
    }
}

/// A tree of files at one moment: a commit, a folder, or a map in a test.
pub trait Snapshot {
    /// Reads the file at `path`, at most [`MAX_FILE_BYTES`] of it, without following links.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read (a missing object, a disk error). Absence is not an error.
    fn read(&self, path: &RepoPath) -> Result<Content, SourceError> {
        self.read_up_to(path, MAX_FILE_BYTES)
    }

    /// The same, with another limit in bytes.
    ///
    /// # Errors
    /// See [`Snapshot::read`].
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError>;

    /// Lists the direct entries of the folder at `path` (the root is [`RepoPath::root`]), sorted by path.
    /// The list is empty if the folder does not exist.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError>;

    /// Calls `visit` with the name of each direct entry of the folder at `path`, in any order. It is for large folders
    /// in which few entries matter.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn visit(&self, path: &RepoPath, visit: &mut dyn FnMut(&BStr, Kind)) -> Result<(), SourceError> {
        self.list(path)?.iter().for_each(|entry| visit(entry.path.name(), entry.kind));
        Ok(())
    }

    /// Returns the kind of the entry at `path` without reading it, or `None` if it does not exist.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError>;

    /// Returns the size in bytes of the regular file at `path` without reading it, or `None` if there is no such file.
    ///
    /// # Errors
    /// [`SourceError`] if the tree itself could not be read.
    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError>;

    /// Computes the ids that git may have for the regular file or link at `path`, without keeping its content: that of
    /// the file as it is and, if the file has CRLF line ends, that with LF in place of CRLF. The id of a symbolic link
    /// is that of its target path. The list is empty if there is no such entry, if it exceeds [`MAX_HASHED_BYTES`], or
    /// if the tree cannot compute ids.
    ///
    /// # Errors
    /// [`SourceError`] if the file could not be read.
    fn blob_ids(&self, _path: &RepoPath) -> Result<Vec<Vec<u8>>, SourceError> {
        Ok(Vec::new())
    }

    /// Announces that these paths will be read, whether they exist or not, so that a remote tree can fetch them
    /// together. It never fails: errors are returned by [`Snapshot::read`].
    fn announce(&self, _paths: &[RepoPath]) {}

    /// True if announcing paths helps. For a local tree, it is not worth finding out which paths will be read.
    fn is_remote(&self) -> bool {
        false
    }
}

/// A path that differs between base and head. At least one side is set. If both are set and differ, it is a rename.
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

/// When a change was proposed, if that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Opened {
    /// It is unknown.
    #[default]
    Unknown,
    /// Its pull request was opened at this time, according to GitHub.
    At(Timestamp),
    /// Only the author dates of its commits are known. They can be forged.
    Commits(git::CommitDates),
}

impl Opened {
    /// Parses a time in GitHub's format, such as `2026-02-01T12:00:00Z`.
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
    /// The name of the base in a check of a checkout: a branch or a revision.
    pub base_name: Option<String>,
    /// The commit where the diff starts.
    pub merge_base: Option<String>,
    /// The end of the diff: a commit id, `the work tree`, or the name of a folder.
    pub head: Option<String>,
    /// Where the policy was read.
    pub policy: Option<String>,
}
