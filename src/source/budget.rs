//! A limit on how much one run reads, whatever the number of files.

use std::cell::Cell;

use gix::bstr::BStr;

use super::{Comparison, Content, Entry, Kind, RepoPath, Snapshot, SourceError};

/// The maximum number of bytes that a run reads from files, or keeps of a pull request that it fetches. Reading a file
/// twice counts twice.
///
/// All of kubernetes/enhancements has 19 MiB, so this is enough to check both sides in full. A change that needs more
/// has hundreds of files of the maximum size.
pub(crate) const MAX_RUN_BYTES: u64 = 128 * 1024 * 1024;

/// The same limit for a run over a whole tree, which does not depend on what a change adds: a hundred times the size of
/// kubernetes/enhancements. KEPs are dropped one by one, so this limits time and not memory.
pub(crate) const MAX_TREE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The remaining part of the limit.
pub(crate) struct Budget {
    limit: u64,
    left: Cell<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(MAX_RUN_BYTES)
    }
}

impl Budget {
    fn of(limit: u64) -> Self {
        Self { limit, left: Cell::new(limit) }
    }

    /// The budget of a run over a whole tree.
    pub(crate) fn of_tree() -> Self {
        Self::of(MAX_TREE_BYTES)
    }

    /// Returns the same change with trees that share this budget.
    pub(crate) fn limit<'a>(&'a self, change: &'a Comparison<'_>) -> Comparison<'a> {
        let tree = |tree: &'a dyn Snapshot| Box::new(Limited { tree, budget: self });
        Comparison {
            base: tree(change.base.as_ref()),
            head: tree(change.head.as_ref()),
            policy: tree(change.policy.as_ref()),
            paths: change.paths.clone(),
            revisions: change.revisions.clone(),
        }
    }

    /// Takes `bytes` from the budget.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if fewer bytes are left. After that, the budget is empty.
    pub(crate) fn take(&self, bytes: usize) -> Result<(), SourceError> {
        let left = u64::try_from(bytes).ok().and_then(|bytes| self.left.get().checked_sub(bytes));
        self.left.set(left.unwrap_or_default());
        if left.is_some() {
            return Ok(());
        }
        Err(SourceError::unavailable(
            format!("the files to check have more than {} MiB in total", self.limit / 1024 / 1024),
            if self.limit == MAX_RUN_BYTES {
                "split the change into smaller ones"
            } else {
                "remove large files that are not needed from the folders of KEPs"
            },
        ))
    }
}

/// A tree with a budget.
struct Limited<'a> {
    tree: &'a dyn Snapshot,
    budget: &'a Budget,
}

impl Snapshot for Limited<'_> {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        let content = self.tree.read_up_to(path, limit)?;
        if let Content::Bytes(bytes) = &content {
            self.budget.take(bytes.len())?;
        }
        Ok(content)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        self.tree.list(path)
    }

    fn visit(&self, path: &RepoPath, visit: &mut dyn FnMut(&BStr, Kind)) -> Result<(), SourceError> {
        self.tree.visit(path, visit)
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        self.tree.kind(path)
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        self.tree.size(path)
    }

    fn announce(&self, paths: &[RepoPath]) {
        self.tree.announce(paths);
    }

    fn is_remote(&self) -> bool {
        self.tree.is_remote()
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, MAX_RUN_BYTES};

    #[test]
    fn what_is_over_the_budget_is_an_error_for_good() {
        let budget = Budget::default();
        let most = usize::try_from(MAX_RUN_BYTES).unwrap();
        budget.take(most - 1).unwrap();
        budget.take(1).unwrap();
        let error = budget.take(1).unwrap_err();
        assert_eq!(error.to_string(), "the files to check have more than 128 MiB in total");
        let budget = Budget::default();
        budget.take(most + 1).unwrap_err();
        budget.take(1).unwrap_err();
    }
}
