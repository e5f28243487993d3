//! The commits and pull requests that wrote the lines of a file.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::graphql::{self, InRepository, Nodes, Variables};
use super::nullable;
use crate::github::{ApiError, Client, GraphqlQuery, ObjectId, Repository};

/// Lines of a file, and the commit that brought them to the branch: the merge of their pull request if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlamedLines {
    /// The 1-based numbers of the lines.
    pub(crate) lines: RangeInclusive<usize>,
    pub(crate) commit: ObjectId,
    pub(crate) time: Timestamp,
}

#[derive(Serialize)]
struct Asked<'a> {
    commit: &'a ObjectId,
    path: &'a str,
}

#[derive(Deserialize)]
struct Found {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    blame: Blame,
}

#[derive(Deserialize)]
struct Blame {
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Range {
    starting_line: usize,
    ending_line: usize,
    commit: Commit,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commit {
    oid: ObjectId,
    committed_date: Timestamp,
    associated_pull_requests: Nodes<Pull>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pull {
    #[serde(deserialize_with = "nullable")]
    merged_at: Option<Timestamp>,
    #[serde(deserialize_with = "nullable")]
    merge_commit: Option<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    oid: ObjectId,
}

/// Fetches the commits that brought the lines of a file to the branch, as of `commit`. This needs a token.
pub(crate) fn get(
    client: &Client,
    repository: &Repository,
    commit: &ObjectId,
    path: &str,
) -> Result<Vec<BlamedLines>, ApiError> {
    let query = GraphqlQuery {
        what: "the commits that recorded the approvers",
        document: graphql::BLAME,
        variables: Variables::new(repository, Asked { commit, path }),
        allowed: &[],
    };
    let answer: InRepository<Found> = client.query(&query)?;
    Ok(answer.repository.object.blame.ranges.into_iter().map(lines).collect())
}

/// Converts a range of lines. A commit can be in several pull requests; the first merge counts.
fn lines(range: Range) -> BlamedLines {
    let Commit { oid, committed_date, associated_pull_requests: pulls } = range.commit;
    let merges = pulls.nodes.into_iter().filter_map(|pull| Some((pull.merged_at?, pull.merge_commit?.oid)));
    let (time, commit) = merges.min_by_key(|(time, _)| *time).unwrap_or((committed_date, oid));
    BlamedLines { lines: range.starting_line..=range.ending_line, commit, time }
}
