//! The requests that kepgate makes, one typed function for each. If both APIs can answer, the function tries GraphQL
//! first, because it takes fewer requests, and falls back to REST.
//!
//! Types here mirror GitHub's answers. The modules above convert them to what they need.

pub(crate) mod blame;
pub(crate) mod blobs;
pub(crate) mod checks;
pub(crate) mod comments;
pub(crate) mod commits;
pub(crate) mod files;
mod graphql;
pub(crate) mod issues;
pub(crate) mod pull_request;
pub(crate) mod pulls;
pub(crate) mod reviews;
pub(crate) mod search;
pub(crate) mod trees;
pub(crate) mod users;

use serde::{Deserialize, Deserializer};

/// An account. GitHub gives `null` instead when it has been deleted.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct User {
    /// The handle, without `@`.
    pub(crate) login: String,
}

/// Reads a field that is null if there is nothing. A missing field is an error, because it may hide something. (serde
/// reads a missing `Option` as `None` unless a function reads the field.)
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// An answer whose content is ignored.
#[derive(Debug, Deserialize)]
struct Ignored {}
