//! Assesses every KEP of a tree for a release.

use std::sync::Arc;

use jiff::Timestamp;

use super::criteria::{Criterion, is_removal};
use super::judge::{Checked, Judge};
use super::{Candidate, FREEZES, Readiness, Verdict, criteria_of};
use crate::check::summary::{KepSummary, MetadataSummary};
use crate::kep::handle::HandleFault;
use crate::kep::{Handle, KepNumber, Milestone, Status};
use crate::project::Profile;
use crate::release::{Exception, Phase, Schedule};

/// Judges every KEP of the tree in `checked`, which was checked as a whole, that targets `release`.
#[must_use]
pub(crate) fn assess(checked: Checked<'_>, schedule: &Schedule, release: Milestone, now: Timestamp) -> Readiness {
    let summaries = || checked.outcome.keps.iter().filter_map(|kep| kep.head());
    let judge = Judge { checked, schedule, release };
    let mut keps: Vec<_> =
        summaries().filter(|record| judge.concerns(record)).map(|record| judge.candidate(record)).collect();
    let is_there = |number: KepNumber| summaries().any(|record| record.number == Some(number));
    let profile = Arc::clone(&checked.outcome.policy.profile);
    let strangers = schedule.exceptions.for_release(release).filter(|(number, _)| !is_there(*number));
    keps.extend(strangers.map(|(number, exception)| absent(number, exception, &profile)));
    keps.sort_by(|one, other| (&one.sig, one.number, &one.dir).cmp(&(&other.sig, other.number, &other.dir)));
    let unread = summaries().filter(|kep| kep.readable_metadata().is_none());
    Readiness {
        release,
        now,
        is_out: schedule.is_out(release) == Some(true),
        freezes: freezes_of(&profile)
            .map(|phase| (phase, schedule.date(release, phase), schedule.has_passed(release, phase)))
            .collect(),
        profile,
        unread: unread.map(|kep| kep.dir.clone()).collect(),
        unmerged: None,
        is_filtered: false,
        keps,
    }
}

/// The freezes of a project with this profile.
fn freezes_of(profile: &Profile) -> impl Iterator<Item = Phase> {
    let has_reviews = profile.has_reviews();
    FREEZES.into_iter().filter(move |phase| *phase != Phase::PrrFreeze || has_reviews)
}

impl Judge<'_> {
    /// True if the KEP is a candidate: it targets the release and is not abandoned, or it requested an exception.
    fn concerns(&self, record: &KepSummary) -> bool {
        let Some(kep) = record.readable_metadata() else { return false };
        let is_over = matches!(kep.known_status, Some(Status::Deferred | Status::Rejected | Status::Replaced));
        // A feature that is removed is withdrawn, but its removal is work for a release all the same.
        let is_withdrawn = kep.known_status == Some(Status::Withdrawn) && !is_removal(kep);
        let targets = kep.latest == Some(self.release) && !is_over && !is_withdrawn;
        targets || self.exception(record).is_some()
    }

    fn exception(&self, record: &KepSummary) -> Option<&Exception> {
        record.number.and_then(|number| self.schedule.exception(self.release, number))
    }

    fn candidate(&self, record: &KepSummary) -> Candidate {
        let text = |field: fn(&MetadataSummary) -> &Option<String>| record.text(field).unwrap_or_default().to_owned();
        let stage = record.metadata.as_ref().and_then(|metadata| metadata.target_stage);
        let criteria = criteria_of(&self.policy().profile);
        let verdicts: Vec<_> = criteria.map(|criterion| (criterion, self.verdict(criterion, record))).collect();
        Candidate {
            number: record.number,
            dir: Some(record.dir.clone()),
            title: text(|metadata| &metadata.title),
            sig: record.sig.clone(),
            status: text(|metadata| &metadata.status),
            stage,
            stage_word: if stage.is_some() { text(|metadata| &metadata.stage) } else { String::new() },
            stage_release: record.metadata.as_ref().and_then(|metadata| metadata.stage_release),
            approver: with_at_sign(record.stage_approver.as_deref().unwrap_or_default()),
            exception: self.exception(record).cloned(),
            remarks: self.remarks(record, &verdicts),
            open_questions: self.open_questions(record),
            verdicts,
        }
    }
}

/// A handle with its `@`, even if the file lacks it; other text stays as it is.
fn with_at_sign(written: &str) -> String {
    match Handle::parse(written) {
        Err(HandleFault::BareHandle(handle)) => format!("@{}", handle.name()),
        _ => written.to_owned(),
    }
}

/// An exception for a KEP that is not in the tree.
fn absent(number: KepNumber, exception: &Exception, profile: &Profile) -> Candidate {
    let why = "no KEP has this number".to_owned();
    let verdict = |criterion: &Criterion| match criterion.key {
        "latest-milestone" => Verdict::NotMet(why.clone()),
        _ => Verdict::Unknown(why.clone()),
    };
    Candidate {
        number: Some(number),
        dir: None,
        title: String::new(),
        sig: "unknown".to_owned(),
        status: String::new(),
        stage: None,
        stage_release: None,
        stage_word: String::new(),
        approver: String::new(),
        exception: Some(exception.clone()),
        verdicts: criteria_of(profile).map(|criterion| (criterion, verdict(criterion))).collect(),
        remarks: Vec::new(),
        open_questions: None,
    }
}
