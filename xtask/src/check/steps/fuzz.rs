//! Fuzzing with a fixed number of inputs, so that the result does not depend on the speed of the machine.

use std::fs;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result, ensure};

use crate::check::Outcome;
use crate::check::job::Job;
use crate::fuzz::{self, TARGETS};

/// The number of targets that run in parallel.
const WORKERS: usize = 2;

pub(super) fn build(job: &mut Job<'_>) -> Result<Outcome> {
    job.run(&mut fuzz::build(&job.context.root, &job.context.target))?;
    Ok(Outcome::Passed)
}

pub(super) fn run(job: &mut Job<'_>) -> Result<Outcome> {
    let sources =
        fs::read_dir(job.context.root.join("fuzz/fuzz_targets")).context("could not list the fuzz targets")?;
    ensure!(sources.count() == TARGETS.len(), "xtask/src/fuzz.rs does not list every fuzz target");
    let queue = Mutex::new(TARGETS.iter());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((name, runs)) = queue.lock().ok().and_then(|mut queue| queue.next()) {
                    let result = try_inputs(job, name, *runs);
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

/// Runs a target on its seeds and then on inputs derived from them, `runs` in total.
fn try_inputs(job: &Job<'_>, name: &str, runs: u32) -> Result<String> {
    let context = job.context;
    let corpus = context.scratch().join("fuzz").join(name);
    let mut command = fuzz::program(&context.root, &context.target, name, &corpus)?;
    context.use_memory(&mut command);
    job.run(command.args(["-seed=1".to_owned(), format!("-runs={runs}")]))?;
    Ok(format!("{name} {runs} runs"))
}
