//! One comment on the pull request, found again by a mark that nobody sees and by who wrote it, and kept current.

use http::Method;
use serde_json::{Value, json};

use super::Place;
use crate::check::result::{Report, Verdict};
use crate::github::ApiError;
use crate::report::markdown::{headline, render_within};

/// What tells the comment from others. Somebody else may write it, too, so that it counts in comments of ours alone.
const MARK: &str = "<!-- kepgate: this comment is kept current -->";

/// GitHub takes 65,536 characters, of which each has a byte at least.
const MAX_BYTES: usize = 65_000;

/// Writes the comment, changes it, or lets it be: where there is nothing to say no comment is begun, and one that is
/// there becomes a line.
///
/// # Errors
/// [`ApiError`]
pub fn keep(place: &Place<'_>, report: &Report) -> Result<(), ApiError> {
    let what = &format!("the comments of pull request {}", place.number);
    let selection = "comments(first: 100, after: $after) { pageInfo { hasNextPage endCursor } \
                     nodes { fullDatabaseId body viewerDidAuthor } }";
    let comments = place.nodes(what, "comments", selection)?;
    let ours = comments.iter().find(|comment| {
        let body = comment.get("body").and_then(Value::as_str).unwrap_or_default();
        comment.get("viewerDidAuthor") == Some(&Value::Bool(true)) && body.starts_with(MARK)
    });
    let is_short = report.verdict() == Verdict::Clean && report.findings().iter().all(|triaged| !triaged.is_new);
    let body = body(report, is_short);
    let what = &format!("the comment on pull request {}", place.number);
    let Some(ours) = ours else {
        if !is_short {
            let path = place.repository.path(&format!("issues/{}/comments", place.number));
            place.client.send::<Value>(what, Method::POST, &path, json!({ "body": body }))?;
        }
        return Ok(());
    };
    if ours.get("body").and_then(Value::as_str).map(str::trim_end) == Some(body.trim_end()) {
        return Ok(());
    }
    let id = ours
        .get("fullDatabaseId")
        .and_then(number)
        .ok_or_else(|| ApiError::Malformed { what: what.clone(), cause: "it has no number".to_owned() })?;
    let path = place.repository.path(&format!("issues/comments/{id}"));
    place.client.send::<Value>(what, Method::PATCH, &path, json!({ "body": body })).map(drop)
}

fn body(report: &Report, is_short: bool) -> String {
    if is_short {
        return format!("{MARK}\nkepgate: {}\n", headline(report));
    }
    format!("{MARK}\n{}", render_within(report, MAX_BYTES - MARK.len() - 1))
}

/// GraphQL writes numbers that do not fit into 32 bits as strings.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
