//! Maintainers' tasks: `cargo xtask <task>`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people at a terminal and for logs")]

mod bench;
mod bless;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "shared with kepgate, which uses all of it")]
#[path = "../../src/rules/case.rs"]
mod case;
#[path = "../../tests/it/support/case_files.rs"]
mod case_files;
mod check;
mod docs;
mod fixtures;
mod fuzz;
mod new_rule;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Maintainers' tasks for kepgate")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure the program on generated trees of KEPs, side by side with git
    Bench(bench::Options),
    /// Rewrite the expectations of fixtures, snapshots and tables to match kepgate's output
    Bless,
    /// Run the project's own check, or some of its steps
    Check(check::Options),
    /// Regenerate the documentation that comes from the code
    Docs,
    /// Write every fixture to a folder, with `base`, `head` and `expected.json` for each case
    Fixtures {
        /// The folder, which is created
        dir: PathBuf,
    },
    /// Search for failures of a fuzz target with random inputs
    Fuzz(fuzz::Options),
    /// Add a rule: its module, its fixture and its page
    NewRule {
        /// What users see, in lower case with dashes
        id: String,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Bench(options) => bench::run(&options),
        Task::Bless => bless::run(),
        Task::Check(options) => check::run(&options),
        Task::Docs => docs::run(),
        Task::Fixtures { dir } => fixtures::run(&dir),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::NewRule { id } => new_rule::run(&id),
    }
}

/// The checkout that this program was built in.
fn root() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(folder.parent().context("xtask has no parent folder")?.to_owned())
}
