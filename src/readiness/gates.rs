//! KEPs whose stage differs from that of their feature gates in Kubernetes.

use super::sweep::{Lag, Laggard, days_since};
use crate::change::KepState;
use crate::kep::{Kep, Stage, Status};
use crate::kubernetes::{GateStage, KubernetesLists};
use crate::project::Layout;
use crate::release::{Phase, Schedule};
use crate::text::wording::quote;

/// How the gates of an open KEP differ from its stage, if they do. A release without known dates is not judged.
pub(super) fn lag(
    layout: &Layout,
    (record, kep): (&KepState, &Kep),
    schedule: &Schedule,
    lists: &KubernetesLists,
) -> Option<Laggard> {
    if !matches!(kep.known_status(), Some(Status::Implementable | Status::Provisional)) {
        return None;
    }
    let stage = kep.target_stage()?;
    let (lag, what, release, phase) = behind(kep, stage, schedule, lists).or_else(|| ahead(kep, stage, lists))?;
    let days = days_since(schedule, release, phase);
    Some(Laggard { days, ..Laggard::new(layout, record, kep, lag, what) })
}

type Difference = (Lag, String, crate::kep::Milestone, Phase);

fn behind(kep: &Kep, stage: Stage, schedule: &Schedule, lists: &KubernetesLists) -> Option<Difference> {
    let (release, _) = kep.milestone_of(stage)?;
    let is_due = release <= lists.kubernetes && schedule.is_code_frozen(release) == Some(true);
    let what = lists.lag_behind(kep, stage, release).filter(|_| is_due)?;
    let phase = if schedule.date(release, Phase::CodeFreeze).is_some() { Phase::CodeFreeze } else { Phase::Release };
    Some((Lag::GateBehind, what, release, phase))
}

/// One gate of a KEP can be ahead of the others, so all of them have to be generally available.
fn ahead(kep: &Kep, stage: Stage, lists: &KubernetesLists) -> Option<Difference> {
    let gates = lists.gates_of(kep);
    let is_complete = kep.feature_gates.value().is_some_and(|(all, _)| all.len() == gates.len());
    let first = gates.first().filter(|gate| gate.stage == GateStage::Stable && is_complete)?;
    let newest = gates.iter().max_by_key(|gate| gate.since).unwrap_or(first);
    let what = format!("{} is generally available since {}, but `stage` is {stage}", quote(newest.name), newest.since);
    stage.is_before(Stage::Stable).then_some((Lag::GateAhead, what, newest.since, Phase::Release))
}
