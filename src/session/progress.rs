//! A line on the terminal that shows the progress of a command.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::Environment;

/// The time before the line appears, so that it does not flash up in short runs.
const QUIET: Duration = Duration::from_millis(400);

/// The minimum time between two updates of the line.
const INTERVAL: Duration = Duration::from_millis(50);

/// A line on standard error that is overwritten, and erased at the end. It only appears on a terminal.
pub(crate) struct ProgressLine {
    what: &'static str,
    is_shown: bool,
    next: Mutex<Instant>,
}

impl ProgressLine {
    /// A line such as `pull requests: 32 of 200`.
    pub(crate) fn new(what: &'static str, environment: &Environment) -> Self {
        Self { what, is_shown: environment.shows_progress, next: Mutex::new(Instant::now() + QUIET) }
    }

    /// The bytes to write to the terminal when `done` of `total` are done; `None` if it is too early for an update.
    pub(crate) fn update(&self, done: usize, total: usize) -> Option<String> {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_due = done == total || Instant::now() >= *next;
        if !self.is_shown || !is_due {
            return None;
        }
        *next = Instant::now() + INTERVAL;
        Some(line(self.what, done, total))
    }

    /// A function that writes the line to `log`.
    pub(crate) fn writing_to(self, log: &mut dyn Write) -> impl FnMut(usize, usize) {
        move |done, total| {
            if let Some(line) = self.update(done, total) {
                // If the log cannot be written, the output is still complete.
                let _ = log.write_all(line.as_bytes()).and_then(|()| log.flush());
            }
        }
    }
}

/// Erases the line, and writes the new state unless everything is done.
fn line(what: &str, done: usize, total: usize) -> String {
    let state = if done == total { String::new() } else { format!("{what}: {done} of {total}") };
    format!("\r\u{1b}[K{state}")
}

#[cfg(test)]
mod tests {
    use super::{Environment, ProgressLine};

    #[test]
    fn the_line_is_erased_at_the_end_and_only_on_a_terminal() {
        let terminal = Environment { shows_progress: true, ..Environment::default() };
        let progress = ProgressLine::new("KEPs", &terminal);
        assert_eq!(progress.update(1, 3), None, "not at once");
        *progress.next.lock().unwrap() = std::time::Instant::now();
        assert_eq!(progress.update(2, 3).as_deref(), Some("\r\u{1b}[KKEPs: 2 of 3"));
        assert_eq!(progress.update(3, 3).as_deref(), Some("\r\u{1b}[K"));
        assert_eq!(ProgressLine::new("KEPs", &Environment::default()).update(3, 3), None);
    }
}
