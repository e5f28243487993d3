//! The arguments that are about releases: the clock, exceptions, `kepgate calendar`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::github::Repository;
use crate::kep::Milestone;

/// What time it is, and who may come later.
#[derive(Debug, Args)]
pub struct ClockArguments {
    /// What time it is: a day, at its end in UTC, or an instant like 2025-10-17T12:00Z
    /// [default: `KEPGATE_NOW`, else the system's clock]
    #[arg(long, value_name = "TIME", help_heading = RELEASES)]
    pub now: Option<Moment>,

    /// The exceptions.yaml of a release, which its folder `release-1.N` or the words before the `=` name; repeatable
    #[arg(long, value_name = "[RELEASE=]FILE", help_heading = RELEASES)]
    pub exceptions: Vec<ExceptionsArgument>,
}

const RELEASES: &str = "Releases and their freezes";

/// An instant, or a day at its end in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_day = |day: Date| day.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).map(|end| end.timestamp());
        let moment = if text.contains(':') { text.parse() } else { text.parse().and_then(of_day) };
        moment.map(Self).map_err(|_| "write it as 2025-10-17 or, in UTC, 2025-10-17T12:00Z".to_owned())
    }
}

/// `--exceptions`: a file, and the release that it is about, where the caller says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionsArgument {
    /// The release.
    pub release: Option<Milestone>,
    /// The file.
    pub file: PathBuf,
}

impl FromStr for ExceptionsArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A path may hold a `=`, too: only a release before it is one.
        let named = text.split_once('=').and_then(|(release, file)| Some((release_of(release).ok()?, file)));
        let (release, file) = named.map_or((None, text), |(release, file)| (Some(release), file));
        if file.is_empty() {
            return Err("there is no file after the `=`".to_owned());
        }
        Ok(Self { release: release.or_else(|| of_folder(file)), file: PathBuf::from(file) })
    }
}

/// The release that a folder of SIG Release's, `release-1.35`, is about.
fn of_folder(file: &str) -> Option<Milestone> {
    let folders = file.rsplit('/').skip(1);
    folders.filter_map(|folder| folder.strip_prefix("release-")).find_map(|name| release_of(name).ok())
}

/// A release as the command line takes it.
pub(super) fn release_of(text: &str) -> Result<Milestone, String> {
    let release = Milestone::parse(text).filter(|release| !release.is_exempt());
    release.ok_or_else(|| "write a release, as in v1.36".to_owned())
}

/// The state of a release's KEPs, or what lags.
#[derive(Debug, Args)]
pub struct ReadinessArguments {
    /// The release
    #[arg(long, value_name = "RELEASE", value_parser = release_of, required_unless_present = "sweep")]
    pub release: Option<Milestone>,

    /// Instead of a release: KEPs of all releases whose metadata lags behind what has happened
    #[arg(long, conflicts_with_all = ["release", "exceptions"])]
    pub sweep: bool,

    /// How it was then: the tree of that time from git, and the clock. A day, at its end in UTC, or an instant like
    /// 2025-10-17T12:00Z [default: the tree as it is; `KEPGATE_NOW`, else the system's clock]
    #[arg(long, value_name = "TIME")]
    pub at: Option<Moment>,

    /// The release's exceptions.yaml
    #[arg(long, value_name = "[RELEASE=]FILE")]
    pub exceptions: Vec<ExceptionsArgument>,

    /// The folder that `keps` stands in: its files as they are checked out
    /// [default: `ENHANCEMENTS_PATH`, else the repository around the current folder]
    #[arg(long, value_name = "PATH")]
    pub repo_path: Option<PathBuf>,

    /// A commit of that repository, instead of the files that are checked out; with --at, where to look back from
    #[arg(long, value_name = "REV")]
    pub head: Option<String>,

    /// Ask GitHub what only it knows: tracking issues and open pull requests
    #[arg(long, conflicts_with = "sweep")]
    pub online: bool,

    /// The repository on GitHub [default: `GITHUB_REPOSITORY`, else kubernetes/enhancements]
    #[arg(long, value_name = "OWNER/NAME", requires = "online")]
    pub repository: Option<Repository>,

    /// A file with a token for GitHub [default: `GITHUB_TOKEN` or `GH_TOKEN`]
    #[arg(long, value_name = "FILE", requires = "online")]
    pub token_file: Option<PathBuf>,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output: ReadinessFormat,
}

/// The formats of `kepgate readiness`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReadinessFormat {
    /// For a person at a terminal
    Text,
    /// For GitHub: a job summary, with a comment to post for each KEP
    Markdown,
    /// For machines
    Json,
    /// For spreadsheets
    Csv,
}

/// When releases freeze and come out.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CalendarArguments {
    /// Read a page instead of showing the calendar
    #[command(subcommand)]
    pub command: Option<CalendarCommand>,

    /// Only this release
    #[arg(long, value_name = "RELEASE", value_parser = release_of)]
    pub release: Option<Milestone>,

    /// What time it is: a day, at its end in UTC, or an instant like 2025-10-17T12:00Z
    /// [default: `KEPGATE_NOW`, else the system's clock]
    #[arg(long, value_name = "TIME")]
    pub now: Option<Moment>,

    /// The folder that `keps` stands in, whose configuration may extend the calendar
    /// [default: `ENHANCEMENTS_PATH`, else the repository around the current folder, if there is one]
    #[arg(long, value_name = "PATH")]
    pub repo_path: Option<PathBuf>,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub output: CalendarFormat,
}

/// The formats of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CalendarFormat {
    /// Columns for a terminal, with what comes next
    Table,
    /// The same for machines
    Json,
    /// The dates alone, as the configuration's `calendar` takes them
    Yaml,
}

/// What to do with the calendar.
#[derive(Debug, Subcommand)]
pub enum CalendarCommand {
    /// Read the dates of a release from its page in kubernetes/sig-release, and write them as an entry of the calendar
    Import {
        /// The page, releases/release-1.N/README.md
        #[arg(value_name = "README.md")]
        page: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use super::{ExceptionsArgument, Moment};
    use crate::kep::Milestone;

    #[test]
    fn a_day_is_meant_at_its_end() {
        let moment = |text: &str| text.parse::<Moment>().map(|moment| moment.0.to_string());
        assert_eq!(moment("2025-10-17").unwrap(), "2025-10-17T23:59:59Z");
        assert_eq!(moment("2025-10-17T12:00Z").unwrap(), "2025-10-17T12:00:00Z");
        assert_eq!(moment("2025-10-16T23:59-12:00").unwrap(), "2025-10-17T11:59:00Z");
        for text in ["", "now", "2025-10", "2025-10-17T12:00", "12:00"] {
            assert!(moment(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn exceptions_are_those_of_a_release() {
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
