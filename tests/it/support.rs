//! Running kepgate in a scrubbed environment, and reading what it says.

use std::path::Path;
use std::process::{Command, Output};

/// What time it is in tests: v1.34 is out, and v1.35 not frozen yet.
pub(crate) const NOW: &str = "2025-09-20T12:00Z";

/// kepgate in `folder`, with nothing of the caller's environment, and at a time of ours.
pub(crate) fn kepgate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kepgate"));
    command
        .current_dir(folder)
        .env_clear()
        .env("KEPGATE_NOW", NOW)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs it, and gives the exit status, standard output and standard error.
pub(crate) fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let code = status.code().expect("kepgate is not killed by a signal");
    (code, String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
