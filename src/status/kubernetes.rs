//! Whether Kubernetes has the feature gates and metrics that a KEP names.

use crate::check::resolved::ResolvedFinding;
use crate::kep::{Kep, Milestone};
use crate::kubernetes::{GateStage, KubernetesLists, is_foreign_metric, is_in_tree};
use crate::rules::metric_unknown;

/// A feature gate or a metric of a KEP.
#[derive(Debug)]
pub(crate) struct Named {
    /// As written.
    pub(crate) name: String,
    pub(crate) known: Known,
}

/// What Kubernetes' lists say about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// There are no lists, or the name belongs to a program that they do not cover.
    Unknown,
    /// It is a feature gate of this stage since a release.
    Gate(GateStage, Milestone),
    /// It is in the list.
    Defined,
    /// It is not in the list.
    Absent,
}

/// The feature gates of `kep`.
pub(super) fn feature_gates(kep: &Kep, lists: Option<&KubernetesLists>) -> Vec<Named> {
    let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    let gates = gates.iter().filter(|gate| !gate.value.name.text().is_empty());
    gates
        .map(|gate| {
            let name = gate.value.name.text();
            let components = gate.value.components.entries();
            let is_covered = components.is_empty() || components.iter().any(|entry| is_in_tree(&entry.value));
            let known = match lists.map(|lists| lists.feature_gates.get(name)) {
                Some(Some(gate)) => gate.latest().map_or(Known::Defined, |(stage, since)| Known::Gate(stage, since)),
                Some(None) if is_covered => Known::Absent,
                Some(None) | None => Known::Unknown,
            };
            Named { name: name.to_owned(), known }
        })
        .collect()
}

/// The metrics of `kep`. The rule about metrics has looked them up.
pub(super) fn metrics(kep: &Kep, lists: Option<&KubernetesLists>, needs: &[ResolvedFinding]) -> Vec<Named> {
    let is_unknown = |name: &str| needs.iter().any(|it| it.rule.id == metric_unknown::RULE.id && it.value == name);
    let known = |name: &str| match lists {
        Some(_) if is_unknown(name) => Known::Absent,
        Some(_) if name.contains('_') && !is_foreign_metric(name) => Known::Defined,
        Some(_) | None => Known::Unknown,
    };
    let entries = kep.metrics.entries().iter();
    entries.map(|entry| Named { name: entry.value.clone(), known: known(&entry.value) }).collect()
}
