//! Ways back to the pull request: one comment, a check run, suggestions. All of them are off unless asked for, and none
//! of them decides anything: a token that may not write costs a notice.

pub mod check_run;
pub mod comment;
pub mod suggest;

use crate::github::{ApiError, Client, Repository};
use serde_json::Value;

/// Where replies go.
pub struct Place<'a> {
    /// GitHub.
    pub client: &'a Client,
    /// The repository that the pull request is of.
    pub repository: &'a Repository,
    /// The number of the pull request.
    pub number: u64,
    /// The last commit of the pull request that was checked.
    pub head: &'a str,
}

/// More pages than this of what is already there are not looked through.
const MAX_PAGES: usize = 30;

impl Place<'_> {
    /// Every node of a list of the pull request's, page by page; `selection` is the list with `after: $after` in it.
    fn nodes(&self, what: &str, list: &str, selection: &str) -> Result<Vec<Value>, ApiError> {
        let query = format!(
            "query($owner: String!, $name: String!, $number: Int!, $after: String) {{ \
             repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ {selection} }} }} }}"
        );
        let malformed = || ApiError::Malformed {
            what: what.to_owned(),
            cause: "something is missing in it, or of another kind".to_owned(),
        };
        let mut after = Value::Null;
        let mut nodes = Vec::new();
        for _ in 0..MAX_PAGES {
            let variables = serde_json::json!({
                "owner": self.repository.owner(), "name": self.repository.name(), "number": self.number, "after": after,
            });
            let mut answer = self.client.query(what, &query, &variables)?;
            let list = answer.data.pointer_mut(&format!("/repository/pullRequest/{list}")).ok_or_else(malformed)?;
            match list.get_mut("nodes").map(Value::take) {
                Some(Value::Array(page)) => nodes.extend(page),
                _ => return Err(malformed()),
            }
            if list.pointer("/pageInfo/hasNextPage") != Some(&Value::Bool(true)) {
                return Ok(nodes);
            }
            after = list.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
        }
        Err(ApiError::Query { what: what.to_owned(), said: "there is too much to look through".to_owned() })
    }
}
