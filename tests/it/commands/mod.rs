//! The command line and the other subcommands.

mod calendar;
pub(crate) mod cli;
mod docs;
mod examples;
mod export;
mod generated;
mod incomplete;
mod listing;
mod lists;
mod options;
mod packets;
mod plan;
mod query;
pub(crate) mod query_pull_requests;
mod readiness;
mod readiness_and_freezes;
mod readiness_of_releases;
mod readiness_remarks;
mod review;
mod review_gaps;
mod review_pages;
mod shadows;
mod status;
mod sweep;
mod toc;
