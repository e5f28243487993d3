//! Where a run was started, and what is to be compared there: the environment of GitHub Actions and of Prow.
//!
//! Nothing in here looks at a repository: what an event says is turned into commits in `command/commits.rs`. What an
//! event holds is in part a stranger's (branch names, titles); only numbers, commit ids and the names of the target's
//! branches are taken from it.

mod github;
mod prow;

use std::path::PathBuf;

use crate::error::Error;
use crate::source::git::CommitId;

/// Where a run was started.
#[derive(Debug, Clone, Default)]
pub enum Started {
    /// By a person, or by something that says nothing of itself.
    #[default]
    ByHand,
    /// As a step of GitHub Actions (`GITHUB_ACTIONS=true`).
    GitHub(GitHub),
    /// As a job of Prow (`JOB_SPEC`, or `PULL_BASE_SHA`).
    Prow(Prow),
}

/// What GitHub Actions says of a run in variables.
#[derive(Debug, Clone, Default)]
pub struct GitHub {
    /// `GITHUB_EVENT_NAME`
    pub event_name: Option<String>,
    /// `GITHUB_EVENT_PATH`
    pub event_path: Option<PathBuf>,
    /// `GITHUB_SHA`
    pub commit: Option<String>,
    /// Whether it is nektos/act that runs the workflow (`ACT=true`): `GITHUB_SHA` is no merge commit then.
    pub is_act: bool,
}

/// What Prow says of a run in variables, as it says it.
#[derive(Debug, Clone, Default)]
pub struct Prow {
    /// `JOB_SPEC`, JSON.
    pub job_spec: Option<String>,
    /// `JOB_TYPE`
    pub job_type: Option<String>,
    /// `PULL_REFS`: `master:<commit>,<number>:<commit>,…`
    pub pull_refs: Option<String>,
    /// `PULL_BASE_SHA`
    pub base_sha: Option<String>,
    /// `PULL_NUMBER`
    pub pull_number: Option<String>,
    /// `PULL_PULL_SHA`
    pub pull_sha: Option<String>,
}

/// What is to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// A pull request of GitHub, of which the checkout holds the merge commit or both ends.
    PullRequest(PullRequest),
    /// A pull request whose checkout is the target branch: what it changes is to be had over the API alone.
    OverApi(PullRequest),
    /// What came between two commits, the first of them the tip of the target branch.
    Range {
        /// The tip.
        base: CommitId,
        /// Where the change leads.
        head: CommitId,
    },
    /// What was pushed to a branch that is not the default one, whose policy holds all the same.
    Branch {
        /// The default branch.
        default_branch: String,
        /// What the branch held before; `None` for one that has just begun.
        before: Option<CommitId>,
        /// What it holds now.
        head: CommitId,
    },
    /// Pull requests that Prow has merged, or has checked out when it is one alone: number and tip.
    Merged {
        /// The target branch's tip.
        base: CommitId,
        /// The pull requests: number and tip.
        pulls: Vec<(u64, CommitId)>,
    },
    /// A commit that has landed: what it adds to its first parent.
    Landed(CommitId),
    /// The whole tree.
    WholeTree,
    /// Nothing: a branch was deleted.
    Nothing,
}

/// A pull request of GitHub, as its event has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The target branch.
    pub base_branch: String,
    /// The target branch's tip when the event was made; it goes stale.
    pub base: CommitId,
    /// The pull request's tip.
    pub head: CommitId,
    /// The merge commit that GitHub has made of both (`GITHUB_SHA`); `None` where nothing is known of one.
    pub merge: Option<CommitId>,
    /// Whether the base is to be taken as the event has it: with act, since nobody fetches a newer one.
    pub base_is_given: bool,
}

impl Started {
    /// Reads it from the environment: `set` gives a variable that is set, UTF-8 and not empty.
    #[must_use]
    pub fn read(set: impl Fn(&str) -> Option<String>) -> Self {
        let is_true = |name: &str| set(name).as_deref() == Some("true");
        if is_true("GITHUB_ACTIONS") {
            return Self::GitHub(GitHub {
                event_name: set("GITHUB_EVENT_NAME"),
                event_path: set("GITHUB_EVENT_PATH").map(PathBuf::from),
                commit: set("GITHUB_SHA"),
                is_act: is_true("ACT"),
            });
        }
        let prow = Prow {
            job_spec: set("JOB_SPEC"),
            job_type: set("JOB_TYPE"),
            pull_refs: set("PULL_REFS"),
            base_sha: set("PULL_BASE_SHA"),
            pull_number: set("PULL_NUMBER"),
            pull_sha: set("PULL_PULL_SHA"),
        };
        if prow.job_spec.is_some() || prow.base_sha.is_some() { Self::Prow(prow) } else { Self::ByHand }
    }

    /// Whether it runs as a step of GitHub Actions, so that lines of its log can be commands.
    #[must_use]
    pub const fn is_github(&self) -> bool {
        matches!(self, Self::GitHub(_))
    }

    /// Whether it runs as a job of Prow.
    #[must_use]
    pub const fn is_prow(&self) -> bool {
        matches!(self, Self::Prow(_))
    }

    /// Whether the checkout is the target branch, and the change a stranger's that is never to be read from one.
    #[must_use]
    pub fn keeps_change_out(&self) -> bool {
        matches!(self, Self::GitHub(github) if github.event_name.as_deref() == Some("pull_request_target"))
    }

    /// Whether nobody waits for an answer, as there is no change (a schedule, a button): old debt would keep such a
    /// run red for ever, so that nothing fails it unless it is asked to.
    #[must_use]
    pub fn is_without_change(&self) -> bool {
        match self {
            Self::ByHand => false,
            Self::GitHub(github) => github.event_name.as_deref().is_some_and(github::is_without_change),
            Self::Prow(prow) => prow.is_periodic(),
        }
    }

    /// What is to be compared, and the words for it; `None` when a person has to say.
    ///
    /// # Errors
    /// Exit 3 when the event cannot be read or lacks what it ought to hold; exit 2 when it is of a kind that says
    /// nothing about a change.
    pub fn comparison(&self) -> Result<Option<(Comparison, String)>, Error> {
        match self {
            Self::ByHand => Ok(None),
            Self::GitHub(github) => github.comparison().map(Some),
            Self::Prow(prow) => prow.comparison().map(Some),
        }
    }
}

/// The commit that `text` names in full.
///
/// # Errors
/// Exit 3, when it is no commit id: `what` says whose.
fn commit(text: Option<&str>, what: &str) -> Result<CommitId, Error> {
    match text {
        Some(text) => CommitId::from_hex(text).ok_or_else(|| unreadable(format!("{what} is no commit id"))),
        None => Err(unreadable(format!("{what} is missing"))),
    }
}

fn unreadable(message: impl Into<String>) -> Error {
    Error::Fetch { message: message.into(), help: "name both ends of what to compare: `base` and `head`".to_owned() }
}

#[cfg(test)]
mod tests;
