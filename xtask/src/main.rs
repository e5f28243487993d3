//! Maintainers' tasks: `cargo xtask <task>`.

mod bless;

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
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Bless => bless::run(),
    }
}
