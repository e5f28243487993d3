//! The command line: nothing but arguments.

mod author;
mod query;
mod release;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::github::Repository;

pub use author::{Document, NewArguments, Place, PromoteArguments};
pub use query::{By, ListFormat, PullsArguments, QueryArguments, ShadowsArguments};
pub use release::{
    CalendarArguments, CalendarCommand, CalendarFormat, ClockArguments, ExceptionsArgument, Moment, ReadinessArguments,
    ReadinessFormat,
};

/// The gate that Kubernetes enhancement proposals pass through.
#[derive(Debug, Parser)]
#[command(name = "kepgate", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a change: stage, milestone, production-readiness approver and everything they rest on
    Check(Box<CheckArguments>),
    /// Check a change as a step of GitHub Actions, with inputs and outputs as action.yml declares them
    Action,
    /// Find KEPs, and how much each production-readiness approver has to do
    Query(Box<QueryArguments>),
    /// List the shadow reviews of production readiness: what a would-be approver has to show
    Shadows(Box<ShadowsArguments>),
    /// See which KEPs of a release meet the criteria of its freezes, or whose metadata lags
    Readiness(Box<ReadinessArguments>),
    /// Show when releases freeze and come out, or read that from a release's page
    Calendar(CalendarArguments),
    /// Begin a KEP from the template of the repository
    New(Box<NewArguments>),
    /// Promote a KEP to its next stage, in kep.yaml and in the production-readiness file
    Promote(Box<PromoteArguments>),
    /// List the rules
    Rules {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Write a page for each rule, and an index, to this folder
        #[arg(long, value_name = "DIR", conflicts_with = "json")]
        write_docs: Option<PathBuf>,
    },
    /// The table of contents of Markdown files: print it, write it, or check that it is there and current
    Toc(TocArguments),
    /// Explain a rule
    Explain {
        /// The rule's id, such as `status-invalid`
        rule: String,
    },
    /// Print the JSON Schema of a document, for editors
    Schema {
        /// The document
        document: Document,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all subcommands
    Man {
        /// The folder to write them to
        #[arg(long, value_name = "DIR")]
        write: Option<PathBuf>,
    },
}

const EXIT: &str = "Exit status:
  0  checked, and nothing new at or above the threshold
  1  checked, and something was found
  2  the command line, the configuration or the target branch's policy is wrong
  3  something could not be checked; what was found is reported all the same";

/// What to compare, what counts, and where to write it.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct CheckArguments {
    /// The repository [default: the one around the current folder]
    #[arg(long, value_name = "PATH", help_heading = "What to compare")]
    pub repo: Option<PathBuf>,

    /// The target branch: the change is what came since the merge base with it, its tip is the policy
    /// [default: as the event says in GitHub Actions and Prow; else upstream/HEAD, origin/HEAD, main or master]
    #[arg(long, value_name = "REV", help_heading = "What to compare")]
    pub base: Option<String>,

    /// The commit to check [default: the work tree with its uncommitted changes]
    #[arg(long, value_name = "REV", help_heading = "What to compare")]
    pub head: Option<String>,

    /// A folder to compare from, instead of a repository
    #[arg(long, value_name = "DIR", requires = "head_dir", conflicts_with_all = ["repo", "base", "head", "all"],
          help_heading = "What to compare")]
    pub base_dir: Option<PathBuf>,

    /// The folder to check, instead of a repository
    #[arg(long, value_name = "DIR", conflicts_with_all = ["repo", "base", "head"], help_heading = "What to compare")]
    pub head_dir: Option<PathBuf>,

    /// Check the whole tree at head, with nothing as base: every finding is new
    #[arg(long, conflicts_with_all = ["base"], help_heading = "What to compare")]
    pub all: bool,

    /// A pull request of GitHub's, by its number, read over the API: no checkout is needed
    #[arg(long, value_name = "NUMBER", help_heading = "What to compare",
          conflicts_with_all = ["repo", "base", "head", "base_dir", "head_dir", "all", "fix"])]
    pub pull_request: Option<u64>,

    /// Look only at the KEPs that these files or folders belong to
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The level from which on new findings fail the check [default: the configuration's, or error]
    #[arg(long, value_name = "LEVEL", help_heading = "What counts")]
    pub fail_on: Option<FailOn>,

    /// Let pre-existing findings count, too
    #[arg(long, help_heading = "What counts")]
    pub strict: bool,

    /// The configuration, read from the target branch; an absolute path outside the repository is read from disk
    /// [default: .github/kepgate.yaml, if it is there]
    #[arg(long, value_name = "PATH", help_heading = "What counts")]
    pub config: Option<PathBuf>,

    /// A former JSON report: its findings count as pre-existing. Read as --config is; with --all from disk
    #[arg(long, value_name = "FILE", help_heading = "What counts")]
    pub baseline: Option<PathBuf>,

    /// The community's sigs.yaml, for the names of groups
    #[arg(long, value_name = "PATH", help_heading = "What counts")]
    pub sigs: Option<PathBuf>,

    /// What time it is, and who may come later
    #[command(flatten)]
    pub clock: ClockArguments,

    /// The repository on GitHub, whose tracking issues and reviews are asked for [default: in GitHub
    /// Actions the workflow's own]
    #[arg(long, value_name = "OWNER/NAME", help_heading = "GitHub")]
    pub repository: Option<Repository>,

    /// A file with a token for GitHub [default: what `GITHUB_TOKEN` or `GH_TOKEN` holds]
    #[arg(long, value_name = "FILE", help_heading = "GitHub")]
    pub token_file: Option<PathBuf>,

    /// Ask GitHub nothing, and leave out the rules that need it [default: unless a pull request or a repository is
    /// named, or a token is there under GitHub Actions]
    #[arg(long, help_heading = "GitHub",
          conflicts_with_all = ["pull_request", "repository", "comment", "check_run", "suggest"])]
    pub offline: bool,

    /// Keep one comment on the pull request that says what was found (needs `pull-requests: write`)
    #[arg(long, help_heading = "GitHub")]
    pub comment: bool,

    /// Write a check run with annotations on the lines (needs `checks: write`)
    #[arg(long, help_heading = "GitHub")]
    pub check_run: bool,

    /// Suggest what is certain in a review, on lines of the change (needs `pull-requests: write`)
    #[arg(long, help_heading = "GitHub")]
    pub suggest: bool,

    /// A report to write, to standard output or to a file; repeatable. The formats: text, github, markdown, json, sarif,
    /// junit [default: text; in GitHub Actions github, and markdown to the job summary; in Prow text and junit]
    #[arg(long, value_name = "FORMAT[=FILE]", help_heading = "What to write")]
    pub output: Vec<OutputArgument>,

    /// Write the findings to a file that --baseline takes
    #[arg(long, value_name = "FILE", help_heading = "What to write")]
    pub write_baseline: Option<PathBuf>,

    /// Mend in the work tree what is certain; with --strict pre-existing findings, too
    #[arg(long, conflicts_with = "head", help_heading = "What to write")]
    pub fix: bool,

    /// Colours in the text report
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "What to write")]
    pub color: Color,

    /// Write nothing but new findings and what could not be checked
    #[arg(long, short, help_heading = "What to write")]
    pub quiet: bool,
}

/// What to do with which tables of contents.
#[derive(Debug, Args)]
#[command(after_help = TOC_EXIT)]
pub struct TocArguments {
    /// Write each table between `<!-- toc -->` and `<!-- /toc -->` where it is not current
    #[arg(long)]
    pub write: bool,

    /// Write nothing; tell which files have no current table
    #[arg(long, conflicts_with = "write")]
    pub check: bool,

    /// Markdown files; of a folder all below it that hack/.notableofcontents, in the current folder, does not list
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

const TOC_EXIT: &str = "Exit status:
  0  every table is current, or was made so
  1  with --check: a table is not
  2  a path or its marks are not as they should be
  3  a file could not be read or written";

/// `--fail-on`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// New errors fail the check
    Error,
    /// New warnings fail it, too
    Warning,
    /// Nothing that is found fails it
    Never,
}

impl From<FailOn> for crate::rule::FailOn {
    fn from(argument: FailOn) -> Self {
        match argument {
            FailOn::Error => Self::Errors,
            FailOn::Warning => Self::Warnings,
            FailOn::Never => Self::Never,
        }
    }
}

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// When standard output is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person.
    Text,
    /// Workflow commands of GitHub Actions.
    Github,
    /// The job summary.
    Markdown,
    /// For machines.
    Json,
    /// For code scanning.
    Sarif,
    /// For test reports.
    Junit,
}

/// `--output`: a format, and a file if it does not go to standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputArgument {
    /// The format.
    pub format: Format,
    /// The file.
    pub file: Option<PathBuf>,
}

impl std::str::FromStr for OutputArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("there is no file after the `=`".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let formats: Vec<_> = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let names: Vec<_> = formats.iter().map(clap::builder::PossibleValue::get_name).collect();
        let format = Format::from_str(format, false).map_err(|_| format!("the formats are {}", names.join(", ")))?;
        Ok(Self { format, file })
    }
}
