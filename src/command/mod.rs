//! The subcommands, one file each.

mod action;
mod calendar;
mod check;
mod clock;
mod commits;
mod compare;
mod explain;
mod fix;
mod new;
mod output;
mod promote;
mod pulls;
mod query;
mod readiness;
mod remote;
mod revise;
mod rules;
mod schema;
mod shadows;
mod shell;
mod toc;
mod whole;

pub use action::{Action, INPUTS, OUTPUTS};

use std::io::Write;
use std::path::PathBuf;

use crate::cli::{Cli, Command};
use crate::event::Started;
use crate::exit::ExitStatus;
use crate::github;
use crate::report::Web;

/// What a command may know of the process it runs in.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The current folder.
    pub folder: PathBuf,
    /// Whether standard output is a terminal that shows colours.
    pub shows_color: bool,
    /// Whether standard error is a terminal, on which a line can be written over.
    pub shows_progress: bool,
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
    /// How GitHub's API is reached.
    pub github: github::Settings,
    /// Where the KEPs are, for commands that read all of them (`ENHANCEMENTS_PATH`, which `kepctl` reads, too).
    pub enhancements: Option<PathBuf>,
    /// What time it is meant to be, as written (`KEPGATE_NOW`); `None` for the system's clock.
    pub now: Option<String>,
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
            shows_progress: false,
            started: Started::read(set),
            step_summary: set("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            artifacts: set("ARTIFACTS").map(PathBuf::from),
            action: Action::read(set),
            web,
            github: github::Settings::from_environment(set),
            enhancements: set("ENHANCEMENTS_PATH").map(PathBuf::from),
            now: set("KEPGATE_NOW"),
        }
    }
}

/// Runs the command and writes to `out`, and to `log` what is no report.
pub fn run(cli: Cli, environment: &Environment, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    match cli.command {
        Command::Action => action::run(environment, out, log),
        Command::Check(arguments) => check::run(&arguments, environment, out, log),
        Command::Query(arguments) => query::run(&arguments, environment, out, log),
        Command::Shadows(arguments) => shadows::run(&arguments, environment, out, log),
        Command::Readiness(arguments) => readiness::run(&arguments, environment, out, log),
        Command::Calendar(arguments) => calendar::run(&arguments, environment, out, log),
        Command::New(arguments) => new::run(&arguments, environment, out, log),
        Command::Promote(arguments) => promote::run(&arguments, environment, out, log),
        Command::Schema { document } => written(out.write_all(schema::page(document).as_bytes()), log),
        Command::Completions { shell } => written(shell::completions(shell, out), log),
        Command::Man { write } => written(shell::manual(write.as_deref(), out), log),
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
