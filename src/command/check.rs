//! `kepgate check`: what a change does wrong.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use super::{Environment, compare, output};
use crate::check::{Settings, check, failed};
use crate::cli::CheckArguments;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::model::sig::Sigs;
use crate::report::{Report, Threshold};
use crate::source::Revisions;
use crate::work::{Groups, Scope};

pub(super) fn run(
    arguments: &CheckArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> ExitStatus {
    let outputs = match output::plan(arguments, environment) {
        Ok(outputs) => outputs,
        Err(error) => return output::say(&error, log),
    };
    let report = report(arguments, environment);
    output::write(&outputs, &report, out, log)
}

fn report(arguments: &CheckArguments, environment: &Environment) -> Report {
    let started = Instant::now();
    let mut settings = Settings {
        threshold: Threshold { fail_on: arguments.fail_on.level(), strict: arguments.strict },
        scope: Scope { all: arguments.all, only: Vec::new() },
        groups: Groups::default(),
        sigs: Sigs::default(),
        web: environment.web.clone(),
    };
    let compared = sigs(arguments.sigs.as_deref()).and_then(|sigs| {
        settings.sigs = sigs;
        compare::compare(arguments, &environment.folder)
    });
    match compared {
        Ok(compared) => {
            settings.scope.only = compared.only;
            check(compared.change, &settings, started)
        }
        Err(error) => failed(error, Revisions::default(), &settings, started),
    }
}

fn sigs(path: Option<&Path>) -> Result<Sigs, Error> {
    let mut sigs = Sigs::default();
    let Some(path) = path else { return Ok(sigs) };
    let fault = |what: String| Error::Usage {
        message: format!("--sigs {}: {what}", path.display()),
        help: "name the sigs.yaml of the community repository".to_owned(),
    };
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    sigs.add_community(&text).map_err(fault)?;
    Ok(sigs)
}
