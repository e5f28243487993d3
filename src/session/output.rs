//! Decides which reports to write and where, and writes them.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::iter;
use std::path::PathBuf;

use anyhow::Context as _;

use super::Environment;
use super::files::create_report;
use crate::check::result::Report;
use crate::cli::{CheckArguments, Color, Format, OutputArgument};
use crate::error::Error;
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::report::text::Detail;
use crate::report::{github, json, junit, markdown, sarif, text};

/// The reports to write.
pub(crate) struct Outputs {
    reports: Vec<(Format, Destination)>,
    options: text::Options,
    token: String,
    /// True if the change may have put symbolic links in the checkout, through which a report would overwrite other
    /// files.
    rejects_links: bool,
}

/// Prow's Spyglass shows test cases from files with this name.
const JUNIT_FILE: &str = "junit_kepgate.xml";

enum Destination {
    StandardOutput,
    File(PathBuf),
    /// A file in a folder that the change cannot write to, or with a name that it cannot guess.
    TrustedFile(PathBuf),
    /// A file that other steps also append to.
    Append(PathBuf),
}

impl Outputs {
    /// The reports that the command line requests, or else the default ones of the runner.
    pub(crate) fn for_check(arguments: &CheckArguments, environment: &Environment) -> Result<Self, Error> {
        let mut reports = requested(&arguments.output, environment);
        if reports.is_empty() {
            reports = defaults(environment);
        }
        // A baseline is an ordinary JSON report.
        let baseline = arguments.write_baseline.iter().map(|file| Destination::File(environment.folder.join(file)));
        reports.extend(baseline.map(|file| (Format::Json, file)));
        let color = match arguments.color {
            // The log of GitHub Actions would show escape sequences as text.
            Color::Always => !environment.runner.is_github(),
            Color::Never => false,
            Color::Auto => environment.shows_color,
        };
        if arguments.statistics && !reports.iter().any(|(format, _)| *format == Format::Text) {
            return Err(Error::usage(
                "--statistics: only the text report has statistics",
                "add --output text, or count the findings of the JSON report by `rule`",
            ));
        }
        let detail = match (arguments.quiet, arguments.statistics) {
            (true, _) => Detail::Quiet,
            (false, true) => Detail::Statistics,
            (false, false) => Detail::Full,
        };
        Self::new(reports, environment, text::Options { color, detail, guarded: false })
    }

    /// The default reports of the runner, and `outputs`.
    pub(crate) fn for_action(outputs: &[OutputArgument], environment: &Environment) -> Result<Self, Error> {
        let reports = [defaults(environment), requested(outputs, environment)].into_iter().flatten().collect();
        Self::new(reports, environment, text::Options::default())
    }

    fn new(
        reports: Vec<(Format, Destination)>,
        environment: &Environment,
        options: text::Options,
    ) -> Result<Self, Error> {
        let to_standard_output = reports.iter().filter(|(_, to)| matches!(to, Destination::StandardOutput)).count();
        if to_standard_output > 1 {
            return Err(two_on_standard_output());
        }
        Ok(Self {
            reports,
            options: text::Options { guarded: environment.runner.is_github(), ..options },
            token: random_token()?,
            rejects_links: !environment.runner.is_local(),
        })
    }

    /// Adds a report to a file whose name contains [`Outputs::token`] or whose folder the change cannot write to.
    pub(crate) fn add(&mut self, format: Format, file: PathBuf) {
        self.reports.push((format, Destination::TrustedFile(file)));
    }

    /// A random word that the change cannot guess.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Writes every report, even if another one fails, and returns the exit status.
    pub(crate) fn write(&self, report: &Report, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
        let mut status = report.exit();
        for (format, destination) in &self.reports {
            if let Err(error) = self.write_one(*format, report, destination, out) {
                status = status.max(say(&unwritable(destination, error), log));
            }
        }
        let is_on_screen = self.reports.iter().any(|(format, to)| {
            matches!(to, Destination::StandardOutput) && matches!(format, Format::Text | Format::Github)
        });
        if let Some(error) = report.error.as_ref().filter(|_| !is_on_screen) {
            say(error, log);
        }
        status
    }

    fn write_one(
        &self,
        format: Format,
        report: &Report,
        destination: &Destination,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match destination {
            Destination::StandardOutput => unless_closed(self.render(format, report, out)),
            Destination::File(file) => self.render(format, report, &mut create_report(file, self.rejects_links)?),
            Destination::TrustedFile(file) => self.render(format, report, &mut File::create(file)?),
            Destination::Append(file) => {
                self.render(format, report, &mut OpenOptions::new().create(true).append(true).open(file)?)
            }
        }
    }

    fn render(&self, format: Format, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let text = match format {
            Format::Text => text::render(report, self.options),
            Format::Github => github::render(report, &self.token, self.options.detail),
            Format::Markdown => markdown::render(report),
            Format::Json => {
                let mut buffered = BufWriter::new(out);
                json::write(report, &mut buffered)?;
                return buffered.flush();
            }
            Format::Sarif => sarif::render(report),
            Format::Junit => junit::render(report),
        };
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardOutput => formatter.write_str("standard output"),
            Self::File(file) | Self::TrustedFile(file) | Self::Append(file) => file.display().fmt(formatter),
        }
    }
}

/// The error for two reports on standard output, which would be mixed up.
pub(super) fn two_on_standard_output() -> Error {
    Error::usage(
        "only one report can go to standard output",
        "send the others to files, as in --output json=report.json",
    )
}

/// The error for a report that could not be written.
pub(super) fn unwritable(destination: impl fmt::Display, error: io::Error) -> Error {
    Error::internal(
        format!("could not write the report to {destination}"),
        "free some space, or write the report to another place",
    )
    .caused_by(error)
}

fn requested(outputs: &[OutputArgument], environment: &Environment) -> Vec<(Format, Destination)> {
    let destination = |output: &OutputArgument| match &output.file {
        Some(file) => Destination::File(environment.folder.join(file)),
        None => Destination::StandardOutput,
    };
    outputs.iter().map(|output| (output.format, destination(output))).collect()
}

/// Annotations and a summary in GitHub Actions, text and test cases in Prow, or else text.
fn defaults(environment: &Environment) -> Vec<(Format, Destination)> {
    if environment.runner.is_github() {
        let summary = environment.step_summary.clone().map(|file| (Format::Markdown, Destination::Append(file)));
        return iter::once((Format::Github, Destination::StandardOutput)).chain(summary).collect();
    }
    let artifacts = environment.artifacts.as_ref().filter(|_| environment.runner.is_prow());
    let cases = artifacts.map(|folder| (Format::Junit, Destination::TrustedFile(folder.join(JUNIT_FILE))));
    iter::once((Format::Text, Destination::StandardOutput)).chain(cases).collect()
}

/// A word with 128 random bits, which the change cannot guess and therefore cannot contain.
pub(crate) fn random_token() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::internal(
            "the operating system provides no random numbers",
            "run kepgate on a system with a source of random numbers",
        )
        .caused_by(error)
    })?;
    Ok(format!("kepgate-{:032x}", u128::from_le_bytes(bytes)))
}

/// A closed pipe (`kepgate check | head`) is not an error.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes the output of a command. A closed pipe (`kepgate rules | head`) is not an error.
pub(crate) fn print(text: &str, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    unless_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush())).context("could not write")?;
    Ok(ExitStatus::Clean)
}

/// Logs why a command failed, with options as the user typed them.
pub(crate) fn fail(error: &anyhow::Error, environment: &Environment, log: &mut dyn Write) -> ExitStatus {
    let (text, status) = match error.downcast_ref::<Error>() {
        Some(error) => (described(error), error.status()),
        None => (format!("kepgate: {error:#}"), ExitStatus::Unchecked),
    };
    // If the log cannot be written either, the exit status remains.
    let _ = writeln!(log, "{}", log_lines(&environment.spelling.apply(&text)));
    status
}

/// Logs an error.
pub(crate) fn say(error: &Error, log: &mut dyn Write) -> ExitStatus {
    // If the log cannot be written either, the exit status remains.
    let _ = writeln!(log, "{}", log_lines(&described(error)));
    error.status()
}

fn described(error: &Error) -> String {
    format!("kepgate: {}\n  help: {}", error.describe(), error.help())
}
