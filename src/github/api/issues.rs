//! Issues. A number belongs to an issue or to a pull request.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Ignored;
use super::graphql::{self, InRepository, Nodes, Variables, absent_aliases, numbered, take_numbered};
use crate::github::{ApiError, Client, GraphqlQuery, Repository};

/// The most issues that one query asks for.
pub(crate) const MAX_PER_QUERY: usize = 50;

const WHAT: &str = "the tracking issues";

#[derive(Debug)]
pub(crate) enum IssueOrPullRequest {
    Issue(Issue),
    PullRequest,
}

#[derive(Debug)]
pub(crate) struct Issue {
    pub(crate) is_open: bool,
    /// The title of its milestone.
    pub(crate) milestone: Option<String>,
    pub(crate) labels: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Milestone {
    title: String,
}

#[derive(Debug, Deserialize)]
struct Label {
    name: String,
}

/// `OPEN` in GraphQL, `open` in REST.
fn is_open(state: Option<&str>) -> bool {
    state.is_some_and(|state| state.eq_ignore_ascii_case("open"))
}

fn issue(state: Option<&str>, milestone: Option<Milestone>, labels: Vec<Label>) -> IssueOrPullRequest {
    IssueOrPullRequest::Issue(Issue {
        is_open: is_open(state),
        milestone: milestone.map(|milestone| milestone.title),
        labels: labels.into_iter().map(|label| label.name).collect(),
    })
}

/// Fetches what has each number, in order, up to [`MAX_PER_QUERY`] at once; `None` for unused numbers.
pub(crate) fn fetch(
    client: &Client,
    repository: &Repository,
    numbers: &[u32],
) -> Result<Vec<Option<IssueOrPullRequest>>, ApiError> {
    client.query_or_get(|| query(client, repository, numbers), || get(client, repository, numbers))
}

fn query(
    client: &Client,
    repository: &Repository,
    numbers: &[u32],
) -> Result<Vec<Option<IssueOrPullRequest>>, ApiError> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "__typename")]
        kind: String,
        state: Option<String>,
        milestone: Option<Milestone>,
        labels: Option<Nodes<Label>>,
    }
    let count = numbers.len();
    let query = GraphqlQuery {
        what: WHAT,
        document: &graphql::issues(count),
        variables: Variables::new(repository, numbered("n", numbers)),
        // An unused number is null, with an error of this type.
        allowed: &absent_aliases("i", count),
    };
    let answer: InRepository<BTreeMap<String, Option<Found>>> = client.query(&query)?;
    let found = take_numbered(answer.repository, "i", count).ok_or_else(|| ApiError::wrong_fields(WHAT))?;
    let convert = |found: Found| match found.kind.as_str() {
        "Issue" => {
            let labels = found.labels.map(|labels| labels.nodes).unwrap_or_default();
            issue(found.state.as_deref(), found.milestone, labels)
        }
        _ => IssueOrPullRequest::PullRequest,
    };
    Ok(found.into_iter().map(|found| found.map(convert)).collect())
}

fn get(client: &Client, repository: &Repository, numbers: &[u32]) -> Result<Vec<Option<IssueOrPullRequest>>, ApiError> {
    #[derive(Deserialize)]
    struct Found {
        /// Set for a pull request, which REST also lists as an issue.
        pull_request: Option<Ignored>,
        state: Option<String>,
        milestone: Option<Milestone>,
        labels: Vec<Label>,
    }
    let paths: Vec<_> = numbers.iter().map(|number| repository.path(&format!("issues/{number}"))).collect();
    let found = client.get_each::<Found>(WHAT, &paths)?;
    let convert = |found: Found| match found.pull_request {
        Some(_) => IssueOrPullRequest::PullRequest,
        None => issue(found.state.as_deref(), found.milestone, found.labels),
    };
    Ok(found.into_iter().map(|found| found.map(convert)).collect())
}
