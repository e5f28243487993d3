//! The paths of a commit.

use serde::Deserialize;

use crate::github::{ApiError, Client, ObjectId, Repository};

/// All paths of a commit.
#[derive(Debug, Deserialize)]
pub(crate) struct Tree {
    #[serde(rename = "tree")]
    pub(crate) entries: Vec<TreeEntry>,
    /// True if GitHub omitted entries because there are too many.
    pub(crate) truncated: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TreeEntry {
    pub(crate) path: String,
    mode: String,
    pub(crate) sha: String,
    /// In bytes; 0 for anything but a file.
    #[serde(default)]
    pub(crate) size: u64,
}

impl TreeEntry {
    /// The file mode; `None` if it is not an octal number.
    pub(crate) fn mode(&self) -> Option<u32> {
        u32::from_str_radix(&self.mode, 8).ok()
    }
}

/// Lists the paths of `commit`, including those in subfolders.
pub(crate) fn fetch(client: &Client, repository: &Repository, what: &str, commit: &ObjectId) -> Result<Tree, ApiError> {
    client.get(what, &repository.path(&format!("git/trees/{commit}?recursive=1")))
}
