//! The arguments of `kepgate review`.

#![allow(clippy::doc_markdown, reason = "these comments are help texts, which are not Markdown")]

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::Moment;
use super::output::{OutputArgument, parser};
use crate::github::Repository;
use crate::kep::Stage;

const GITHUB: &str = "GitHub";
const EXIT: &str = "Exit status:
  0  the versions were compared, whether or not they differ
  2  invalid arguments or configuration, or nobody has approved the KEP yet
  3  something could not be read, such as the history of a shallow clone";

/// Arguments of `kepgate review`.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub(crate) struct ReviewArguments {
    /// The KEP: its number, its directory or a file in its directory
    #[arg(value_name = "KEP")]
    pub(crate) kep: String,

    /// Version to compare with: the commit that recorded the approver of the current stage (`stage`) or of another one
    /// (such as `alpha`), a commit, or the last commit up to a time, such as 2025-10-17 [default: stage]
    #[arg(long, value_name = "STAGE|REV|DATE", conflicts_with = "pull_request")]
    pub(crate) since: Option<Since>,

    /// Format, to standard output or to a file. Can be repeated [default: text]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", value_parser = parser::<ReviewFormat>())]
    pub(crate) output: Vec<OutputArgument<ReviewFormat>>,

    /// Directory that contains `keps`
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH", conflicts_with = "pull_request")]
    pub(crate) repo_path: Option<PathBuf>,

    /// Commit to read instead of the work tree
    #[arg(long, value_name = "REV", conflicts_with = "pull_request")]
    pub(crate) head: Option<String>,

    /// GitHub pull request to compare with its target branch. It is read over the API, so no checkout is needed
    #[arg(long, value_name = "NUMBER", help_heading = GITHUB)]
    pub(crate) pull_request: Option<u64>,

    /// Repository of the pull request [default: the repository of the workflow in GitHub Actions]
    #[arg(long, value_name = "OWNER/NAME", requires = "pull_request", help_heading = GITHUB)]
    pub(crate) repository: Option<Repository>,

    /// File with a GitHub token [default: the value of `GITHUB_TOKEN` or `GH_TOKEN`]
    #[arg(long, visible_alias = "gh-token-path", value_name = "FILE", requires = "pull_request", help_heading = GITHUB)]
    pub(crate) token_file: Option<PathBuf>,
}

/// `--since`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Since {
    /// The commit that recorded the approver of a stage; `None` is the current one.
    Stage(Option<Stage>),
    /// The last commit up to a time.
    Time(Moment),
    /// A commit.
    Revision(String),
}

impl FromStr for Since {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse() {
            _ if text == "stage" => Self::Stage(None),
            _ if Stage::parse(text).is_some() => Self::Stage(Stage::parse(text)),
            Ok(moment) => Self::Time(moment),
            Err(_) => Self::Revision(text.to_owned()),
        })
    }
}

/// The formats of `kepgate review`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReviewFormat {
    /// Text for a terminal
    Text,
    /// Markdown for a comment or a job summary
    Markdown,
    /// JSON for other programs
    Json,
}
