//! `kepgate completions` and `kepgate man`: shell completions and manual pages.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

/// Writes the completions of `shell`.
pub(super) fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    // Generated in memory first, because the generator panics if it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kepgate", &mut script);
    out.write_all(&script)
}

/// Writes the manual page of kepgate itself, or to a folder one for it and one for each subcommand.
pub(super) fn manual(folder: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
    let command = Cli::command().disable_help_subcommand(true);
    let Some(folder) = folder else { return Man::new(command).render(out) };
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)
}
