//! Comments on a pull request, for a caller that looks for its own.

use http::Method;
use serde::{Deserialize, Serialize};

use super::Ignored;
use super::graphql::{COMMENTS, InPullRequest, InRepository, PageVariables, Variables};
use crate::github::client::{Connection, collect_nodes};
use crate::github::{ApiError, Client, GraphqlQuery, Repository};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comment {
    full_database_id: Option<BigInt>,
    pub(crate) body: String,
    /// True if the owner of the token wrote it.
    pub(crate) viewer_did_author: bool,
}

/// GraphQL writes a 64-bit number as a string.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum BigInt {
    Number(u64),
    Text(String),
}

impl Comment {
    /// The number of the comment in the REST API.
    pub(crate) fn id(&self) -> Option<u64> {
        match self.full_database_id.as_ref()? {
            BigInt::Number(number) => Some(*number),
            BigInt::Text(text) => text.parse().ok(),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    body: &'a str,
}

/// Lists the comments on a pull request, except those in the diff.
pub(crate) fn list(client: &Client, repository: &Repository, number: u64) -> Result<Vec<Comment>, ApiError> {
    #[derive(Deserialize)]
    struct PullRequest {
        comments: Connection<Comment>,
    }
    let what = &format!("the comments of pull request {number}");
    collect_nodes(what, |after| {
        let variables = Variables::new(repository, PageVariables { number, after });
        let query = GraphqlQuery { what, document: COMMENTS, variables, allowed: &[] };
        let answer: InRepository<InPullRequest<PullRequest>> = client.query(&query)?;
        Ok(answer.repository.pull_request.comments)
    })
}

/// Comments on a pull request.
pub(crate) fn create(client: &Client, repository: &Repository, number: u64, body: &str) -> Result<(), ApiError> {
    let path = repository.path(&format!("issues/{number}/comments"));
    client.send::<_, Ignored>(&one(number), Method::POST, &path, &Body { body }).map(drop)
}

/// Replaces the body of `comment`, which is on the pull request `number`.
pub(crate) fn update(
    client: &Client,
    repository: &Repository,
    number: u64,
    comment: &Comment,
    body: &str,
) -> Result<(), ApiError> {
    let what = one(number);
    let id = comment.id().ok_or_else(|| ApiError::wrong_fields(&what))?;
    let path = repository.path(&format!("issues/comments/{id}"));
    client.send::<_, Ignored>(&what, Method::PATCH, &path, &Body { body }).map(drop)
}

fn one(number: u64) -> String {
    format!("the comment on pull request {number}")
}
