//! The README's two commands, run in a clean clone.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::check::Outcome;
use crate::check::context::Context;
use crate::check::job::{Job, program};

pub(super) fn clone(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let clone = context.clone();
    job.run(program("git", &context.root).args(["clone", "--quiet", "."]).arg(&clone))?;
    if context.shared().is_dir() {
        symlink(context.shared(), context.scratch().join("shared")).context("could not link the shared files")?;
    }
    Ok(Outcome::Passed)
}

pub(super) fn demo(job: &mut Job<'_>) -> Result<Outcome> {
    let start = Instant::now();
    let (status, text) = job.capture(&mut readme_command(job.context, "cargo run ")?)?;
    let seconds = start.elapsed().as_secs();
    ensure!(status.code() == Some(1), "the demo ended with {status} instead of exit status 1");
    ensure!(text.contains("error[status-invalid]"), "the demo does not report `status-invalid`");
    if let Some(line) = text.lines().find(|line| line.starts_with("kepgate: ")) {
        job.highlight(line);
    }
    job.highlight(format!("from the clone to the first finding: 1 command, {seconds} s with the build"));
    Ok(Outcome::Passed)
}

pub(super) fn tests(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let mut command = readme_command(context, "cargo test ")?;
    // The step `api` compares these requests with GitHub's description.
    command.env("KEPGATE_REQUESTS", context.requests());
    context.use_memory(&mut command);
    let has_corpus = context.shared().join("corpus").is_dir();
    if has_corpus {
        command.env("KEPGATE_REQUIRE_CORPUS", "1").args(["--", "--include-ignored"]);
    }
    let result = job.run_tests(&mut command);
    let log = job.log_text()?;
    log.lines().filter(|line| line.starts_with("test result: ")).for_each(|line| job.highlight(line));
    result?;
    if !has_corpus {
        job.highlight("not run: tests on real data: ../shared/corpus is missing");
    }
    Ok(Outcome::Passed)
}

/// The first command in the README that starts with these words.
fn readme_command(context: &Context, start: &str) -> Result<Command> {
    let clone = context.clone();
    let text = fs::read_to_string(clone.join("README.md")).context("could not read README.md")?;
    let line = text.lines().filter_map(|line| line.strip_prefix("$ ")).find(|line| line.starts_with(start));
    let line = line.with_context(|| format!("README.md has no line `$ {start}…`"))?;
    let mut words = line.split_whitespace();
    let mut command = program(words.next().unwrap_or_default(), &clone);
    command.args(words).env("CARGO_TARGET_DIR", &context.target);
    Ok(command)
}
