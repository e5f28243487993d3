use super::feature_gate_malformed::is_gate;
use super::wording::{is_nothing, quote};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Stage};
use crate::kubernetes::{KubernetesLists, is_in_tree};
use crate::rule::{Family, Level, Need, Renewal, Rule};

/// Kubernetes removes a gate some releases after it became generally available. A KEP that has been stable for this many
/// releases may have lost its gates.
const RELEASES_UNTIL_REMOVAL: u32 = 3;

pub(super) static RULE: Rule = Rule {
    id: "feature-gate-unknown",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::KubernetesLists, Need::Calendar],
    renewal: Renewal::Target,
    summary: "Kubernetes has no feature gate of this name, although a release that should have it is out",
    what: "Looks up each entry of `feature-gates` in Kubernetes' own list, if the release of the KEP's stage or of an \
           earlier stage is out. At alpha, it is a notice. Gates of kubectl, kubeadm and components outside \
           Kubernetes are not in the list. Kubernetes removes gates some releases after they are stable, so an old \
           stable KEP is reported only if the list has a similar name. A gate that is in the list exists; that does \
           not prove that it does what the KEP says.",
    why: "The name in the KEP is what operators look for. Gates are often renamed during the implementation, and the \
          KEP keeps the old name.",
    source: "https://github.com/kubernetes/kubernetes/blob/master/test/compatibility_lifecycle/reference/versioned_feature_list.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|_| !context.is_closed()) else { return };
    let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    if gates.is_empty() {
        return;
    }
    let Some(lists) = &context.external.kubernetes else {
        return findings.cannot_tell(&RULE, Missing::KubernetesLists);
    };
    let Some((stage, release)) = due(context, kep, lists) else { return };
    let is_old = kep.milestone_of(Stage::Stable).is_some_and(|(stable, _)| {
        (0..RELEASES_UNTIL_REMOVAL).fold(stable, |release, _| release.next()) <= lists.kubernetes
    });
    for gate in gates {
        let Some((name, span)) = gate.value.name.value().filter(|(name, _)| is_gate(name) && !is_nothing(name)) else {
            continue;
        };
        let components = gate.value.components.entries();
        let is_elsewhere = !components.is_empty() && !components.iter().any(|entry| is_in_tree(&entry.value));
        let near = lists.nearest_gate(name);
        let is_excused = name.starts_with("KUBECTL_") || is_elsewhere || (is_old && near.is_none());
        if lists.feature_gates.contains_key(name) || is_excused {
            continue;
        }
        let message = format!(
            "Kubernetes {} has no feature gate {}, but {stage} was due in {release}",
            lists.kubernetes,
            quote(name)
        );
        let help = match near {
            Some(near) => format!("did you mean {}?", quote(near)),
            None => "write the name as it is in kubernetes/kubernetes, or correct the milestone".to_owned(),
        };
        let level = if stage == Stage::Alpha { Level::Notice } else { RULE.level };
        findings.push(
            Finding::new(&RULE, kep.file, Some(span), message).at_level(level).on("feature-gates", name).help(help),
        );
    }
}

/// The latest stage of the KEP whose release is out and covered by the lists.
fn due(context: &Context<'_>, kep: &Kep, lists: &KubernetesLists) -> Option<(Stage, Milestone)> {
    let target = kep.target_stage()?;
    let reached = [Stage::Stable, Stage::Beta, Stage::Alpha].into_iter().filter(|stage| *stage <= target);
    reached
        .filter_map(|stage| Some((stage, kep.milestone_of(stage)?.0)))
        .find(|(_, release)| *release <= lists.kubernetes && context.external.schedule.is_out(*release) == Some(true))
}
