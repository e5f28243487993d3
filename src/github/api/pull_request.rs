//! One pull request: its commits, and files at the tip of its target branch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::blobs::Blob;
use super::commits;
use super::graphql::{self, InPullRequest, InRepository, Nodes, Variables, numbered, take_numbered};
use super::nullable;
use crate::github::{ApiError, Client, GraphqlQuery, ObjectId, Repository};
use crate::text::RepoPath;

/// What to fetch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) number: u64,
    /// Files of the target branch to fetch in the same query.
    pub(crate) files: &'a [RepoPath],
}

/// A pull request at one moment.
#[derive(Debug)]
pub(crate) struct PullRequest {
    /// Its last commit.
    pub(crate) head: ObjectId,
    /// The last commit of its target branch.
    pub(crate) tip: ObjectId,
    /// The commit that merges it, if GitHub has created one.
    pub(crate) merge: Option<MergeCommit>,
    /// The number of files that it changes.
    pub(crate) changed_files: usize,
    /// When it was opened, as GitHub writes it.
    pub(crate) created_at: Option<String>,
    /// The trees of commits that the answer contains.
    pub(crate) trees: BTreeMap<ObjectId, ObjectId>,
    /// The wanted files that exist at `tip`; empty over REST, which cannot fetch them in the same request.
    pub(crate) files: Vec<FileEntry>,
}

/// A test merge, or the final one.
#[derive(Debug)]
pub(crate) struct MergeCommit {
    pub(crate) id: ObjectId,
    pub(crate) parents: Vec<ObjectId>,
}

/// An entry at a path of a commit, with the content if it is a regular file.
#[derive(Debug, Deserialize)]
pub(crate) struct FileEntry {
    pub(crate) oid: ObjectId,
    /// Without text if it is not a blob.
    pub(crate) object: Option<Blob>,
}

/// Fetches a pull request.
pub(crate) fn fetch(client: &Client, repository: &Repository, wanted: Wanted<'_>) -> Result<PullRequest, ApiError> {
    let what = format!("pull request {} of {repository}", wanted.number);
    client.query_or_get(|| query(client, repository, &what, wanted), || get(client, repository, &what, wanted.number))
}

fn target_branch(what: &str) -> String {
    format!("the target branch of {what}")
}

#[derive(Debug, Serialize)]
struct OwnVariables {
    number: u64,
    #[serde(flatten)]
    files: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queried {
    changed_files: usize,
    #[serde(deserialize_with = "nullable")]
    created_at: Option<String>,
    head_ref_oid: ObjectId,
    potential_merge_commit: Option<QueriedMerge>,
    base_ref: Option<QueriedBranch>,
}

#[derive(Debug, Deserialize)]
struct QueriedMerge {
    #[serde(flatten)]
    commit: QueriedCommit,
    parents: Nodes<QueriedCommit>,
}

#[derive(Debug, Deserialize)]
struct QueriedCommit {
    oid: ObjectId,
    tree: Oid,
}

#[derive(Debug, Deserialize)]
struct Oid {
    oid: ObjectId,
}

#[derive(Debug, Deserialize)]
struct QueriedBranch {
    target: QueriedTarget,
}

#[derive(Debug, Deserialize)]
struct QueriedTarget {
    oid: ObjectId,
    /// A target without a tree is not a commit and cannot be used.
    tree: Oid,
    #[serde(flatten)]
    files: BTreeMap<String, Option<FileEntry>>,
}

fn query(client: &Client, repository: &Repository, what: &str, wanted: Wanted<'_>) -> Result<PullRequest, ApiError> {
    let Wanted { number, files } = wanted;
    let own = OwnVariables { number, files: numbered("p", files.iter().map(ToString::to_string)) };
    let query = GraphqlQuery {
        what,
        document: &graphql::pull_request(files.len()),
        variables: Variables::new(repository, own),
        // Do not even allow NOT_FOUND for a file: GraphQL answers null without an error for a file that does not exist,
        // and a file must not count as absent unless that is certain.
        allowed: &[],
    };
    let answer: InRepository<InPullRequest<Option<Queried>>> = client.query(&query)?;
    let pull = answer.repository.pull_request.ok_or_else(|| ApiError::NotFound { what: what.to_owned() })?;
    let target = pull.base_ref.ok_or_else(|| ApiError::NotFound { what: target_branch(what) })?.target;
    let mut trees = BTreeMap::from([(target.oid.clone(), target.tree.oid)]);
    let mut id = |commit: QueriedCommit| {
        trees.insert(commit.oid.clone(), commit.tree.oid);
        commit.oid
    };
    let merge = pull.potential_merge_commit.map(|merge| MergeCommit {
        id: id(merge.commit),
        parents: merge.parents.nodes.into_iter().map(&mut id).collect(),
    });
    let found = take_numbered(target.files, "p", files.len()).ok_or_else(|| ApiError::wrong_fields(what))?;
    let files = found.into_iter().flatten().collect();
    Ok(PullRequest {
        head: pull.head_ref_oid,
        tip: target.oid,
        merge,
        changed_files: pull.changed_files,
        created_at: pull.created_at,
        trees,
        files,
    })
}

fn get(client: &Client, repository: &Repository, what: &str, number: u64) -> Result<PullRequest, ApiError> {
    #[derive(Deserialize)]
    struct Found {
        changed_files: usize,
        #[serde(deserialize_with = "nullable")]
        created_at: Option<String>,
        head: Head,
        base: Base,
        merge_commit_sha: Option<ObjectId>,
    }
    #[derive(Deserialize)]
    struct Head {
        sha: ObjectId,
    }
    #[derive(Deserialize)]
    struct Base {
        r#ref: String,
    }
    let pull: Found = client.get(what, &repository.path(&format!("pulls/{number}")))?;
    let tip = commits::branch_tip(client, repository, &target_branch(what), &pull.base.r#ref)?;
    let (mut merge, mut trees) = (None, BTreeMap::new());
    if let Some(id) = pull.merge_commit_sha {
        // GitHub may be replacing it at this moment, so it may not exist.
        let commit = commits::find(client, repository, &format!("the merge commit of {what}"), &id)?;
        merge = commit.map(|commit| {
            trees.insert(id.clone(), commit.tree);
            MergeCommit { id, parents: commit.parents }
        });
    }
    let Found { changed_files, created_at, head, .. } = pull;
    Ok(PullRequest { head: head.sha, tip, merge, changed_files, created_at, trees, files: Vec::new() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{QueriedTarget, target_branch};

    #[test]
    fn an_error_names_the_pull_request_of_the_branch() {
        assert_eq!(target_branch("pull request 7"), "the target branch of pull request 7");
    }

    #[test]
    fn files_that_are_null_are_told_from_files_that_are_missing() {
        let id = "0".repeat(40);
        let entry = json!({"oid": id, "object": {"text": "x"}});
        let link = json!({"oid": id, "object": null});
        let target = json!({"oid": id, "tree": {"oid": id}, "p0": null, "p1": entry, "p2": link});
        let target: QueriedTarget = serde_json::from_value(target).unwrap();
        assert!(target.files["p0"].is_none() && !target.files.contains_key("p3"));
        assert_eq!(target.files["p1"].as_ref().unwrap().object.as_ref().unwrap().text.as_deref(), Some("x"));
        assert!(serde_json::from_value::<QueriedTarget>(json!({"oid": id})).is_err(), "not a commit");
    }
}
