//! Projects that organize their KEPs differently from Kubernetes.

mod adoption;
mod advice;
mod areas;
mod authoring;
mod corpus;
mod detection;
mod habits;
mod pitfalls;
mod releases;
mod shapes;
mod single_files;
mod stages;
mod titles;

use crate::support::{Run, TestRepo, kepgate, within_bounds};

/// Runs kepgate at the root of `repo`.
fn says(repo: &TestRepo, arguments: &[&str]) -> Run {
    within_bounds(kepgate(repo.path()).args(arguments))
}
