//! Reads the two lists that kubernetes/kubernetes generates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{AllShapes, FeatureGate, GateStage, KubernetesLists, canonical};
use crate::kep::Milestone;
use crate::text::wording::quote;

/// A list with fewer entries than this is cut off, or another file. Kubernetes has over 200 feature gates and over 400
/// metrics.
const MIN_ENTRIES: usize = 100;

/// Why a file is not a list of Kubernetes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ImportFault {
    /// It is not YAML, or not a list of entries.
    #[error("it is not a list of feature gates or metrics: {0}")]
    Malformed(String),
    /// It ends early.
    #[error("it is incomplete: {0}")]
    Truncated(String),
    /// It is not text.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// One of the lists is missing.
    #[error("the list of {0} is missing")]
    Missing(&'static str),
}

/// One of the two lists.
#[derive(Debug)]
enum Imported {
    /// `versioned_feature_list.yaml`
    FeatureGates(BTreeMap<String, FeatureGate>),
    /// `documentation-list.yaml`
    Metrics(BTreeSet<String>),
}

/// A feature gate or metric as Kubernetes lists it. The values of other keys are ignored.
#[derive(Default)]
struct Entry {
    /// All keys, in order.
    keys: Vec<String>,
    name: Option<String>,
    subsystem: String,
    namespace: String,
    versioned_specs: Option<Vec<Spec>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    version: String,
    #[serde(default)]
    pre_release: String,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a feature gate or metric")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let mut entry = Entry::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" => entry.name = Some(map.next_value()?),
                "subsystem" => entry.subsystem = map.next_value()?,
                "namespace" => entry.namespace = map.next_value()?,
                "versionedSpecs" => entry.versioned_specs = Some(map.next_value()?),
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
            entry.keys.push(key);
        }
        Ok(entry)
    }
}

impl Imported {
    /// Parses either of the two lists.
    ///
    /// # Errors
    /// [`ImportFault`]
    fn read(text: &str) -> Result<Self, ImportFault> {
        let entries: Vec<Entry> =
            serde_yaml::from_str(text).map_err(|error| ImportFault::Malformed(error.to_string()))?;
        is_complete(text, &entries)?;
        let is_gates = entries.first().is_some_and(|first| first.versioned_specs.is_some());
        if is_gates {
            let gates: BTreeMap<_, _> = entries.into_iter().map(gate).collect::<Result<_, _>>()?;
            gates.keys().try_for_each(|name| require_word(name))?;
            Ok(Self::FeatureGates(gates))
        } else {
            let metrics: BTreeSet<_> = entries.into_iter().map(metric).collect::<Result<_, _>>()?;
            metrics.iter().try_for_each(|name| require_word(name))?;
            Ok(Self::Metrics(metrics))
        }
    }
}

/// Fails for a name that would not be read as the same text from a line of the digest.
fn require_word(name: &str) -> Result<(), ImportFault> {
    let is_word = canonical::name_after(None, name).is_some();
    let fault = || ImportFault::Malformed(format!("{} is not the name of a feature gate or metric", quote(name)));
    is_word.then_some(()).ok_or_else(fault)
}

/// Fails if the list ends in the middle of a line or of an entry, or has too few entries.
fn is_complete(text: &str, entries: &[Entry]) -> Result<(), ImportFault> {
    let truncated = |what: String| Err(ImportFault::Truncated(what));
    if !text.ends_with('\n') {
        return truncated("its last line does not end".to_owned());
    }
    if let Some((last, others)) = entries.split_last() {
        let of_all = others.first().into_iter().flat_map(|first| &first.keys);
        let mut of_all = of_all.filter(|key| others.iter().all(|entry| entry.keys.contains(key)));
        if let Some(key) = of_all.find(|key| !last.keys.contains(key)) {
            return truncated(format!("its last entry has no {}, but all others do", quote(key)));
        }
    }
    if entries.len() < MIN_ENTRIES {
        return truncated(format!("it has only {} of at least {MIN_ENTRIES} entries", entries.len()));
    }
    Ok(())
}

fn gate(entry: Entry) -> Result<(String, FeatureGate), ImportFault> {
    let name = named(entry.name)?;
    let specs = entry.versioned_specs.unwrap_or_default();
    let stages = specs.iter().map(|Spec { version, pre_release }| {
        // In Kubernetes, the constant for general availability is the empty string.
        let stage = if pre_release.is_empty() { Some(GateStage::Stable) } else { GateStage::parse(pre_release) };
        Some((stage?, Milestone::parse(version)?))
    });
    match stages.collect::<Option<Vec<_>>>().filter(|stages| !stages.is_empty()) {
        Some(mut stages) => {
            stages.sort_by_key(|(_, since)| *since);
            Ok((name, FeatureGate { stages }))
        }
        None => Err(ImportFault::Malformed(format!("the feature gate {} has no valid stages", quote(&name)))),
    }
}

/// The full name: namespace, subsystem and name, joined by `_`.
fn metric(entry: Entry) -> Result<String, ImportFault> {
    let parts = [entry.namespace, entry.subsystem, named(entry.name)?];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_"))
}

fn named(name: Option<String>) -> Result<String, ImportFault> {
    name.ok_or_else(|| ImportFault::Malformed("an entry has no `name`".to_owned()))
}

/// The lists that have been read so far.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    feature_gates: Option<BTreeMap<String, FeatureGate>>,
    metrics: Option<BTreeSet<String>>,
}

impl Parts {
    /// Parses either of the two lists and adds it.
    ///
    /// # Errors
    /// [`ImportFault`]
    pub(crate) fn add(&mut self, text: &str) -> Result<(), ImportFault> {
        match Imported::read(text)? {
            Imported::FeatureGates(gates) => self.feature_gates = Some(gates),
            Imported::Metrics(metrics) => self.metrics = Some(metrics),
        }
        Ok(())
    }

    /// Joins the two lists. Without `release`, they describe the newest release in which a feature gate changed.
    ///
    /// # Errors
    /// [`ImportFault::Missing`]
    pub(crate) fn join(self, release: Option<Milestone>) -> Result<KubernetesLists, ImportFault> {
        let feature_gates = self.feature_gates.ok_or(ImportFault::Missing("feature gates"))?;
        let metrics = self.metrics.ok_or(ImportFault::Missing("metrics"))?;
        let newest = feature_gates.values().filter_map(FeatureGate::latest).map(|(_, since)| since).max();
        let kubernetes = release.or(newest).ok_or(ImportFault::Missing("feature gates"))?;
        let shapes = AllShapes::default();
        Ok(KubernetesLists { kubernetes, commit: None, date: None, feature_gates, metrics, shapes })
    }
}

#[cfg(test)]
mod tests {
    use super::{ImportFault, Imported};

    fn metrics(last: &str) -> String {
        let entry = |number: usize| {
            format!(
                "- name: naps_{number}_total\n  subsystem: kubelet\n  help: |-\n    Naps,\n    \ttabbed: \"quoted\"\n  \
                 type: Counter\n  stabilityLevel: ALPHA\n"
            )
        };
        (0..120).map(entry).collect::<String>() + last
    }

    fn gates(last: &str) -> String {
        let entry = |number: usize| {
            format!(
                "- name: Nap{number}\n  versionedSpecs:\n  - default: false\n    lockToDefault: false\n    preRelease: Alpha\n    \
                 version: \"1.30\"\n"
            )
        };
        (0..120).map(entry).collect::<String>() + last
    }

    #[test]
    fn names_of_metrics_are_joined() {
        let text = metrics(
            "- name: x_seconds\n  namespace: apiserver\n  subsystem: audit\n  help: \"a\\tb\"\n  type: Histogram\n  \
             stabilityLevel: STABLE\n  deprecatedVersion: 1.35.0\n  labels:\n  - verb\n  buckets:\n  - 0.1\n  \
             componentEndpoints:\n  - component: kube-apiserver\n    endpoint: /metrics\n",
        );
        let Ok(Imported::Metrics(metrics)) = Imported::read(&text) else { panic!("{:?}", Imported::read(&text)) };
        assert_eq!(metrics.len(), 121);
        assert!(metrics.contains("kubelet_naps_7_total") && metrics.contains("apiserver_audit_x_seconds"));
    }

    #[test]
    fn stages_of_feature_gates_are_sorted() {
        let text = gates(
            "- name: Z\n  versionedSpecs:\n  - preRelease: GA\n    version: \"1.33\"\n  - preRelease: Beta\n    version: \"1.9\"\n",
        );
        let Ok(Imported::FeatureGates(gates)) = Imported::read(&text) else { panic!("{:?}", Imported::read(&text)) };
        let stages: Vec<_> =
            gates["Z"].stages.iter().map(|(stage, since)| format!("{} {since}", stage.word())).collect();
        assert_eq!(stages, ["Beta v1.9", "GA v1.33"]);
    }

    #[test]
    fn truncated_lists_are_refused() {
        for (text, words) in [
            (metrics("- name: x\n  help: y\n"), "its last entry has no `subsystem`, but all others do"),
            (metrics("- name: naps"), "its last line does not end"),
            (gates("- name: Z\n"), "its last entry has no `versionedSpecs`, but all others do"),
            ("- name: A\n  versionedSpecs: []\n".to_owned(), "it has only 1 of at least 100 entries"),
        ] {
            let Err(ImportFault::Truncated(what)) = Imported::read(&text) else {
                panic!("{:?}", Imported::read(&text))
            };
            assert_eq!(what, words);
        }
    }

    #[test]
    fn other_files_are_refused() {
        for text in
            ["a: b\n", "- a\n", "[", &gates("- name: Z\n  versionedSpecs:\n  - preRelease: Gamma\n    version: x\n")]
        {
            assert!(matches!(Imported::read(text), Err(ImportFault::Malformed(_))), "{:?}", Imported::read(text));
        }
    }
}
