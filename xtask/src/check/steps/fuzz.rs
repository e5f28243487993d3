//! Fuzzing with a result that does not depend on how fast the machine is.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result, ensure};

use crate::check::Outcome;
use crate::check::context::Context;
use crate::check::job::{Job, program};

/// What `cargo fuzz` passes to the compiler, so that no nightly toolchain and no `cargo-fuzz` has to be installed.
const FLAGS: &str = "--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Each target's number of inputs, seeds included: as many as one core tries in about ten seconds.
const TARGETS: &[(&str, u32)] = &[
    ("check", 300),
    ("configuration", 4_000),
    ("documents", 5_000),
    ("escape", 40_000),
    ("fix", 700),
    ("markdown", 10_000),
    ("readme", 5_000),
    ("yaml", 8_000),
];
/// The targets that run side by side.
const WORKERS: usize = 2;

pub(super) fn build(job: &mut Job<'_>) -> Result<Outcome> {
    let mut command = program("cargo", &job.context.root.join("fuzz"));
    command.args(["build", "--locked", "--release", "--target", &host(job)?]);
    command.env("CARGO_TARGET_DIR", target_folder(job.context)).env("RUSTFLAGS", FLAGS).env("RUSTC_BOOTSTRAP", "1");
    job.run(&mut command)?;
    Ok(Outcome::Passed)
}

pub(super) fn run(job: &mut Job<'_>) -> Result<Outcome> {
    let sources =
        fs::read_dir(job.context.root.join("fuzz/fuzz_targets")).context("could not list the fuzz targets")?;
    ensure!(sources.count() == TARGETS.len(), "xtask/src/check/steps/fuzz.rs does not list every fuzz target");
    let programs = target_folder(job.context).join(host(job)?).join("release");
    let queue = Mutex::new(TARGETS.iter());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((name, runs)) = queue.lock().ok().and_then(|mut queue| queue.next()) {
                    let result = fuzz(job, &mut program(programs.join(name), &job.context.root), name, *runs);
                    if let Ok(mut results) = results.lock() {
                        results.push(result.with_context(|| format!("fuzz target `{name}`")));
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_default();
    ensure!(results.len() == TARGETS.len(), "only {} fuzz targets ran", results.len());
    let lines: Vec<String> = results.into_iter().collect::<Result<_>>()?;
    job.highlight(format!("fuzz: {}", lines.join(", ")));
    Ok(Outcome::Passed)
}

/// Runs a target on its seeds, then on inputs made from them, until it has tried `runs`.
fn fuzz(job: &Job<'_>, program: &mut Command, name: &str, runs: u32) -> Result<String> {
    let context = job.context;
    let corpus = context.scratch().join("fuzz").join(name);
    fs::create_dir_all(&corpus).context("could not create a folder")?;
    let artifacts = context.root.join("fuzz/artifacts").join(name);
    fs::create_dir_all(&artifacts).context("could not create a folder")?;
    program.args(["-seed=1", "-dict=fuzz/kep.dict", "-max_len=4096", "-timeout=20", "-rss_limit_mb=1024"]);
    program.arg(format!("-runs={runs}")).arg(format!("-artifact_prefix={}/", artifacts.display()));
    let seeds = context.root.join("fuzz/seeds").join(name);
    job.run(program.arg(corpus).arg(&seeds))?;
    Ok(format!("{name} {runs} runs"))
}

fn target_folder(context: &Context) -> PathBuf {
    context.root.join("fuzz/target")
}

/// The machine's own target triple. It is named so that the sanitizer does not apply to build scripts.
fn host(job: &Job<'_>) -> Result<String> {
    let text = job.output(program("rustc", &job.context.root).arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}
