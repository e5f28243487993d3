//! The arguments about releases: the clock, exceptions, `kepgate readiness` and `kepgate calendar`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::bytes::Regex;

use super::output::{OutputArgument, parser};
use super::values::{pattern, release, sort_key};
use crate::github::Repository;
use crate::kep::Milestone;
use crate::readiness::sweep;
use crate::report::list::SortKey;

/// The time and the exceptions.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClockArguments {
    /// Time to use instead of the current time: a day, which means its end in UTC, or a time such as 2025-10-17T12:00Z
    /// [default: `KEPGATE_NOW`, else the system's clock]
    #[arg(long, value_name = "TIME", help_heading = RELEASES)]
    pub(crate) now: Option<Moment>,

    /// The exceptions.yaml of a release, or an export of its project board. The release comes from the directory `release-1.N` or from the prefix. Can be
    /// repeated
    #[arg(long, value_name = "[RELEASE=]FILE", help_heading = RELEASES)]
    pub(crate) exceptions: Vec<ExceptionsArgument>,
}

const RELEASES: &str = "Releases";

/// A time, or the end of a day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_day = |day: Date| day.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).map(|end| end.timestamp());
        let moment = if text.contains(':') { text.parse() } else { text.parse().and_then(of_day) };
        moment.map(Self).map_err(|_| "specify a day as in 2025-10-17, or a time as in 2025-10-17T12:00Z".to_owned())
    }
}

/// `--exceptions`: a file, and its release if the argument names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExceptionsArgument {
    /// The release.
    pub(crate) release: Option<Milestone>,
    /// The file.
    pub(crate) file: PathBuf,
}

impl FromStr for ExceptionsArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A path can contain `=` as well, so the prefix counts only if it is a release.
        let named = text.split_once('=').and_then(|(name, file)| Some((release(name).ok()?, file)));
        let (release, file) = named.map_or((None, text), |(release, file)| (Some(release), file));
        if file.is_empty() {
            return Err("specify a file after the `=`".to_owned());
        }
        Ok(Self { release: release.or_else(|| of_folder(file)), file: PathBuf::from(file) })
    }
}

/// The release of a directory of kubernetes/sig-release, such as `release-1.35`.
fn of_folder(file: &str) -> Option<Milestone> {
    let folders = file.rsplit('/').skip(1);
    folders.filter_map(|folder| folder.strip_prefix("release-")).find_map(|name| release(name).ok())
}

/// Arguments of `kepgate readiness`.
#[derive(Debug, Args)]
pub(crate) struct ReadinessArguments {
    /// Release to check, such as v1.36
    #[arg(long, value_name = "RELEASE", value_parser = release, required_unless_present = "sweep")]
    pub(crate) release: Option<Milestone>,

    /// Instead of a release, list KEPs of all releases with outdated metadata
    #[arg(long, conflicts_with_all = ["release", "exceptions"])]
    pub(crate) sweep: bool,

    /// Show every KEP with the reasons, not only what fits one screen
    #[arg(long, conflicts_with = "sweep")]
    pub(crate) all: bool,

    /// Regular expression that matches part of the name of the SIG. Can be repeated
    #[arg(long, value_name = "SIG", value_delimiter = ',', value_parser = pattern)]
    pub(crate) sig: Vec<Regex>,

    /// With --sweep: columns to sort by, with `-` in front for descending order [default: the oldest first]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', allow_hyphen_values = true, requires = "sweep",
          value_parser = sort_key(|| sweep::COLUMNS.to_vec()))]
    pub(crate) sort: Vec<SortKey>,

    /// Show the state at a time in the past, from the git history: a day, which means its end in UTC, or a time such as
    /// 2025-10-17T12:00Z [default: the current tree, at the time of `KEPGATE_NOW` or the system's clock]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Moment>,

    /// The exceptions.yaml of the release, or the view Exception Requests of its project board as CSV, TSV or JSON
    #[arg(long, value_name = "[RELEASE=]FILE")]
    pub(crate) exceptions: Vec<ExceptionsArgument>,

    /// Also write a comment to post for each KEP, and the fields of the project board as CSV, to this directory, which
    /// must be new or empty. Nothing is posted
    #[arg(long, value_name = "DIR", conflicts_with = "sweep")]
    pub(crate) packets: Option<PathBuf>,

    /// Template of the comments, in the syntax of Jinja [default: the release team's wording]
    #[arg(long, value_name = "FILE", requires = "packets")]
    pub(crate) packet_template: Option<PathBuf>,

    /// Directory that contains `keps`
    /// [default: `ENHANCEMENTS_PATH`, else the repository around the current directory]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH")]
    pub(crate) repo_path: Option<PathBuf>,

    /// Commit to read instead of the work tree; with --at, the commit whose history is searched
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,

    /// Digest of Kubernetes' feature gates and metrics, written by `kepgate lists import`
    /// [default: `kubernetes-lists` of the configuration]
    #[arg(long, value_name = "PATH")]
    pub(crate) kubernetes_lists: Option<PathBuf>,

    /// Also read tracking issues and open pull requests from GitHub
    #[arg(long, conflicts_with = "sweep")]
    pub(crate) online: bool,

    /// Repository on GitHub [default: `GITHUB_REPOSITORY`, else the remote `upstream`, else kubernetes/enhancements or,
    /// for other projects, the remote `origin`]
    #[arg(long, value_name = "OWNER/NAME", requires = "online")]
    pub(crate) repository: Option<Repository>,

    /// File with a GitHub token [default: the value of `GITHUB_TOKEN` or `GH_TOKEN`]
    #[arg(long, visible_alias = "gh-token-path", value_name = "FILE", requires = "online")]
    pub(crate) token_file: Option<PathBuf>,

    /// Format, to standard output or to a file. Can be repeated [default: text]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", value_parser = parser::<ReadinessFormat>())]
    pub(crate) output: Vec<OutputArgument<ReadinessFormat>>,
}

/// The formats of `kepgate readiness`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReadinessFormat {
    /// Text for a terminal
    Text,
    /// Markdown for a job summary, with a comment to post for each KEP
    Markdown,
    /// JSON for other programs
    Json,
    /// CSV for spreadsheets
    Csv,
}

/// Arguments of `kepgate calendar`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CalendarArguments {
    /// Subcommand, instead of showing the calendar
    #[command(subcommand)]
    pub(crate) command: Option<CalendarCommand>,

    /// Show only this release
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    pub(crate) release: Option<Milestone>,

    /// Time to use instead of the current time: a day, which means its end in UTC, or a time such as 2025-10-17T12:00Z
    /// [default: `KEPGATE_NOW`, else the system's clock]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,

    /// Directory that contains `keps`, whose configuration can extend the calendar
    /// [default: `ENHANCEMENTS_PATH`, else the repository around the current directory, if there is one]
    #[arg(long = "repo", visible_alias = "repo-path", value_name = "PATH")]
    pub(crate) repo_path: Option<PathBuf>,

    /// Format, to standard output or to a file. Can be repeated [default: text]
    #[arg(long, visible_alias = "format", value_name = "FORMAT[=FILE]", value_parser = parser::<CalendarFormat>())]
    pub(crate) output: Vec<OutputArgument<CalendarFormat>>,
}

/// The formats of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CalendarFormat {
    /// Columns for a terminal, with the next date
    #[value(alias = "table")]
    Text,
    /// JSON for other programs
    Json,
    /// The dates in the format of `calendar` in the configuration
    Yaml,
    /// iCalendar for calendar applications
    Ics,
}

/// The subcommands of `kepgate calendar`.
#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// Convert the page of a release in kubernetes/sig-release to an entry for `calendar` in the configuration
    Import {
        /// The page, such as releases/release-1.36/README.md
        #[arg(value_name = "PAGE")]
        page: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use super::{ExceptionsArgument, Moment};
    use crate::kep::Milestone;

    #[test]
    fn a_day_means_its_end_in_utc() {
        let moment = |text: &str| text.parse::<Moment>().map(|moment| moment.0.to_string());
        assert_eq!(moment("2025-10-17").unwrap(), "2025-10-17T23:59:59Z");
        assert_eq!(moment("2025-10-17T12:00Z").unwrap(), "2025-10-17T12:00:00Z");
        assert_eq!(moment("2025-10-16T23:59-12:00").unwrap(), "2025-10-17T11:59:00Z");
        for text in ["", "now", "2025-10", "2025-10-17T12:00", "12:00"] {
            assert!(moment(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn exceptions_belong_to_a_release() {
        for (text, release, file) in [
            (
                "sig-release/releases/release-1.35/exceptions.yaml",
                Some(35),
                "sig-release/releases/release-1.35/exceptions.yaml",
            ),
            ("v1.36=a=b.yaml", Some(36), "a=b.yaml"),
            ("v1.36=release-1.35/exceptions.yaml", Some(36), "release-1.35/exceptions.yaml"),
            ("exceptions.yaml", None, "exceptions.yaml"),
            ("a=b.yaml", None, "a=b.yaml"),
        ] {
            let argument: ExceptionsArgument = text.parse().unwrap();
            assert_eq!(argument.release, release.map(|minor| Milestone::new(1, minor)), "{text}");
            assert_eq!(argument.file.to_str(), Some(file));
        }
        assert!("v1.36=".parse::<ExceptionsArgument>().is_err());
    }
}
