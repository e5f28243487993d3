//! The commits of a pull request.

use crate::error::SourceError;
use crate::github::ObjectId;
use crate::github::api::pull_request::{self, MergeCommit};
use crate::source::Opened;

/// A pull request at one point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The commit to check: the one that an event names, or else the last one.
    pub(crate) head: ObjectId,
    /// The last commit of its target branch.
    pub(crate) tip: ObjectId,
    /// The commit that merges `head`, if GitHub has created it.
    pub(crate) merged: Option<Merged>,
    /// The number of files that it changes.
    pub changed_files: usize,
    /// When it was opened.
    pub opened: Opened,
}

/// A merge of a pull request: a test merge or the final one.
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
    /// [`SourceError`] if the merge commit is impossible.
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

    /// The commit whose tree is checked.
    pub(crate) fn tree_commit(&self) -> &ObjectId {
        self.merged.as_ref().map_or(&self.head, |merged| &merged.commit)
    }
}

/// Describes why a merge commit is impossible, if it is: a commit's id depends on those of its parents, so it cannot be
/// its own parent, and git records each parent only once. In both cases, the change would be compared with itself.
fn impossible(merge: &MergeCommit) -> Option<String> {
    let MergeCommit { id, parents } = merge;
    if parents.contains(id) {
        return Some(format!("{id} as a parent of itself"));
    }
    let twice = parents.iter().enumerate().find(|(index, parent)| parents.iter().take(*index).any(|it| it == *parent));
    twice.map(|(_, parent)| format!("{parent} twice as a parent of {id}"))
}

impl Merged {
    /// Returns `None` unless the commit merges exactly `head` into one other commit. It could be the merge of an
    /// earlier head.
    fn new(merge: MergeCommit, head: &ObjectId) -> Option<Self> {
        let [into, merged] = <[ObjectId; 2]>::try_from(merge.parents).ok()?;
        (merged == *head).then_some(Self { commit: merge.id, into })
    }
}
