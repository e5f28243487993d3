//! All GraphQL documents, and the types that their variables and answers share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::github::{AllowedError, Repository};

/// The commits that wrote the lines of the file at `$path`, as of a commit, and the pull requests that brought them.
pub(super) const BLAME: &str = "query($owner: String!, $name: String!, $commit: GitObjectID!, $path: String!) { \
    repository(owner: $owner, name: $name) { object(oid: $commit) { ... on Commit { blame(path: $path) { \
    ranges { startingLine endingLine commit { oid committedDate \
    associatedPullRequests(first: 5) { nodes { mergedAt mergeCommit { oid } } } } } } } } } }";

/// The fields of a blob in every query.
const BLOB: &str = "... on Blob { text }";

/// The reviews and comments of a pull request, one page of each.
pub(super) const REVIEWS_AND_COMMENTS: &str = "query($owner: String!, $name: String!, $number: Int!) { \
    repository(owner: $owner, name: $name) { pullRequest(number: $number) { \
    reviews(first: 100) { pageInfo { hasNextPage } nodes { author { login } body createdAt state commit { oid } } } \
    comments(first: 100) { pageInfo { hasNextPage } nodes { author { login } body createdAt } } } } }";

/// The comments of a pull request after a cursor.
pub(super) const COMMENTS: &str = "query($owner: String!, $name: String!, $number: Int!, $after: String) { \
    repository(owner: $owner, name: $name) { pullRequest(number: $number) { \
    comments(first: 100, after: $after) { pageInfo { hasNextPage endCursor } \
    nodes { fullDatabaseId body viewerDidAuthor } } } } }";

/// The first comment of each review thread of a pull request after a cursor.
pub(super) const REVIEW_THREADS: &str = "query($owner: String!, $name: String!, $number: Int!, $after: String) { \
    repository(owner: $owner, name: $name) { pullRequest(number: $number) { \
    reviewThreads(first: 100, after: $after) { pageInfo { hasNextPage endCursor } \
    nodes { comments(first: 1) { nodes { body viewerDidAuthor } } } } } } }";

/// A pull request, with `files` files (`$p0` …) at the tip of its target branch.
pub(super) fn pull_request(files: usize) -> String {
    let declared: Vec<_> = (0..files).map(|index| format!(", $p{index}: String!")).collect();
    let declared = declared.concat();
    let selected: Vec<_> =
        (0..files).map(|index| format!("p{index}: file(path: $p{index}) {{ oid object {{ {BLOB} }} }} ")).collect();
    let selected = selected.concat();
    format!(
        "query($owner: String!, $name: String!, $number: Int!{declared}) {{ \
         repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ changedFiles createdAt headRefOid \
         potentialMergeCommit {{ oid tree {{ oid }} parents(first: 3) {{ nodes {{ oid tree {{ oid }} }} }} }} \
         baseRef {{ target {{ oid ... on Commit {{ tree {{ oid }} {selected}}} }} }} }} }} }}"
    )
}

/// The blobs with the ids `$o0` …, as `b0` ….
pub(super) fn blobs(count: usize) -> String {
    for_each(
        count,
        |index| format!(", $o{index}: GitObjectID!"),
        |index| format!("b{index}: object(oid: $o{index}) {{ {BLOB} }} "),
    )
}

/// The issues or pull requests with the numbers `$n0` …, as `i0` ….
pub(super) fn issues(count: usize) -> String {
    for_each(
        count,
        |index| format!(", $n{index}: Int!"),
        |index| {
            format!(
                "i{index}: issueOrPullRequest(number: $n{index}) {{ __typename ... on Issue {{ state \
                 milestone {{ title }} labels(first: 100) {{ nodes {{ name }} }} }} }} "
            )
        },
    )
}

/// The ids of the objects at the expressions `$e0` …, as `o0` ….
pub(super) fn object_ids(count: usize) -> String {
    for_each(
        count,
        |index| format!(", $e{index}: String!"),
        |index| format!("o{index}: object(expression: $e{index}) {{ oid }} "),
    )
}

/// A query that selects `count` things of a repository, each with its own variable and alias.
fn for_each(count: usize, declare: fn(usize) -> String, select: fn(usize) -> String) -> String {
    let declared: String = (0..count).map(declare).collect();
    let selected: String = (0..count).map(select).collect();
    format!(
        "query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{ {selected}}} }}"
    )
}

/// The variables of a query: the repository's and the query's own.
#[derive(Debug, Serialize)]
pub(super) struct Variables<'a, T> {
    owner: &'a str,
    name: &'a str,
    #[serde(flatten)]
    own: T,
}

impl<'a, T> Variables<'a, T> {
    pub(super) fn new(repository: &'a Repository, own: T) -> Self {
        Self { owner: repository.owner(), name: repository.name(), own }
    }
}

/// The variables of a query about a pull request's list, one page at a time.
#[derive(Debug, Serialize)]
pub(super) struct PageVariables<'a> {
    pub(super) number: u64,
    pub(super) after: Option<&'a str>,
}

/// Numbers variables of the same kind: `o0`, `o1` ….
pub(super) fn numbered<T>(prefix: &str, values: impl IntoIterator<Item = T>) -> BTreeMap<String, T> {
    values.into_iter().enumerate().map(|(index, value)| (format!("{prefix}{index}"), value)).collect()
}

/// The errors to allow so that any of `count` aliases of a repository's fields (`i0`, `i1` …) can be missing.
pub(super) fn absent_aliases(prefix: &str, count: usize) -> Vec<AllowedError> {
    (0..count).map(|index| AllowedError::not_found(&["repository", &format!("{prefix}{index}")])).collect()
}

/// Takes the values of the aliases `{prefix}0` … in order. Returns `None` if one is missing from the answer, which does
/// not mean the same as null.
pub(super) fn take_numbered<T>(mut values: BTreeMap<String, T>, prefix: &str, count: usize) -> Option<Vec<T>> {
    (0..count).map(|index| values.remove(&format!("{prefix}{index}"))).collect()
}

/// An answer about a repository.
#[derive(Debug, Deserialize)]
pub(super) struct InRepository<T> {
    pub(super) repository: T,
}

/// An answer about a pull request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InPullRequest<T> {
    pub(super) pull_request: T,
}

/// A list without page information.
#[derive(Debug, Deserialize)]
pub(super) struct Nodes<T> {
    pub(super) nodes: Vec<T>,
}

#[cfg(test)]
mod tests {
    use super::{blobs, issues, numbered, object_ids, take_numbered};

    #[test]
    fn an_alias_that_is_missing_is_not_null() {
        let values = numbered("b", [Some(1), None]);
        assert_eq!(take_numbered(values.clone(), "b", 2), Some(vec![Some(1), None]));
        assert_eq!(take_numbered(values, "b", 3), None);
    }

    #[test]
    fn a_query_declares_and_selects_each_thing() {
        assert_eq!(
            object_ids(2),
            "query($owner: String!, $name: String!, $e0: String!, $e1: String!) { \
             repository(owner: $owner, name: $name) { \
             o0: object(expression: $e0) { oid } o1: object(expression: $e1) { oid } } }"
        );
        for (query, declared, selected) in [
            (blobs(2), "$o1: GitObjectID!", "b1: object(oid: $o1) {"),
            (issues(2), "$n1: Int!", "i1: issueOrPullRequest(number: $n1) {"),
        ] {
            assert!(query.contains(declared) && query.contains(selected), "{query}");
        }
    }
}
