//! Where a KEP is on both sides of a change.

use crate::text::RepoPath;

/// The directories of a KEP on both sides of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KepLocation {
    /// Only at head.
    Added(RepoPath),
    /// Only at base.
    Removed(RepoPath),
    /// On both sides. If the directory moved, the KEP may have another number.
    Kept {
        /// Its directory at base.
        base: RepoPath,
        /// Its directory at head.
        head: RepoPath,
    },
}

impl KepLocation {
    /// The directory at base.
    #[must_use]
    pub fn base(&self) -> Option<&RepoPath> {
        match self {
            Self::Added(_) => None,
            Self::Removed(base) | Self::Kept { base, .. } => Some(base),
        }
    }

    /// The directory at head.
    #[must_use]
    pub fn head(&self) -> Option<&RepoPath> {
        match self {
            Self::Removed(_) => None,
            Self::Added(head) | Self::Kept { head, .. } => Some(head),
        }
    }

    /// The directory at head, or else the one at base.
    #[must_use]
    pub fn dir(&self) -> &RepoPath {
        match self {
            Self::Added(dir) | Self::Removed(dir) | Self::Kept { head: dir, .. } => dir,
        }
    }
}
