//! Where the reports go.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::iter;
use std::path::{Path, PathBuf};

use super::Environment;
use crate::check::result::Report;
use crate::cli::{CheckArguments, Color, Format, OutputArgument};
use crate::error::Error;
use crate::escape::log_lines;
use crate::event::Started;
use crate::exit::ExitStatus;
use crate::report::{github, json, junit, markdown, sarif, text};

/// The reports to write.
pub(crate) struct Plan {
    outputs: Vec<(Format, Destination)>,
    options: text::Options,
    token: String,
    /// Whether a change may have laid links where a report is to go: in a checkout that nobody has looked at.
    may_be_linked: bool,
}

/// The name by which Prow's deck finds test cases.
const JUNIT_FILE: &str = "junit_kepgate.xml";

enum Destination {
    StandardOutput,
    File(PathBuf),
    /// A file where the runner wants one, in a folder that no change has a say in, or of a name that none can know.
    Left(PathBuf),
    /// At the end of what other steps have written.
    EndOf(PathBuf),
}

impl Plan {
    /// With one report more.
    pub(crate) fn add(&mut self, format: Format, file: PathBuf) {
        self.outputs.push((format, Destination::Left(file)));
    }

    /// A word that nobody outside this run can know.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}

/// What the command line asks for, or else what the place suggests.
pub(crate) fn plan(arguments: &CheckArguments, environment: &Environment) -> Result<Plan, Error> {
    let mut outputs = asked(&arguments.output, environment);
    if outputs.is_empty() {
        outputs = usual(environment);
    }
    // A baseline is a report like any other.
    let baseline = arguments.write_baseline.iter().map(|file| Destination::File(environment.folder.join(file)));
    outputs.extend(baseline.map(|file| (Format::Json, file)));
    let color = match arguments.color {
        // A log in which lines can be commands shows escape sequences as text.
        Color::Always => !environment.started.is_github(),
        Color::Never => false,
        Color::Auto => environment.shows_color,
    };
    planned(outputs, environment, text::Options { color, quiet: arguments.quiet, guarded: false })
}

/// What the place suggests, and these.
pub(crate) fn beside_the_usual(wanted: &[OutputArgument], environment: &Environment) -> Result<Plan, Error> {
    let outputs = [usual(environment), asked(wanted, environment)].into_iter().flatten().collect();
    planned(outputs, environment, text::Options::default())
}

fn asked(outputs: &[OutputArgument], environment: &Environment) -> Vec<(Format, Destination)> {
    let destination = |output: &OutputArgument| match &output.file {
        Some(file) => Destination::File(environment.folder.join(file)),
        None => Destination::StandardOutput,
    };
    outputs.iter().map(|output| (output.format, destination(output))).collect()
}

/// Annotations and a summary for GitHub, text and test cases for Prow, text for a person.
fn usual(environment: &Environment) -> Vec<(Format, Destination)> {
    if environment.started.is_github() {
        let summary = environment.step_summary.clone().map(|file| (Format::Markdown, Destination::EndOf(file)));
        return iter::once((Format::Github, Destination::StandardOutput)).chain(summary).collect();
    }
    let artifacts = environment.artifacts.as_ref().filter(|_| environment.started.is_prow());
    let cases = artifacts.map(|folder| (Format::Junit, Destination::Left(folder.join(JUNIT_FILE))));
    iter::once((Format::Text, Destination::StandardOutput)).chain(cases).collect()
}

fn planned(
    outputs: Vec<(Format, Destination)>,
    environment: &Environment,
    options: text::Options,
) -> Result<Plan, Error> {
    let to_standard_output = outputs.iter().filter(|(_, to)| matches!(to, Destination::StandardOutput)).count();
    if to_standard_output > 1 {
        return Err(Error::Usage {
            message: "more than one report would go to standard output".to_owned(),
            help: "send all but one to files, as in --output json=report.json".to_owned(),
        });
    }
    Ok(Plan {
        outputs,
        options: text::Options { guarded: environment.started.is_github(), ..options },
        token: random_token()?,
        may_be_linked: !matches!(environment.started, Started::ByHand),
    })
}

/// 128 random bits in hexadecimal: what a change cannot know and so cannot write.
pub(crate) fn random_token() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal {
        message: format!("the system has no random numbers: {error}"),
        help: "run kepgate where it has".to_owned(),
    })?;
    Ok(format!("kepgate-{:032x}", u128::from_le_bytes(bytes)))
}

/// Writes every report, whatever becomes of the others, and tells how the process ends.
pub(crate) fn write(plan: &Plan, report: &Report, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    let mut status = report.exit();
    for (format, destination) in &plan.outputs {
        let content = match format {
            Format::Text => text::render(report, plan.options),
            Format::Github => github::render(report, &plan.token, plan.options.quiet),
            Format::Markdown => markdown::render(report),
            Format::Json => json::render(report),
            Format::Sarif => sarif::render(report),
            Format::Junit => junit::render(report),
        };
        let (written, name) = match destination {
            Destination::StandardOutput => (to_standard_output(&content, out), "standard output".to_owned()),
            Destination::File(file) => {
                let is_safe = if plan.may_be_linked { unlinked(file) } else { Ok(()) };
                (is_safe.and_then(|()| std::fs::write(file, content)), file.display().to_string())
            }
            Destination::Left(file) => (std::fs::write(file, content), file.display().to_string()),
            Destination::EndOf(file) => (append(file, &content), file.display().to_string()),
        };
        if let Err(error) = written {
            let error = Error::Internal {
                message: format!("could not write the report to {name}: {error}"),
                help: "make room there, or send the report elsewhere".to_owned(),
            };
            status = status.max(say(&error, log));
        }
    }
    let on_screen = plan.outputs.iter().any(|(format, to)| {
        matches!(to, Destination::StandardOutput) && matches!(format, Format::Text | Format::Github)
    });
    if let Some(error) = report.error.as_ref().filter(|_| !on_screen) {
        say(error, log);
    }
    status
}

/// A reader that went away has read enough.
fn to_standard_output(content: &str, out: &mut dyn Write) -> io::Result<()> {
    match out.write_all(content.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Sees that no symbolic link stands on the way to `file`: a change could have laid it, to have a report written where it
/// does harm.
fn unlinked(file: &Path) -> io::Result<()> {
    let mut way = PathBuf::new();
    for part in file {
        way.push(part);
        if way.is_symlink() {
            return Err(io::Error::other("a symbolic link stands on the way, and none is followed here"));
        }
    }
    Ok(())
}

fn append(file: &Path, content: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(content.as_bytes())
}

/// Says what is wrong where no report does.
pub(crate) fn say(error: &Error, log: &mut dyn Write) -> ExitStatus {
    // Where not even the log can be written, the exit status has to do.
    let _ = writeln!(log, "{}", log_lines(&format!("kepgate: {error}\n  help: {}", error.help())));
    error.status()
}

/// A reader that went away (`kepgate rules | head`) is no fault; a disk that is full is.
pub(crate) fn written(result: std::io::Result<()>, log: &mut dyn Write) -> ExitStatus {
    match result {
        Ok(()) => ExitStatus::Clean,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitStatus::Clean,
        Err(error) => {
            // Where not even the log can be written, the exit status has to do.
            let _ = writeln!(log, "kepgate: could not write: {error}");
            ExitStatus::Unchecked
        }
    }
}
