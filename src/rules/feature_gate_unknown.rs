use super::feature_gate_malformed::is_gate;
use super::wording::{is_nothing, quote};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Stage, Status};
use crate::kubernetes::{GatePresence, KubernetesLists};
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
    summary: "Kubernetes has no feature gate of this name, but should have it by now",
    what: "Looks up each entry of `feature-gates` in Kubernetes' own list, if the release of the KEP's stage or of an \
           earlier stage has reached code freeze. At alpha, it is a notice. It is also a notice if the KEP stays in its stage for another release, which may add the gate. Gates of kubectl, kubeadm and components outside \
           Kubernetes are not in the list. Kubernetes removes gates some releases after they are stable, so an old \
           stable KEP is reported only if the list has a similar name. A gate that is in the list exists; that does \
           not prove that it does what the KEP says.",
    why: "The name in the KEP is what operators look for. Gates are often renamed during the implementation, and the \
          KEP keeps the old name.",
    source: "https://github.com/kubernetes/kubernetes/blob/master/test/compatibility_lifecycle/reference/versioned_feature_list.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| checks_names(context, kep)) else { return };
    let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    if gates.is_empty() {
        return;
    }
    let lists = match context.kubernetes() {
        Ok(lists) => lists,
        Err(missing) => return findings.cannot_tell(&RULE, missing),
    };
    let (due, newer) = lists_due(context, kep, lists);
    if let Some(release) = newer {
        findings.cannot_tell(&RULE, Missing::NewerLists { release, lists: lists.kubernetes });
    }
    let Some((stage, release)) = due else { return };
    for gate in gates {
        let Some((name, span)) = gate.value.name.value().filter(|(name, _)| is_gate(name) && !is_nothing(name)) else {
            continue;
        };
        let components = gate.value.components.entries().iter().map(|entry| entry.value.as_str());
        if lists.gate_presence(name, components) != GatePresence::Unknown {
            continue;
        }
        let near = lists.similar_gate(name);
        if near.is_none() && is_old(kep, lists) {
            continue;
        }
        let message = format!(
            "Kubernetes {} has no feature gate {}, but {stage} was due in {release}",
            lists.kubernetes,
            quote(name)
        );
        let help = match near {
            Some(near) => format!("did you mean {}?", quote(near)),
            None => "write the name that kubernetes/kubernetes uses, or correct the milestone".to_owned(),
        };
        let is_weak = stage == Stage::Alpha || goes_on(context, kep, (stage, release));
        let level = if is_weak { Level::Notice } else { RULE.level };
        findings.push(
            Finding::new(&RULE, kep.file, Some(span), message).at_level(level).on("feature-gates", name).help(help),
        );
    }
}

/// True if the names in the KEP count: it is open, or it is implemented and pre-existing findings count.
pub(super) fn checks_names(context: &Context<'_>, kep: &Kep) -> bool {
    let is_implemented = || kep.known_status() == Some(Status::Implemented);
    !context.is_closed() || (context.external.is_strict && is_implemented())
}

/// True if the KEP stays in `stage` beyond `release`, which is frozen, for one that is not out and may add the name.
pub(super) fn goes_on(context: &Context<'_>, kep: &Kep, (stage, release): (Stage, Milestone)) -> bool {
    let is_open = |latest| context.external.schedule.is_code_frozen(latest) != Some(true);
    kep.target_stage() == Some(stage) && kep.latest().is_some_and(|latest| latest > release && is_open(latest))
}

/// True if Kubernetes may have removed the gates of the KEP, because it has been stable for some releases.
fn is_old(kep: &Kep, lists: &KubernetesLists) -> bool {
    kep.milestone_of(Stage::Stable).is_some_and(|(stable, _)| {
        (0..RELEASES_UNTIL_REMOVAL).fold(stable, |release, _| release.next()) <= lists.kubernetes
    })
}

/// The latest stage of the KEP whose release has reached code freeze and that the lists cover, with that release, and the
/// release of a later stage that has reached code freeze since.
pub(super) fn lists_due(
    context: &Context<'_>,
    kep: &Kep,
    lists: &KubernetesLists,
) -> (Option<(Stage, Milestone)>, Option<Milestone>) {
    let Some(target) = kep.target_stage() else { return (None, None) };
    let reached = [Stage::Stable, Stage::Beta, Stage::Alpha].into_iter().filter(|stage| *stage <= target);
    let reached = reached.filter_map(|stage| Some((stage, kep.milestone_of(stage)?.0)));
    let schedule = &context.external.schedule;
    let due: Vec<_> = reached.filter(|(_, release)| schedule.is_code_frozen(*release) == Some(true)).collect();
    let newer = due.iter().map(|(_, release)| *release).find(|release| *release > lists.kubernetes);
    (due.into_iter().find(|(_, release)| *release <= lists.kubernetes), newer)
}
