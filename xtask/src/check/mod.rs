//! The project's own check. A maintainer, `.ci/run` and the GitHub workflow run the same steps.

mod context;
mod job;
mod schedule;
mod steps;

use anyhow::{Result, bail, ensure};
use clap::Args;

use context::Context;
use steps::STEPS;

#[derive(Args)]
pub(crate) struct Options {
    /// Steps to run, with the steps that they need; all by default
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
    /// List the steps
    #[arg(long)]
    list: bool,
}

/// A part of the check.
pub(crate) struct Step {
    name: &'static str,
    about: &'static str,
    /// Steps whose results this one uses. They run first, even if only this one is requested.
    needs: &'static [&'static str],
    cost: Cost,
    run: fn(&mut job::Job<'_>) -> Result<Outcome>,
}

/// The resources that a step uses, from which the scheduler decides what can run at the same time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cost {
    /// Mostly waits for the network.
    Download,
    /// At least one core.
    Compute,
    /// At least one core, and Cargo's lock on the shared target directory.
    Cargo,
}

/// The result of a step that did not fail.
enum Outcome {
    Passed,
    /// The step needs something that is missing on this machine; the text says what. In CI this is a failure.
    NotRun(String),
}

/// Runs the chosen steps. Returns an error if any failed.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.list {
        for step in STEPS {
            println!("{:<12} {}", step.name, step.about);
        }
        return Ok(());
    }
    let chosen = choose(&options.steps)?;
    let context = Context::new()?;
    let report = schedule::run(&chosen, &context);
    report.print();
    ensure!(report.failed == 0, "{} of {} steps failed", report.failed, chosen.len());
    Ok(())
}

/// The named steps and everything they need, in the order of [`STEPS`].
fn choose(names: &[String]) -> Result<Vec<&'static Step>> {
    let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    let mut next = 0;
    while let Some(name) = wanted.get(next).copied() {
        let Some(step) = STEPS.iter().find(|step| step.name == name) else {
            bail!("there is no step `{name}`; `cargo xtask check --list` lists them");
        };
        wanted.extend(step.needs);
        next += 1;
    }
    Ok(STEPS.iter().filter(|step| wanted.contains(&step.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_after_what_they_need() {
        for (index, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                let position = STEPS.iter().position(|other| other.name == *need);
                assert!(position.is_some_and(|position| position < index), "{} needs {need}", step.name);
            }
        }
    }

    #[test]
    fn a_chosen_step_brings_what_it_needs() {
        let names: Vec<_> = choose(&["api".to_owned()]).unwrap().iter().map(|step| step.name).collect();
        assert_eq!(names, ["clone", "node", "demo", "tests", "api"]);
    }

    #[test]
    fn an_unknown_step_is_an_error() {
        assert!(choose(&["lint".to_owned()]).is_err());
    }
}
