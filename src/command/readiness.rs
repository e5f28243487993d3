//! `kepgate readiness`: how far the KEPs of a release are, and with `--sweep` whose metadata lags.

use std::io::Write;
use std::time::Instant;

use jiff::Timestamp;

use super::output::say;
use super::{Environment, clock, whole, written};
use crate::check::{ConfigSource, Settings, check, read_config, schedule};
use crate::cli::{ReadinessArguments, ReadinessFormat};
use crate::config::Config;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::facts::Exceptions;
use crate::model::Milestone;
use crate::readiness::{Checked, assess, sweep};
use crate::report::Report;
use crate::report::readiness::{csv, json, markdown, text};
use crate::source::Change;
use crate::source::git::Repository;
use crate::text::Files;
use crate::work::{Scope, Survey};

pub(super) fn run(
    arguments: &ReadinessArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> ExitStatus {
    let (page, gap) = match page(arguments, environment) {
        Ok(found) => found,
        Err(error) => return say(&error, log),
    };
    let status = written(out.write_all(page.as_bytes()).and_then(|()| out.flush()), log);
    gap.map_or(status, |error| status.max(say(&error, log)))
}

/// What is looked at: the whole of a tree, and when.
struct Subject {
    change: Change,
    now: Timestamp,
}

/// What was found, and what could not be told.
fn page(arguments: &ReadinessArguments, environment: &Environment) -> Result<(String, Option<Error>), Error> {
    let subject = subject(arguments, environment)?;
    let config = read_config(subject.change.policy.as_ref(), &ConfigSource::Usual)?;
    match arguments.release {
        Some(release) => {
            let exceptions = clock::exceptions(&arguments.exceptions, Some(release), environment)?;
            of_release(&subject, &config, release, exceptions, arguments.output)
        }
        None => Ok(of_all(&subject, &config, arguments.output)),
    }
}

fn subject(arguments: &ReadinessArguments, environment: &Environment) -> Result<Subject, Error> {
    let folder = whole::folder(arguments.repo_path.as_deref(), environment);
    let now = clock::now(arguments.at, environment)?;
    let head = arguments.head.as_deref();
    if arguments.at.is_none() && head.is_none() {
        return Ok(Subject { change: whole::change(&folder, None)?, now });
    }
    let repository = Repository::discover(&folder)?;
    let tip = head.map_or_else(|| repository.head_commit(), |revision| repository.resolve(revision))?;
    let commit = match arguments.at {
        Some(moment) => repository.commit_at(tip, moment.0.as_second())?,
        None => tip,
    };
    Ok(Subject { change: whole::change(&folder, Some(&commit.to_string()))?, now })
}

/// The KEPs of one release.
fn of_release(
    subject: &Subject,
    config: &Config,
    release: Milestone,
    exceptions: Exceptions,
    format: ReadinessFormat,
) -> Result<(String, Option<Error>), Error> {
    let scope = Scope { all: true, only: Vec::new() };
    let settings = Settings { scope, now: Some(subject.now), exceptions, ..Settings::default() };
    let schedule = schedule(config, &settings);
    let Report { outcome, unchecked, error, revisions, .. } = check(&subject.change, &settings, Instant::now());
    let Some(outcome) = outcome else {
        return Err(error.unwrap_or_else(|| Error::Internal {
            message: "the tree could not be checked".to_owned(),
            help: "`kepgate check --all` may say why".to_owned(),
        }));
    };
    let checked = Checked { outcome: &outcome, unchecked: &unchecked, config };
    let readiness = assess(checked, &schedule, release, subject.now);
    let commit = revisions.head.as_deref();
    let page = match format {
        ReadinessFormat::Text => text(&readiness, commit),
        ReadinessFormat::Markdown => markdown(&readiness, commit),
        ReadinessFormat::Json => json(&readiness, commit),
        ReadinessFormat::Csv => csv(&readiness),
    };
    Ok((page, error.or_else(|| super::query::unread(&readiness.unread))))
}

/// KEPs of all releases whose metadata lags.
fn of_all(subject: &Subject, config: &Config, format: ReadinessFormat) -> (String, Option<Error>) {
    let settings = Settings { now: Some(subject.now), ..Settings::default() };
    let schedule = schedule(config, &settings);
    let mut survey = Survey::read(subject.change.head.as_ref(), config.groups.clone(), &mut Files::default());
    let found = sweep::sweep(&survey, &schedule);
    let table = found.table();
    let page = match format {
        ReadinessFormat::Text => table.text(),
        ReadinessFormat::Markdown => table.markdown(),
        ReadinessFormat::Json => table.json(),
        ReadinessFormat::Csv => table.csv(),
    };
    let unknown = found.unknown.first().map(|release| Error::Fetch {
        message: format!("the list is not complete: the calendar does not tell whether {release} is frozen or out"),
        help: "add its dates to `calendar` in .github/kepgate.yaml".to_owned(),
    });
    (page, super::query::gap(&mut survey).or(unknown))
}
