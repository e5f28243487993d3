//! The files that a commit changed.

use std::fmt;

use gix::ObjectId;

use crate::text::RepoPath;

/// The id of a file's content. Equal ids mean equal content. It is displayed as a full hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(ObjectId);

impl BlobId {
    /// The id of a file with this content.
    #[must_use]
    pub fn of(content: &[u8]) -> Option<Self> {
        gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, content).ok().map(Self)
    }

    pub(super) const fn from_id(id: ObjectId) -> Self {
        Self(id)
    }

    pub(super) const fn id(self) -> ObjectId {
        self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// A file that a commit changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileChange {
    /// Its path.
    pub path: RepoPath,
    /// Its new content; `None` if it was deleted, or is now a symbolic link or a submodule.
    pub blob: Option<BlobId>,
}
