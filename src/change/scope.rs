//! Which paths of a change are checked.

use crate::source::ChangedPath;
use crate::text::RepoPath;

/// Selects what to check.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Check the whole tree at head, not only what the change touches.
    pub all: bool,
    /// If not empty, check only KEPs, production-readiness files and aliases that one of these paths names or contains.
    pub only: Vec<RepoPath>,
}

impl Scope {
    pub(super) fn contains(&self, path: &ChangedPath) -> bool {
        self.only.is_empty() || path.base.iter().chain(&path.head).any(|path| self.names(path))
    }

    pub(super) fn names(&self, path: &RepoPath) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| path.is_within(only) || only.is_within(path))
    }
}
