//! Helpers for tests: repositories, a fake GitHub, and kepgate in a clean environment.

pub(crate) mod bounds;
pub(crate) mod case_files;
pub(crate) mod cases;
pub(crate) mod corpus;
pub(crate) mod expectation;
pub(crate) mod fake_github;
pub(crate) mod fixture_pr;
pub(crate) mod payloads;
pub(crate) mod project_shape;
pub(crate) mod pull_request;
pub(crate) mod reports;
pub(crate) mod sample_kep;
pub(crate) mod server;
pub(crate) mod test_repo;
pub(crate) mod workflow_commands;

use std::path::Path;
use std::process::{Command, Output};

pub(crate) use bounds::{Run, within_bounds, within_bounds_of_a_tree};
pub(crate) use fake_github::{FakeGitHub, Pull, REPOSITORY, State, TOKEN, USER};
pub(crate) use fixture_pr::FixturePr;
pub(crate) use payloads::PAYLOADS;
pub(crate) use reports::{all_found, check_junit, check_log, check_sarif, check_summary, check_text, new_errors};
pub(crate) use sample_kep::{ALIASES, DIR, FIELDS, KEP, PRR_FILE, SAMPLE_PRR, kep_with, scalar};
pub(crate) use server::{Reply, Request, Server};
pub(crate) use test_repo::{TestRepo, git, git_at};
pub(crate) use workflow_commands::{Annotation, commands};

/// The current time in tests: v1.34 is released, and v1.35 is not frozen yet.
pub(crate) const NOW: &str = "2025-09-20T12:00Z";

/// kepgate in `folder`, with a clean environment and a fixed time.
pub(crate) fn kepgate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kepgate"));
    command
        .current_dir(folder)
        .env_clear()
        .env("KEPGATE_NOW", NOW)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs a command and returns its exit status, standard output and standard error.
pub(crate) fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let code = status.code().expect("kepgate is not killed by a signal");
    (code, String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
