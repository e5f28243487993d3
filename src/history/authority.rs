//! Who could approve production readiness, and when.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::Version;
use crate::kep::{Handle, Stage, handle};

/// The groups of `OWNERS_ALIASES` whose members may approve, over time.
#[derive(Debug, Default)]
pub(super) struct Authority {
    /// The members after each commit that changed them, oldest first, as written and without `@`.
    sets: Vec<(Timestamp, Arc<BTreeSet<String>>)>,
}

impl Authority {
    /// Records the members as of `time`. A group without members says nothing about who may approve.
    pub(super) fn record(&mut self, time: Timestamp, members: BTreeSet<String>) {
        if self.sets.last().is_none_or(|(_, last)| **last != members) {
            self.sets.push((time, Arc::new(members)));
        }
    }

    /// Moves everything that is later than `end` to `end`.
    pub(super) fn clamp_to(&mut self, end: Timestamp) {
        for (time, _) in &mut self.sets {
            *time = (*time).min(end);
        }
    }

    /// True if `version` names an approver for `stage` who could approve at `time`.
    pub(super) fn allows_at(&self, version: &Version, stage: Stage, time: Timestamp) -> bool {
        let known = self.sets.partition_point(|(since, _)| *since <= time);
        let members = known.checked_sub(1).and_then(|last| self.sets.get(last)).map(|(_, members)| &**members);
        allows(members, version, stage)
    }

    /// True if `version` names an approver for `stage` who could approve at the time of `version` or later.
    pub(super) fn allows_from(&self, version: &Version, stage: Stage) -> bool {
        let later = self.sets.partition_point(|(since, _)| *since <= version.time);
        let mut later = self.sets.get(later..).unwrap_or_default().iter();
        self.allows_at(version, stage, version.time) || later.any(|(_, members)| allows(Some(members), version, stage))
    }
}

/// Compares as upstream does: without one leading `@`, and case-sensitively. If it is unknown who may approve, anyone
/// with a valid handle who is not an author may.
fn allows(members: Option<&BTreeSet<String>>, version: &Version, stage: Stage) -> bool {
    let Some(written) = version.approver(stage) else { return false };
    let name = written.strip_prefix('@').unwrap_or(written);
    if let Some(members) = members.filter(|members| !members.is_empty()) {
        return members.contains(name);
    }
    let authors = version.metadata.as_deref().map(|metadata| metadata.authors.as_slice()).unwrap_or_default();
    let is_author = authors.contains(&handle::folded(written));
    Handle::from_name(name).is_some() && !handle::is_undecided(written) && !is_author
}
