//! Maintainers' tasks: `cargo xtask <task>`.

#![allow(clippy::print_stdout, reason = "a task says what it did")]

mod bless;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "shared with kepgate, which uses all of it")]
#[path = "../../src/rules/case.rs"]
mod case;
#[path = "../../tests/it/case_files.rs"]
mod case_files;
mod fixtures;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Maintainers' tasks for kepgate")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Rewrite the expectations of fixtures, snapshots and tables from what kepgate says now
    Bless,
    /// Write every fixture to a folder, with `base`, `head` and `expected.json` for each case
    Fixtures {
        /// The folder, which is created
        dir: PathBuf,
    },
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Bless => bless::run(),
        Task::Fixtures { dir } => fixtures::run(&dir),
    }
}
