//! The feature gates and metrics that a KEP names, with what the lists say about each.

use super::presence::{GatePresence, MetricPresence, metric_name};
use super::{GateStage, KubernetesLists};
use crate::kep::{Kep, Milestone};

/// A feature gate or a metric of a KEP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// As written, and untrusted.
    pub(crate) name: String,
    pub(crate) known: Known,
}

/// What the lists say about a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// There are no lists, or the name belongs to a program that they do not cover.
    Unknown,
    /// It is a feature gate that has been at this stage since this release.
    Gate(GateStage, Milestone),
    /// It is in the list.
    Defined,
    /// It is in the list under this name, with the prefix of a component.
    DefinedAs(String),
    /// It is not in the list.
    Absent,
}

/// The feature gates and metrics of a KEP in a release of Kubernetes.
#[derive(Debug, Clone)]
pub struct NamesInKubernetes {
    /// The release that the lists describe.
    pub(crate) release: Milestone,
    pub(crate) feature_gates: Vec<Named>,
    pub(crate) metrics: Vec<Named>,
}

impl NamesInKubernetes {
    /// Looks up the names of `kep`.
    pub(crate) fn new(kep: &Kep, lists: &KubernetesLists) -> Self {
        Self {
            release: lists.kubernetes,
            feature_gates: feature_gates(kep, Some(lists)),
            metrics: metrics(kep, Some(lists)),
        }
    }
}

/// The feature gates of `kep`.
pub(crate) fn feature_gates(kep: &Kep, lists: Option<&KubernetesLists>) -> Vec<Named> {
    let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    let gates = gates.iter().filter(|gate| !gate.value.name.text().is_empty());
    gates
        .map(|gate| {
            let name = gate.value.name.text();
            let components = gate.value.components.entries().iter().map(|entry| entry.value.as_str());
            let known = match lists.map(|lists| lists.gate_presence(name, components)) {
                Some(GatePresence::Listed(stage, since)) => Known::Gate(stage, since),
                Some(GatePresence::Unknown) => Known::Absent,
                Some(GatePresence::Elsewhere) | None => Known::Unknown,
            };
            Named { name: name.to_owned(), known }
        })
        .collect()
}

/// The metrics of `kep`. Only a name with `_` is certain to be a metric.
pub(crate) fn metrics(kep: &Kep, lists: Option<&KubernetesLists>) -> Vec<Named> {
    let known = |entry: &str| {
        let Some(lists) = lists.filter(|_| metric_name(entry).contains('_')) else { return Known::Unknown };
        match lists.metric_presence(metric_name(entry)) {
            MetricPresence::Listed => Known::Defined,
            MetricPresence::WithoutPrefix(full) => Known::DefinedAs(full.join(", ")),
            MetricPresence::Unknown => Known::Absent,
            MetricPresence::Elsewhere => Known::Unknown,
        }
    };
    let entries = kep.metrics.entries().iter();
    entries.map(|entry| Named { name: entry.value.clone(), known: known(&entry.value) }).collect()
}
