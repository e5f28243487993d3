//! Reviews of a pull request, and the comments around them.

use http::Method;
use serde::{Deserialize, Serialize};

use super::graphql::{
    InPullRequest, InRepository, Nodes, PageVariables, REVIEW_THREADS, REVIEWS_AND_COMMENTS, Variables,
};
use super::{Ignored, User, nullable};
use crate::github::client::{Connection, PAGE_SIZE, collect_nodes};
use crate::github::{ApiError, Client, GraphqlQuery, List, ObjectId, Repository};

/// The maximum number of reviews, and of comments, to read of one pull request.
const MAX_REMARKS: usize = 3_000;

/// A review or a comment.
#[derive(Debug)]
pub(crate) struct Remark {
    /// The handle, without `@`; empty for a deleted account.
    pub(crate) author: String,
    pub(crate) body: String,
    /// When it was written, as in `2026-02-01T12:00:00Z`.
    pub(crate) created_at: String,
    /// Set for a review.
    pub(crate) review: Option<Review>,
}

#[derive(Debug)]
pub(crate) struct Review {
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED` or `PENDING`.
    pub(crate) state: String,
    /// The reviewed commit; `None` if GitHub does not say.
    pub(crate) commit: Option<ObjectId>,
}

/// Fetches the reviews and comments of a pull request, except comments in the diff.
pub(crate) fn fetch(client: &Client, repository: &Repository, number: u64) -> Result<Vec<Remark>, ApiError> {
    let what = format!("the reviews of pull request {number}");
    client.query_or_get(|| query(client, repository, &what, number), || get(client, repository, &what, number))
}

fn query(client: &Client, repository: &Repository, what: &str, number: u64) -> Result<Vec<Remark>, ApiError> {
    #[derive(Serialize)]
    struct OwnVariables {
        number: u64,
    }
    #[derive(Deserialize)]
    struct PullRequest {
        reviews: FirstPage<QueriedReview>,
        comments: FirstPage<QueriedComment>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct FirstPage<T> {
        page_info: HasNext,
        nodes: Vec<T>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct HasNext {
        has_next_page: bool,
    }
    let query = GraphqlQuery {
        what,
        document: REVIEWS_AND_COMMENTS,
        variables: Variables::new(repository, OwnVariables { number }),
        allowed: &[],
    };
    let answer: InRepository<InPullRequest<PullRequest>> = client.query(&query)?;
    let PullRequest { reviews, comments } = answer.repository.pull_request;
    // The caller then uses REST, which reads all pages.
    if reviews.page_info.has_next_page || comments.page_info.has_next_page {
        return Err(ApiError::TooManyPages { what: what.to_owned(), limit: 1 });
    }
    let reviews = reviews.nodes.into_iter().map(Remark::from);
    Ok(reviews.chain(comments.nodes.into_iter().map(Remark::from)).collect())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueriedComment {
    #[serde(deserialize_with = "nullable")]
    author: Option<User>,
    body: String,
    created_at: String,
}

/// The state is required: a review without one would count as a comment and could not withdraw an approval.
#[derive(Debug, Deserialize)]
struct QueriedReview {
    #[serde(flatten)]
    comment: QueriedComment,
    state: String,
    commit: Option<QueriedCommit>,
}

#[derive(Debug, Deserialize)]
struct QueriedCommit {
    oid: ObjectId,
}

impl From<QueriedComment> for Remark {
    fn from(comment: QueriedComment) -> Self {
        Self {
            author: comment.author.map(|author| author.login).unwrap_or_default(),
            body: comment.body,
            created_at: comment.created_at,
            review: None,
        }
    }
}

impl From<QueriedReview> for Remark {
    fn from(queried: QueriedReview) -> Self {
        let commit = queried.commit.map(|commit| commit.oid);
        Self { review: Some(Review { state: queried.state, commit }), ..Self::from(queried.comment) }
    }
}

fn get(client: &Client, repository: &Repository, what: &str, number: u64) -> Result<Vec<Remark>, ApiError> {
    let mut remarks = Vec::new();
    for path in [reviews_path(number), comments_path(number)] {
        let list = client.get_list::<Listed>(what, &repository.path(&path), MAX_REMARKS)?;
        // The omitted ones are the latest, and those decide.
        if list.truncated {
            return Err(ApiError::TooManyPages { what: what.to_owned(), limit: MAX_REMARKS / PAGE_SIZE });
        }
        remarks.extend(list.items.into_iter().filter_map(Listed::into_remark));
    }
    Ok(remarks)
}

/// A review, a comment, or a comment in the diff, as REST lists it. Each has its own time; only a review has a state.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Listed {
    Review {
        #[serde(deserialize_with = "nullable")]
        user: Option<User>,
        body: String,
        submitted_at: String,
        state: String,
        commit_id: Option<String>,
    },
    /// A review that has not been submitted. Only its author can see it.
    Pending {
        #[serde(rename = "state")]
        _state: Pending,
    },
    Comment {
        #[serde(deserialize_with = "nullable")]
        user: Option<User>,
        body: String,
        created_at: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Pending {
    Pending,
}

impl Listed {
    /// `None` for a review that has not been submitted.
    fn into_remark(self) -> Option<Remark> {
        let (user, body, created_at, review) = match self {
            Self::Review { user, body, submitted_at, state, commit_id } => {
                let commit = commit_id.as_deref().and_then(ObjectId::parse);
                (user, body, submitted_at, Some(Review { state, commit }))
            }
            Self::Comment { user, body, created_at } => (user, body, created_at, None),
            Self::Pending { .. } => return None,
        };
        Some(Remark { author: user.map(|user| user.login).unwrap_or_default(), body, created_at, review })
    }
}

/// Fetches the reviews and comments of several pull requests, including comments in the diff.
pub(crate) fn fetch_each(
    client: &Client,
    repository: &Repository,
    numbers: &[u64],
) -> Result<Vec<Vec<Remark>>, ApiError> {
    let mut remarks: Vec<Vec<Remark>> = numbers.iter().map(|_| Vec::new()).collect();
    for path in [reviews_path, comments_path, diff_comments_path] {
        let paths: Vec<_> = numbers.iter().map(|number| repository.path(&path(*number))).collect();
        let lists = client.get_lists::<Listed>("the comments on pull requests", &paths, MAX_REMARKS)?;
        for (remarks, list) in remarks.iter_mut().zip(lists) {
            let items = list.map(|List { items, .. }| items).unwrap_or_default();
            remarks.extend(items.into_iter().filter_map(Listed::into_remark));
        }
    }
    Ok(remarks)
}

fn reviews_path(number: u64) -> String {
    format!("pulls/{number}/reviews")
}

fn comments_path(number: u64) -> String {
    format!("issues/{number}/comments")
}

fn diff_comments_path(number: u64) -> String {
    format!("pulls/{number}/comments")
}

/// Fetches the text of the first comment in each review thread, if the owner of the token wrote it.
pub(crate) fn own_threads(client: &Client, repository: &Repository, number: u64) -> Result<Vec<String>, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PullRequest {
        review_threads: Connection<Thread>,
    }
    #[derive(Deserialize)]
    struct Thread {
        comments: Nodes<Comment>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Comment {
        body: String,
        viewer_did_author: bool,
    }
    let what = &format!("the reviews of pull request {number}");
    let threads = collect_nodes(what, |after| {
        let variables = Variables::new(repository, PageVariables { number, after });
        let query = GraphqlQuery { what, document: REVIEW_THREADS, variables, allowed: &[] };
        let answer: InRepository<InPullRequest<PullRequest>> = client.query(&query)?;
        Ok(answer.repository.pull_request.review_threads)
    })?;
    let comments = threads.into_iter().filter_map(|thread| thread.comments.nodes.into_iter().next());
    Ok(comments.filter(|comment| comment.viewer_did_author).map(|comment| comment.body).collect())
}

/// A review to create.
#[derive(Debug, Serialize)]
pub(crate) struct NewReview<'a> {
    pub(crate) commit_id: &'a str,
    pub(crate) event: Event,
    pub(crate) comments: Vec<DiffComment<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Event {
    Comment,
}

/// A comment on lines of the new file. Lines count from 1.
#[derive(Debug, Serialize)]
pub(crate) struct DiffComment<'a> {
    pub(crate) path: &'a str,
    /// The first line; `None` if there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_side: Option<DiffSide>,
    /// The last line.
    pub(crate) line: usize,
    pub(crate) side: DiffSide,
    pub(crate) body: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DiffSide {
    /// The new file.
    Right,
}

/// Creates a review.
pub(crate) fn create(
    client: &Client,
    repository: &Repository,
    number: u64,
    review: &NewReview<'_>,
) -> Result<(), ApiError> {
    let path = repository.path(&reviews_path(number));
    client.send::<_, Ignored>("the suggestions", Method::POST, &path, review).map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Listed, QueriedReview};

    fn without(object: &Value, field: &str) -> Value {
        let mut object = object.clone();
        object.as_object_mut().unwrap().remove(field).unwrap();
        object
    }

    #[test]
    fn a_withdrawal_without_a_field_is_malformed() {
        let listed = json!({
            "user": {"login": "x"}, "body": "", "state": "CHANGES_REQUESTED", "submitted_at": "1", "commit_id": null,
        });
        assert!(serde_json::from_value::<Listed>(listed.clone()).unwrap().into_remark().unwrap().review.is_some());
        for field in ["user", "body", "state", "submitted_at"] {
            assert!(serde_json::from_value::<Listed>(without(&listed, field)).is_err(), "{field}");
        }
        let comment = json!({"user": null, "body": "/approve cancel", "created_at": "1"});
        assert!(serde_json::from_value::<Listed>(comment.clone()).unwrap().into_remark().is_some());
        for field in ["user", "body", "created_at"] {
            assert!(serde_json::from_value::<Listed>(without(&comment, field)).is_err(), "{field}");
        }
        let queried = json!({"author": null, "body": "", "createdAt": "1", "state": "DISMISSED", "commit": null});
        assert!(serde_json::from_value::<QueriedReview>(queried.clone()).is_ok());
        for field in ["author", "body", "createdAt", "state"] {
            assert!(serde_json::from_value::<QueriedReview>(without(&queried, field)).is_err(), "{field}");
        }
    }

    #[test]
    fn a_review_that_is_not_submitted_is_left_out() {
        let pending = json!({"user": {"login": "x"}, "body": "", "state": "PENDING", "commit_id": null});
        assert!(serde_json::from_value::<Listed>(pending).unwrap().into_remark().is_none());
    }
}
