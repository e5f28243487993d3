//! Checks by Cargo and rustfmt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::check::Outcome;
use crate::check::job::{Job, program};
use crate::new_rule;

pub(super) fn fmt(job: &mut Job<'_>) -> Result<Outcome> {
    let root = &job.context.root;
    job.run(program("cargo", root).args(["fmt", "--all", "--check"]))?;
    // A macro declares the modules of the rules, so `cargo fmt` does not find them.
    job.run(
        program("rustfmt", root).args(["--check", "--edition", "2024"]).args(rust_files(&root.join("src/rules"))?),
    )?;
    Ok(Outcome::Passed)
}

pub(super) fn clippy(job: &mut Job<'_>) -> Result<Outcome> {
    let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    job.run(cargo(job).args(arguments))?;
    Ok(Outcome::Passed)
}

pub(super) fn docs(job: &mut Job<'_>) -> Result<Outcome> {
    job.run(cargo(job).args(["doc", "--locked", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::Passed)
}

pub(super) fn xtask(job: &mut Job<'_>) -> Result<Outcome> {
    let result = job.run_tests(cargo(job).args(["test", "--locked", "--package", "xtask"]));
    let log = job.log_text()?;
    log.lines().filter(|line| line.starts_with("test result: ")).for_each(|line| job.highlight(line));
    result.map(|()| Outcome::Passed)
}

/// Scaffolds a rule in a second clone, which must then build and be formatted.
pub(super) fn scaffold(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let copy = context.scratch().join("scaffold");
    job.run(program("git", context.scratch()).args(["clone", "--quiet", "clone", "scaffold"]))?;
    let module = new_rule::create(&copy, "example-rule")?;
    job.run(cargo(job).current_dir(&copy).args(["check", "--locked", "--package", "kepgate"]))?;
    job.run(program("rustfmt", &copy).args(["--check", "--edition", "2024"]).arg(module))?;
    Ok(Outcome::Passed)
}

/// Packages the crate and checks that the package builds.
pub(super) fn package(job: &mut Job<'_>) -> Result<Outcome> {
    let target = &job.context.target;
    let arguments = ["package", "--locked", "--package", "kepgate", "--allow-dirty", "--no-verify"];
    let packed = target.join("package");
    if packed.is_dir() {
        fs::remove_dir_all(&packed).context("could not delete old packages")?;
    }
    job.run(cargo(job).args(arguments))?;
    let archives = files(&packed, "crate")?;
    ensure!(archives.len() == 1, "cargo package made {} archives instead of one", archives.len());
    let folder = job.context.scratch().join("package");
    fs::create_dir(&folder).context("could not create a folder")?;
    job.run(program("tar", &folder).args(["-xzf"]).args(&archives).arg("--strip-components=1"))?;
    job.run(cargo(job).current_dir(&folder).args(["check", "--locked"]))?;
    Ok(Outcome::Passed)
}

fn cargo(job: &Job<'_>) -> Command {
    let mut command = program("cargo", &job.context.root);
    command.env("CARGO_TARGET_DIR", &job.context.target);
    command
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    files(folder, "rs")
}

/// The files in a folder with this extension.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    let paths: std::io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.with_context(|| format!("could not list {}", folder.display()))?;
    paths.retain(|path| path.extension().is_some_and(|it| it == extension));
    paths.sort();
    Ok(paths)
}
