//! The subcommands, one file each.

mod action;
mod check;
mod commits;
mod compare;
mod explain;
mod fix;
mod output;
mod rules;
mod toc;

pub use action::{Action, INPUTS, OUTPUTS};

use std::io::Write;
use std::path::PathBuf;

use crate::cli::{Cli, Command};
use crate::event::Started;
use crate::exit::ExitStatus;
use crate::report::Web;

/// What a command may know of the process it runs in.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The current folder.
    pub folder: PathBuf,
    /// Whether standard output is a terminal that shows colours.
    pub shows_color: bool,
    /// Where the run was started.
    pub started: Started,
    /// Where the job summary goes (`GITHUB_STEP_SUMMARY`).
    pub step_summary: Option<PathBuf>,
    /// Where Prow takes files from (`ARTIFACTS`).
    pub artifacts: Option<PathBuf>,
    /// What the action is told (`INPUT_*`) and where it answers.
    pub action: Action,
    /// Where the repository is (`GITHUB_SERVER_URL`, `GITHUB_REPOSITORY`).
    pub web: Option<Web>,
}

impl Environment {
    /// Reads it from the process: `variable` gives an environment variable that is set and UTF-8.
    #[must_use]
    pub fn read(folder: PathBuf, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let web = set("GITHUB_REPOSITORY").map(|repository| Web {
            server: set("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned()),
            repository,
        });
        let is_dumb = set("NO_COLOR").is_some() || set("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            folder,
            shows_color: is_terminal && !is_dumb,
            started: Started::read(set),
            step_summary: set("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            artifacts: set("ARTIFACTS").map(PathBuf::from),
            action: Action::read(set),
            web,
        }
    }
}

/// Runs the command and writes to `out`, and to `log` what is no report.
pub fn run(cli: Cli, environment: &Environment, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    match cli.command {
        Command::Action => action::run(environment, out, log),
        Command::Check(arguments) => check::run(&arguments, environment, out, log),
        Command::Rules { write_docs: Some(folder), .. } => written(rules::write_docs(&folder), log),
        Command::Rules { json, .. } => written(rules::run(json, out), log),
        Command::Toc(arguments) => toc::run(&arguments, environment, out, log),
        Command::Explain { rule } => explain::run(&rule, out, log),
    }
}

/// A reader that went away (`kepgate rules | head`) is no fault; a disk that is full is.
fn written(result: std::io::Result<()>, log: &mut dyn Write) -> ExitStatus {
    match result {
        Ok(()) => ExitStatus::Clean,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitStatus::Clean,
        Err(error) => {
            // Where not even the log can be written, the exit status has to do.
            let _ = writeln!(log, "kepgate: could not write: {error}");
            ExitStatus::Unchecked
        }
    }
}
