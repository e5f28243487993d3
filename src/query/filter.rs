//! Which KEPs are meant. The values of one criterion are alternatives; all criteria have to hold.

use std::fmt;

use regex::bytes::Regex;

use crate::change::{KepState, Policy};
use crate::kep::{Handle, Kep, List, Milestone, handle};

/// What `--stage` takes for KEPs without a stage.
pub(super) const NO_STAGE: &str = "none";

/// The criteria; an empty list sets none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// `owning-sig` matches one of these, anywhere in the name.
    pub(crate) sigs: Vec<Regex>,
    /// `status` is one of these words.
    pub(crate) statuses: Vec<String>,
    /// `stage` is one of these words; `none` is the empty one.
    pub(crate) stages: Vec<String>,
    /// The production-readiness file names one of these for the KEP's stage.
    pub(crate) prr: Vec<Person>,
    /// One of these is among the `approvers`.
    pub(crate) approvers: Vec<Person>,
    /// One of these is among the `authors`.
    pub(crate) authors: Vec<Person>,
    /// One of these is among the `participating-sigs`.
    pub(crate) participating_sigs: Vec<String>,
    /// `latest-milestone` is one of these; `None` is the empty one.
    pub(crate) milestones: Vec<Option<Milestone>>,
    /// It is called by one of these numbers or names.
    pub(crate) numbers: Vec<String>,
    /// The title or the directory contains one of these, ignoring case.
    pub(crate) texts: Vec<String>,
    /// The KEP is gated, but no authorized approver is named for its stage.
    pub(crate) needs_prr: bool,
}

/// `@me` before it is replaced. No handle has an `@`.
const ME: &str = "@me";

/// Somebody, by a handle with or without its `@`, in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person(pub(super) String);

impl Person {
    /// True if `written` names them.
    #[must_use]
    pub(crate) fn is(&self, written: &str) -> bool {
        handle::folded(written) == self.0
    }
}

impl fmt::Display for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "@{}", self.0)
    }
}

impl std::str::FromStr for Person {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case(ME) {
            return Ok(Self(ME.to_owned()));
        }
        let name = handle::folded(text);
        let is_team = name.contains('/');
        if Handle::from_name(&name).is_none() && !is_team {
            return Err("a handle may only contain letters, digits and `-`, with an optional leading `@`".to_owned());
        }
        Ok(Self(name))
    }
}

/// A release, or `none` for a KEP without one.
///
/// # Errors
/// A sentence, when it is none.
pub(crate) fn parse_release(word: &str) -> Result<Option<Milestone>, String> {
    if word == "none" {
        return Ok(None);
    }
    Milestone::parse(word).map(Some).ok_or_else(|| "write a release as v1.36, or `none`".to_owned())
}

impl Filter {
    /// The fields with people that it looks at.
    pub(crate) fn people(&self) -> Vec<&'static str> {
        let fields = [("authors", &self.authors), ("approvers", &self.approvers)];
        fields.into_iter().filter(|(_, people)| !people.is_empty()).map(|(field, _)| field).collect()
    }

    /// The keys of the columns that it restricts, the least worth showing first.
    pub(crate) fn fixed_columns(&self) -> Vec<&'static str> {
        let columns = [
            ("owning-sig", self.sigs.is_empty()),
            ("status", self.statuses.is_empty()),
            ("latest-milestone", self.milestones.is_empty()),
            ("stage", self.stages.is_empty()),
            ("prr-approver", self.prr.is_empty()),
        ];
        columns.into_iter().filter(|(_, is_free)| !is_free).map(|(key, _)| key).collect()
    }

    /// Replaces `@me` with the handle that `me` finds, which is asked only if it is needed.
    ///
    /// # Errors
    /// The error of `me`.
    pub(crate) fn replace_me<E>(mut self, me: impl Fn() -> Result<Handle, E>) -> Result<Self, E> {
        for person in self.prr.iter_mut().chain(&mut self.approvers).chain(&mut self.authors) {
            if person.0 == ME {
                person.0 = handle::folded(me()?.name());
            }
        }
        Ok(self)
    }

    /// True if `record` matches. A KEP with unreadable metadata does not.
    #[must_use]
    pub(crate) fn matches(&self, record: &KepState, policy: &Policy) -> bool {
        let Some(kep) = record.kep() else { return false };
        any(&self.sigs, |sig| sig.is_match(record.owning_sig(&policy.profile.layout).as_bytes()))
            && any(&self.statuses, |status| kep.status.text() == status)
            && any(&self.stages, |stage| is_stage(kep, stage))
            && any(&self.prr, |person| record.stage_approver().is_some_and(|approver| person.is(approver)))
            && any(&self.approvers, |person| person.is_among(&kep.approvers, kep))
            && any(&self.authors, |person| person.is_among(&kep.authors, kep))
            && any(&self.participating_sigs, |sig| any_entry(&kep.participating_sigs, |entry| entry.trim() == sig))
            && any(&self.milestones, |milestone| is_release(kep, *milestone))
            && any(&self.numbers, |number| super::columns::is_called(record, number))
            && any(&self.texts, |text| mentions(record, kep, text))
            && (!self.needs_prr || needs_prr(record, policy))
    }
}

impl Person {
    /// True if a list of this KEP names them. Outside of Kubernetes, a remark may follow the handle.
    pub(super) fn is_among(&self, list: &List, kep: &Kep) -> bool {
        any_entry(list, |entry| self.is(if kep.dialect.is_kubernetes { entry } else { handle::without_remark(entry) }))
    }
}

/// True if one of `criteria` matches, or if there are none.
fn any<T>(criteria: &[T], matches: impl Fn(&T) -> bool) -> bool {
    criteria.is_empty() || criteria.iter().any(matches)
}

pub(super) fn any_entry(list: &List, is_meant: impl Fn(&str) -> bool) -> bool {
    list.entries().iter().any(|entry| is_meant(&entry.value))
}

fn is_stage(kep: &Kep, stage: &str) -> bool {
    if stage == NO_STAGE { kep.stage.is_missing() } else { kep.stage.text() == stage }
}

fn is_release(kep: &Kep, milestone: Option<Milestone>) -> bool {
    match milestone {
        None => kep.latest_milestone.is_missing(),
        Some(_) => Milestone::parse(kep.latest_milestone.text()) == milestone,
    }
}

fn mentions(record: &KepState, kep: &Kep, text: &str) -> bool {
    let text = text.to_lowercase();
    kep.title().to_lowercase().contains(&text) || record.dir.to_string().to_lowercase().contains(&text)
}

/// True if the KEP is gated but its production-readiness file names no authorized approver for the stage, compared the
/// way upstream compares.
fn needs_prr(record: &KepState, policy: &Policy) -> bool {
    if !record.kep().is_some_and(Kep::is_gated) {
        return false;
    }
    let Some(approver) = record.target_approver() else { return true };
    let name = approver.strip_prefix('@').unwrap_or(approver);
    !policy.approvers().unwrap_or_default().contains(&name) && !policy.emeritus().contains(&name)
}
