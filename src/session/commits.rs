//! From what an event says to the commits of this checkout.

use crate::error::Error;
use crate::event::{Comparison, PullRequest};
use crate::source::git::{CommitId, Repository};

/// What is compared, and why it is that.
pub(crate) struct Commits {
    /// The tip of the target branch: its policy holds.
    pub(crate) policy: CommitId,
    /// Where the change begins.
    pub(crate) start: CommitId,
    /// Where it leads.
    pub(crate) head: CommitId,
    /// What the head is, in words.
    pub(crate) what: &'static str,
}

/// What is to be looked at.
pub(crate) enum Found {
    /// A change.
    Change(Commits),
    /// All that is in a commit.
    Tree(CommitId),
    /// Nothing: there is no commit to look at.
    Nothing,
}

/// How a checkout comes to hold what is compared, for each way of checking out.
const MERGE_DEPTH: &str = "give actions/checkout `fetch-depth: 2`";
const WHOLE_HISTORY: &str = "give actions/checkout `fetch-depth: 0`";
const FULL_CLONE: &str = "check out with a full clone (no `clone_depth`), as Prow's clonerefs does";

/// The commits that `comparison` means.
///
/// # Errors
/// Exit 3 when the checkout does not hold them, with how to fetch them.
pub(crate) fn find(repository: &Repository, comparison: &Comparison) -> Result<Found, Error> {
    Ok(match comparison {
        Comparison::PullRequest(pull) => Found::Change(pull_request(repository, pull)?),
        Comparison::OverApi(pull) => return Err(over_api(pull)),
        Comparison::Range { base, head } => Found::Change(range(repository, *base, *head, WHOLE_HISTORY)?),
        Comparison::Branch { default_branch, before, head } => {
            Found::Change(branch(repository, default_branch, *before, *head)?)
        }
        Comparison::Merged { base, pulls } => Found::Change(merged(repository, *base, pulls)?),
        Comparison::Landed(commit) => {
            let head = present(repository, *commit, FULL_CLONE)?;
            let base = repository.parents(head)?.first().copied().ok_or_else(|| Error::Usage {
                message: format!("the commit {commit} is the first of its history, so that it has no base"),
                help: "check the whole tree with --all".to_owned(),
            })?;
            Found::Change(Commits { what: "the commit", ..range(repository, base, head, FULL_CLONE)? })
        }
        Comparison::WholeTree => Found::Tree(repository.head_commit()?),
        Comparison::Nothing => Found::Nothing,
    })
}

/// The merge commit of `refs/pull/N/merge` is compared with its first parent: the merged tree shows collisions with what
/// merged meanwhile. It is known by its id and by its second parent; any other commit that merges something is an
/// author's, who chose its parents, and so no answer to what the pull request changes: there the event's ends are compared.
fn pull_request(repository: &Repository, pull: &PullRequest) -> Result<Commits, Error> {
    let checked_out = repository.head_commit()?;
    if pull.merge == Some(checked_out)
        && let [first, second] = repository.parents(checked_out)?.as_slice()
        && *second == pull.head
    {
        let policy = repository.resolve(&first.to_string()).map_err(|_| Error::Fetch {
            message: format!("the checkout holds the merge commit {} without its parents", checked_out.short()),
            help: MERGE_DEPTH.to_owned(),
        })?;
        return Ok(Commits { policy, start: policy, head: checked_out, what: "the merge commit" });
    }
    range(repository, target_tip(repository, pull), pull.head, "give actions/checkout `fetch-depth: 2` and no `ref`")
}

/// The target branch as it was fetched, where it holds the event's base, which goes stale; else the event's base.
fn target_tip(repository: &Repository, pull: &PullRequest) -> CommitId {
    let fetched = remote_branch(repository, &pull.base_branch).filter(|_| !pull.base_is_given);
    fetched.filter(|tip| repository.is_ancestor(pull.base, *tip)).unwrap_or(pull.base)
}

fn remote_branch(repository: &Repository, branch: &str) -> Option<CommitId> {
    repository.resolve(&format!("refs/remotes/origin/{branch}")).ok()
}

/// What a branch other than the default one gained, or, when it has just begun, what it adds to the default one.
fn branch(
    repository: &Repository,
    default_branch: &str,
    before: Option<CommitId>,
    head: CommitId,
) -> Result<Commits, Error> {
    let policy = remote_branch(repository, default_branch).ok_or_else(|| Error::Fetch {
        message: format!("the default branch {default_branch:?}, whose policy holds, is not in this checkout"),
        help: WHOLE_HISTORY.to_owned(),
    })?;
    let commits = range(repository, before.unwrap_or(policy), head, WHOLE_HISTORY)?;
    Ok(Commits { policy, what: if before.is_some() { "its tip" } else { "the tip of a new branch" }, ..commits })
}

/// What `head` adds to where it left `base`; `help` says how to check out so that both are here.
fn range(repository: &Repository, base: CommitId, head: CommitId, help: &str) -> Result<Commits, Error> {
    let [base, head] = [present(repository, base, help)?, present(repository, head, help)?];
    Ok(Commits { policy: base, start: repository.merge_base(base, head)?, head, what: "its tip" })
}

/// The commit, or the one that an annotated tag of this id names.
fn present(repository: &Repository, commit: CommitId, help: &str) -> Result<CommitId, Error> {
    repository.resolve(&commit.to_string()).map_err(|_| Error::Fetch {
        message: format!("the commit {commit} is not in this checkout"),
        help: help.to_owned(),
    })
}

/// Prow merges the pull requests into the target branch before the job starts. Where it has not, one pull request
/// alone can still be compared; of several, nobody has the tree that they lead to.
fn merged(repository: &Repository, base: CommitId, pulls: &[(u64, CommitId)]) -> Result<Commits, Error> {
    let checked_out = repository.head_commit()?;
    if pulls.iter().map(|(_, tip)| *tip).chain([base]).all(|commit| repository.is_ancestor(commit, checked_out)) {
        return Ok(Commits { policy: base, start: base, head: checked_out, what: "the merged tree" });
    }
    match pulls {
        [(_, tip)] => range(repository, base, *tip, FULL_CLONE),
        _ => Err(Error::Fetch {
            message: format!("the checkout {} does not hold all that the job is to test", checked_out.short()),
            help: FULL_CLONE.to_owned(),
        }),
    }
}

/// Under `pull_request_target` the checkout is the target branch, or else a trap.
fn over_api(pull: &PullRequest) -> Error {
    Error::Fetch {
        message: format!("pull request #{} is not read from a checkout under pull_request_target", pull.number),
        help: "run on pull_request, whose checkout holds the change and whose token can do no harm".to_owned(),
    }
}
