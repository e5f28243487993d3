//! The container image.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::check::Outcome;
use crate::check::context::Context;
use crate::check::job::{Job, program};

/// The tag of the image.
const TAG: &str = "kepgate:local";
/// The image in which act runs the steps of a workflow.
const RUNNER: &str = "kepgate-act-runner:local";

pub(super) fn build(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    // The same archive that act makes: Docker compares names and owners before it uses its cache.
    let (list, archive) = (context.scratch().join("image-files"), context.scratch().join("image.tar"));
    fs::write(&list, job.output(program("git", &context.root).args(["ls-files", "-z"]))?)
        .context("could not list the files")?;
    let mut tar = program("tar", &context.root);
    tar.args(["--create", "--owner=root", "--group=root", "--null", "--files-from"]).arg(&list);
    job.run(tar.arg("--file").arg(&archive))?;
    // act and older engines only have the classic builder.
    let mut build = docker(context);
    build.env("DOCKER_BUILDKIT", "0").args(["build", "--tag", TAG, "-"]);
    job.run_on(&mut build, &archive)?;
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

/// Docker's command line. If two are installed, the system's own is the complete one.
pub(super) fn docker(context: &Context) -> Command {
    let system = Path::new("/usr/bin/docker");
    program(if system.is_file() { system } else { Path::new("docker") }, &context.root)
}
