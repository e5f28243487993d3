//! The deadline of a check.
//!
//! The check runs in its own thread, which ends with the process if it takes too long. So the deadline covers
//! everything that the check does: git, requests, and rules.

use std::io::{self, Write};
use std::panic;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Environment;
use super::plan::{Plan, rejected};
use super::progress::ProgressLine;
use crate::check::Progress;
use crate::check::result::Report;
use crate::cli::CheckArguments;
use crate::error::Error;

/// The stack of the thread, in bytes: as much as the main thread has on Linux.
const STACK: usize = 8 * 1024 * 1024;

/// A message from the thread.
enum Message {
    /// Bytes for the log.
    Log(Vec<u8>),
    /// The result.
    Report(Box<Report>),
}

/// Writes the number of KEPs that have been read to the terminal, if there is one.
fn progress(environment: &Environment, sender: Sender<Message>) -> Progress {
    if !environment.shows_progress {
        return Progress::default();
    }
    let line = ProgressLine::new("KEPs", environment);
    Progress::new(move |done, total| {
        if let Some(line) = line.update(done, total) {
            // After the deadline, nothing receives the message.
            let _ = sender.send(Message::Log(line.into_bytes()));
        }
    })
}

/// Plans and runs the check. If it takes longer than `arguments.timeout`, the report says so.
pub(crate) fn within(arguments: &CheckArguments, environment: &Environment, log: &mut dyn Write) -> Report {
    let deadline = Instant::now() + arguments.timeout;
    let (sender, receiver) = channel();
    let worker = {
        let (arguments, environment) = (arguments.clone(), environment.clone());
        thread::Builder::new().name("check".to_owned()).stack_size(STACK).spawn(move || {
            let mut log = LogSender(&sender);
            let report = match Plan::new(&arguments, &environment) {
                Ok(plan) => plan.with_progress(progress(&environment, sender.clone())).run(&mut log),
                Err(error) => error.run(&mut log),
            };
            // After the deadline, nothing receives the message.
            let _ = sender.send(Message::Report(Box::new(report)));
        })
    };
    match worker {
        Ok(worker) => receive(&receiver, worker, deadline, log).unwrap_or_else(|| {
            let mut report = rejected(timed_out(arguments.timeout), environment);
            report.elapsed = arguments.timeout;
            report
        }),
        Err(error) => rejected(
            Error::internal("the system cannot start a thread", "try again, or raise the limit of threads")
                .caused_by(error),
            environment,
        ),
    }
}

/// Copies the log until the report arrives; `None` at the deadline.
fn receive(
    receiver: &Receiver<Message>,
    worker: JoinHandle<()>,
    deadline: Instant,
    log: &mut dyn Write,
) -> Option<Report> {
    loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Message::Report(report)) => return Some(*report),
            // If the log cannot be written, writing the report will fail as well.
            Ok(Message::Log(bytes)) => _ = log.write_all(&bytes),
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => {
                // The thread ended without a report, so it panicked.
                if let Err(cause) = worker.join() {
                    panic::resume_unwind(cause);
                }
                return None;
            }
        }
    }
}

fn timed_out(limit: Duration) -> Error {
    let limit = jiff::SignedDuration::try_from(limit).unwrap_or(jiff::SignedDuration::MAX);
    Error::fetch(format!("the check did not finish within {limit:#}"), "try again, or allow more time with --timeout")
}

/// The log of the thread.
struct LogSender<'a>(&'a Sender<Message>);

impl Write for LogSender<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(Message::Log(bytes.to_vec())).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
