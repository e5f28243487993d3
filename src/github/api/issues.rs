//! Issues. A number belongs either to an issue or to a pull request.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::graphql::{self, InRepository, Nodes, Variables, absent_aliases, numbered, take_numbered};
use super::{Ignored, nullable};
use crate::github::{ApiError, Client, GraphqlQuery, Repository};

/// The maximum number of issues per query.
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

fn issue(state: &str, milestone: Option<Milestone>, labels: Vec<Label>) -> IssueOrPullRequest {
    IssueOrPullRequest::Issue(Issue {
        // `OPEN` in GraphQL, `open` in REST.
        is_open: state.eq_ignore_ascii_case("open"),
        milestone: milestone.map(|milestone| milestone.title),
        labels: labels.into_iter().map(|label| label.name).collect(),
    })
}

/// Fetches the issue or pull request with each number, in order, at most [`MAX_PER_QUERY`]; `None` for unused numbers.
pub(crate) fn fetch(
    client: &Client,
    repository: &Repository,
    numbers: &[u32],
) -> Result<Vec<Option<IssueOrPullRequest>>, ApiError> {
    client.query_or_get(|| query(client, repository, numbers), || get(client, repository, numbers))
}

/// An issue or a pull request from GraphQL.
#[derive(Debug, Deserialize)]
#[serde(tag = "__typename")]
enum Queried {
    Issue {
        state: String,
        #[serde(deserialize_with = "nullable")]
        milestone: Option<Milestone>,
        labels: Nodes<Label>,
    },
    PullRequest,
}

fn query(
    client: &Client,
    repository: &Repository,
    numbers: &[u32],
) -> Result<Vec<Option<IssueOrPullRequest>>, ApiError> {
    let count = numbers.len();
    let query = GraphqlQuery {
        what: WHAT,
        document: &graphql::issues(count),
        variables: Variables::new(repository, numbered("n", numbers)),
        // An unused number is null, with an error of this type.
        allowed: &absent_aliases("i", count),
    };
    let answer: InRepository<BTreeMap<String, Option<Queried>>> = client.query(&query)?;
    let found = take_numbered(answer.repository, "i", count).ok_or_else(|| ApiError::wrong_fields(WHAT))?;
    let convert = |found| match found {
        Queried::Issue { state, milestone, labels } => issue(&state, milestone, labels.nodes),
        Queried::PullRequest => IssueOrPullRequest::PullRequest,
    };
    Ok(found.into_iter().map(|found| found.map(convert)).collect())
}

/// An issue or a pull request from REST.
#[derive(Debug, Deserialize)]
struct Listed {
    /// Set for a pull request, which REST also lists as an issue.
    pull_request: Option<Ignored>,
    state: String,
    #[serde(deserialize_with = "nullable")]
    milestone: Option<Milestone>,
    labels: Vec<Label>,
}

fn get(client: &Client, repository: &Repository, numbers: &[u32]) -> Result<Vec<Option<IssueOrPullRequest>>, ApiError> {
    let paths: Vec<_> = numbers.iter().map(|number| repository.path(&format!("issues/{number}"))).collect();
    let found = client.get_each::<Listed>(WHAT, &paths)?;
    let convert = |found: Listed| match found.pull_request {
        Some(_) => IssueOrPullRequest::PullRequest,
        None => issue(&found.state, found.milestone, found.labels),
    };
    Ok(found.into_iter().map(|found| found.map(convert)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Listed, Queried};

    #[test]
    fn an_issue_without_a_field_is_not_one_without_a_milestone_or_labels() {
        let listed = json!({"state": "open", "milestone": null, "labels": []});
        let queried = json!({"__typename": "Issue", "state": "OPEN", "milestone": null, "labels": {"nodes": []}});
        assert!(serde_json::from_value::<Listed>(listed.clone()).is_ok());
        assert!(serde_json::from_value::<Queried>(queried.clone()).is_ok());
        for field in ["state", "milestone", "labels"] {
            let [mut listed, mut queried] = [listed.clone(), queried.clone()];
            listed.as_object_mut().unwrap().remove(field);
            queried.as_object_mut().unwrap().remove(field);
            assert!(serde_json::from_value::<Listed>(listed).is_err(), "{field}");
            assert!(serde_json::from_value::<Queried>(queried).is_err(), "{field}");
        }
    }
}
