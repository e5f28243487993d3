//! The process that a command runs in.

use std::path::PathBuf;

use super::Action;
use crate::event::Started;
use crate::github;
use crate::project::Web;

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
