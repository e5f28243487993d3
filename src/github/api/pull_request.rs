//! One pull request: its commits, and what is at the tip of its target branch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::blobs::Blob;
use super::commits;
use super::graphql::{self, InPullRequest, InRepository, Nodes, Variables, numbered, take_numbered};
use crate::github::{ApiError, Client, GraphqlQuery, ObjectId, Repository};
use crate::text::RepoPath;

/// What to fetch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) number: u64,
    /// Files of the target branch to fetch in the same query.
    pub(crate) files: &'a [RepoPath],
    /// A folder of the target branch whose entries to fetch in the same query.
    pub(crate) folder: &'a str,
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
    /// What is at `tip`; `None` over REST, which cannot fetch it in the same request.
    pub(crate) target: Option<Target>,
}

/// A test merge, or the final one.
#[derive(Debug)]
pub(crate) struct MergeCommit {
    pub(crate) id: ObjectId,
    pub(crate) parents: Vec<ObjectId>,
}

/// What was asked about the target branch.
#[derive(Debug)]
pub(crate) struct Target {
    /// The files in the order in which they were asked for; `None` for those that do not exist.
    pub(crate) files: Vec<Option<FileEntry>>,
    /// The entries of the folder; `None` if nothing is there, and empty if it is not a folder.
    pub(crate) folder: Option<Vec<FolderEntry>>,
}

/// A path of a commit, with the content of a regular file.
#[derive(Debug, Deserialize)]
pub(crate) struct FileEntry {
    pub(crate) mode: u32,
    pub(crate) oid: ObjectId,
    pub(crate) object: Option<MaybeBlob>,
}

/// A blob, or an object of another type, about which nothing was asked.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum MaybeBlob {
    Blob(Blob),
    Other {},
}

#[derive(Debug, Deserialize)]
pub(crate) struct FolderEntry {
    pub(crate) name: String,
    pub(crate) mode: u32,
    pub(crate) oid: ObjectId,
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
struct OwnVariables<'a> {
    number: u64,
    #[serde(rename = "keps")]
    folder: &'a str,
    #[serde(flatten)]
    files: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queried {
    changed_files: usize,
    created_at: Option<String>,
    head_ref_oid: ObjectId,
    potential_merge_commit: Option<QueriedMerge>,
    base_ref: Option<QueriedBranch>,
}

#[derive(Debug, Deserialize)]
struct QueriedMerge {
    oid: ObjectId,
    parents: Nodes<Oid>,
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
    /// Null for a folder that does not exist. A target without the field is not a commit, and not usable.
    #[serde(rename = "keps", deserialize_with = "Option::deserialize")]
    folder: Option<QueriedFolder>,
    #[serde(flatten)]
    files: BTreeMap<String, Option<FileEntry>>,
}

#[derive(Debug, Deserialize)]
struct QueriedFolder {
    object: Option<QueriedEntries>,
}

#[derive(Debug, Deserialize)]
struct QueriedEntries {
    entries: Option<Vec<FolderEntry>>,
}

fn query(client: &Client, repository: &Repository, what: &str, wanted: Wanted<'_>) -> Result<PullRequest, ApiError> {
    let Wanted { number, files, folder } = wanted;
    let own = OwnVariables { number, folder, files: numbered("p", files.iter().map(ToString::to_string)) };
    let query = GraphqlQuery {
        what,
        document: &graphql::pull_request(files.len()),
        variables: Variables::new(repository, own),
        // Not even NOT_FOUND for a file: GraphQL answers null without an error for one that does not exist, and a file
        // whose absence is not certain must not pass for absent.
        allowed: &[],
    };
    let answer: InRepository<InPullRequest<Option<Queried>>> = client.query(&query)?;
    let pull = answer.repository.pull_request.ok_or_else(|| ApiError::NotFound { what: what.to_owned() })?;
    let target = pull.base_ref.ok_or_else(|| ApiError::NotFound { what: target_branch(what) })?.target;
    let entries = |folder: QueriedFolder| folder.object.and_then(|object| object.entries).unwrap_or_default();
    Ok(PullRequest {
        head: pull.head_ref_oid,
        tip: target.oid,
        merge: pull.potential_merge_commit.map(|merge| MergeCommit {
            id: merge.oid,
            parents: merge.parents.nodes.into_iter().map(|parent| parent.oid).collect(),
        }),
        changed_files: pull.changed_files,
        created_at: pull.created_at,
        target: Some(Target {
            files: take_numbered(target.files, "p", files.len()).ok_or_else(|| ApiError::wrong_fields(what))?,
            folder: target.folder.map(entries),
        }),
    })
}

fn get(client: &Client, repository: &Repository, what: &str, number: u64) -> Result<PullRequest, ApiError> {
    #[derive(Deserialize)]
    struct Found {
        changed_files: usize,
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
    let mut merge = None;
    if let Some(id) = pull.merge_commit_sha {
        // GitHub may just be replacing it: then there is none.
        let parents = commits::parents(client, repository, &format!("the merge commit of {what}"), &id)?;
        merge = parents.map(|parents| MergeCommit { id, parents });
    }
    let Found { changed_files, created_at, head, .. } = pull;
    Ok(PullRequest { head: head.sha, tip, merge, changed_files, created_at, target: None })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MaybeBlob, QueriedTarget};

    #[test]
    fn files_that_are_null_are_told_from_files_that_are_missing() {
        let id = "0".repeat(40);
        let entry = json!({"mode": 33188, "oid": id, "object": {"byteSize": 1, "text": "x"}});
        let link = json!({"mode": 57344, "oid": id, "object": null});
        let target = json!({"oid": id, "keps": null, "p0": null, "p1": entry, "p2": link});
        let target: QueriedTarget = serde_json::from_value(target).unwrap();
        assert!(target.folder.is_none() && target.files["p0"].is_none() && !target.files.contains_key("p3"));
        assert!(matches!(target.files["p1"].as_ref().unwrap().object, Some(MaybeBlob::Blob(_))));
        assert!(serde_json::from_value::<QueriedTarget>(json!({"oid": id})).is_err(), "not a commit");
    }
}
