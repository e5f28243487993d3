//! A single comment on the pull request, which every run updates.

use super::Place;
use crate::check::result::{Report, Verdict};
use crate::github::ApiError;
use crate::github::api::comments;
use crate::report::markdown::{headline, render_within};

/// The first line of the comment, which identifies it. Anyone can write this line, so it counts only in comments of the
/// token's owner.
const MARK: &str = "<!-- kepgate: this comment is kept current -->";

/// The maximum size of the comment, in bytes. GitHub accepts 65,536 characters, and each has at least one byte.
const MAX_BYTES: usize = 65_000;

/// Creates or updates the comment. If there is nothing to report, no comment is created, and an existing one is reduced
/// to one line.
///
/// # Errors
/// [`ApiError`]
pub(crate) fn write(place: &Place<'_>, report: &Report) -> Result<(), ApiError> {
    let Place { client, repository, number, .. } = place;
    let comments = comments::list(client, repository, *number)?;
    let own = comments.iter().find(|comment| comment.viewer_did_author && comment.body.starts_with(MARK));
    let is_short = report.verdict() == Verdict::Clean && report.findings().iter().all(|triaged| !triaged.is_new);
    let body = body(report, is_short);
    match own {
        None if is_short => Ok(()),
        None => comments::create(client, repository, *number, &body),
        // GitHub may have removed trailing white space.
        Some(own) if own.body.trim_end() == body.trim_end() => Ok(()),
        Some(own) => comments::update(client, repository, *number, own, &body),
    }
}

fn body(report: &Report, is_short: bool) -> String {
    if is_short {
        return format!("{MARK}\nkepgate: {}\n", headline(report));
    }
    format!("{MARK}\n{}", render_within(report, MAX_BYTES - MARK.len() - 1))
}
