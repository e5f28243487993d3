//! From what an event says to the commits of this checkout.

use crate::error::Error;
use crate::event::{Comparison, PullRequest};
use crate::source::git::{CommitId, Repository};

/// What is compared, and why it is that.
pub(super) struct Commits {
    /// The tip of the target branch: its policy holds.
    pub(super) base: CommitId,
    /// Where the change begins.
    pub(super) start: CommitId,
    /// Where it leads.
    pub(super) head: CommitId,
    /// What the head is, in words.
    pub(super) what: String,
}

/// What is to be looked at.
pub(super) enum Found {
    /// A change.
    Change(Commits),
    /// All that is in a commit.
    Tree(CommitId),
    /// Nothing: there is no commit to look at.
    Nothing,
}

/// The commits that `comparison` means.
///
/// # Errors
/// Exit 3 when the checkout does not hold them, with how to fetch them.
pub(super) fn find(repository: &Repository, comparison: &Comparison) -> Result<Found, Error> {
    Ok(match comparison {
        Comparison::PullRequest(pull) => Found::Change(pull_request(repository, pull)?),
        Comparison::OverApi(pull) => return Err(over_api(pull)),
        Comparison::Range { base, head } => {
            let depth = "`fetch-depth: 0`";
            Found::Change(range(repository, *base, *head, depth, "its tip".to_owned())?)
        }
        Comparison::NewBranch { default_branch, head } => {
            let base = remote_branch(repository, default_branch).ok_or_else(|| missing_branch(default_branch))?;
            Found::Change(range(repository, base, *head, "`fetch-depth: 0`", "the tip of a new branch".to_owned())?)
        }
        Comparison::Merged { base, pulls } => Found::Change(merged(repository, *base, pulls)?),
        Comparison::Landed(commit) => {
            let parent = parents(repository, *commit, "a `clone_depth` of 2 or more")?.first().copied();
            let base = parent.ok_or_else(|| Error::Usage {
                message: format!("the commit {commit} is the first of its history, so that it has no base"),
                help: "check the whole tree with --all".to_owned(),
            })?;
            Found::Change(range(repository, base, *commit, "a `clone_depth` of 2 or more", "the commit".to_owned())?)
        }
        Comparison::WholeTree => Found::Tree(repository.head_commit()?),
        Comparison::Nothing => Found::Nothing,
    })
}

/// The merge commit of `refs/pull/N/merge`, told by its second parent, is compared with its first: the merged tree
/// shows collisions with what merged meanwhile. A commit that merges something else is the author's own, and so no
/// answer to what the pull request changes: there the event's ends are compared.
fn pull_request(repository: &Repository, pull: &PullRequest) -> Result<Commits, Error> {
    let checked_out = repository.head_commit()?;
    if let [first, second] = repository.parents(checked_out)?.as_slice()
        && *second == pull.head
    {
        if !repository.holds(*first) {
            return Err(Error::Fetch {
                message: format!("the checkout holds the merge commit {} without its parents", checked_out.short()),
                help: "give actions/checkout `fetch-depth: 2`".to_owned(),
            });
        }
        let what = "the merge commit".to_owned();
        return Ok(Commits { base: *first, start: *first, head: checked_out, what });
    }
    let base = target_tip(repository, pull);
    range(repository, base, pull.head, "`fetch-depth: 2`, and no `ref`", "its tip".to_owned())
}

/// The target branch as it was fetched, where it holds the event's base, which goes stale; else the event's base.
fn target_tip(repository: &Repository, pull: &PullRequest) -> CommitId {
    let fetched = remote_branch(repository, &pull.base_branch).filter(|_| !pull.is_act);
    fetched.filter(|tip| repository.is_ancestor(pull.base, *tip)).unwrap_or(pull.base)
}

fn remote_branch(repository: &Repository, branch: &str) -> Option<CommitId> {
    repository.resolve(&format!("refs/remotes/origin/{branch}")).ok()
}

fn missing_branch(branch: &str) -> Error {
    Error::Fetch {
        message: format!("the default branch {branch:?} is not in this checkout, to compare a new branch with"),
        help: "give actions/checkout `fetch-depth: 0`".to_owned(),
    }
}

/// What `head` adds to where it left `base`; `depth` names how to check out so that both are here.
fn range(repository: &Repository, base: CommitId, head: CommitId, depth: &str, what: String) -> Result<Commits, Error> {
    for commit in [base, head] {
        if !repository.holds(commit) {
            return Err(Error::Fetch {
                message: format!("the commit {commit} is not in this checkout"),
                help: format!("check out with {depth}"),
            });
        }
    }
    Ok(Commits { base, start: repository.merge_base(base, head)?, head, what })
}

/// Prow merges the pull requests into the target branch before the job starts. Where it has not, one pull request
/// alone can still be compared; of several, nobody has the tree that they lead to.
fn merged(repository: &Repository, base: CommitId, pulls: &[(u64, CommitId)]) -> Result<Commits, Error> {
    let checked_out = repository.head_commit()?;
    let is_in = |commit: CommitId| repository.holds(commit) && repository.is_ancestor(commit, checked_out);
    if is_in(base) && pulls.iter().all(|(_, tip)| is_in(*tip)) {
        return Ok(Commits { base, start: base, head: checked_out, what: "the merged tree".to_owned() });
    }
    let depth = "a full clone (no `clone_depth`)";
    match pulls {
        [(_, tip)] => range(repository, base, *tip, depth, "its tip".to_owned()),
        _ => Err(Error::Fetch {
            message: format!("the checkout {} does not hold all that the job is to test", checked_out.short()),
            help: format!("check out with {depth}, all pull requests merged, as Prow's clonerefs does"),
        }),
    }
}

fn parents(repository: &Repository, commit: CommitId, depth: &str) -> Result<Vec<CommitId>, Error> {
    if !repository.holds(commit) {
        return Err(Error::Fetch {
            message: format!("the commit {commit} is not in this checkout"),
            help: format!("check out with {depth}"),
        });
    }
    Ok(repository.parents(commit)?)
}

/// Under `pull_request_target` the checkout is the target branch, or else a trap.
fn over_api(pull: &PullRequest) -> Error {
    Error::Fetch {
        message: format!("pull request #{} is not read from a checkout under pull_request_target", pull.number),
        help: "run on pull_request, whose checkout holds the change and whose token can do no harm".to_owned(),
    }
}
