//! `kepgate completions` and `kepgate man`: shell completions and manual pages.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::exit::ExitStatus;

/// The completions of `shell`.
pub(super) fn completions(shell: Shell) -> anyhow::Result<String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kepgate", &mut script);
    Ok(String::from_utf8(script)?)
}

/// The manual page of kepgate itself.
pub(super) fn manual() -> anyhow::Result<String> {
    let mut page = Vec::new();
    Man::new(command()).render(&mut page)?;
    Ok(String::from_utf8(page)?)
}

/// Writes the manual pages of kepgate and of each subcommand to `folder`.
pub(super) fn write_manual(folder: &Path) -> anyhow::Result<ExitStatus> {
    let write = || {
        std::fs::create_dir_all(folder)?;
        clap_mangen::generate_to(command(), folder)
    };
    write().with_context(|| format!("could not write to {}", folder.display()))?;
    Ok(ExitStatus::Clean)
}

fn command() -> clap::Command {
    Cli::command().disable_help_subcommand(true)
}
