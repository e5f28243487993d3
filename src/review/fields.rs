//! How the metadata of a KEP changed.

use crate::change::KepState;
use crate::kep::{Field, Kep, Stage};

/// A field with another value than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldChange {
    /// Its name, such as `milestone.beta`.
    pub(crate) field: String,
    /// Its value, or the entries of the list, as written; empty if there is none.
    pub(crate) before: Vec<String>,
    /// The same now.
    pub(crate) after: Vec<String>,
}

impl FieldChange {
    /// The entries that are gone.
    pub(crate) fn removed(&self) -> impl Iterator<Item = &str> {
        self.before.iter().filter(|value| !self.after.contains(value)).map(String::as_str)
    }

    /// The entries that are new.
    pub(crate) fn added(&self) -> impl Iterator<Item = &str> {
        self.after.iter().filter(|value| !self.before.contains(value)).map(String::as_str)
    }

    /// True if the field is a list on either side.
    pub(crate) fn is_list(&self) -> bool {
        LISTS.contains(&self.field.as_str())
    }
}

const LISTS: [&str; 2] = ["feature-gates", "metrics"];

/// The fields that a reviewer of production readiness looks at and that changed. The order of a list does not matter.
pub(crate) fn changes(before: Option<&KepState>, after: &KepState) -> Vec<FieldChange> {
    let before = before.map(values).unwrap_or_default();
    let value_before = |field: &str| before.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone());
    let changes = values(after).into_iter().map(|(field, after)| {
        let before = value_before(&field).unwrap_or_default();
        FieldChange { field, before, after }
    });
    changes.filter(|change| change.removed().next().is_some() || change.added().next().is_some()).collect()
}

fn values(state: &KepState) -> Vec<(String, Vec<String>)> {
    let Some(kep) = state.kep() else { return Vec::new() };
    let one = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    let mut values = vec![
        ("status".to_owned(), one(kep.status.text())),
        ("stage".to_owned(), one(kep.stage.text())),
        ("latest-milestone".to_owned(), one(kep.latest_milestone.text())),
    ];
    for stage in Stage::ALL {
        let milestone = kep.milestone_field(stage).map(Field::text).unwrap_or_default();
        values.push((format!("milestone.{stage}"), one(milestone)));
    }
    values.push(("feature-gates".to_owned(), gates(kep)));
    let disable_supported = kep.disable_supported.value().map(|(value, _)| value.to_string());
    values.push(("disable-supported".to_owned(), disable_supported.into_iter().collect()));
    values.push(("metrics".to_owned(), kep.metrics.entries().iter().map(|metric| metric.value.clone()).collect()));
    values
}

/// `QuietHours (kubelet, kube-apiserver)`
fn gates(kep: &Kep) -> Vec<String> {
    let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    let gates = gates.iter().map(|gate| {
        let mut components: Vec<_> = gate.value.components.entries().iter().map(|it| it.value.as_str()).collect();
        components.sort_unstable();
        match components.as_slice() {
            [] => gate.value.name.text().to_owned(),
            components => format!("{} ({})", gate.value.name.text(), components.join(", ")),
        }
    });
    gates.collect()
}
