//! Tools that other steps need. Tools that are already installed are kept.

use std::fs;

use anyhow::{Context as _, Result};

use crate::check::Outcome;
use crate::check::job::{Job, is_installed, program};

pub(super) fn python(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    if !is_installed("python3") {
        return Ok(Outcome::NotRun("python3 is not installed".to_owned()));
    }
    job.run(program("python3", &context.root).args(["-m", "venv"]).arg(context.kept.join("venv")))?;
    let arguments = ["install", "--quiet", "--disable-pip-version-check", "--requirement"];
    job.run(program(context.python_tool("pip"), &context.root).args(arguments).arg(context.judge("requirements.txt")))?;
    Ok(Outcome::Passed)
}

pub(super) fn node(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    if !is_installed("npm") && !apt_install(job, &["nodejs", "npm"])? {
        return Ok(Outcome::NotRun("npm is not installed".to_owned()));
    }
    fs::copy(context.judge("package.json"), context.kept.join("package.json"))
        .context("could not copy package.json")?;
    job.run(program("npm", &context.kept).args(["install", "--silent", "--no-audit", "--no-fund"]))?;
    Ok(Outcome::Passed)
}

pub(super) fn docker(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let script = context.shared().join("tools/base-images.sh");
    if script.is_file() {
        job.run(&mut program(script, &context.root))?;
        return Ok(Outcome::Passed);
    }
    if job.status(super::image::docker(context).arg("info")).is_ok_and(|status| status.success()) {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::NotRun("no Docker engine answers".to_owned()))
}

/// Installs Chromium if necessary. Returns true if it is installed afterwards.
pub(super) fn has_chromium(job: &Job<'_>) -> bool {
    is_installed("chromium") || (apt_install(job, &["chromium"]).unwrap_or(false) && is_installed("chromium"))
}

/// Installs Debian packages. Returns false if the system has no `apt-get`.
fn apt_install(job: &Job<'_>, packages: &[&str]) -> Result<bool> {
    if !is_installed("apt-get") {
        return Ok(false);
    }
    let root = &job.context.root;
    job.run(program("apt-get", root).args(["-qq", "update"]))?;
    let install = ["-qq", "-y", "install"];
    job.run(program("apt-get", root).args(install).args(packages).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(true)
}
