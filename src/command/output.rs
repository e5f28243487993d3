//! Where the reports go.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Environment;
use crate::cli::{CheckArguments, Color, Format};
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::report::escape::log_lines;
use crate::report::{Report, github, json, markdown, text};

/// The reports to write.
pub(super) struct Plan {
    outputs: Vec<(Format, Destination)>,
    options: text::Options,
    token: String,
}

enum Destination {
    StandardOutput,
    File(PathBuf),
    /// At the end of what other steps have written.
    EndOf(PathBuf),
}

/// What the command line asks for, or else what the place suggests.
pub(super) fn plan(arguments: &CheckArguments, environment: &Environment) -> Result<Plan, Error> {
    let mut outputs: Vec<_> = arguments
        .output
        .iter()
        .map(|output| match &output.file {
            Some(file) => (output.format, Destination::File(environment.folder.join(file))),
            None => (output.format, Destination::StandardOutput),
        })
        .collect();
    if outputs.is_empty() && environment.is_github_actions {
        outputs.push((Format::Github, Destination::StandardOutput));
        let summary = environment.step_summary.clone();
        outputs.extend(summary.map(|file| (Format::Markdown, Destination::EndOf(file))));
    } else if outputs.is_empty() {
        outputs.push((Format::Text, Destination::StandardOutput));
    }
    // A baseline is a report like any other.
    let baseline = arguments.write_baseline.iter().map(|file| Destination::File(environment.folder.join(file)));
    outputs.extend(baseline.map(|file| (Format::Json, file)));
    let to_standard_output = outputs.iter().filter(|(_, to)| matches!(to, Destination::StandardOutput)).count();
    if to_standard_output > 1 {
        return Err(Error::Usage {
            message: "more than one report would go to standard output".to_owned(),
            help: "send all but one to files, as in --output json=report.json".to_owned(),
        });
    }
    let color = match arguments.color {
        // A log in which lines can be commands shows escape sequences as text.
        Color::Always => !environment.is_github_actions,
        Color::Never => false,
        Color::Auto => environment.shows_color,
    };
    Ok(Plan {
        outputs,
        options: text::Options { color, quiet: arguments.quiet, guarded: environment.is_github_actions },
        token: random_token()?,
    })
}

/// 128 random bits in hexadecimal: what a change cannot know and so cannot write.
fn random_token() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal {
        message: format!("the system has no random numbers: {error}"),
        help: "run kepgate where it has".to_owned(),
    })?;
    Ok(format!("kepgate-{:032x}", u128::from_le_bytes(bytes)))
}

/// Writes every report, whatever becomes of the others, and tells how the process ends.
pub(super) fn write(plan: &Plan, report: &Report, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    let mut status = report.exit();
    for (format, destination) in &plan.outputs {
        let content = match format {
            Format::Text => text::render(report, plan.options),
            Format::Github => github::render(report, &plan.token, plan.options.quiet),
            Format::Markdown => markdown::render(report),
            Format::Json => json::render(report),
        };
        let (written, name) = match destination {
            Destination::StandardOutput => (to_standard_output(&content, out), "standard output".to_owned()),
            Destination::File(file) => (std::fs::write(file, content), file.display().to_string()),
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

fn append(file: &Path, content: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(content.as_bytes())
}

/// Says what is wrong where no report does.
pub(super) fn say(error: &Error, log: &mut dyn Write) -> ExitStatus {
    // Where not even the log can be written, the exit status has to do.
    let _ = writeln!(log, "{}", log_lines(&format!("kepgate: {error}\n  help: {}", error.help())));
    error.status()
}
