//! Finds the commits of an event in the checkout.

use crate::error::Error;
use crate::event::{Comparison, PullRequest};
use crate::source::git::{CommitId, Repository};
use crate::text::wording::quote;

/// The commits that are compared.
pub(super) struct CommitRange {
    /// The tip of the target branch, which provides the policy.
    pub(super) policy: CommitId,
    /// The first commit of the comparison.
    pub(super) merge_base: CommitId,
    /// The last commit of the comparison.
    pub(super) head: CommitId,
    /// A description of `head`.
    pub(super) head_name: &'static str,
}

/// What an event refers to in this checkout.
pub(super) enum Selection {
    /// A change.
    Range(CommitRange),
    /// All files of a commit.
    Tree(CommitId),
    /// Nothing to check.
    Nothing,
}

/// How to check out the missing commits, for each kind of event.
const MERGE_DEPTH: &str = "set `fetch-depth: 2` for actions/checkout";
const WHOLE_HISTORY: &str = "set `fetch-depth: 0` for actions/checkout";
const MERGE_DEPTH_WITHOUT_REF: &str = "set `fetch-depth: 2` and no `ref` for actions/checkout";
const FULL_CLONE: &str = "use a full clone (no `clone_depth`), as Prow's clonerefs does by default";

/// Finds the commits that `comparison` refers to.
///
/// # Errors
/// Exit 3 if the checkout does not have them; the help says how to fetch them.
pub(super) fn select(repository: &Repository, comparison: &Comparison) -> Result<Selection, Error> {
    Ok(match comparison {
        Comparison::PullRequest(pull) => Selection::Range(pull_request(repository, pull)?),
        Comparison::PullRequestTarget(pull) => return Err(not_in_checkout(pull)),
        Comparison::Range { base, head } => Selection::Range(range(repository, *base, *head, WHOLE_HISTORY)?),
        Comparison::Branch { default_branch, before, head } => {
            Selection::Range(branch(repository, default_branch, *before, *head)?)
        }
        Comparison::Merged { base, pulls } => Selection::Range(merged(repository, *base, pulls)?),
        Comparison::Landed(commit) => {
            let head = present(repository, *commit, FULL_CLONE)?;
            let base = repository.parents(head)?.first().copied().ok_or_else(|| {
                Error::usage(
                    format!("the commit {commit} has no parent to compare with"),
                    "check the whole tree with --all",
                )
            })?;
            Selection::Range(CommitRange { head_name: "the commit", ..range(repository, base, head, FULL_CLONE)? })
        }
        Comparison::WholeTree => Selection::Tree(repository.head_commit()?),
        Comparison::Nothing => Selection::Nothing,
    })
}

/// Compares the test merge commit (`refs/pull/N/merge`) with its first parent, because the merged tree shows conflicts
/// with what was merged in the meantime. The test merge commit is recognized by its id and its second parent. In any
/// other merge commit, the author chose the parents, so the commits that the event names are compared instead.
fn pull_request(repository: &Repository, pull: &PullRequest) -> Result<CommitRange, Error> {
    let checked_out = repository.head_commit()?;
    if pull.merge == Some(checked_out)
        && let [first, second] = repository.parents(checked_out)?.as_slice()
        && *second == pull.head
    {
        let policy = repository.resolve(&first.to_string()).map_err(|_| {
            Error::fetch(
                format!("the parents of the merge commit {} are not in the checkout", checked_out.short()),
                MERGE_DEPTH,
            )
        })?;
        return Ok(CommitRange { policy, merge_base: policy, head: checked_out, head_name: "the merge commit" });
    }
    range(repository, target_tip(repository, pull), pull.head, MERGE_DEPTH_WITHOUT_REF)
}

/// The fetched tip of the target branch if it contains the base of the event, which can be out of date; else the base.
fn target_tip(repository: &Repository, pull: &PullRequest) -> CommitId {
    let fetched = remote_branch(repository, &pull.base_branch).filter(|_| !pull.base_is_given);
    fetched.filter(|tip| repository.is_ancestor(pull.base, *tip)).unwrap_or(pull.base)
}

fn remote_branch(repository: &Repository, branch: &str) -> Option<CommitId> {
    repository.resolve(&format!("refs/remotes/origin/{branch}")).ok()
}

/// A push to a branch that is not the default branch. A new branch is compared with the default branch.
fn branch(
    repository: &Repository,
    default_branch: &str,
    before: Option<CommitId>,
    head: CommitId,
) -> Result<CommitRange, Error> {
    let policy = remote_branch(repository, default_branch).ok_or_else(|| {
        Error::fetch(
            format!("the default branch {}, which provides the policy, is not in this checkout", quote(default_branch)),
            WHOLE_HISTORY,
        )
    })?;
    let range = range(repository, before.unwrap_or(policy), head, WHOLE_HISTORY)?;
    let head_name = if before.is_some() { "its tip" } else { "the tip of a new branch" };
    Ok(CommitRange { policy, head_name, ..range })
}

/// The commits from the merge base of both to `head`; `help` says how to check out missing commits.
fn range(repository: &Repository, base: CommitId, head: CommitId, help: &str) -> Result<CommitRange, Error> {
    let [base, head] = [present(repository, base, help)?, present(repository, head, help)?];
    Ok(CommitRange { policy: base, merge_base: repository.merge_base(base, head)?, head, head_name: "its tip" })
}

/// The commit with this id. The id can also be that of an annotated tag.
fn present(repository: &Repository, commit: CommitId, help: &str) -> Result<CommitId, Error> {
    repository
        .resolve(&commit.to_string())
        .map_err(|_| Error::fetch(format!("the commit {commit} is not in this checkout"), help.to_owned()))
}

/// Prow merges the pull requests into the target branch before the job starts. If it did not, a single pull request can
/// still be compared, but several cannot, because no tree contains all of them.
fn merged(repository: &Repository, base: CommitId, pulls: &[(u64, CommitId)]) -> Result<CommitRange, Error> {
    let checked_out = repository.head_commit()?;
    if pulls.iter().map(|(_, tip)| *tip).chain([base]).all(|commit| repository.is_ancestor(commit, checked_out)) {
        return Ok(CommitRange { policy: base, merge_base: base, head: checked_out, head_name: "the merged tree" });
    }
    match pulls {
        [(_, tip)] => range(repository, base, *tip, FULL_CLONE),
        _ => Err(Error::fetch(
            format!("the checkout {} does not contain every pull request of the batch", checked_out.short()),
            FULL_CLONE,
        )),
    }
}

/// Under `pull_request_target` the checkout is the target branch. A checkout of the change would run it with secrets.
fn not_in_checkout(pull: &PullRequest) -> Error {
    Error::fetch(
        format!("under pull_request_target, the checkout does not contain pull request #{}", pull.number),
        "set the input `github-token`, so that kepgate reads the pull request over the API, or run on pull_request",
    )
}
