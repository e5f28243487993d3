//! The arguments of `kepgate query`, which include those of `kepctl query`, and of `kepgate shadows`.

#![allow(clippy::doc_markdown, reason = "these comments are help texts, which are not Markdown")]

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use regex::bytes::Regex;

use super::MeArguments;
use super::output::{OutputArgument, parser};
use super::values::{WordParser, column, handle, number, pattern, sort_key, stage};
use crate::github::Repository;
use crate::kep::{Milestone, Status};
use crate::query::{Filter, Person, parse_release};
use crate::query::{columns, shadows};
use crate::report::list::SortKey;

const CRITERIA: &str = "Filters (a KEP has to match one value of each option)";
const VIEW: &str = "Output";
const PLACE: &str = "Repository";
const GITHUB: &str = "GitHub";

/// Arguments of `kepgate query`.
#[derive(Debug, Args)]
pub(crate) struct QueryArguments {
    /// Regular expression that matches part of the name of the owning SIG
    #[arg(long, value_name = "SIG", value_delimiter = ',', value_parser = pattern, help_heading = CRITERIA)]
    pub(crate) sig: Vec<Regex>,

    /// Status of the KEP
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status(), help_heading = CRITERIA)]
    pub(crate) status: Vec<String>,

    /// Stage, or `none` for KEPs without a stage
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = stage(&["none"]), help_heading = CRITERIA)]
    pub(crate) stage: Vec<String>,

    /// Production readiness approver for the current stage
    #[arg(long, visible_alias = "prr", value_name = "HANDLE", value_delimiter = ',', help_heading = CRITERIA)]
    pub(crate) prr_approver: Vec<Person>,

    /// Handle in `approvers`
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', help_heading = CRITERIA)]
    pub(crate) approver: Vec<Person>,

    /// Handle in `authors`
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', help_heading = CRITERIA)]
    pub(crate) author: Vec<Person>,

    /// SIG in `participating-sigs`
    #[arg(long, value_name = "SIG", value_delimiter = ',', help_heading = CRITERIA)]
    pub(crate) participating_sig: Vec<String>,

    /// Release that the KEP targets (`latest-milestone`), or `none` for KEPs without one
    #[arg(long, visible_alias = "milestone", value_name = "RELEASE", value_delimiter = ',',
          value_parser = parse_release, help_heading = CRITERIA)]
    pub(crate) release: Vec<Option<Milestone>>,

    /// Number of the KEP
    #[arg(long, value_name = "NUMBER", value_delimiter = ',', value_parser = number, help_heading = CRITERIA)]
    pub(crate) number: Vec<String>,

    /// Text in the title or the directory, ignoring case
    #[arg(long, value_name = "TEXT", help_heading = CRITERIA)]
    pub(crate) text: Vec<String>,

    /// Who `@me` is.
    #[command(flatten)]
    pub(crate) me: MeArguments,

    /// Only KEPs that need a production readiness review and have no authorized approver for their stage
    #[arg(long, help_heading = CRITERIA)]
    pub(crate) needs_prr: bool,

    /// Show the workload of each production readiness approver instead of the KEPs, lowest first. Closed KEPs do not
    /// count, unless --status asks for them
    #[arg(long, value_name = "GROUP", conflicts_with_all = ["columns", "sort"], help_heading = VIEW)]
    pub(crate) by: Option<By>,

    /// With --by approver and one --release: show how much each approver has to review, by stage, and which moves would
    /// even it out. Authors and former approvers are never proposed
    #[arg(long, requires = "by", help_heading = VIEW,
          conflicts_with_all = ["include_prs", "pull_requests_from", "save_pull_requests"])]
    pub(crate) plan: bool,

    /// With --plan: also move KEPs away from who has reviewed their earlier stage
    #[arg(long, requires = "plan", help_heading = VIEW)]
    pub(crate) reassign: bool,

    /// Columns by key or heading, in this order [default: all for JSON and YAML, else
    /// kep-number,title,latest-milestone,stage,status,owning-sig,prr-approver,authors,link]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', value_parser = column(columns::selectable),
          help_heading = VIEW)]
    pub(crate) columns: Vec<&'static str>,

    /// Columns to sort by, with `-` in front for descending order [default: directory]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', allow_hyphen_values = true,
          value_parser = sort_key(columns::sortable), help_heading = VIEW)]
    pub(crate) sort: Vec<SortKey>,

    /// Format, to standard output or to a file. Can be repeated [default: text]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", value_parser = parser::<ListFormat>(),
          help_heading = VIEW)]
    pub(crate) output: Vec<OutputArgument<ListFormat>>,

    /// Directory that contains `keps`
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH", help_heading = PLACE)]
    pub(crate) repo_path: Option<PathBuf>,

    /// Commit to read instead of the work tree
    #[arg(long, value_name = "REV", help_heading = PLACE)]
    pub(crate) head: Option<String>,

    /// Pull requests.
    #[command(flatten)]
    pub(crate) pulls: PullsArguments,
}

/// Options for open pull requests.
#[derive(Debug, Args)]
pub(crate) struct PullsArguments {
    /// Also show open pull requests and what they change. They are read from GitHub, without a clone
    #[arg(long, help_heading = GITHUB)]
    pub(crate) include_prs: bool,

    /// File with a GitHub token [default: the value of GITHUB_TOKEN or GH_TOKEN]
    #[arg(long, visible_alias = "gh-token-path", value_name = "FILE", help_heading = GITHUB)]
    pub(crate) token_file: Option<PathBuf>,

    /// Repository on GitHub [default: GITHUB_REPOSITORY, else the remote `upstream`, else kubernetes/enhancements or,
    /// for other projects, the remote `origin`]
    #[arg(long, value_name = "OWNER/NAME", help_heading = GITHUB)]
    pub(crate) repository: Option<Repository>,

    /// Read pull requests from a file of --save-pull-requests instead of GitHub
    #[arg(long, value_name = "FILE", conflicts_with_all = ["include_prs", "save_pull_requests"], help_heading = GITHUB)]
    pub(crate) pull_requests_from: Option<PathBuf>,

    /// Save the pull requests to a file for --pull-requests-from
    #[arg(long, value_name = "FILE", requires = "include_prs", help_heading = GITHUB)]
    pub(crate) save_pull_requests: Option<PathBuf>,
}

/// Arguments of `kepgate shadows`.
#[derive(Debug, Args)]
pub(crate) struct ShadowsArguments {
    /// Show only reviews by this person
    #[arg(long, value_name = "HANDLE", value_parser = handle)]
    pub(crate) reviewer: Option<String>,

    /// Who `@me` is.
    #[command(flatten)]
    pub(crate) me: MeArguments,

    /// Columns to sort by, with `-` in front for descending order [default: date]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', allow_hyphen_values = true,
          value_parser = sort_key(|| shadows::COLUMNS.to_vec()))]
    pub(crate) sort: Vec<SortKey>,

    /// Format, to standard output or to a file. Can be repeated [default: text]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", value_parser = parser::<ListFormat>())]
    pub(crate) output: Vec<OutputArgument<ListFormat>>,

    /// Repository on GitHub [default: GITHUB_REPOSITORY, else the remote `upstream`, else kubernetes/enhancements]
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repository: Option<Repository>,

    /// File with a GitHub token [default: the value of GITHUB_TOKEN or GH_TOKEN]
    #[arg(long, visible_alias = "gh-token-path", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Directory that contains `keps`, for the files that a pull request does not change
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH")]
    pub(crate) repo_path: Option<PathBuf>,
}

/// `--by`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Production readiness approvers
    Approver,
}

/// The formats of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Columns that fit the terminal
    #[value(alias = "table")]
    Text,
    /// JSON list of objects
    Json,
    /// YAML list of mappings
    Yaml,
    /// CSV for spreadsheets. Values that look like formulas get a `'` in front
    Csv,
    /// Markdown table for GitHub. `kepgate query --by` adds a chart
    Markdown,
}

impl QueryArguments {
    /// Converts the arguments to a filter.
    #[must_use]
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            sigs: self.sig.clone(),
            statuses: self.status.clone(),
            stages: self.stage.clone(),
            prr: self.prr_approver.clone(),
            approvers: self.approver.clone(),
            authors: self.author.clone(),
            participating_sigs: self.participating_sig.clone(),
            milestones: self.release.clone(),
            numbers: self.number.clone(),
            texts: self.text.clone(),
            needs_prr: self.needs_prr,
        }
    }
}

fn status() -> WordParser {
    WordParser::new(&Status::ALL.map(Status::word))
}
