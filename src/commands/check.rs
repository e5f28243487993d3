//! `kepgate check`: checks a change.

use std::io::Write;

use crate::check::result::Report;
use crate::cli::CheckArguments;
use crate::exit::ExitStatus;
use crate::session::Environment;
use crate::session::deadline::within;
use crate::session::output::{Outputs, say};

pub(super) fn run(
    arguments: &CheckArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> ExitStatus {
    let outputs = match Outputs::for_check(arguments, environment) {
        Ok(outputs) => outputs,
        Err(error) => return say(&error, log),
    };
    let report = report(arguments, environment, log);
    outputs.write(&report, out, log)
}

/// Runs the check. An error becomes part of the report, so that every output shows it.
pub(super) fn report(arguments: &CheckArguments, environment: &Environment, log: &mut dyn Write) -> Report {
    within(arguments, environment, log)
}
