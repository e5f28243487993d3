//! kepgate checks Kubernetes enhancement proposals (KEPs) and their production readiness reviews.
//!
//! The binary is the product. The library exists for the binary, the tests, the fuzz targets and the benchmarks; its
//! interface is not stable.
//!
//! # Modules
//!
//! Modules are layered. A module uses only modules in rows below its own; `tests/architecture.rs` enforces this.
//!
//! | modules | content |
//! |---|---|
//! | `commands` | one file for each subcommand |
//! | [`session`] | what commands need from their surroundings: environment, clock, plan of a check, output |
//! | `cli` | arguments |
//! | [`site`] | the pages of a static site |
//! | `readiness`, `review`, `status`, `query`, `authoring` | reports on releases, one KEP, lists of KEPs, and edits of KEPs |
//! | `publish` | comments, check runs and suggestions on pull requests |
//! | [`report`] | formats of a check's result: text, annotations, Markdown, JSON, SARIF, JUnit |
//! | [`check`] | runs the rules on a change, and decides which findings are new |
//! | [`rules`] | one file for each rule |
//! | [`config`] | `.github/kepgate.yaml` |
//! | [`change`] | the KEPs that a change touches, before and after, and the policy that applies to them |
//! | [`history`] | how each KEP changed over time, from the commits on a branch |
//! | [`tracking`] | tracking issues, reviews and open pull requests |
//! | [`project`] | where a project keeps its KEPs |
//! | [`questionnaire`] | the production readiness questionnaire in READMEs and their template |
//! | [`kubernetes`] | the feature gates and metrics of a Kubernetes release |
//! | [`release`] | calendar, freezes and exceptions of Kubernetes releases |
//! | [`kep`] | `kep.yaml`, production readiness files and `OWNERS_ALIASES`, typed, with the span of each field |
//! | [`finding`] | a finding of a rule, and its fix |
//! | [`rule`] | the metadata of a rule |
//! | [`event`] | what GitHub Actions or Prow asks to compare |
//! | [`source`] | trees of files in git, in a directory, in memory or on GitHub, and the paths that differ |
//! | [`github`] | client for GitHub's API |
//! | [`syntax`] | YAML with spans, Markdown, tables of contents |
//! | [`text`] | files, positions and paths |
//! | [`escape`] | escaping of untrusted text, one function for each output format |
//! | [`error`], `exit`, `threads` | errors, exit statuses, and work on several processors |

pub(crate) mod authoring;
pub mod change;
pub mod check;
pub(crate) mod cli;
pub(crate) mod commands;
pub mod config;
pub mod error;
pub mod escape;
pub mod event;
pub(crate) mod exit;
pub(crate) mod export;
pub mod finding;
pub mod github;
pub mod history;
pub mod kep;
pub mod kubernetes;
pub mod project;
pub(crate) mod publish;
pub(crate) mod query;
pub mod questionnaire;
pub(crate) mod readiness;
pub mod release;
pub mod report;
pub(crate) mod review;
pub mod rule;
pub mod rules;
pub mod session;
pub mod site;
pub mod source;
pub(crate) mod status;
pub mod syntax;
pub mod text;
pub(crate) mod threads;
pub mod tracking;

pub use cli::{Cli, Spelling, add_tip};
pub use commands::run;
pub use exit::ExitStatus;
