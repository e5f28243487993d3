//! Feedback on the pull request: a comment, a check run, suggestions. All of them are off by default, and none affects
//! the result: if the token lacks a permission, the run only prints a notice.

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
