//! The feature gates and metrics that a release of Kubernetes has, from the lists that kubernetes/kubernetes generates.
//!
//! A digest of the two lists is one YAML file, sorted and with one entry per line, to make its changes easy to review.
//! `kepgate lists import` and `kepgate lists fetch` write it.

mod canonical;
mod digest;
mod fetch;
mod import;
mod maturity;
pub(crate) mod named;
mod near;
mod presence;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Deserialize;
use serde_yaml::Value;

use crate::kep::{Milestone, Stage};

use near::Shapes;

pub use digest::Digest;
pub(crate) use fetch::Revision;
pub(crate) use import::Parts;
pub(crate) use named::{Known, Named, NamesInKubernetes};
pub(crate) use presence::{GatePresence, MetricPresence, metric_name};

/// Where kubernetes/kubernetes keeps its list of feature gates.
pub(crate) const FEATURE_GATES_PATH: &str = "test/compatibility_lifecycle/reference/versioned_feature_list.yaml";
/// Where kubernetes/kubernetes keeps its list of metrics.
pub(crate) const METRICS_PATH: &str = "test/instrumentation/documentation/documentation-list.yaml";

/// The first line of a digest.
const TITLE: &str = "# Feature gates and metrics of Kubernetes, written by `kepgate lists`.";

/// What to do about lists that do not exist or cannot be used.
pub(crate) const WRITE_LISTS: &str = "write them with `kepgate lists fetch` or `kepgate lists import`";

/// The components of kubernetes/kubernetes whose feature gates are in the list. kubectl and kubeadm have their own.
const IN_TREE: [&str; 8] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "cloud-controller-manager",
    "apiextensions-apiserver",
    "kube-aggregator",
];

/// The prefixes of metrics that other programs define: kube-state-metrics, the CSI sidecars, etcd, cAdvisor and so on.
const FOREIGN: [&str; 9] = [
    "kube_",
    "csi_",
    "etcd_",
    "container_",
    "cluster_autoscaler_",
    "coredns_",
    "karpenter_",
    "snapshot_controller_",
    "snapshot_metadata_",
];

/// True for a component whose feature gates are in the list.
pub(crate) fn is_in_tree(component: &str) -> bool {
    IN_TREE.contains(&component.trim())
}

/// True for a metric that a program outside Kubernetes defines.
pub(crate) fn is_foreign_metric(name: &str) -> bool {
    FOREIGN.iter().any(|first| name.starts_with(first))
}

/// The feature gates and metrics of a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KubernetesLists {
    /// The release that the lists describe.
    pub kubernetes: Milestone,
    /// The commit of kubernetes/kubernetes, as 40 hexadecimal digits, if the lists came from a repository.
    #[serde(default)]
    pub commit: Option<String>,
    /// The date of the commit, in UTC.
    #[serde(default)]
    pub date: Option<Date>,
    /// The feature gates by name.
    pub feature_gates: BTreeMap<String, FeatureGate>,
    /// The full names of the metrics.
    pub metrics: BTreeSet<String>,
    /// What searches for similar names need.
    #[serde(skip)]
    shapes: AllShapes,
}

/// The shapes of all names, once a search has needed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct AllShapes {
    gates: OnceLock<Shapes>,
    metrics: OnceLock<Shapes>,
}

/// The stages of a feature gate, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FeatureGate {
    stages: Vec<(GateStage, Milestone)>,
}

/// The stage of a feature gate. A deprecated gate is about to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateStage {
    /// Off unless it is enabled.
    Alpha,
    /// Usually on.
    Beta,
    /// Generally available, which KEPs call stable.
    Stable,
    /// To be removed.
    Deprecated,
}

impl GateStage {
    const ALL: [Self; 4] = [Self::Alpha, Self::Beta, Self::Stable, Self::Deprecated];

    /// The word that Kubernetes uses.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Alpha => "Alpha",
            Self::Beta => "Beta",
            Self::Stable => "GA",
            Self::Deprecated => "Deprecated",
        }
    }

    /// True for a gate that is less mature than a KEP at `stage`.
    pub(crate) fn is_before(self, stage: Stage) -> bool {
        match stage {
            Stage::Alpha => self < Self::Alpha,
            Stage::Beta => self < Self::Beta,
            Stage::Stable => self < Self::Stable,
            Stage::Deprecated | Stage::Disabled | Stage::Removed => false,
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }
}

impl FeatureGate {
    /// Reads `Alpha 1.30, Beta 1.33`.
    fn parse(text: &str) -> Option<Self> {
        const USUAL: usize = 3;
        let mut stages = Vec::with_capacity(USUAL);
        for (at, part) in text.split(',').enumerate() {
            let part = if at == 0 { part } else { part.strip_prefix(' ')? };
            let (stage, since) = part.split_once(' ')?;
            stages.push((GateStage::parse(stage)?, release(since)?));
        }
        Some(Self { stages })
    }

    /// The stage in `release`, and the release in which the gate reached it; `None` if the gate was added later.
    pub(crate) fn stage_in(&self, release: Milestone) -> Option<(GateStage, Milestone)> {
        self.stages.iter().rev().find(|(_, since)| *since <= release).copied()
    }

    /// The newest stage, and the release in which the gate reached it.
    pub(crate) fn latest(&self) -> Option<(GateStage, Milestone)> {
        self.stages.last().copied()
    }
}

/// Reads a release as [`Milestone::parse`] does, but faster if it has the usual form `1.30`.
fn release(text: &str) -> Option<Milestone> {
    match text.as_bytes() {
        [b'1', b'.', tens @ b'1'..=b'9', ones @ b'0'..=b'9'] => {
            Some(Milestone::new(1, u32::from(tens - b'0') * 10 + u32::from(ones - b'0')))
        }
        _ => Milestone::parse(text),
    }
}

impl TryFrom<String> for FeatureGate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| "write stages as in `Alpha 1.30, Beta 1.33`".to_owned())
    }
}

impl KubernetesLists {
    /// The lists, with the commit of kubernetes/kubernetes that they come from.
    pub(crate) fn of_commit(self, commit: String, date: Date) -> Self {
        Self { commit: Some(commit), date: Some(date), ..self }
    }

    /// Reads a digest.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        canonical::read(text).map_or_else(|| read_yaml(text).map_err(|error| error.to_string()), Ok)
    }

    /// The digest: comments, then one line for each feature gate and each metric, sorted.
    pub(crate) fn to_yaml(&self) -> String {
        let mut text = format!("{TITLE}\n");
        let _ = writeln!(text, "kubernetes: {}", self.kubernetes);
        if let Some(commit) = &self.commit {
            let _ = writeln!(text, "commit: \"{commit}\"");
        }
        if let Some(date) = self.date {
            let _ = writeln!(text, "date: \"{date}\"");
        }
        text.push_str("feature-gates:\n");
        for (name, gate) in &self.feature_gates {
            let stages: Vec<_> = gate
                .stages
                .iter()
                .map(|(stage, since)| format!("{} {}", stage.word(), since.to_string().trim_start_matches('v')))
                .collect();
            let _ = writeln!(text, "  {name}: {}", stages.join(", "));
        }
        text.push_str("metrics:\n");
        self.metrics.iter().for_each(|name| text.push_str(&format!("  - {name}\n")));
        text
    }
}

/// Parses an edited digest. Parsing it as a `Value` first rejects duplicate keys, which a `BTreeMap` accepts.
fn read_yaml(text: &str) -> Result<KubernetesLists, serde_yaml::Error> {
    let _: Value = serde_yaml::from_str(text)?;
    serde_yaml::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::{FeatureGate, GateStage, KubernetesLists};
    use crate::kep::Milestone;

    pub(super) const DIGEST: &str = "\
# Feature gates and metrics of Kubernetes, written by `kepgate lists`.
kubernetes: v1.36
commit: \"0123456789012345678901234567890123456789\"
date: \"2026-04-22\"
feature-gates:
  NapTime: Alpha 1.30, Beta 1.33
  QuietHours: GA 1.34, Deprecated 1.36
metrics:
  - apiserver_naps_total
  - kubelet_naps_total
";

    #[test]
    fn a_digest_is_read_and_written_without_a_difference() {
        let lists = KubernetesLists::parse(DIGEST).unwrap();
        assert_eq!(lists.kubernetes, Milestone::new(1, 36));
        assert_eq!(lists.to_yaml(), DIGEST);
    }

    #[test]
    fn a_malformed_digest_is_refused_with_its_place() {
        for (old, new, words) in [
            ("Beta 1.33", "Gamma 1.33", "Alpha 1.30, Beta 1.33"),
            ("v1.36", "soon", "line 2"),
            ("metrics:", "metrix:", "metrix"),
            ("QuietHours", "NapTime", "NapTime"),
        ] {
            let error = KubernetesLists::parse(&DIGEST.replace(old, new)).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_stage_of_a_gate_depends_on_the_release() {
        let gate = FeatureGate::try_from("Alpha 1.30, Beta 1.33".to_owned()).unwrap();
        let release = |minor| Milestone::new(1, minor);
        assert_eq!(gate.stage_in(release(29)), None);
        assert_eq!(gate.stage_in(release(32)), Some((GateStage::Alpha, release(30))));
        assert_eq!(gate.stage_in(release(40)), Some((GateStage::Beta, release(33))));
        assert_eq!(gate.latest(), Some((GateStage::Beta, release(33))));
    }
}
