//! The stages that a KEP's feature gates have reached in Kubernetes.

use super::{GatePresence, GateStage, KubernetesLists};
use crate::kep::{Kep, Milestone, Stage};
use crate::text::wording::quote;

/// A feature gate of a KEP that is in Kubernetes' list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListedGate<'k> {
    /// Its name.
    pub(crate) name: &'k str,
    /// Its stage in the release of the lists.
    pub(crate) stage: GateStage,
    /// The release in which it reached this stage.
    pub(crate) since: Milestone,
}

impl KubernetesLists {
    /// The feature gates of a KEP that are in Kubernetes' list, the most mature last.
    pub(crate) fn gates_of<'k>(&self, kep: &'k Kep) -> Vec<ListedGate<'k>> {
        let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
        let listed = gates.iter().filter_map(|gate| {
            let (name, _) = gate.value.name.value()?;
            match self.gate_presence(name, std::iter::empty()) {
                GatePresence::Listed(stage, since) => Some(ListedGate { name, stage, since }),
                GatePresence::Unknown | GatePresence::Elsewhere => None,
            }
        });
        let mut listed: Vec<_> = listed.collect();
        listed.sort_by_key(|gate| gate.stage);
        listed
    }

    /// Describes how far the most mature gate is, if no gate of the KEP has reached `stage`, which was due in
    /// `release`.
    pub(crate) fn lag_behind(&self, kep: &Kep, stage: Stage, release: Milestone) -> Option<String> {
        let gates = self.gates_of(kep);
        let ListedGate { name, stage: has, since } = gates.last().filter(|gate| gate.stage.is_before(stage))?;
        let (name, has) = (quote(name), has.word().to_lowercase());
        Some(format!("{name} is {has} since {since} in Kubernetes {}, not {stage} since {release}", self.kubernetes))
    }
}

#[cfg(test)]
mod tests {
    use crate::kep::{Kep, Milestone, Stage};
    use crate::kubernetes::KubernetesLists;
    use crate::syntax::yaml;
    use crate::text::{Files, RepoPath, Side, SourceFile};

    const DIGEST: &str = "\
kubernetes: v1.36
feature-gates:
  LongNap: GA 1.31, Deprecated 1.35
  Nap: Alpha 1.30, Beta 1.33
  Snore: Alpha 1.34
metrics: []
";

    fn kep(gates: &[&str]) -> Kep {
        let mut files = Files::default();
        let text = gates.iter().fold("feature-gates:\n".to_owned(), |text, name| text + "  - name: " + name + "\n");
        let file = files.add(SourceFile::new(Side::Head, RepoPath::from("kep.yaml"), &text));
        Kep::decode(file, &yaml::read(files[file].text()))
    }

    #[test]
    fn a_kep_lags_behind_if_no_gate_has_reached_its_stage() {
        let lists = KubernetesLists::parse(DIGEST).unwrap();
        for (gates, stage, lag) in [
            (
                &["Snore"][..],
                Stage::Beta,
                Some("`Snore` is alpha since v1.34 in Kubernetes v1.36, not beta since v1.35"),
            ),
            (
                &["Nap", "Snore"],
                Stage::Stable,
                Some("`Nap` is beta since v1.33 in Kubernetes v1.36, not stable since v1.35"),
            ),
            (&["Nap", "Snore"], Stage::Beta, None),
            (&["Nap"], Stage::Alpha, None),
            // A deprecated gate and a gate that Kubernetes does not have prove nothing.
            (&["Snore", "LongNap"], Stage::Stable, None),
            (&["Doze"], Stage::Stable, None),
            (&[], Stage::Stable, None),
            (&["Snore"], Stage::Removed, None),
        ] {
            assert_eq!(lists.lag_behind(&kep(gates), stage, Milestone::new(1, 35)).as_deref(), lag, "{gates:?}");
        }
    }
}
