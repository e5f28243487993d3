//! A running step. It starts programs and writes their output to the step's log.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::Context;

pub(super) struct Job<'a> {
    pub(super) context: &'a Context,
    log: PathBuf,
    /// Lines for the report.
    pub(super) highlights: Vec<String>,
    release_cargo: &'a (dyn Fn() + Sync),
}

impl<'a> Job<'a> {
    pub(super) fn new(context: &'a Context, name: &str, release_cargo: &'a (dyn Fn() + Sync)) -> Result<Self> {
        let log = log_path(context, name);
        File::create(&log).with_context(|| format!("could not create {}", log.display()))?;
        Ok(Self { context, log, highlights: Vec::new(), release_cargo })
    }

    /// Adds a line to the report.
    pub(super) fn highlight(&mut self, line: impl Into<String>) {
        self.highlights.push(line.into());
    }

    /// Runs a program that must succeed.
    pub(super) fn run(&self, command: &mut Command) -> Result<()> {
        let status = self.status(command)?;
        ensure!(status.success(), "`{}` ended with {status}", describe(command));
        Ok(())
    }

    /// Runs a program that must succeed, with a file as its standard input.
    pub(super) fn run_on(&self, command: &mut Command, input: &Path) -> Result<()> {
        let input = File::open(input).with_context(|| format!("could not read {}", input.display()))?;
        let status = self.status_of(command.stdin(input))?;
        ensure!(status.success(), "`{}` ended with {status}", describe(command));
        Ok(())
    }

    /// Runs a program and returns its exit status.
    pub(super) fn status(&self, command: &mut Command) -> Result<ExitStatus> {
        self.status_of(command.stdin(Stdio::null()))
    }

    fn status_of(&self, command: &mut Command) -> Result<ExitStatus> {
        let log = self.open_log(command)?;
        let errors = log.try_clone().context("could not duplicate the log")?;
        let status = command.stdout(log).stderr(errors).status();
        status.with_context(|| format!("could not start `{}`", describe(command)))
    }

    /// Runs a program that must succeed and returns its standard output.
    pub(super) fn output(&self, command: &mut Command) -> Result<String> {
        let (status, text) = self.capture(command)?;
        ensure!(status.success(), "`{}` ended with {status}", describe(command));
        Ok(text)
    }

    /// Runs a program that must succeed and puts the last line of its standard output into the report.
    pub(super) fn report_last_line(&mut self, command: &mut Command) -> Result<()> {
        let text = self.output(command)?;
        if let Some(line) = text.trim_end().lines().last() {
            self.highlight(line);
        }
        Ok(())
    }

    /// Runs a program and returns its exit status and its standard output, which also goes to the log.
    pub(super) fn capture(&self, command: &mut Command) -> Result<(ExitStatus, String)> {
        let mut log = self.open_log(command)?;
        let errors = log.try_clone().context("could not duplicate the log")?;
        let output = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn();
        let output = output.and_then(std::process::Child::wait_with_output);
        let output = output.with_context(|| format!("could not start `{}`", describe(command)))?;
        log.write_all(&output.stdout).context("could not write the log")?;
        Ok((output.status, String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    /// Runs Cargo tests that must pass. Other Cargo steps may continue as soon as everything is compiled.
    pub(super) fn run_tests(&self, command: &mut Command) -> Result<()> {
        let mut log = self.open_log(command)?;
        let output = log.try_clone().context("could not duplicate the log")?;
        let child = command.stdin(Stdio::null()).stdout(output).stderr(Stdio::piped()).spawn();
        let mut child = child.with_context(|| format!("could not start `{}`", describe(command)))?;
        for line in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
            let mut line = line.context("could not read Cargo's messages")?;
            if line.trim_ascii_start().starts_with(b"Running ") {
                (self.release_cargo)();
            }
            line.push(b'\n');
            log.write_all(&line).context("could not write the log")?;
        }
        let status = child.wait().context("could not wait for Cargo")?;
        ensure!(status.success(), "`{}` ended with {status}", describe(command));
        Ok(())
    }

    pub(super) fn log_text(&self) -> Result<String> {
        let bytes = fs::read(&self.log).with_context(|| format!("could not read {}", self.log.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn open_log(&self, command: &Command) -> Result<File> {
        let mut log = OpenOptions::new().append(true).open(&self.log).context("could not open the log")?;
        writeln!(log, "$ {}", describe(command)).context("could not write the log")?;
        Ok(log)
    }
}

/// The path of a step's log.
pub(super) fn log_path(context: &Context, name: &str) -> PathBuf {
    context.kept.join(format!("{name}.log"))
}

/// A program to run in a folder.
pub(super) fn program(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command
}

/// True if a program of this name can be started.
pub(super) fn is_installed(name: &str) -> bool {
    let silent =
        Command::new(name).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    silent.is_ok_and(|status| status.success())
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
