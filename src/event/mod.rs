//! Determines from the environment of GitHub Actions or Prow what a run should compare.
//!
//! Nothing here opens a repository: `session/checkout/commits.rs` finds the commits. Parts of an event (branch names,
//! titles) are controlled by strangers, so only numbers, commit ids and the names of target branches are read.

mod github;
mod prow;

use std::path::PathBuf;

use crate::error::Error;
use crate::source::Opened;
use crate::source::git::CommitId;

/// The system that started the run.
#[derive(Debug, Clone, Default)]
pub enum Runner {
    /// A person, or a system that sets none of the variables below.
    #[default]
    Local,
    /// A step of GitHub Actions (`GITHUB_ACTIONS=true`).
    GitHubActions(GitHubActions),
    /// A Prow job (`JOB_SPEC` or `PULL_BASE_SHA`).
    Prow(Prow),
}

/// Variables that GitHub Actions sets for every step.
#[derive(Debug, Clone, Default)]
pub struct GitHubActions {
    /// `GITHUB_EVENT_NAME`
    pub event_name: Option<String>,
    /// `GITHUB_EVENT_PATH`
    pub event_path: Option<PathBuf>,
    /// `GITHUB_SHA`
    pub commit: Option<String>,
    /// True if nektos/act runs the workflow (`ACT=true`). In that case, `GITHUB_SHA` is not a merge commit.
    pub is_act: bool,
    /// True if a Prow variable is also set (`JOB_SPEC` or `PULL_BASE_SHA`), so that the event is uncertain.
    pub has_prow_variables: bool,
}

/// Variables that Prow sets for every job, not yet parsed.
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
    /// `JOB_NAME`
    pub job_name: Option<String>,
    /// `REPO_OWNER`
    pub repo_owner: Option<String>,
    /// `REPO_NAME`
    pub repo_name: Option<String>,
    /// `PULL_BASE_REF`, the name of the target branch.
    pub base_ref: Option<String>,
}

/// An event that was read and validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What the run should compare.
    pub comparison: Comparison,
    /// The event in words, such as `pull request #7`.
    pub description: String,
}

/// What an event asks to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// A GitHub pull request. The checkout contains its merge commit, or its base and head.
    PullRequest(PullRequest),
    /// A GitHub pull request under `pull_request_target`. The target branch is checked out, so the change must be read
    /// through the API.
    PullRequestTarget(PullRequest),
    /// The commits between two commits, the first of which is the tip of the target branch.
    Range {
        /// The tip of the target branch.
        base: CommitId,
        /// The last commit of the change.
        head: CommitId,
    },
    /// A push to a branch other than the default branch, which still provides the policy.
    Branch {
        /// The default branch.
        default_branch: String,
        /// The former tip of the pushed branch; `None` if the branch is new.
        before: Option<CommitId>,
        /// The new tip of the pushed branch.
        head: CommitId,
    },
    /// Pull requests that Prow merged into the target branch, or a single one that it checked out.
    Merged {
        /// The tip of the target branch.
        base: CommitId,
        /// The number and the tip of each pull request.
        pulls: Vec<(u64, CommitId)>,
    },
    /// A commit on the target branch, compared with its first parent.
    Landed(CommitId),
    /// The whole tree, because the event has no change.
    WholeTree,
    /// Nothing, because the event deleted a branch.
    Nothing,
}

/// A GitHub pull request as the event describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// The number.
    pub number: u64,
    /// The name of the target branch.
    pub base_branch: String,
    /// The tip of the target branch when the event was created, which can be out of date.
    pub base: CommitId,
    /// The tip of the pull request.
    pub head: CommitId,
    /// The test merge commit (`GITHUB_SHA`), if it is known.
    pub merge: Option<CommitId>,
    /// When it was opened, if the event says so.
    pub opened: Opened,
    /// True if `base` must be used as given. act does not fetch a newer one.
    pub base_is_given: bool,
}

impl Runner {
    /// Detects the runner. `set` returns an environment variable that is set, valid UTF-8 and not empty.
    #[must_use]
    pub fn detect(set: impl Fn(&str) -> Option<String>) -> Self {
        let is_true = |name: &str| set(name).as_deref() == Some("true");
        if is_true("GITHUB_ACTIONS") {
            return Self::GitHubActions(GitHubActions {
                event_name: set("GITHUB_EVENT_NAME"),
                event_path: set("GITHUB_EVENT_PATH").map(PathBuf::from),
                commit: set("GITHUB_SHA"),
                is_act: is_true("ACT"),
                has_prow_variables: set("JOB_SPEC").or_else(|| set("PULL_BASE_SHA")).is_some(),
            });
        }
        let prow = Prow {
            job_spec: set("JOB_SPEC"),
            job_type: set("JOB_TYPE"),
            pull_refs: set("PULL_REFS"),
            base_sha: set("PULL_BASE_SHA"),
            pull_number: set("PULL_NUMBER"),
            pull_sha: set("PULL_PULL_SHA"),
            job_name: set("JOB_NAME"),
            repo_owner: set("REPO_OWNER"),
            repo_name: set("REPO_NAME"),
            base_ref: set("PULL_BASE_REF"),
        };
        if prow.job_spec.is_some() || prow.base_sha.is_some() { Self::Prow(prow) } else { Self::Local }
    }

    /// True if only the command line determines what to do.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        matches!(self, Self::Local)
    }

    /// True for a step of GitHub Actions, where lines in the log can be workflow commands.
    #[must_use]
    pub const fn is_github(&self) -> bool {
        matches!(self, Self::GitHubActions(_))
    }

    /// True for a Prow job.
    #[must_use]
    pub const fn is_prow(&self) -> bool {
        matches!(self, Self::Prow(_))
    }

    /// True under `pull_request_target`, which runs with the secrets of the target repository: the checkout must be
    /// the target branch and never the change.
    #[must_use]
    pub fn is_pull_request_target(&self) -> bool {
        matches!(self, Self::GitHubActions(github) if github.event_name.as_deref() == Some("pull_request_target"))
    }

    /// Reads the event from the variables and the files that they point to; `None` for a local run.
    ///
    /// # Errors
    /// Exit 3 if the event cannot be read or is incomplete; exit 2 if events of its type are not supported.
    pub fn read_event(&self) -> Result<Option<Event>, Error> {
        match self {
            Self::Local => Ok(None),
            Self::GitHubActions(github) => github.read_event().map(Some),
            Self::Prow(prow) => prow.read_event().map(Some),
        }
    }
}

impl Event {
    fn new(comparison: Comparison, description: impl Into<String>) -> Self {
        Self { comparison, description: description.into() }
    }

    /// True if the event has no change, as for a schedule or a manual run.
    #[must_use]
    pub const fn is_without_change(&self) -> bool {
        matches!(self.comparison, Comparison::WholeTree)
    }
}

/// Parses a full commit id.
///
/// # Errors
/// Exit 3 if it is missing or invalid; `what` names the field.
fn commit(text: Option<&str>, what: &str) -> Result<CommitId, Error> {
    match text {
        Some(text) => CommitId::from_hex(text).ok_or_else(|| unreadable(format!("{what} is not a commit id"))),
        None => Err(unreadable(format!("{what} is missing"))),
    }
}

fn unreadable(message: impl Into<String>) -> Error {
    Error::fetch(
        message,
        "specify the commits to compare: `--base` and `--head`, or the inputs `base` and `head` in GitHub Actions",
    )
}

#[cfg(test)]
mod tests;
