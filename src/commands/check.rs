//! `kepgate check`: checks a change.

use std::io::Write;

use crate::check::result::Report;
use crate::cli::CheckArguments;
use crate::exit::ExitStatus;
use crate::session::Environment;
use crate::session::deadline::within;
use crate::session::output::Outputs;

pub(super) fn run(
    arguments: &CheckArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let outputs = Outputs::for_check(arguments, environment)?;
    let report = report(arguments, environment, log);
    Ok(outputs.write(&report, out, log))
}

/// Runs the check. An error becomes part of the report, so that every output shows it.
pub(super) fn report(arguments: &CheckArguments, environment: &Environment, log: &mut dyn Write) -> Report {
    within(arguments, environment, log)
}
