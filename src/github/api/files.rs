//! Files by commit and path.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::graphql::{self, InRepository, Variables, absent_aliases, numbered, take_numbered};
use crate::escape::url_path;
use crate::github::{ApiError, Client, GraphqlQuery, ObjectId, Repository};
use crate::text::RepoPath;

const WHAT: &str = "the files at the approved commits";

/// A path in a commit.
pub(crate) type Location<'a> = (&'a ObjectId, &'a RepoPath);

/// Fetches the object id at each location, in order; `None` if nothing exists there.
pub(crate) fn object_ids(
    client: &Client,
    repository: &Repository,
    locations: &[Location<'_>],
) -> Result<Vec<Option<ObjectId>>, ApiError> {
    client.query_or_get(|| query(client, repository, locations), || get(client, repository, locations))
}

fn query(
    client: &Client,
    repository: &Repository,
    locations: &[Location<'_>],
) -> Result<Vec<Option<ObjectId>>, ApiError> {
    #[derive(Deserialize)]
    struct Object {
        oid: ObjectId,
    }
    let count = locations.len();
    let expressions = locations.iter().map(|(commit, path)| format!("{commit}:{path}"));
    let query = GraphqlQuery {
        what: WHAT,
        document: &graphql::object_ids(count),
        variables: Variables::new(repository, numbered("e", expressions)),
        allowed: &absent_aliases("o", count),
    };
    let answer: InRepository<BTreeMap<String, Option<Object>>> = client.query(&query)?;
    let objects = take_numbered(answer.repository, "o", count).ok_or_else(|| ApiError::wrong_fields(WHAT))?;
    Ok(objects.into_iter().map(|object| object.map(|object| object.oid)).collect())
}

fn get(
    client: &Client,
    repository: &Repository,
    locations: &[Location<'_>],
) -> Result<Vec<Option<ObjectId>>, ApiError> {
    #[derive(Deserialize)]
    struct Contents {
        sha: ObjectId,
    }
    let path = |(commit, path): &Location<'_>| {
        repository.path(&format!("contents/{}?ref={commit}", url_path(path.as_bytes())))
    };
    let paths: Vec<_> = locations.iter().map(path).collect();
    let files = client.get_each::<Contents>(WHAT, &paths)?;
    Ok(files.into_iter().map(|file| file.map(|file| file.sha)).collect())
}

/// Fetches the content at each path of a commit, each of at most `limit` bytes, in the order of `paths`.
pub(crate) fn contents(
    client: &Client,
    repository: &Repository,
    commit: &ObjectId,
    paths: &[RepoPath],
    limit: usize,
) -> Result<Vec<Vec<u8>>, ApiError> {
    let path = |path: &RepoPath| repository.path(&format!("contents/{}?ref={commit}", url_path(path.as_bytes())));
    let requests: Vec<_> = paths.iter().map(path).collect();
    let names: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    client.get_raw(&format!("{} of {repository}", names.join(" and ")), &requests, limit)
}
