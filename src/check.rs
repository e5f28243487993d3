//! The main job as one straight story: read what the change touches, run the rules, sort out what they found.

use std::time::Instant;

use crate::error::Error;
use crate::model::{Kep, sig::Sigs};
use crate::report::{Outcome, Report, Threshold, Unchecked, Web};
use crate::source::{Change, RepoPath, Revisions, SourceError};
use crate::text::Files;
use crate::triage::triage;
use crate::work::{self, Groups, Scope, Work};

/// How to check.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What counts.
    pub threshold: Threshold,
    /// What to look at.
    pub scope: Scope,
    /// The names of the groups in `OWNERS_ALIASES`.
    pub groups: Groups,
    /// Groups of the project that are known beside those of the repository.
    pub sigs: Sigs,
    /// Where the repository is on the web.
    pub web: Option<Web>,
}

/// Checks `change`. It always comes to a report: what could not be done is its error.
#[must_use]
pub fn check(change: Change, settings: &Settings, started: Instant) -> Report {
    if let Err(error) = names_something(&change, &settings.scope) {
        return failed(error, change.revisions, settings, started);
    }
    let mut files = Files::default();
    let mut work = work::load(&change, &settings.scope, settings.groups.clone(), &mut files);
    settings.sigs.names().for_each(|name| work.policy.sigs.add(name));
    let findings = triage(&work, &files, settings.scope.all);
    let unchecked = unchecked(&work);
    let error = incomplete(&mut work).or_else(|| unchecked.first().map(|_| no_approvers(&work)));
    Report {
        outcome: Some(Outcome { work, files, findings }),
        revisions: change.revisions,
        unchecked,
        error,
        threshold: settings.threshold,
        elapsed: started.elapsed(),
        web: settings.web.clone(),
    }
}

/// The report of a check that did not come to anything.
#[must_use]
pub fn failed(error: Error, revisions: Revisions, settings: &Settings, started: Instant) -> Report {
    Report {
        outcome: None,
        revisions,
        unchecked: Vec::new(),
        error: Some(error),
        threshold: settings.threshold,
        elapsed: started.elapsed(),
        web: settings.web.clone(),
    }
}

/// A path that stands nowhere is a slip of the caller's, and must not read as a pass.
fn names_something(change: &Change, scope: &Scope) -> Result<(), Error> {
    for path in &scope.only {
        let stands = |path: &RepoPath| -> Result<bool, SourceError> {
            Ok(change.head.kind(path)?.is_some() || change.base.kind(path)?.is_some())
        };
        if !stands(path)? {
            return Err(Error::Usage {
                message: format!("there is no {:?}, neither before nor after the change", path.to_string()),
                help: "name files or folders of the repository".to_owned(),
            });
        }
    }
    Ok(())
}

/// The rules that need the approvers of the target branch, when it names none and a gated KEP asks for them.
fn unchecked(work: &Work) -> Vec<Unchecked> {
    let gated = work.keps.iter().filter_map(|pair| pair.head.as_ref()?.kep()).any(Kep::is_gated);
    let has_approvers = work.policy.approvers().is_some();
    if !gated || has_approvers {
        return Vec::new();
    }
    let reason = format!("the target branch names no approvers in `{}`", work.policy.groups.approvers);
    ["prr-approver-unknown", "prr-approver-emeritus"].map(|rule| Unchecked { rule, reason: reason.clone() }).into()
}

fn no_approvers(work: &Work) -> Error {
    let group = &work.policy.groups.approvers;
    Error::Configuration {
        message: format!("OWNERS_ALIASES on the target branch has no alias `{group}` with anybody in it"),
        help: format!("add `{group}` with the production-readiness approvers to OWNERS_ALIASES on the target branch"),
    }
}

/// What could not be read: the first failure, and how many there are.
fn incomplete(work: &mut Work) -> Option<Error> {
    let failures = std::mem::take(&mut work.failures);
    let more = failures.len().saturating_sub(1);
    let first = Error::from(failures.into_iter().next()?);
    let rest = if more == 0 { String::new() } else { format!(" (and {more} more like it)") };
    Some(Error::Fetch { message: format!("could not check everything: {first}{rest}"), help: first.help().to_owned() })
}
