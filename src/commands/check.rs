//! `kepgate check`: what a change does wrong.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::change::Scope;
use crate::check::result::Report;
use crate::check::{BaselineSource, ConfigSource, Settings, check, failed};
use crate::cli::CheckArguments;
use crate::error::Error;
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::kep::sigs::Sigs;
use crate::rule::FailOn;
use crate::session::compare::{self, Root};
use crate::session::remote::{self, Remote};
use crate::session::{Environment, clock, fix, output};
use crate::source::{Change, Revisions};
use crate::tracking::Asking;

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
    let report = report(arguments, environment, log);
    output::write(&outputs, &report, out, log)
}

pub(super) fn report(arguments: &CheckArguments, environment: &Environment, log: &mut dyn Write) -> Report {
    let started = Instant::now();
    // Where there is no change, old debt would keep the check red for ever.
    let is_sweep = compare::follows_event(arguments, &environment.started) && environment.started.is_without_change();
    let mut settings = Settings {
        scope: Scope { all: arguments.all || is_sweep, only: Vec::new() },
        fail_on: arguments.fail_on.map(FailOn::from).or(is_sweep.then_some(FailOn::Never)),
        strict: arguments.strict,
        web: environment.web.clone(),
        ..Settings::default()
    };
    let mut revisions = Revisions::default();
    let is_sound = compare::sees_no_trap(arguments, &environment.started);
    let remote = match is_sound.and_then(|()| remote::remote(arguments, environment)) {
        Ok(remote) => remote,
        Err(error) => return failed(error, revisions, &settings, started),
    };
    let report = match try_report(arguments, environment, remote.as_ref(), &mut settings, &mut revisions, started, log)
    {
        Ok(report) => report,
        Err(error) => failed(error, revisions, &settings, started),
    };
    if let Some(remote) = &remote {
        remote.reply(arguments, &report, log);
    }
    report
}

/// The report of a check that was not begun.
pub(super) fn without(error: Error, environment: &Environment) -> Report {
    let settings = Settings { web: environment.web.clone(), ..Settings::default() };
    failed(error, Revisions::default(), &settings, Instant::now())
}

fn try_report(
    arguments: &CheckArguments,
    environment: &Environment,
    remote: Option<&Remote>,
    settings: &mut Settings,
    revisions: &mut Revisions,
    started: Instant,
    log: &mut dyn Write,
) -> Result<Report, Error> {
    settings.now = Some(clock::now(arguments.clock.now, environment)?);
    settings.exceptions = clock::exceptions(&arguments.clock.exceptions, None, environment)?;
    settings.sigs = sigs(arguments.sigs.as_deref())?;
    let root = match remote {
        Some(remote) if remote.holds_change() => Root::elsewhere(&environment.folder),
        _ => compare::root(arguments, &environment.folder)?,
    };
    settings.scope.only = root.paths(&arguments.paths)?;
    settings.config = config(arguments.config.as_deref(), &root)?;
    let is_by_event = compare::follows_event(arguments, &environment.started);
    settings.baseline = baseline(arguments, &root, is_by_event)?;
    settings.asking = match remote {
        Some(remote) => remote.asking(),
        None if arguments.offline => Asking::Offline,
        None => Asking::Unasked,
    };
    let (change, sentence) = changed(arguments, environment, &root, remote, settings, revisions)?;
    if let Some(sentence) = sentence {
        // A log that cannot be written is found out when the report is.
        let _ = writeln!(log, "kepgate: {}", log_lines(&sentence));
    }
    if arguments.fix {
        return fix::mend(&root, change, settings, started, log);
    }
    Ok(check(&change, settings, started))
}

/// The change: from what is checked out, or over GitHub's API where it is to be had there alone.
fn changed(
    arguments: &CheckArguments,
    environment: &Environment,
    root: &Root,
    remote: Option<&Remote>,
    settings: &Settings,
    revisions: &mut Revisions,
) -> Result<(Change, Option<String>), Error> {
    if let Some(remote) = remote.filter(|remote| remote.holds_change()) {
        return remote.compare(settings, revisions);
    }
    match (root.compare(arguments, &environment.started, revisions), remote) {
        (Err(Error::Fetch { message, .. }), Some(remote)) if remote.can_stand_in() => {
            let (change, sentence) = remote.compare(settings, revisions)?;
            Ok((change, sentence.map(|sentence| format!("{message}; {sentence}"))))
        }
        (compared, _) => compared,
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

/// Policy comes from the target branch, unless it is named outside the repository.
fn config(path: Option<&Path>, root: &Root) -> Result<ConfigSource, Error> {
    Ok(match path {
        None => ConfigSource::Usual,
        Some(path) if root.is_outside(path) => ConfigSource::Disk(path.to_owned()),
        Some(path) => ConfigSource::Policy(root.path(path)?),
    })
}

/// As the configuration; a check of everything by hand has no target branch, and reads it from disk.
fn baseline(arguments: &CheckArguments, root: &Root, is_by_event: bool) -> Result<BaselineSource, Error> {
    let is_alone = arguments.all && !is_by_event;
    Ok(match &arguments.baseline {
        None => BaselineSource::None,
        Some(path) if is_alone || root.is_outside(path) => BaselineSource::Disk(root.named(path)),
        Some(path) => BaselineSource::Policy(root.path(path)?),
    })
}
