//! Pull requests checked over the API of GitHub, with a fake GitHub.

mod client;
mod connection;
pub(crate) mod faults;
mod publish;
mod pull_request;
pub(crate) mod same_result;
mod simulation;
