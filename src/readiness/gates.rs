//! KEPs whose stage differs from that of their feature gates in Kubernetes.

use crate::kep::{Kep, Milestone, Stage, Status};
use crate::kubernetes::{GateStage, KubernetesLists};
use crate::release::{Phase, Schedule};
use crate::text::wording::quote;

/// How the gates of a KEP differ from its stage.
pub(super) enum GateLag {
    /// None of them has reached it.
    Behind(Since),
    /// They are generally available, but the KEP is not stable.
    Ahead(Since),
}

/// The difference, and since which phase of a release it exists.
pub(super) struct Since {
    pub(super) what: String,
    pub(super) release: Milestone,
    pub(super) phase: Phase,
}

/// How the gates of an open KEP differ from its stage, if they do. A release without known dates is not judged.
pub(super) fn lag(kep: &Kep, schedule: &Schedule, lists: &KubernetesLists) -> Option<GateLag> {
    if !matches!(kep.known_status(), Some(Status::Implementable | Status::Provisional)) {
        return None;
    }
    let stage = kep.target_stage()?;
    let behind = behind(kep, stage, schedule, lists).map(GateLag::Behind);
    behind.or_else(|| ahead(kep, stage, lists).map(GateLag::Ahead))
}

fn behind(kep: &Kep, stage: Stage, schedule: &Schedule, lists: &KubernetesLists) -> Option<Since> {
    let (release, _) = kep.milestone_of(stage)?;
    let is_due = release <= lists.kubernetes && schedule.is_code_frozen(release) == Some(true);
    let what = lists.lag_behind(kep, stage, release).filter(|_| is_due)?;
    let phase = if schedule.date(release, Phase::CodeFreeze).is_some() { Phase::CodeFreeze } else { Phase::Release };
    Some(Since { what, release, phase })
}

/// One gate of a KEP can be ahead of the others, so all of them have to be generally available.
fn ahead(kep: &Kep, stage: Stage, lists: &KubernetesLists) -> Option<Since> {
    let gates = lists.gates_of(kep);
    let is_complete = kep.feature_gates.value().is_some_and(|(all, _)| all.len() == gates.len());
    let is_available = gates.iter().all(|gate| gate.stage == GateStage::Stable);
    let newest = gates.iter().max_by_key(|gate| gate.since).filter(|_| is_complete && is_available)?;
    let release = newest.since;
    let what = format!("{} is generally available since {release}, but `stage` is {stage}", quote(newest.name));
    stage.is_before(Stage::Stable).then_some(Since { what, release, phase: Phase::Release })
}
