//! Runs two programs alternately and measures their times.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// The result of comparing two programs.
pub(super) struct Ratio {
    /// The median of the ratios of all pairs.
    pub(super) median: f64,
    /// The median time of the first program, in milliseconds.
    pub(super) subject: f64,
    /// The median time of the other program, in milliseconds.
    pub(super) other: f64,
}

/// Runs both programs `rounds` times, after one run that does not count.
pub(super) fn compare(subject: &Command, other: &Command, rounds: usize) -> Result<Ratio> {
    time(subject)?;
    time(other)?;
    let mut pairs = Vec::new();
    for round in 0..rounds {
        // Alternate which program runs first.
        pairs.push(if round % 2 == 0 {
            (time(subject)?, time(other)?)
        } else {
            let other = time(other)?;
            (time(subject)?, other)
        });
    }
    Ok(Ratio {
        median: median(pairs.iter().map(|(subject, other)| subject / other)),
        subject: median(pairs.iter().map(|pair| pair.0)),
        other: median(pairs.iter().map(|pair| pair.1)),
    })
}

/// The time of one run in milliseconds.
fn time(command: &Command) -> Result<f64> {
    let mut command = copy(command);
    let started = Instant::now();
    let status = command.status().with_context(|| format!("{command:?} cannot be started"))?;
    let time = started.elapsed();
    // kepgate exits with 1 for findings and with 3 if it could not check something, and git with 128 for errors.
    anyhow::ensure!(matches!(status.code(), Some(0 | 1 | 3)), "{command:?} failed: {status}");
    Ok(time.as_secs_f64() * 1000.0)
}

fn copy(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    copy.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        copy.current_dir(folder);
    }
    copy
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The maximum anonymous memory of the program, in KiB, without mapped files; `None` if the system does not report it.
/// It is sampled, so a short peak may be missed.
pub(super) fn memory(command: &Command) -> Result<Option<f64>> {
    let mut most = None;
    // A short run may end before it is sampled, so take the highest of several runs.
    for _ in 0..5 {
        let mut child = copy(command).spawn()?;
        let status = format!("/proc/{}/status", child.id());
        while child.try_wait()?.is_none() {
            most = most.max(std::fs::read_to_string(&status).ok().and_then(|status| anonymous(&status)));
            thread::sleep(Duration::from_micros(200));
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "no process has that much memory")]
    let kib = most.map(|kib| kib as f64);
    Ok(kib)
}

fn anonymous(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse().ok()
}
