//! Rejects criteria that nothing can meet, so that a typo does not look like an empty queue.

use std::collections::BTreeSet;

use regex::bytes::Regex;

use super::filter::{NO_STAGE, any_entry};
use super::{Filter, Person};
use crate::change::{KepState, Survey};
use crate::error::Error;
use crate::kep::{Kep, Milestone};
use crate::release::did_you_mean;
use crate::text::nearest::nearest;
use crate::text::wording::quote;

/// The number of values that an error lists.
const MAX_LISTED: usize = 30;

/// The number of releases that an error lists, the latest ones.
const MAX_RELEASES: usize = 10;

impl Filter {
    /// Checks that the SIGs and the production readiness approvers exist, which open pull requests do not change.
    ///
    /// # Errors
    /// [`Error::Usage`] if a value matches nothing, [`Error::Configuration`] if the tree defines no approvers.
    pub(crate) fn validate(&self, survey: &Survey) -> Result<(), Error> {
        self.validate_sigs(survey)?;
        self.validate_words(survey)?;
        let emeritus = survey.policy.emeritus();
        let approvers = [survey.policy.approvers().unwrap_or_default(), emeritus].concat();
        for person in &self.prr {
            let is_named = || survey.keps.iter().filter_map(KepState::stage_approver).any(|named| person.is(named));
            if !approvers.iter().any(|approver| person.is(approver)) && !is_named() {
                let what = format!(
                    "{} is not a production readiness approver of any KEP or in OWNERS_ALIASES",
                    quote(&person.0)
                );
                return Err(unknown("--prr-approver", &what, &person.0, &approvers));
            }
        }
        if self.needs_prr && !survey.policy.profile.has_reviews() {
            return Err(without_reviews("--needs-prr"));
        }
        if self.needs_prr && approvers.is_empty() {
            let group = &survey.policy.groups.approvers;
            return Err(Error::configuration(
                format!("--needs-prr: `{group}` is missing or empty in OWNERS_ALIASES"),
                format!("add members to `{group}` in OWNERS_ALIASES"),
            ));
        }
        Ok(())
    }

    /// A word that KEPs have is accepted even if it is not a valid one: how else could one find them?
    fn validate_words(&self, survey: &Survey) -> Result<(), Error> {
        let profile = &survey.policy.profile;
        for stage in self.stages.iter().filter(|stage| *stage != NO_STAGE) {
            if !keps(survey).any(|kep| kep.stage.text() == stage) {
                profile.stage(stage)?;
            }
        }
        for status in &self.statuses {
            if !keps(survey).any(|kep| kep.status.text() == status) {
                profile.check_status(status)?;
            }
        }
        Ok(())
    }

    fn validate_sigs(&self, survey: &Survey) -> Result<(), Error> {
        if !survey.keps.is_empty() {
            let layout = &survey.policy.profile.layout;
            check_sigs(&self.sigs, survey.keps.iter().map(|record| record.owning_sig(layout)))?;
        }
        for sig in &self.participating_sigs {
            let known: Vec<_> = survey.policy.sigs.names().collect();
            let named = keps(survey).any(|kep| any_entry(&kep.participating_sigs, |entry| entry.trim() == sig));
            if !named && !survey.policy.sigs.is_known(sig) {
                return Err(unknown("--participating-sig", &format!("unknown group {}", quote(sig)), sig, &known));
            }
        }
        Ok(())
    }

    /// Checks that the releases and the approvers exist: in the tree, in the calendar, or in the KEPs that open pull
    /// requests propose.
    ///
    /// # Errors
    /// [`Error::Usage`] if a value matches nothing.
    pub(crate) fn validate_targets(
        &self,
        survey: &Survey,
        calendar: &[Milestone],
        proposed: &[&KepState],
    ) -> Result<(), Error> {
        if survey.keps.is_empty() {
            return Ok(());
        }
        let keps = || keps(survey).chain(proposed.iter().filter_map(|record| record.kep()));
        let targets = keps().filter_map(|kep| Milestone::parse(kep.latest_milestone.text()));
        let known: BTreeSet<_> = targets.chain(calendar.iter().copied()).collect();
        if let Some(release) = self.milestones.iter().flatten().find(|release| !known.contains(release)) {
            let known: Vec<_> = known.iter().copied().collect();
            let near = did_you_mean(*release, &known);
            let latest: Vec<_> = known.iter().rev().take(MAX_RELEASES).map(ToString::to_string).collect();
            return Err(Error::usage(
                format!("--release: no KEP targets {release}, and it is not in the calendar"),
                format!("{near}the latest known releases are {}", latest.join(", ")),
            ));
        }
        let is_known = |person: &Person| {
            keps().any(|kep| person.is_among(&kep.approvers, kep))
                || survey.policy.people().any(|member| person.is(member))
        };
        if let Some(person) = self.approvers.iter().find(|person| !is_known(person)) {
            let named: BTreeSet<_> =
                keps().flat_map(|kep| kep.approvers.entries()).map(|entry| entry.value.as_str()).collect();
            let what = format!("{} is not an approver of any KEP or in OWNERS_ALIASES", quote(&person.0));
            return Err(unknown("--approver", &what, &person.0, &named.into_iter().collect::<Vec<_>>()));
        }
        Ok(())
    }

    /// Says that no KEP matches. `reads_pulls` is true if open pull requests were considered.
    #[must_use]
    pub(crate) fn nothing(&self, reads_pulls: bool) -> String {
        let mut others = Vec::new();
        let mut add = |option: &str, values: Vec<String>| {
            others.extend((!values.is_empty()).then(|| format!("--{option} {}", values.join(","))));
        };
        add("sig", self.sigs.iter().map(|sig| sig.as_str().to_owned()).collect());
        add("status", self.statuses.clone());
        add("stage", self.stages.clone());
        add("approver", words(&self.approvers));
        add("author", words(&self.authors));
        add("participating-sig", self.participating_sigs.clone());
        let release = |release: &Option<Milestone>| release.map_or_else(|| "none".to_owned(), |it| it.to_string());
        add("release", self.milestones.iter().map(release).collect());
        add("number", words(&self.numbers));
        add("text", self.texts.clone());
        others.extend(self.needs_prr.then(|| "--needs-prr".to_owned()));
        let others = others.join(" ");
        let sentence = match (self.prr.as_slice(), others.is_empty()) {
            ([], true) => "there are no KEPs".to_owned(),
            ([], false) => format!("no KEP matches {others}"),
            (people, true) => format!("no KEP is waiting for {}", words(people).join(" or ")),
            (people, false) => format!("no KEP that matches {others} is waiting for {}", words(people).join(" or ")),
        };
        let hint = if self.prr.is_empty() || reads_pulls {
            ""
        } else {
            "\nopen pull requests were not read; to read them, add --include-prs"
        };
        format!("{sentence}{hint}")
    }
}

/// The error for an option about reviews that the project does not have.
pub(crate) fn without_reviews(option: &str) -> Error {
    Error::usage(
        format!("{option}: this project does not review production readiness"),
        "`production-readiness` in .github/kepgate.yaml turns reviews on",
    )
}

/// Checks that each pattern matches the name of one of the SIGs that KEPs have.
///
/// # Errors
/// [`Error::Usage`] if one matches nothing.
pub(crate) fn check_sigs<'a>(patterns: &[Regex], known: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let known: BTreeSet<_> = known.filter(|sig| !sig.is_empty()).collect();
    let matches = |pattern: &Regex| known.iter().any(|sig| pattern.is_match(sig.as_bytes()));
    let Some(pattern) = patterns.iter().find(|pattern| !matches(pattern)) else { return Ok(()) };
    let what = format!("no SIG matches {}", quote(pattern.as_str()));
    Err(unknown("--sig", &what, pattern.as_str(), &known.into_iter().collect::<Vec<_>>()))
}

fn keps(survey: &Survey) -> impl Iterator<Item = &Kep> {
    survey.keps.iter().filter_map(KepState::kep)
}

fn words(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// The error for a value that matches nothing. A long list of what does is cut, or left out if one is meant.
fn unknown(option: &str, what: &str, word: &str, known: &[&str]) -> Error {
    let bare: Vec<_> = known.iter().map(|value| value.trim_start_matches('@')).collect();
    let near = nearest(word, bare).map(|near| format!("did you mean `{near}`?"));
    let rest = known.len().saturating_sub(MAX_LISTED);
    let listed = known.get(..MAX_LISTED).unwrap_or(known).join(", ");
    let help = match (near, rest) {
        (Some(near), 1..) => near,
        (Some(near), 0) => format!("{near} known values: {listed}"),
        (None, 0) if known.is_empty() => "there are none in this repository".to_owned(),
        (None, 0) => format!("known values: {listed}"),
        (None, rest) => format!("known values: {listed} and {rest} more"),
    };
    Error::usage(format!("{option}: {what}"), help)
}
