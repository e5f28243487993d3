//! The environment of the process, read once in `main`.

use std::path::PathBuf;

use super::Action;
use crate::cli::Spelling;
use crate::event::Runner;
use crate::github;
use crate::project::Web;

/// Everything that a command knows about the process it runs in.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The current folder.
    pub folder: PathBuf,
    /// True if standard output is a terminal that supports colors.
    pub shows_color: bool,
    /// The width of standard output in columns, if it is a terminal or `COLUMNS` is set.
    pub columns: Option<usize>,
    /// The options as the user typed them.
    pub spelling: Spelling,
    /// True if standard error is a terminal, where a progress line can be overwritten.
    pub shows_progress: bool,
    /// The system that started the run.
    pub runner: Runner,
    /// The file for the job summary (`GITHUB_STEP_SUMMARY`).
    pub step_summary: Option<PathBuf>,
    /// The folder whose files Prow uploads (`ARTIFACTS`).
    pub artifacts: Option<PathBuf>,
    /// The inputs and outputs of the GitHub action.
    pub action: Action,
    /// The address of the repository (`GITHUB_SERVER_URL`, `GITHUB_REPOSITORY`).
    pub web: Option<Web>,
    /// How to connect to GitHub's API.
    pub github: github::Settings,
    /// The repository with the KEPs (`ENHANCEMENTS_PATH`, which `kepctl` uses as well).
    pub enhancements: Option<PathBuf>,
    /// The time to use instead of the system's clock, not yet parsed (`KEPGATE_NOW`).
    pub now: Option<String>,
    /// The user's handle on GitHub, not yet parsed (`KEPGATE_HANDLE`).
    pub handle: Option<String>,
    /// The user's own git configuration files, which may not exist. Later ones take precedence.
    pub git_configurations: Vec<PathBuf>,
}

/// The width of tables if standard output is not a terminal and `COLUMNS` is not set.
const USUAL_WIDTH: usize = 120;

impl Environment {
    /// The width of tables, in columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.unwrap_or(USUAL_WIDTH)
    }

    /// Reads the environment. `variable` returns the value of a variable that is set and valid UTF-8.
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
            columns: set("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0),
            spelling: Spelling::default(),
            shows_progress: false,
            runner: Runner::detect(set),
            step_summary: set("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            artifacts: set("ARTIFACTS").map(PathBuf::from),
            action: Action::read(set),
            web,
            github: github::Settings::from_environment(set),
            enhancements: set("ENHANCEMENTS_PATH").map(PathBuf::from),
            now: set("KEPGATE_NOW"),
            handle: set("KEPGATE_HANDLE"),
            git_configurations: git_configurations(set),
        }
    }
}

/// The paths where git looks for the user's configuration.
fn git_configurations(set: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    if let Some(file) = set("GIT_CONFIG_GLOBAL") {
        return vec![PathBuf::from(file)];
    }
    let home = set("HOME").or_else(|| set("USERPROFILE")).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".config")));
    let files = [folder.map(|folder| folder.join("git/config")), home.map(|home| home.join(".gitconfig"))];
    files.into_iter().flatten().collect()
}
