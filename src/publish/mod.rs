//! Feedback on the pull request: one comment, a check run, suggestions. All of it is off by default, and none of it
//! affects the result: if the token may not write, the run prints a notice.

pub mod check_run;
pub mod comment;
pub mod suggest;

use crate::github::{Client, Repository};

/// The pull request to write on.
pub struct Place<'a> {
    /// The client, which has a token.
    pub client: &'a Client,
    /// The repository of the pull request.
    pub repository: &'a Repository,
    /// The number of the pull request.
    pub number: u64,
    /// The commit that was checked.
    pub head: &'a str,
}
