//! Commits and branches.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::escape::url_path;
use crate::github::client::found;
use crate::github::{ApiError, Client, ObjectId, Repository};

#[derive(Debug, Deserialize)]
struct Reference {
    sha: ObjectId,
}

/// A commit.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) parents: Vec<ObjectId>,
    /// The id of its tree.
    pub(crate) tree: ObjectId,
}

/// Fetches a commit.
pub(crate) fn get(client: &Client, repository: &Repository, what: &str, commit: &ObjectId) -> Result<Commit, ApiError> {
    #[derive(Deserialize)]
    struct Found {
        parents: Vec<Reference>,
        tree: Reference,
    }
    let found: Found = client.get(what, &repository.path(&format!("git/commits/{commit}")))?;
    let parents = found.parents.into_iter().map(|parent| parent.sha).collect();
    Ok(Commit { parents, tree: found.tree.sha })
}

/// Fetches a commit; `None` if it does not exist.
pub(crate) fn find(
    client: &Client,
    repository: &Repository,
    what: &str,
    commit: &ObjectId,
) -> Result<Option<Commit>, ApiError> {
    found(get(client, repository, what, commit))
}

/// Fetches the last commit of a branch.
pub(crate) fn branch_tip(
    client: &Client,
    repository: &Repository,
    what: &str,
    branch: &str,
) -> Result<ObjectId, ApiError> {
    #[derive(Deserialize)]
    struct Branch {
        object: Reference,
    }
    let path = repository.path(&format!("git/ref/heads/{}", url_path(branch.as_bytes())));
    client.get::<Branch>(what, &path).map(|branch| branch.object.sha)
}

/// Fetches the merge base of two commits.
pub(crate) fn merge_base(
    client: &Client,
    repository: &Repository,
    what: &str,
    [base, head]: [&ObjectId; 2],
) -> Result<ObjectId, ApiError> {
    #[derive(Deserialize)]
    struct Comparison {
        merge_base_commit: Reference,
    }
    let path = repository.path(&format!("compare/{base}...{head}?per_page=1"));
    client.get::<Comparison>(what, &path).map(|comparison| comparison.merge_base_commit.sha)
}

/// A commit and its commit date in UTC.
#[derive(Debug)]
pub(crate) struct DatedCommit {
    pub(crate) id: ObjectId,
    pub(crate) date: Date,
}

/// Finds the commit that a branch, a tag or a commit id names.
pub(crate) fn resolve(
    client: &Client,
    repository: &Repository,
    what: &str,
    revision: &str,
) -> Result<DatedCommit, ApiError> {
    #[derive(Deserialize)]
    struct Found {
        sha: ObjectId,
        commit: Details,
    }
    #[derive(Deserialize)]
    struct Details {
        committer: Committer,
    }
    #[derive(Deserialize)]
    struct Committer {
        date: Timestamp,
    }
    // Without a page size, the answer lists the files that the commit changes.
    let path = repository.path(&format!("commits/{}?per_page=1", url_path(revision.as_bytes())));
    let Found { sha, commit } = client.get(what, &path)?;
    Ok(DatedCommit { id: sha, date: commit.committer.date.to_zoned(TimeZone::UTC).date() })
}

/// Fetches the names of the branches that begin with `prefix`.
pub(crate) fn branches(
    client: &Client,
    repository: &Repository,
    what: &str,
    prefix: &str,
) -> Result<Vec<String>, ApiError> {
    #[derive(Deserialize)]
    struct Branch {
        r#ref: String,
    }
    let path = repository.path(&format!("git/matching-refs/heads/{}", url_path(prefix.as_bytes())));
    let found: Vec<Branch> = client.get(what, &path)?;
    Ok(found.into_iter().filter_map(|branch| branch.r#ref.strip_prefix("refs/heads/").map(str::to_owned)).collect())
}
