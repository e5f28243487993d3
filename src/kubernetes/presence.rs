//! Looks up the feature gates and metrics of a KEP in Kubernetes' lists.

use super::near::{Shapes, only_similar, only_similar_suffix};
use super::{GateStage, KubernetesLists, is_foreign_metric, is_in_tree};
use crate::kep::Milestone;

/// What the list says about a feature gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GatePresence {
    /// It is in the list, and has been at this stage since this release.
    Listed(GateStage, Milestone),
    /// The list does not have it. See [`KubernetesLists::similar_gate`].
    Unknown,
    /// The list does not cover it, because it is a gate of kubectl or of a component outside Kubernetes.
    Elsewhere,
}

/// What the list says about a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MetricPresence<'a> {
    /// It is in the list.
    Listed,
    /// The list has it after the prefix of a component, such as `apiserver_`. Contains at least one full name.
    WithoutPrefix(Vec<&'a str>),
    /// The list does not have it. See [`KubernetesLists::similar_metric`].
    Unknown,
    /// The list does not cover it, because a program outside Kubernetes defines it.
    Elsewhere,
}

/// The part of an entry of `metrics` that is the metric's name.
pub(crate) fn metric_name(entry: &str) -> &str {
    entry.trim().split(|end: char| matches!(end, '{' | '[') || end.is_whitespace()).next().unwrap_or_default()
}

impl KubernetesLists {
    /// Looks up a feature gate. `components` are those that the KEP lists for it.
    pub(crate) fn gate_presence<'c>(&self, name: &str, components: impl Iterator<Item = &'c str>) -> GatePresence {
        let gate = self.feature_gates.get(name);
        if let Some((stage, since)) = gate.and_then(|gate| gate.stage_in(self.kubernetes).or_else(|| gate.latest())) {
            return GatePresence::Listed(stage, since);
        }
        let mut components = components.peekable();
        let is_elsewhere = components.peek().is_some() && !components.any(is_in_tree);
        if is_elsewhere || name.starts_with("KUBECTL_") {
            return GatePresence::Elsewhere;
        }
        GatePresence::Unknown
    }

    /// The feature gate that `name` probably means. This takes much longer than [`Self::gate_presence`].
    pub(crate) fn similar_gate(&self, name: &str) -> Option<&str> {
        let names = || self.feature_gates.keys().map(String::as_str);
        only_similar(name, names(), self.shapes.gates.get_or_init(|| Shapes::of(names())))
    }

    /// Looks up a metric, one of the series of a histogram, or a family such as `workqueue_*`.
    pub(crate) fn metric_presence(&self, name: &str) -> MetricPresence<'_> {
        if is_foreign_metric(name) {
            return MetricPresence::Elsewhere;
        }
        if self.has_metric(name) {
            return MetricPresence::Listed;
        }
        let full = self.with_prefix(name);
        if !full.is_empty() {
            return MetricPresence::WithoutPrefix(full);
        }
        MetricPresence::Unknown
    }

    /// The metric that `name` probably means. This takes much longer than [`Self::metric_presence`].
    pub(crate) fn similar_metric(&self, name: &str) -> Option<&str> {
        let names = || self.metrics.iter().map(String::as_str);
        let shapes = self.shapes.metrics.get_or_init(|| Shapes::of(names()));
        only_similar(name, names(), shapes).or_else(|| only_similar_suffix(name, names(), shapes))
    }

    fn has_metric(&self, name: &str) -> bool {
        if let Some(family) = name.strip_suffix('*') {
            return self.metrics.range(family.to_owned()..).next().is_some_and(|metric| metric.starts_with(family));
        }
        let series = ["_bucket", "_sum", "_count"].into_iter().filter_map(|suffix| name.strip_suffix(suffix));
        std::iter::once(name).chain(series).any(|name| self.metrics.contains(name))
    }

    /// The metrics named `name` with the prefix of a component. A prefix of one word takes precedence, since a longer
    /// one may belong to another metric: `schedule_attempts_total` is `scheduler_schedule_attempts_total`, not
    /// `scheduler_podgroup_schedule_attempts_total`.
    fn with_prefix(&self, name: &str) -> Vec<&str> {
        let prefix = |full: &'_ str| -> Option<usize> {
            let prefix = full.strip_suffix(name)?.strip_suffix('_')?;
            Some(prefix.matches('_').count() + 1)
        };
        let all: Vec<_> = self.metrics.iter().filter_map(|full| Some((prefix(full)?, full.as_str()))).collect();
        let has_short = all.iter().any(|(words, _)| *words == 1);
        all.into_iter().filter(|(words, _)| !has_short || *words == 1).map(|(_, full)| full).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{GatePresence, MetricPresence};
    use crate::kep::Milestone;
    use crate::kubernetes::{GateStage, KubernetesLists};

    const DIGEST: &str = "\
kubernetes: v1.36
feature-gates:
  NapTime: Alpha 1.30, Beta 1.33
  LateGate: Alpha 1.37
metrics:
  - apiserver_naps_total
  - apiserver_bell_seconds
  - kubelet_bell_rings_total
  - kubelet_naps_total
  - scheduler_group_rings_total
  - scheduler_rings_total
";

    fn lists() -> KubernetesLists {
        KubernetesLists::parse(DIGEST).unwrap()
    }

    #[test]
    fn feature_gates_are_looked_up_for_the_release_of_the_lists() {
        let lists = lists();
        for (name, components, presence) in [
            ("NapTime", &["kubelet"][..], GatePresence::Listed(GateStage::Beta, Milestone::new(1, 33))),
            // A gate in the list is in Kubernetes, whatever its components are.
            ("NapTime", &["kubectl"], GatePresence::Listed(GateStage::Beta, Milestone::new(1, 33))),
            ("LateGate", &["kubelet"], GatePresence::Listed(GateStage::Alpha, Milestone::new(1, 37))),
            ("NapTimes", &["kubelet"], GatePresence::Unknown),
            ("SilentNights", &["kubelet", "kubectl"], GatePresence::Unknown),
            ("SilentNights", &[], GatePresence::Unknown),
            ("SilentNights", &["cluster-autoscaler"], GatePresence::Elsewhere),
            ("KUBECTL_NAPS", &[], GatePresence::Elsewhere),
        ] {
            assert_eq!(lists.gate_presence(name, components.iter().copied()), presence, "{name}");
        }
    }

    #[test]
    fn metrics_are_looked_up_with_their_series_and_families() {
        let lists = lists();
        for (name, presence) in [
            ("kubelet_naps_total", MetricPresence::Listed),
            ("apiserver_bell_seconds_bucket", MetricPresence::Listed),
            ("kubelet_*", MetricPresence::Listed),
            ("kube_naps", MetricPresence::Elsewhere),
            ("naps_total", MetricPresence::WithoutPrefix(vec!["apiserver_naps_total", "kubelet_naps_total"])),
            ("rings_total", MetricPresence::WithoutPrefix(vec!["scheduler_rings_total"])),
            ("aps_total", MetricPresence::Unknown),
            ("kubelet_nap_total", MetricPresence::Unknown),
            ("bell_ring_total", MetricPresence::Unknown),
            ("bells", MetricPresence::Unknown),
            ("scheduler_group_ring", MetricPresence::Unknown),
        ] {
            assert_eq!(lists.metric_presence(name), presence, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_not_listed_may_be_similar_to_one_that_is() {
        let lists = lists();
        assert_eq!(lists.similar_gate("NapTimes"), Some("NapTime"));
        assert_eq!(lists.similar_gate("SilentNights"), None);
        for (name, meant) in [
            ("aps_total", None),
            ("kubelet_nap_total", Some("kubelet_naps_total")),
            ("bell_ring_total", Some("kubelet_bell_rings_total")),
            ("bells", None),
            ("scheduler_group_ring", Some("scheduler_group_rings_total")),
        ] {
            assert_eq!(lists.similar_metric(name), meant, "{name}");
        }
    }
}
