//! Regenerates the documentation that comes from the code. Tests fail while it is out of date.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Commands of kepgate that write documentation.
const WRITERS: &[&[&str]] = &[&["rules", "--write-docs", "docs/rules"]];

pub(crate) fn run() -> Result<()> {
    let root = crate::root()?;
    for arguments in WRITERS {
        let mut command = Command::new("cargo");
        command.current_dir(&root).args(["run", "--quiet", "--locked", "--package", "kepgate", "--"]).args(*arguments);
        let status = command.status().context("could not start cargo")?;
        ensure!(status.success(), "`kepgate {}` ended with {status}", arguments.join(" "));
    }
    Ok(())
}
