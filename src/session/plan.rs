//! The plan of a check: everything that the command line and the environment determine, resolved before the check
//! starts.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::checkout::{Checkout, Resolved, Target, Unresolved};
use super::pull_request::GitHubContext;
use super::{Environment, clock, files, fix};
use crate::change;
use crate::change::Scope;
use crate::check::result::Report;
use crate::check::{
    BaselineSource, ConfigSource, ListsSource, Progress, Settings, check, failed, read_config, read_profile,
};
use crate::cli::CheckArguments;
use crate::error::{Error, SourceError};
use crate::escape::log_lines;
use crate::event::Event;
use crate::kep::KepNumber;
use crate::rule::FailOn;
use crate::source::{Change, Revisions};
use crate::text::RepoPath;
use crate::tracking::Asking;

/// What to check, how, and where to publish the result. Reports are planned in [`super::output::Outputs`], because
/// they are written even if there is no plan.
pub(crate) struct Plan {
    started: Instant,
    settings: Settings,
    comparison: Resolved,
    fixes: FixMode,
    github: Option<GitHubContext>,
}

/// What to do with the fixes.
enum FixMode {
    /// Apply them to this checkout.
    Apply(Checkout),
    /// Try them in memory.
    Try,
    /// Nothing, because the files are not on disk.
    Leave,
}

/// Why there is no plan, and what a report of the failure needs.
pub(crate) struct PlanError {
    started: Instant,
    settings: Settings,
    unresolved: Unresolved,
    github: Option<GitHubContext>,
}

impl Plan {
    /// Resolves the arguments: reads the event, finds the commits or the pull request, and opens the trees.
    pub(crate) fn new(arguments: &CheckArguments, environment: &Environment) -> Result<Self, Box<PlanError>> {
        let started = Instant::now();
        let fail = |settings, github, unresolved| Box::new(PlanError { started, settings, unresolved, github });
        let event = match read_event(arguments, environment) {
            Ok(event) => event,
            Err(error) => return Err(fail(thresholds(arguments, environment, None), None, error.into())),
        };
        let thresholds = thresholds(arguments, environment, event.as_ref());
        let mut github = match GitHubContext::new(arguments, environment, event.as_ref()) {
            Ok(github) => github,
            Err(error) => return Err(fail(thresholds, None, error.into())),
        };
        let request = Request { arguments, environment, event: event.as_ref() };
        match request.prepare(&thresholds, github.as_mut()) {
            Ok((settings, fixes, comparison)) => Ok(Self { started, settings, comparison, fixes, github }),
            Err(unresolved) => Err(fail(thresholds, github, unresolved)),
        }
    }

    /// Sets the function that receives the progress of the check.
    pub(crate) fn with_progress(mut self, progress: Progress) -> Self {
        self.settings.progress = progress;
        self
    }

    /// Logs what is compared, checks or fixes it, and publishes the report.
    pub(crate) fn run(self, log: &mut dyn Write) -> Report {
        let Self { started, settings, comparison: Resolved { change, summary, .. }, fixes, github } = self;
        if let Some(summary) = summary {
            // If the log cannot be written, writing the report will fail as well.
            let _ = writeln!(log, "kepgate: {}", log_lines(&summary));
        }
        let revisions = change.revisions.clone();
        let report = match fixes {
            FixMode::Apply(checkout) => fix::fix(&checkout, change, &settings, started, log)
                .unwrap_or_else(|error| failed(error, revisions, &settings, started)),
            FixMode::Try => fix::check_fixes(change, &settings, started),
            FixMode::Leave => check(&change, &settings, started),
        };
        if let Some(github) = &github {
            github.publish(&report, log);
        }
        report
    }
}

impl PlanError {
    /// Reports and publishes the failure.
    pub(crate) fn run(self, log: &mut dyn Write) -> Report {
        let Unresolved { error, revisions } = self.unresolved;
        let report = failed(error, *revisions, &self.settings, self.started);
        if let Some(github) = &self.github {
            github.publish(&report, log);
        }
        report
    }
}

/// The report of a check whose arguments are not valid.
pub(crate) fn rejected(error: Error, environment: &Environment) -> Report {
    let settings = Settings { web: environment.web.clone(), ..Settings::default() };
    failed(error, Revisions::default(), &settings, Instant::now())
}

/// Reads the event, unless the command line alone determines what to compare.
fn read_event(arguments: &CheckArguments, environment: &Environment) -> Result<Option<Event>, Error> {
    let CheckArguments { base, head, base_dir, head_dir, fix, .. } = arguments;
    let runner = &environment.runner;
    if runner.is_pull_request_target() && (base.is_some() || head.is_some()) {
        return Err(Error::usage(
            "`base` and `head` cannot be used with pull_request_target, where the checkout does not have \
                      the change"
                .to_owned(),
            "remove both: the event determines what to compare",
        ));
    }
    if (base.is_some() && head.is_some()) || base_dir.is_some() || head_dir.is_some() || *fix {
        return Ok(None);
    }
    let event = runner.read_event();
    // With --pull-request the event does not determine what to compare, so an unreadable one does not matter.
    if arguments.pull_request.is_some() { Ok(event.ok().flatten()) } else { event }
}

/// The settings that a report of a failure depends on.
fn thresholds(arguments: &CheckArguments, environment: &Environment, event: Option<&Event>) -> Settings {
    // Without a change, findings that have existed for a long time would fail every run.
    let is_sweep = event.is_some_and(Event::is_without_change);
    Settings {
        scope: Scope { all: arguments.all || is_sweep, only: Vec::new() },
        fail_on: arguments.fail_on.map(FailOn::from).or(is_sweep.then_some(FailOn::Never)),
        strict: arguments.strict,
        web: environment.web.clone(),
        fix_options: arguments.fix_options(),
        ..Settings::default()
    }
}

/// The inputs of a plan.
struct Request<'a> {
    arguments: &'a CheckArguments,
    environment: &'a Environment,
    event: Option<&'a Event>,
}

impl Request<'_> {
    fn prepare(
        &self,
        thresholds: &Settings,
        github: Option<&mut GitHubContext>,
    ) -> Result<(Settings, FixMode, Resolved), Unresolved> {
        let Self { arguments, environment, .. } = *self;
        let now = Some(clock::now(arguments.clock.now, environment)?);
        let exceptions = files::exceptions(&arguments.clock.exceptions, None, environment)?;
        let sigs = files::sigs(arguments.sigs.as_deref(), environment)?;
        let checkout = if github.as_ref().is_some_and(|github| github.requires_api()) {
            Checkout::remote(&environment.folder)
        } else {
            Checkout::open(arguments, environment)?
        };
        let settings = Settings {
            config: config(arguments.config.as_deref(), &checkout)?,
            baseline: self.baseline(&checkout)?,
            lists: lists(arguments.kubernetes_lists.as_deref(), &checkout)?,
            sigs,
            now,
            exceptions,
            asking: match &github {
                Some(github) => github.asking(),
                None if arguments.offline => Asking::Offline,
                None => Asking::Unasked,
            },
            ..thresholds.clone()
        };
        let (comparison, is_local) = self.resolve(&checkout, &settings, github)?;
        let only = named_paths(&arguments.paths, &checkout, &comparison.change, &settings.config)?;
        let scope = Scope { only, ..settings.scope };
        let settings = Settings { scope, opened: comparison.opened.clone(), ..settings };
        let fixes = match arguments.fix {
            true => FixMode::Apply(checkout),
            false if is_local => FixMode::Try,
            false => FixMode::Leave,
        };
        Ok((settings, fixes, comparison))
    }

    /// Resolves what to compare from the checkout, or over the API if the checkout does not have the commits. The flag
    /// is true if it came from the checkout.
    fn resolve(
        &self,
        checkout: &Checkout,
        settings: &Settings,
        github: Option<&mut GitHubContext>,
    ) -> Result<(Resolved, bool), Unresolved> {
        let github = match github {
            Some(github) if github.requires_api() => return Ok((github.resolve(settings)?, false)),
            github => github.filter(|github| github.can_replace_checkout()),
        };
        let resolved = Target::new(self.arguments, self.event, checkout).and_then(|target| target.resolve());
        match (resolved, github) {
            (Err(Unresolved { error: error @ Error::Fetch { .. }, .. }), Some(github)) => {
                let resolved = github.resolve(settings)?;
                let summary = resolved.summary.map(|summary| format!("{}; {summary}", error.describe()));
                Ok((Resolved { summary, ..resolved }, false))
            }
            (resolved, _) => Ok((resolved?, true)),
        }
    }

    /// Locates the baseline. It is read from the target branch, like the configuration, but from disk for a local check
    /// of the whole tree, which has no target branch.
    fn baseline(&self, checkout: &Checkout) -> Result<BaselineSource, Error> {
        let has_no_target = self.arguments.all && self.event.is_none();
        Ok(match &self.arguments.baseline {
            None => BaselineSource::None,
            Some(path) if has_no_target || checkout.is_outside(path) => BaselineSource::Disk(checkout.local_file(path)),
            Some(path) => BaselineSource::Policy(checkout.path(path)?),
        })
    }
}

/// The paths on the command line. The number or the name of a KEP means its directory, unless a file has that name.
fn named_paths(
    names: &[PathBuf],
    checkout: &Checkout,
    change: &Change,
    config: &ConfigSource,
) -> Result<Vec<RepoPath>, Error> {
    let mut paths = Vec::new();
    for name in names {
        let path = checkout.path(name);
        let is_there = |path| Ok::<_, SourceError>(change.head.kind(path)?.or(change.base.kind(path)?).is_some());
        let word = name.to_str().filter(|name| !name.contains(['/', '\\']));
        match word.filter(|_| !path.as_ref().is_ok_and(|path| is_there(path).unwrap_or(false))) {
            Some(word) => match dirs_called(word, change, config)? {
                Some(dirs) => paths.extend(dirs),
                None => paths.push(path?),
            },
            None => paths.push(path?),
        }
    }
    Ok(paths)
}

/// The directories of the KEPs that are called `name`, before and after the change; `None` if there is none and `name` is
/// not a number.
fn dirs_called(name: &str, change: &Change, config: &ConfigSource) -> Result<Option<Vec<RepoPath>>, Error> {
    let config = read_config(change.policy.as_ref(), config)?;
    let profile = read_profile(change.policy.as_ref(), &config)?;
    let mut dirs = change::dirs_called(change.head.as_ref(), &profile, name)?;
    dirs.extend(change::dirs_called(change.base.as_ref(), &profile, name)?);
    dirs.sort_unstable();
    dirs.dedup();
    match KepNumber::parse_name(name) {
        Some(number) if dirs.is_empty() => Err(Error::usage(
            format!("no KEP has the number {number}"),
            "specify the number or the directory of a KEP; `kepgate query` lists them",
        )),
        _ => Ok((!dirs.is_empty()).then_some(dirs)),
    }
}

/// Locates the lists of Kubernetes, which are read like the configuration.
pub(crate) fn lists(path: Option<&Path>, checkout: &Checkout) -> Result<ListsSource, Error> {
    Ok(match path {
        None => ListsSource::Configured,
        Some(path) if checkout.is_outside(path) => ListsSource::Disk(PathBuf::from(path)),
        Some(path) => ListsSource::Policy(checkout.path(path)?),
    })
}

/// Locates the configuration. It is read from the target branch, unless its path is outside the repository.
fn config(path: Option<&Path>, checkout: &Checkout) -> Result<ConfigSource, Error> {
    Ok(match path {
        None => ConfigSource::Usual,
        Some(path) if checkout.is_outside(path) => ConfigSource::Disk(PathBuf::from(path)),
        Some(path) => ConfigSource::Policy(checkout.path(path)?),
    })
}
