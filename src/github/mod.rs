//! GitHub's API: the only module that knows GitHub's addresses and wire format.
//!
//! [`Client`] sends requests. It limits their time and size, retries reads but never writes, and sends the token only
//! to the configured API addresses. The `api` module has one typed function for each request that kepgate makes.
//! Callers block until the answer arrives; async code stays inside this module.
//!
//! Answers are untrusted input, like everything else from outside.

pub(crate) mod api;
mod client;
mod object_id;
mod repository;

pub use client::{AllowedError, AnswerFault, ApiError, Cause, Client, GraphqlQuery, List, Settings, Token, query_data};
pub(crate) use object_id::ObjectId;
pub use repository::Repository;
