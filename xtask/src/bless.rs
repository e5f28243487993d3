//! Rewrites expected output. Read every changed line before you commit it.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Runs the tests in the mode in which they write their output instead of comparing it.
pub(crate) fn run() -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--locked", "--package", "kepgate"])
        .env("KEPGATE_BLESS", "1")
        .env("INSTA_UPDATE", "always")
        .status()
        .context("could not start cargo")?;
    ensure!(status.success(), "some tests fail for another reason than their expectation");
    // The pages show cases that are compiled into the program, so it may have to be built again.
    crate::docs::run()
}
