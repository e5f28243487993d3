//! Checks a change: reads the policy, runs the rules on one KEP at a time, and sorts the findings.

pub mod baseline;
mod due;
mod needs;
mod policy;
pub mod resolved;
pub mod result;
mod root;
mod run_rules;
mod settings;
pub mod summary;
pub mod triage;

use std::sync::Arc;
use std::time::Instant;

pub use due::Due;
pub(crate) use policy::{lists_of, read_lists};
pub use policy::{read_config, read_profile};
pub use settings::{BaselineSource, ConfigSource, ListsSource, Progress, Settings};

use crate::change::{Changeset, Options, ReleaseKeps, Scope};
use crate::check::result::{Fixes, Outcome, Report, Threshold};
use crate::config;
use crate::config::{Config, KubernetesListsPlace};
use crate::error::{Error, SourceError};
use crate::project::{Layout, Profile};
use crate::rule::Need;
use crate::rules;
use crate::source::budget::Budget;
use crate::source::{Change, ChangedPath, Comparison, Revisions, diff_below, is_compared};
use crate::text::RepoPath;
use crate::text::wording::quote;
use needs::Unmet;
use run_rules::Run;

/// Checks `change`. There is always a report; if the check failed, the report has an error.
#[must_use]
pub fn check(change: &Change, settings: &Settings, started: Instant) -> Report {
    match try_check(change, settings, started) {
        Ok(report) => report,
        Err(error) => failed(error, change.revisions.clone(), settings, started),
    }
}

fn try_check(change: &Change, settings: &Settings, started: Instant) -> Result<Report, Error> {
    let budget = if settings.scope.all { Budget::of_tree() } else { Budget::default() };
    let mut change = budget.limit(change);
    require_paths(&change, &settings.scope)?;
    let mut config = read_config(change.policy.as_ref(), &settings.config)?;
    let profile = read_profile(change.policy.as_ref(), &config)?;
    let has_root = root::has_kep_root(&change, &settings.scope, &profile)?;
    let elsewhere = root::elsewhere(&change, &settings.scope, &profile);
    add_changed_keps(&mut change, &profile.layout)?;
    profile.lacks().into_iter().for_each(|need| config.skip_by_default(rules::ALL, need));
    if !settings.scope.all {
        config.skip_by_default(rules::ALL, Need::WholeTree);
    }
    let change = &change;
    let baseline = policy::read_baseline(change.policy.as_ref(), &settings.baseline)?;
    let lists = policy::read_lists(change.policy.as_ref(), &settings.lists, &config)?;
    let threshold = threshold(settings, &config);
    let (mut changeset, mut failures) = Changeset::open(change, &settings.scope, options(&config, &profile, settings));
    settings.sigs.names().for_each(|name| changeset.policy.sigs.add(name));
    if changeset.policy.tech_leads().is_empty() {
        config.skip_by_default(rules::ALL, Need::TechLeads);
    }
    let mut fetched = needs::fetch(&changeset, &config, settings, lists);
    let policy = (&config, &baseline);
    let run = Run::over(&changeset, policy, &fetched.external, settings);
    failures.extend(run.failures);
    let unknown_needs = std::mem::take(&mut fetched.failures);
    let unknown_needs: Vec<_> = unknown_needs.into_iter().filter(|failure| !is_known(failure, &failures)).collect();
    failures.extend(unknown_needs);
    let (findings, suppressed) = triage::sort_out(run.findings, &config, &baseline);
    let unmet = Unmet { asking: &settings.asking, fetched: &fetched, config: &config, profile: &profile, threshold };
    let (unchecked, unmet) = unmet.report(&run.missing);
    let order = triage::Order::of(&findings);
    let mut keps = run.keps;
    keps.sort_by(|one, other| order.rank(&one.latest().dir).cmp(&order.rank(&other.latest().dir)));
    Ok(Report {
        outcome: Some(Outcome {
            keps,
            policy: changeset.policy,
            findings,
            suppressed,
            unchanged: changeset.unchanged,
            has_root,
            is_whole_tree: settings.scope.all,
            elsewhere,
        }),
        revisions: change.revisions.clone(),
        unchecked,
        error: incomplete(failures).or(unmet),
        threshold,
        elapsed: started.elapsed(),
        web: settings.web.clone(),
        fixes: Fixes::Untried,
        fix_options: settings.fix_options.clone(),
    })
}

/// The report of a check that could not run.
#[must_use]
pub fn failed(error: Error, revisions: Revisions, settings: &Settings, started: Instant) -> Report {
    Report {
        outcome: None,
        revisions,
        unchecked: Vec::new(),
        error: Some(error),
        threshold: threshold(settings, &Config::default()),
        elapsed: started.elapsed(),
        web: settings.web.clone(),
        fixes: Fixes::Untried,
        fix_options: settings.fix_options.clone(),
    }
}

fn threshold(settings: &Settings, config: &Config) -> Threshold {
    Threshold { fail_on: settings.fail_on.or(config.fail_on).unwrap_or_default(), strict: settings.strict }
}

/// Adds the changed files below the root of all KEPs, if comparing two folders on disk leaves it out.
fn add_changed_keps(change: &mut Comparison<'_>, layout: &Layout) -> Result<(), SourceError> {
    let is_below = |path: &ChangedPath| path.base.iter().chain(&path.head).any(|path| path.is_within(&layout.root));
    if !is_compared(&layout.root) && !change.paths.iter().any(is_below) {
        change.paths.extend(diff_below(change.base.as_ref(), change.head.as_ref(), &layout.root)?);
        change.paths.sort_unstable();
    }
    Ok(())
}

/// Rejects a path that does not exist: otherwise a typo would look like a pass.
fn require_paths(change: &Comparison<'_>, scope: &Scope) -> Result<(), Error> {
    for path in &scope.only {
        if change.head.kind(path)?.is_none() && change.base.kind(path)?.is_none() {
            return Err(Error::usage(
                format!("{} does not exist before or after the change", quote(&path.to_string())),
                "specify KEPs by their numbers, or files or folders in the repository",
            ));
        }
    }
    Ok(())
}

/// Selects what to read of each KEP for the rules that run.
fn options(config: &Config, profile: &Arc<Profile>, settings: &Settings) -> Options {
    let needs = |need: Need| rules::ALL.iter().any(|rule| rule.needs.contains(&need) && config.runs(rule));
    Options {
        groups: config.groups.clone(),
        profile: Arc::clone(profile),
        owners: needs(Need::Owners),
        readmes: needs(Need::Readme),
        release: settings.release.map(|release| ReleaseKeps {
            release,
            excepted: settings.exceptions.for_release(release).map(|(number, _)| number).collect(),
        }),
        pre_existing: settings.strict,
        inline_ignore: config.inline_ignore,
        config: match &settings.config {
            ConfigSource::Policy(path) => path.clone(),
            ConfigSource::Usual | ConfigSource::Disk(_) => RepoPath::from(config::PATH),
        },
        misnamed_config: match &settings.config {
            ConfigSource::Policy(_) => None,
            ConfigSource::Usual | ConfigSource::Disk(_) => Some(RepoPath::from(config::MISNAMED)),
        },
        lists: match (&settings.lists, &config.kubernetes_lists) {
            (ListsSource::Policy(path), _) | (ListsSource::Configured, Some(KubernetesListsPlace::File(path))) => {
                Some(path.clone())
            }
            _ => None,
        },
        baseline: match &settings.baseline {
            BaselineSource::Policy(path) => Some(path.clone()),
            BaselineSource::None | BaselineSource::Disk(_) => None,
        },
        max_baseline: baseline::MAX_BYTES,
    }
}

fn is_known(failure: &SourceError, failures: &[SourceError]) -> bool {
    failures.iter().any(|known| known.describe() == failure.describe())
}

/// Returns an error for the first item that could not be read, with the number of others.
fn incomplete(failures: Vec<SourceError>) -> Option<Error> {
    let more = failures.len().saturating_sub(1);
    let first = Error::from(failures.into_iter().next()?);
    let rest = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    Some(Error::fetch(format!("could not check everything: {}{rest}", first.describe()), first.help()))
}

#[cfg(test)]
mod tests {
    use super::{incomplete, is_known};
    use crate::error::SourceError;

    fn unread(name: &str) -> SourceError {
        SourceError::unavailable(format!("could not read {name}"), "try again")
    }

    #[test]
    fn what_could_not_be_read_twice_is_one_failure() {
        let failures = [unread("a"), unread("b")];
        assert!(is_known(&unread("b"), &failures));
        assert!(!is_known(&unread("c"), &failures));
    }

    #[test]
    fn the_first_failure_is_named_and_the_others_are_counted() {
        let described = |failures| incomplete(failures).map(|error| error.describe());
        assert_eq!(described(vec![]), None);
        let one = "could not check everything: could not read a";
        assert_eq!(described(vec![unread("a")]).as_deref(), Some(one));
        assert_eq!(described(vec![unread("a"), unread("b"), unread("c")]), Some(format!("{one} (and 2 more)")));
    }
}
