//! The arguments of `kepgate new`, `promote` and `schema`.

#![allow(clippy::doc_markdown, reason = "these comments are help texts, which are not Markdown")]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Moment;
use super::output::{OutputArgument, parser};
use super::values::{handle, number, release, stage};
use crate::kep::Milestone;

const PLACE: &str = "Files";

/// Arguments of `kepgate new`.
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// Owning SIG. Required if the project has SIGs
    #[arg(long, value_name = "SIG")]
    pub(crate) sig: Option<String>,

    /// Number of the tracking issue. Required unless the project's KEPs have no numbers
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub(crate) number: Option<String>,

    /// Title of the KEP
    #[arg(long, value_name = "TEXT", value_parser = title)]
    pub(crate) title: String,

    /// Author's GitHub handle, or @me. Can be repeated
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', required = true, value_parser = handle)]
    pub(crate) author: Vec<String>,

    /// Reviewer's GitHub handle. Can be repeated [default: TBD]
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', value_parser = handle)]
    pub(crate) reviewer: Vec<String>,

    /// Approver's GitHub handle. Can be repeated [default: TBD]
    #[arg(long, value_name = "HANDLE", value_delimiter = ',', value_parser = handle)]
    pub(crate) approver: Vec<String>,

    /// Participating SIG. Can be repeated
    #[arg(long, value_name = "SIG", value_delimiter = ',')]
    pub(crate) participating_sig: Vec<String>,

    /// Name of the directory, after the number [default: from the title]
    #[arg(long, value_name = "WORDS", value_parser = slug)]
    pub(crate) slug: Option<String>,

    /// First stage [default: alpha, or the first one of the project]
    #[arg(long, value_name = "STAGE", value_parser = stage(&[]))]
    pub(crate) stage: Option<String>,

    /// Release of the first stage [default: none yet]
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub(crate) release: Option<Milestone>,

    /// Production readiness approver. If omitted, no production readiness file is created
    #[arg(long, value_name = "HANDLE", value_parser = handle)]
    pub(crate) prr_approver: Option<String>,

    /// Creation date [default: today in UTC]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) date: Option<String>,

    /// Who `@me` is.
    #[command(flatten)]
    pub(crate) me: MeArguments,

    /// Where to write.
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Arguments of `kepgate promote`.
#[derive(Debug, Args)]
pub(crate) struct PromoteArguments {
    /// The KEP: its number, its directory or a file in its directory
    #[arg(value_name = "KEP")]
    pub(crate) kep: String,

    /// Stage to promote the KEP to
    #[arg(long, value_name = "STAGE", value_parser = stage(&[]))]
    pub(crate) stage: String,

    /// Release of that stage; required if KEPs have `latest-milestone` or `milestone`
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub(crate) release: Option<Milestone>,

    /// Production readiness approver [default: the approver that the file already names for the stage]
    #[arg(long, value_name = "HANDLE", value_parser = handle)]
    pub(crate) prr_approver: Option<String>,

    /// For a KEP that is already at the stage, also replace the release and the approver of that stage
    #[arg(long)]
    pub(crate) replace: bool,

    /// Who `@me` is.
    #[command(flatten)]
    pub(crate) me: MeArguments,

    /// Where to write.
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Arguments of `kepgate status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// The KEP: its number, its directory or a file in its directory
    #[arg(value_name = "KEP")]
    pub(crate) kep: String,

    /// Format, to standard output or to a file. Can be repeated [default: text]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", value_parser = parser::<StatusFormat>())]
    pub(crate) output: Vec<OutputArgument<StatusFormat>>,

    /// Time to use instead of the current time: a day, which means its end in UTC, or a time such as 2025-10-17T12:00Z
    /// [default: $KEPGATE_NOW, else the system's clock]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,

    /// Digest of Kubernetes' feature gates and metrics, written by kepgate lists import, in the repository or on disk
    /// [default: kubernetes-lists of the configuration]
    #[arg(long, value_name = "PATH")]
    pub(crate) kubernetes_lists: Option<PathBuf>,

    /// Directory that contains `keps`
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH", help_heading = PLACE)]
    pub(crate) repo_path: Option<PathBuf>,

    /// Commit to read instead of the work tree
    #[arg(long, value_name = "REV", help_heading = PLACE)]
    pub(crate) head: Option<String>,
}

/// The formats of `kepgate status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusFormat {
    /// Text for a terminal
    Text,
    /// Markdown for a comment or a job summary
    Markdown,
    /// JSON for other programs
    Json,
}

/// Arguments of `kepgate init`.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// Root of the repository [default: the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH", help_heading = PLACE)]
    pub(crate) repo_path: Option<PathBuf>,

    /// Write .github/kepgate.yaml, unless it exists
    #[arg(long, help_heading = PLACE)]
    pub(crate) write: bool,
}

/// Who `@me` is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MeArguments {
    /// GitHub handle that @me stands for
    /// [default: $KEPGATE_HANDLE, else github.user of git, else the user of the GitHub token]
    #[arg(id = "as", long = "as", value_name = "HANDLE", value_parser = handle)]
    pub(crate) as_handle: Option<String>,
}

/// Where to write.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Directory that contains `keps`
    /// [default: $ENHANCEMENTS_PATH, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH", help_heading = PLACE)]
    pub(crate) repo_path: Option<PathBuf>,

    /// Show what would change, without writing anything
    #[arg(long, help_heading = PLACE)]
    pub(crate) dry_run: bool,
}

/// The kinds of files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Document {
    /// `kep.yaml`
    Kep,
    /// `keps/prod-readiness/<sig>/<number>.yaml`
    ProdReadiness,
    /// `.github/kepgate.yaml`
    #[value(alias = "configuration")]
    Config,
}

/// A single line that cannot end a YAML or Markdown header.
fn title(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_control) || text.contains("---") {
        return Err("a title must be a single line without `---`".to_owned());
    }
    Ok(text.to_owned())
}

fn slug(text: &str) -> Result<String, String> {
    let is_slug = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if is_slug && is_plain { Ok(text.to_owned()) } else { Err("use letters, digits and `-`".to_owned()) }
}

fn day(text: &str) -> Result<String, String> {
    let is_day = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    if is_day { Ok(text.to_owned()) } else { Err("specify a day, as in 2025-10-17".to_owned()) }
}
