//! kepgate: the gate that Kubernetes enhancement proposals (KEPs) pass through.
//!
//! # The house
//!
//! A way in at one end, a way out at the other, and everything between flows one way:
//!
//! | room | what lives there |
//! |---|---|
//! | [`cli`], [`command`] | arguments, and one straight story for each subcommand |
//! | [`event`] | where a run was started, and what that says is to be compared |
//! | [`source`] | where the bytes come from: two trees, and what differs between them |
//! | [`github`] | GitHub's API: the only room with anything async in it |
//! | [`text`] | files with a line index, spans, the YAML tree |
//! | [`model`] | `kep.yaml`, production-readiness files, `OWNERS_ALIASES`, typed, every field with its span |
//! | [`change`] | what the change touches: KEPs paired across base and head, and the policy that holds |
//! | [`rules`] | pure functions from a context to findings, one file each |
//! | [`query`] | finding KEPs in a tree, and counting them |
//! | [`author`] | what an author would write by hand: a promotion, a new KEP |
//! | [`triage`] | new or pre-existing, and in which order |
//! | [`readiness`] | how far the KEPs of a release are, and whose metadata lags |
//! | [`report`] | text, workflow commands, job summary, JSON; and the functions for each way out |
//! | [`reply`] | ways back to the pull request: a comment, a check run, suggestions |
//! | [`exit`], [`error`] | how it ends, and whose fault it is |
//!
//! [`check`] is the main job, from a change to a report.

pub mod authoring;
pub mod change;
pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
pub mod error;
pub mod escape;
pub mod event;
pub mod exit;
pub mod finding;
pub mod github;
pub mod kep;
pub mod project;
pub mod publish;
pub mod query;
pub mod questionnaire;
pub mod readiness;
pub mod release;
pub mod report;
pub mod rule;
pub mod rules;
pub mod session;
pub mod source;
pub mod syntax;
pub mod text;
pub mod tracking;
