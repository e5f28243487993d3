//! The arguments of the command line.

mod author;
mod export;
mod lists;
mod output;
mod query;
mod release;
mod review;
mod site;
mod spelling;
mod tips;
mod values;

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::github::Repository;

pub(crate) use author::{
    Document, InitArguments, MeArguments, NewArguments, Place, PromoteArguments, StatusArguments, StatusFormat,
};
pub(crate) use export::{ExportArguments, ExportFormat};
pub(crate) use lists::{FetchArguments, ListsCommand};
pub(crate) use output::{Format, OutputArgument};
pub(crate) use query::{By, ListFormat, PullsArguments, QueryArguments, ShadowsArguments};
pub(crate) use release::{
    CalendarArguments, CalendarCommand, CalendarFormat, ClockArguments, ExceptionsArgument, Moment, ReadinessArguments,
    ReadinessFormat,
};
pub(crate) use review::{ReviewArguments, ReviewFormat, Since};
pub(crate) use site::SiteArguments;
pub use spelling::Spelling;
pub use tips::add_tip;

/// Checks Kubernetes enhancement proposals (KEPs) and their production readiness reviews.
#[derive(Debug, Parser)]
#[command(name = "kepgate", version, about, max_term_width = 100)]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the KEPs that a change touches: metadata, production readiness review and README
    Check(Box<CheckArguments>),
    /// Run as a step of GitHub Actions, with the inputs and outputs of action.yml
    Action,
    /// Show where a KEP is, what it needs, who approves it, and by when
    Status(Box<StatusArguments>),
    /// Show what changed in a KEP since its production readiness was approved
    Review(Box<ReviewArguments>),
    /// List KEPs, or the workload of each production readiness approver
    Query(Box<QueryArguments>),
    /// List shadow reviews of production readiness, which future approvers write
    Shadows(Box<ShadowsArguments>),
    /// Show which KEPs are ready for the freezes of a release, or have outdated metadata
    Readiness(Box<ReadinessArguments>),
    /// Write a static site about every KEP, from the git history
    Site(Box<SiteArguments>),
    /// Show the freezes and dates of releases, or import them from the page of a release
    Calendar(CalendarArguments),
    /// Write all KEPs in the format of another program
    Export(ExportArguments),
    /// Prepare the feature gates and metrics of a Kubernetes release, to compare KEPs with them
    Lists {
        /// What to do
        #[command(subcommand)]
        command: ListsCommand,
    },
    /// Create a KEP from the template of the repository
    New(Box<NewArguments>),
    /// Promote a KEP to another stage, in kep.yaml and in its production readiness file
    Promote(Box<PromoteArguments>),
    /// Propose a configuration for the repository, and show what a check finds with it
    Init(InitArguments),
    /// List the rules
    Rules(RulesArguments),
    /// Print, write or check the table of contents of Markdown files
    Toc(TocArguments),
    /// Explain a rule
    Explain {
        /// The id of the rule, such as `status-invalid`
        rule: String,
    },
    /// Print the JSON Schema of a kind of file, for editors
    Schema {
        /// The kind of file
        document: Document,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write the pages of all subcommands
    Man {
        /// The directory to write the pages to
        #[arg(long, value_name = "PATH", alias = "write")]
        to: Option<PathBuf>,
    },
}

const EXIT: &str = "Exit status:
  0  no new findings at or above --fail-on
  1  new findings at or above --fail-on
  2  invalid arguments, configuration or policy files on the target branch
  3  something could not be checked; other findings are still reported";

/// Arguments of `kepgate check`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct CheckArguments {
    /// Repository to check [default: `ENHANCEMENTS_PATH`, else the repository around the current directory]
    #[arg(long, visible_alias = "repo-path", value_name = "PATH", help_heading = "What to compare")]
    pub(crate) repo: Option<PathBuf>,

    /// Target branch. The check compares --head with their merge base, and reads policy files from the tip of the
    /// target branch [default: from the event in GitHub Actions and Prow; else upstream/HEAD, origin/HEAD, main or master]
    #[arg(long, value_name = "REV", help_heading = "What to compare")]
    pub(crate) base: Option<String>,

    /// Commit to check [default: the work tree with uncommitted changes]
    #[arg(long, value_name = "REV", help_heading = "What to compare")]
    pub(crate) head: Option<String>,

    /// Directory to compare with, instead of a commit
    #[arg(long, value_name = "DIR", requires = "head_dir", conflicts_with_all = ["repo", "base", "head", "all"],
          help_heading = "What to compare")]
    pub(crate) base_dir: Option<PathBuf>,

    /// Directory to check, instead of a commit
    #[arg(long, value_name = "DIR", conflicts_with_all = ["repo", "base", "head"], help_heading = "What to compare")]
    pub(crate) head_dir: Option<PathBuf>,

    /// Check every KEP, not only changed ones. Every finding then counts as new
    #[arg(long, conflicts_with_all = ["base"], help_heading = "What to compare")]
    pub(crate) all: bool,

    /// GitHub pull request to check. It is read over the API, so no checkout is needed
    #[arg(long, value_name = "NUMBER", help_heading = "What to compare",
          conflicts_with_all = ["repo", "base", "head", "base_dir", "head_dir", "all", "fix"])]
    pub(crate) pull_request: Option<u64>,

    /// Check only these KEPs: their numbers, or files and directories. A KEP that did not change is checked as it is
    #[arg(value_name = "KEP")]
    pub(crate) paths: Vec<PathBuf>,

    /// Minimum severity that fails the check [default: `fail-on` of the configuration, else error]
    #[arg(long, value_name = "LEVEL", help_heading = "What counts")]
    pub(crate) fail_on: Option<FailOn>,

    /// Also fail on findings that existed before the change
    #[arg(long, help_heading = "What counts")]
    pub(crate) strict: bool,

    /// Configuration file, read from the target branch, or from disk if it is an absolute path outside the repository
    /// [default: .github/kepgate.yaml, if it exists]
    #[arg(long, value_name = "PATH", help_heading = "What counts")]
    pub(crate) config: Option<PathBuf>,

    /// JSON report of a previous check, whose findings count as pre-existing. With --all, it is read from disk;
    /// otherwise, from where --config is read
    #[arg(long, value_name = "FILE", help_heading = "What counts")]
    pub(crate) baseline: Option<PathBuf>,

    /// Path of sigs.yaml from kubernetes/community, to check the names of SIGs
    #[arg(long, value_name = "PATH", help_heading = "What counts")]
    pub(crate) sigs: Option<PathBuf>,

    /// Digest of Kubernetes' feature gates and metrics, written by `kepgate lists import`, in the repository or on disk
    /// [default: `kubernetes-lists` of the configuration]
    #[arg(long, value_name = "PATH", help_heading = "What counts")]
    pub(crate) kubernetes_lists: Option<PathBuf>,

    /// The time and the exceptions.
    #[command(flatten)]
    pub(crate) clock: ClockArguments,

    /// Repository on GitHub, to read tracking issues and reviews from [default: the repository of the workflow in
    /// GitHub Actions]
    #[arg(long, value_name = "OWNER/NAME", help_heading = "GitHub")]
    pub(crate) repository: Option<Repository>,

    /// File with a GitHub token [default: the value of `GITHUB_TOKEN` or `GH_TOKEN`]
    #[arg(long, visible_alias = "gh-token-path", value_name = "FILE", help_heading = "GitHub")]
    pub(crate) token_file: Option<PathBuf>,

    /// Do not connect to GitHub, and skip rules that require it [default: connect if a pull request or a repository is
    /// specified, or if GitHub Actions provides a token]
    #[arg(long, help_heading = "GitHub",
          conflicts_with_all = ["pull_request", "repository", "comment", "check_run", "suggest"])]
    pub(crate) offline: bool,

    /// Write the findings to a comment on the pull request, which later runs update (needs `pull-requests: write`)
    #[arg(long, help_heading = "GitHub")]
    pub(crate) comment: bool,

    /// Create a check run with annotations on lines (needs `checks: write`)
    #[arg(long, help_heading = "GitHub")]
    pub(crate) check_run: bool,

    /// Suggest safe fixes in a review of the pull request (needs `pull-requests: write`)
    #[arg(long, help_heading = "GitHub")]
    pub(crate) suggest: bool,

    /// Report to write, to standard output or to a file. Can be repeated. Formats: text, github, markdown, json, sarif,
    /// junit [default: text; in GitHub Actions github, and markdown to the job summary; in Prow text and junit]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", help_heading = "What to write")]
    pub(crate) output: Vec<OutputArgument>,

    /// Write the findings to a file for --baseline
    #[arg(long, value_name = "FILE", help_heading = "What to write")]
    pub(crate) write_baseline: Option<PathBuf>,

    /// Apply safe fixes to the work tree, for new findings or, with --strict, for all
    #[arg(long, conflicts_with = "head", help_heading = "What to write")]
    pub(crate) fix: bool,

    /// Longest time that the check may take, such as 90s or 5m. If it takes longer, the exit status is 3
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = values::time_limit,
          help_heading = "Limits")]
    pub timeout: Duration,

    /// Use colors in the text report
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "What to write")]
    pub(crate) color: Color,

    /// Report only findings that count, and failures
    #[arg(long, short, help_heading = "What to write")]
    pub(crate) quiet: bool,

    /// Report the number of findings by rule instead of the findings
    #[arg(long, conflicts_with = "quiet", help_heading = "What to write")]
    pub(crate) statistics: bool,
}

impl CheckArguments {
    /// The options that `--fix` needs to see the same change, as a shell takes them: each after a space.
    pub(crate) fn fix_options(&self) -> String {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let options = [
            (" --repo", path(&self.repo)),
            (" --base", self.base.clone()),
            (" --base-dir", path(&self.base_dir)),
            (" --head-dir", path(&self.head_dir)),
            (" --config", path(&self.config)),
            (" --kubernetes-lists", path(&self.kubernetes_lists)),
        ];
        let options = options.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let paths = self.paths.iter().map(|path| ("", path.display().to_string()));
        // No argument has a NUL, which is all that cannot be quoted.
        let quoted = |value: &str| shlex::try_quote(value).map(Cow::into_owned).unwrap_or_default();
        options.chain(paths).fold(String::new(), |all, (name, value)| all + name + " " + &quoted(&value))
    }
}

/// Arguments of `kepgate rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesArguments {
    /// Format, to standard output or to a file. Can be repeated [default: text]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", value_parser = output::parser::<RulesFormat>())]
    pub(crate) output: Vec<OutputArgument<RulesFormat>>,

    /// The same as --output json
    #[arg(long, hide = true, conflicts_with = "output")]
    pub(crate) json: bool,

    /// Write a page for each rule, and an index, to this directory
    #[arg(long, value_name = "PATH", alias = "write-docs", conflicts_with_all = ["output", "json"])]
    pub(crate) to: Option<PathBuf>,
}

/// The formats of the list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// Text for a terminal
    Text,
    /// JSON for other programs
    Json,
}

/// Arguments of `kepgate toc`.
#[derive(Debug, Args)]
#[command(after_help = TOC_EXIT)]
pub(crate) struct TocArguments {
    /// Update the tables between `<!-- toc -->` and `<!-- /toc -->`
    #[arg(long)]
    pub(crate) write: bool,

    /// List the files whose table is missing or out of date
    #[arg(long, conflicts_with = "write")]
    pub(crate) check: bool,

    /// Markdown files, or directories to search for them. Files in hack/.notableofcontents are skipped
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

const TOC_EXIT: &str = "Exit status:
  0  every table is up to date
  1  with --check: a table is missing or out of date
  2  a path is invalid, or a file has no <!-- toc --> and <!-- /toc -->
  3  a file could not be read or written";

/// `--fail-on`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// New errors
    Error,
    /// New errors and warnings
    Warning,
    /// Findings never fail the check
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
pub(crate) enum Color {
    /// If standard output is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
