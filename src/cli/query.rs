//! The arguments of `kepgate query`: those of `kepctl query`, and more.

#![allow(clippy::doc_markdown, reason = "these comments are the help, which is no Markdown")]

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use regex::bytes::{Regex, RegexBuilder};

use crate::github::Repository;
use crate::kep::{KepNumber, Milestone, Stage, Status};
use crate::query::columns;
use crate::query::columns::SortKey;
use crate::query::{Filter, Person, parse_release};

const CRITERIA: &str = "Which KEPs: values of one option are alternatives, and all options have to hold";
const VIEW: &str = "What to show";
const PLACE: &str = "Where to look";
const GITHUB: &str = "GitHub";

/// Which KEPs, what of them, and where.
#[derive(Debug, Args)]
pub struct QueryArguments {
    /// The owning SIG matches this regular expression, anywhere in its name
    #[arg(long, value_name = "REGEX", value_delimiter = ',', value_parser = pattern, help_heading = CRITERIA)]
    pub sig: Vec<Regex>,

    /// The status is this one
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status(), help_heading = CRITERIA)]
    pub status: Vec<Status>,

    /// The stage is this one; `none` for a KEP without a stage
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = stage(), help_heading = CRITERIA)]
    pub stage: Vec<Option<Stage>>,

    /// The production-readiness file names them as the approver of the KEP's stage
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', help_heading = CRITERIA)]
    pub prr: Vec<Person>,

    /// They are among the approvers
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', help_heading = CRITERIA)]
    pub approver: Vec<Person>,

    /// They are among the authors
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', help_heading = CRITERIA)]
    pub author: Vec<Person>,

    /// This group is among the participating SIGs
    #[arg(long, value_name = "SIG", value_delimiter = ',', help_heading = CRITERIA)]
    pub participating_sig: Vec<String>,

    /// The latest milestone is this release; `none` for a KEP without one
    #[arg(long, value_name = "RELEASE", value_delimiter = ',', value_parser = parse_release, help_heading = CRITERIA)]
    pub milestone: Vec<Option<Milestone>>,

    /// The KEP's number
    #[arg(long, value_name = "NUMBER", value_delimiter = ',', value_parser = number, help_heading = CRITERIA)]
    pub number: Vec<KepNumber>,

    /// The title or the directory holds this text, case aside
    #[arg(long, value_name = "TEXT", help_heading = CRITERIA)]
    pub text: Vec<String>,

    /// It has to pass production-readiness review, and nobody who may has approved its stage
    #[arg(long, help_heading = CRITERIA)]
    pub needs_prr: bool,

    /// The load of each production-readiness approver, lightest first, instead of the KEPs
    #[arg(long, value_name = "WHOM", conflicts_with_all = ["columns", "sort"], help_heading = VIEW)]
    pub by: Option<By>,

    /// The columns, in this order
    /// [default: all as JSON and YAML, else last-updated,stage,status,owning-sig,authors,title,link]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(column_keys()), help_heading = VIEW)]
    pub columns: Vec<String>,

    /// The column to sort by, with `-` in front the greatest first; several for ties [default: directory]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', allow_hyphen_values = true, help_heading = VIEW)]
    pub sort: Vec<SortKey>,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = VIEW)]
    pub output: ListFormat,

    /// The folder that `keps` stands in: its files as they are checked out
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current folder]
    #[arg(long, value_name = "PATH", help_heading = PLACE)]
    pub repo_path: Option<PathBuf>,

    /// A commit of that repository, instead of the files that are checked out
    #[arg(long, value_name = "REV", help_heading = PLACE)]
    pub head: Option<String>,

    /// The pull requests.
    #[command(flatten)]
    pub pulls: PullsArguments,
}

/// Which pull requests are shown beside the KEPs.
#[derive(Debug, Args)]
pub struct PullsArguments {
    /// Show the open pull requests beside the KEPs, and what they would change: asked of GitHub, no clone needed
    #[arg(long, help_heading = GITHUB)]
    pub include_prs: bool,

    /// A file with a token for GitHub [default: GITHUB_TOKEN or GH_TOKEN]
    #[arg(long, value_name = "FILE", help_heading = GITHUB)]
    pub gh_token_path: Option<PathBuf>,

    /// The repository on GitHub [default: GITHUB_REPOSITORY, else kubernetes/enhancements]
    #[arg(long, value_name = "OWNER/NAME", help_heading = GITHUB)]
    pub repository: Option<Repository>,

    /// Show the pull requests of a file that --save-pull-requests wrote, and ask nobody
    #[arg(long, value_name = "FILE", conflicts_with_all = ["include_prs", "save_pull_requests"], help_heading = GITHUB)]
    pub pull_requests_from: Option<PathBuf>,

    /// Keep the pull requests in a file, for --pull-requests-from
    #[arg(long, value_name = "FILE", requires = "include_prs", help_heading = GITHUB)]
    pub save_pull_requests: Option<PathBuf>,
}

/// Whose shadow reviews, and where.
#[derive(Debug, Args)]
pub struct ShadowsArguments {
    /// Only those of this reviewer
    #[arg(long, value_name = "HANDLE", value_parser = super::author::handle)]
    pub reviewer: Option<String>,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub output: ListFormat,

    /// The repository on GitHub [default: GITHUB_REPOSITORY, else kubernetes/enhancements]
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<Repository>,

    /// A file with a token for GitHub [default: GITHUB_TOKEN or GH_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub gh_token_path: Option<PathBuf>,

    /// The folder that `keps` stands in, for what a pull request leaves as it is
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current folder]
    #[arg(long, value_name = "PATH")]
    pub repo_path: Option<PathBuf>,
}

/// `--by`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Production-readiness approvers
    Approver,
}

/// The formats of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Columns for a terminal; what is long is cut
    Table,
    /// A list of objects
    Json,
    /// A list of mappings
    Yaml,
    /// For spreadsheets; what they would take for a formula has a `'` in front
    Csv,
    /// A table for GitHub, with a chart for --by
    Markdown,
}

impl QueryArguments {
    /// The criteria.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter {
            sigs: self.sig.clone(),
            statuses: self.status.clone(),
            stages: self.stage.clone(),
            prr: self.prr.clone(),
            approvers: self.approver.clone(),
            authors: self.author.clone(),
            participating_sigs: self.participating_sig.clone(),
            milestones: self.milestone.clone(),
            numbers: self.number.clone(),
            texts: self.text.clone(),
            needs_prr: self.needs_prr,
        }
    }
}

/// The names of SIGs are plain ASCII, which spares the tables of Unicode.
fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).unicode(false).build().map_err(|error| format!("it is no regular expression: {error}"))
}

pub(super) fn number(text: &str) -> Result<KepNumber, String> {
    let digits = text.strip_prefix("KEP-").or(text.strip_prefix('#')).unwrap_or(text);
    KepNumber::parse(digits).ok_or_else(|| "write the number of a KEP, as in 1287".to_owned())
}

/// What can be shown, beside what can be sorted by.
fn column_keys() -> Vec<&'static str> {
    columns::keys().into_iter().chain([columns::PULL_REQUESTS.key]).collect()
}

fn status() -> impl clap::builder::TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.map(Status::word)).try_map(|word| Status::parse(&word).ok_or("no status"))
}

fn stage() -> impl clap::builder::TypedValueParser<Value = Option<Stage>> {
    let words = Stage::ALL.map(Stage::word).into_iter().chain(["none"]);
    PossibleValuesParser::new(words).map(|word| Stage::parse(&word))
}
