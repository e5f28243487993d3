//! Feedback on the pull request: one comment, a check run, suggestions. All of it is off by default, and none of it
//! affects the result: if the token may not write, the run prints a notice.

pub(crate) mod check_run;
pub(crate) mod comment;
pub(crate) mod suggest;

use crate::github::{Client, Repository};

/// The pull request to write on.
pub(crate) struct Place<'a> {
    /// The client, which has a token.
    pub(crate) client: &'a Client,
    /// The repository of the pull request.
    pub(crate) repository: &'a Repository,
    /// The number of the pull request.
    pub(crate) number: u64,
    /// The commit that was checked.
    pub(crate) head: &'a str,
}
