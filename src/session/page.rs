//! The output of commands that list something.

use std::io::Write;
use std::path::PathBuf;

use super::output::{print, say, two_on_standard_output, unwritable};
use super::{Environment, files};
use crate::cli::OutputArgument;
use crate::error::Error;
use crate::escape::log_lines;
use crate::exit::ExitStatus;

/// The output of a command in each requested format, and why it is incomplete.
pub(crate) struct Page {
    outputs: Vec<(Option<PathBuf>, String)>,
    /// Files in kepgate's own folder.
    files: Vec<(PathBuf, String)>,
    gap: Option<Error>,
    /// A note to log after every file is written.
    note: Option<String>,
    rejects_links: bool,
}

impl Page {
    /// Renders the output in each format: those of `--output`, or else `usual` to standard output.
    pub(crate) fn new<F: Copy>(
        arguments: &[OutputArgument<F>],
        usual: F,
        environment: &Environment,
        mut render: impl FnMut(F) -> Result<String, Error>,
    ) -> Result<Self, Error> {
        if arguments.iter().filter(|argument| argument.file.is_none()).count() > 1 {
            return Err(two_on_standard_output());
        }
        let file = |argument: &OutputArgument<F>| argument.file.as_ref().map(|file| environment.folder.join(file));
        let requested = arguments.iter().map(|argument| (file(argument), argument.format));
        let usual = arguments.is_empty().then_some((None, usual));
        let outputs = requested.chain(usual).map(|(file, format)| Ok((file, render(format)?)));
        Ok(Self {
            outputs: outputs.collect::<Result<_, Error>>()?,
            files: Vec::new(),
            gap: None,
            note: None,
            rejects_links: !environment.runner.is_local(),
        })
    }

    /// Adds these files. `note` is logged after they are written.
    pub(crate) fn with_files(mut self, files: Vec<(PathBuf, String)>, note: String) -> Self {
        self.note = (!files.is_empty()).then_some(note);
        self.files = files;
        self
    }

    /// Adds the reason why the output is incomplete.
    pub(crate) fn with_gap(self, gap: Option<Error>) -> Self {
        Self { gap, ..self }
    }

    /// Writes every output, even if another one fails, and logs what is missing.
    pub(crate) fn print(&self, out: &mut dyn Write, log: &mut dyn Write) -> anyhow::Result<ExitStatus> {
        let mut status = ExitStatus::Clean;
        for (file, text) in &self.outputs {
            match file {
                None => status = status.max(print(text, out)?),
                Some(file) => {
                    if let Err(error) = files::write_report(file, text, self.rejects_links) {
                        status = status.max(say(&unwritable(file.display(), error), log));
                    }
                }
            }
        }
        for (file, text) in &self.files {
            if let Err(error) = files::replace(file, text) {
                status = status.max(say(&unwritable(file.display(), error), log));
            }
        }
        if let Some(note) = self.note.as_ref().filter(|_| status == ExitStatus::Clean) {
            // If the log cannot be written, the files still exist.
            let _ = writeln!(log, "kepgate: {}", log_lines(note));
        }
        Ok(self.gap.as_ref().map_or(status, |error| status.max(say(error, log))))
    }
}
