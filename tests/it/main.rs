//! Tests of the program as users run it, in one binary.

#![allow(missing_docs, reason = "tests read as examples")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and one that is skipped says so"
)]

// `xtask` includes `support/case_files.rs`, which expects this name.
use kepgate::rules::case;

mod authoring;
mod check;
mod commands;
mod corpus;
mod github;
mod projects;
mod site;
mod support;
