//! The commits of a pull request.

use crate::error::SourceError;
use crate::github::ObjectId;
use crate::github::api::pull_request::{self, MergeCommit};
use crate::source::Opened;

/// A pull request at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The commit to check: the one that an event names, or its last.
    pub(crate) head: ObjectId,
    /// The last commit of its target branch.
    pub(crate) tip: ObjectId,
    /// The commit that merges `head`, if GitHub has created one.
    pub(crate) merged: Option<Merged>,
    /// The number of files that it changes.
    pub changed_files: usize,
    /// When it was opened.
    pub opened: Opened,
}

/// A merge of a pull request, as a test or for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The merge commit.
    pub(crate) commit: ObjectId,
    /// Its first parent, which the pull request is merged into.
    pub(crate) into: ObjectId,
}

impl PullRequest {
    /// The pull request as fetched, or with an earlier `head`.
    ///
    /// # Errors
    /// [`SourceError`] if the commit that merges it cannot be one.
    pub(super) fn new(
        number: u64,
        head: Option<ObjectId>,
        fetched: pull_request::PullRequest,
    ) -> Result<Self, SourceError> {
        let pull_request::PullRequest { head: last, tip, merge, changed_files, created_at, .. } = fetched;
        let opened = created_at.as_deref().map_or(Opened::Unknown, Opened::parse);
        let head = head.unwrap_or(last);
        if let Some(what) = merge.as_ref().and_then(impossible) {
            return Err(SourceError::unavailable(
                format!("GitHub names {what}, so the change is unknown"),
                "try again, or check from a clone with --base and --head",
            ));
        }
        let merged = merge.and_then(|merge| Merged::new(merge, &head));
        Ok(Self { number, head, tip, merged, changed_files, opened })
    }

    /// The commit whose tree the pull request leads to.
    pub(crate) fn tree_commit(&self) -> &ObjectId {
        self.merged.as_ref().map_or(&self.head, |merged| &merged.commit)
    }
}

/// What is impossible about a merge commit, because a commit's id covers those of its parents, and git records each
/// parent once. With either, the change would be compared with itself.
fn impossible(merge: &MergeCommit) -> Option<String> {
    let MergeCommit { id, parents } = merge;
    if parents.contains(id) {
        return Some(format!("{id} as a parent of itself"));
    }
    let twice = parents.iter().enumerate().find(|(index, parent)| parents.iter().take(*index).any(|it| it == *parent));
    twice.map(|(_, parent)| format!("{parent} twice as a parent of {id}"))
}

impl Merged {
    /// Returns `None` unless the commit merges exactly `head` into one other commit: it may be the merge of an earlier
    /// head.
    fn new(merge: MergeCommit, head: &ObjectId) -> Option<Self> {
        let [into, merged] = <[ObjectId; 2]>::try_from(merge.parents).ok()?;
        (merged == *head).then_some(Self { commit: merge.id, into })
    }
}
