//! The container image.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::check::Outcome;
use crate::check::context::Context;
use crate::check::job::{Job, program};

/// The tag that the image gets.
const TAG: &str = "kepgate:local";
/// The job image in which act runs a workflow's steps.
const RUNNER: &str = "kepgate-act-runner:local";

pub(super) fn build(job: &mut Job<'_>) -> Result<Outcome> {
    // act and older engines have only the classic builder.
    job.run(docker(job.context).env("DOCKER_BUILDKIT", "0").args(["build", "--tag", TAG, "."]))?;
    Ok(Outcome::Passed)
}

pub(super) fn container(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let text = job.output(program("python3", &context.root).arg(context.judge("container.py")).arg(TAG))?;
    text.lines().for_each(|line| job.highlight(line));
    Ok(Outcome::Passed)
}

pub(super) fn act(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    if !job.status(docker(context).args(["image", "inspect", RUNNER]))?.success() {
        return Ok(Outcome::NotRun(format!("the image {RUNNER} is missing")));
    }
    let mut command = program("python3", &context.root);
    command.arg(context.judge("act.py")).arg(context.python_tool("act")).arg(TAG);
    job.report_last_line(&mut command)?;
    Ok(Outcome::Passed)
}

/// Docker's command line. Where two are installed, the system's own is the complete one.
pub(super) fn docker(context: &Context) -> Command {
    let system = Path::new("/usr/bin/docker");
    program(if system.is_file() { system } else { Path::new("docker") }, &context.root)
}
