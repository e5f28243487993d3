//! Lists of pull requests, and of their files.

use serde::Deserialize;

use super::User;
use crate::github::{ApiError, Client, List, Repository};

/// The maximum number of files that GitHub lists for a pull request.
pub(crate) const MAX_FILES: usize = 3_000;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Pull {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) user: Option<User>,
    #[serde(default)]
    pub(crate) draft: bool,
}

/// A file that a pull request changes.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    /// The path at the head; for a removed file, the path that it had.
    pub(crate) filename: String,
    pub(crate) status: FileStatus,
    /// The path that a renamed or copied file had.
    pub(crate) previous_filename: Option<String>,
    /// The blob at the head.
    pub(crate) sha: Option<String>,
    /// The hunks of a unified diff; absent for large and binary files.
    pub(crate) patch: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileStatus {
    Added,
    Removed,
    Modified,
    Renamed,
    Copied,
    Changed,
    Unchanged,
    #[serde(other)]
    Unknown,
}

/// Lists up to `limit` open pull requests.
pub(crate) fn list_open(client: &Client, repository: &Repository, limit: usize) -> Result<List<Pull>, ApiError> {
    client.get_list(&format!("the open pull requests of {repository}"), &repository.path("pulls?state=open"), limit)
}

/// Lists the files of a pull request, at most [`MAX_FILES`].
pub(crate) fn files(client: &Client, repository: &Repository, number: u64) -> Result<List<File>, ApiError> {
    client.get_list(&format!("the files of pull request {number}"), &files_path(repository, number), MAX_FILES)
}

/// Lists the files of several pull requests; `None` for those that do not exist.
pub(crate) fn files_of_each(
    client: &Client,
    repository: &Repository,
    numbers: impl Iterator<Item = u64>,
) -> Result<Vec<Option<List<File>>>, ApiError> {
    let paths: Vec<_> = numbers.map(|number| files_path(repository, number)).collect();
    client.get_lists("the files of pull requests", &paths, MAX_FILES)
}

fn files_path(repository: &Repository, number: u64) -> String {
    repository.path(&format!("pulls/{number}/files"))
}
