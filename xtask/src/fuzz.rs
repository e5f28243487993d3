//! Builds the fuzz targets and runs one of them on random inputs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

/// The targets, and the number of inputs, including seeds, that `cargo xtask check` tries: about ten seconds on one
/// core.
pub(crate) const TARGETS: &[(&str, u32)] = &[
    ("check", 300),
    ("configuration", 20_000),
    ("documents", 20_000),
    ("escape", 80_000),
    ("event", 5_000),
    ("fix", 2_000),
    ("graphql", 100_000),
    ("markdown", 20_000),
    ("readme", 20_000),
    ("site", 500),
    ("tree", 100_000),
    ("yaml", 30_000),
];

#[derive(Args)]
pub(crate) struct Options {
    /// The fuzz target: the name of a file in `fuzz/fuzz_targets`, without its extension
    target: String,
    /// How long to search for failures
    #[arg(long, default_value_t = 10)]
    minutes: u32,
}

/// Runs a target on random inputs. New inputs are kept in `fuzz/corpus`, failures in `fuzz/artifacts`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    let name = &options.target;
    if !names.contains(&name.as_str()) {
        bail!("there is no fuzz target `{name}`: the targets are {}", names.join(", "));
    }
    let root = crate::root()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |it| root.join(it));
    let status = build(&root, &target).status().context("could not start cargo")?;
    ensure!(status.success(), "the build ended with {status}");
    let mut command = program(&root, &target, name, &root.join("fuzz/corpus").join(name))?;
    // Leaks are not detected: without unsafe code they could only be in the C library.
    let status = command.arg(format!("-max_total_time={}", options.minutes * 60)).status();
    let status = status.with_context(|| format!("could not start the fuzz target `{name}`"))?;
    ensure!(status.success(), "the fuzz target `{name}` ended with {status}");
    Ok(())
}

/// The command that builds every target. Only kepgate is instrumented, so the dependencies are those of the tests.
pub(crate) fn build(root: &Path, target: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root).args(["build", "--locked", "--package", "kepgate-fuzz", "--bins"]);
    // With instrumentation, more optimization takes longer than it saves.
    command.args(["--config", "profile.dev.package.kepgate.opt-level=1"]);
    command.env("CARGO_TARGET_DIR", target).env("RUSTC_WORKSPACE_WRAPPER", root.join("fuzz/rustc-with-coverage"));
    command
}

/// The command that runs a built target on its seeds and then on inputs derived from them, and keeps new inputs in
/// `corpus`.
pub(crate) fn program(root: &Path, target: &Path, name: &str, corpus: &Path) -> Result<Command> {
    let artifacts = root.join("fuzz/artifacts").join(name);
    for folder in [corpus, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    }
    let mut command = Command::new(target.join("debug").join(name));
    command.current_dir(root).args(["-dict=fuzz/kep.dict", "-max_len=4096", "-timeout=20", "-rss_limit_mb=1024"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(corpus).arg(seeds(root, name));
    Ok(command)
}

fn seeds(root: &Path, name: &str) -> PathBuf {
    root.join("fuzz/seeds").join(name)
}
