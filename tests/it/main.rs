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

mod action;
mod author;
mod calendar;
mod case_files;
mod cases;
mod cli;
mod corpus;
mod defects;
mod docs;
mod expectation;
mod fake;
mod fixes;
mod fixtures;
mod github;
mod github_faults;
mod github_replies;
mod github_ways;
mod hostile;
mod hostile_readmes;
mod hub;
mod listing;
mod noise;
mod promotions;
mod pulls;
mod query;
mod readiness;
mod readmes;
mod replay;
mod repositories;
mod sandbox;
mod served;
mod support;
mod tocs;
mod verdicts;
mod whole_tree;
