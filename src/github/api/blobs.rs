//! The contents of files, by object id.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::graphql::{self, InRepository, Variables, numbered, take_numbered};
use crate::github::{ApiError, Client, GraphqlQuery, ObjectId, Repository};

/// The maximum number of blobs per query.
pub(crate) const MAX_PER_QUERY: usize = 40;

/// GraphQL truncates text at this size, in bytes.
pub(crate) const MAX_QUERIED_SIZE: u64 = 512_000;

/// A blob from GraphQL. Its text may be truncated, and is absent for binary files, so callers compare the hash.
#[derive(Debug, Deserialize)]
pub(crate) struct Blob {
    pub(crate) text: Option<String>,
}

/// Fetches up to [`MAX_PER_QUERY`] blobs over GraphQL, in the order of `ids`.
pub(crate) fn query(client: &Client, repository: &Repository, ids: &[ObjectId]) -> Result<Vec<Option<Blob>>, ApiError> {
    let what = "the contents of files";
    let query = GraphqlQuery {
        what,
        document: &graphql::blobs(ids.len()),
        variables: Variables::new(repository, numbered("o", ids)),
        allowed: &[],
    };
    let answer: InRepository<BTreeMap<String, Option<Blob>>> = client.query(&query)?;
    take_numbered(answer.repository, "b", ids.len()).ok_or_else(|| ApiError::wrong_fields(what))
}

/// Fetches blobs over REST, in the order of `ids`, each of at most `limit` bytes.
pub(crate) fn get(
    client: &Client,
    repository: &Repository,
    ids: &[ObjectId],
    limit: usize,
) -> Result<Vec<Vec<u8>>, ApiError> {
    let paths: Vec<_> = ids.iter().map(|id| repository.path(&format!("git/blobs/{id}"))).collect();
    client.get_raw("the content of a file", &paths, limit)
}
