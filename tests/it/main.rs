//! The program as its users see it: one binary of tests, a module for each way in.

#![allow(missing_docs, reason = "tests read as examples")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and one that is skipped says so"
)]

// Shared with the maintainers' tasks, which find it under the same name.
use kepgate::rules::case;

mod authoring;
mod check;
mod commands;
mod corpus;
mod github;
mod support;
