use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::Kep;
use crate::kep::stage::Family as Stages;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "feature-gate-behind",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::KubernetesLists, Need::Calendar, Need::WholeTree],
    renewal: Renewal::Target,
    summary: "None of the KEP's feature gates has reached the KEP's stage in Kubernetes",
    what: "Compares the stages of the gates in `feature-gates` with the KEP's `stage`, if the release of that stage has \
           reached code freeze. One gate at the stage is enough. Gates that are not in the list do not count. It runs \
           when all KEPs are checked, as `kepgate readiness` does, not on pull requests, which cannot change \
           Kubernetes. A gate at the right stage does not prove that everything in the KEP is implemented.",
    why: "A KEP that says beta while its gate is still alpha tells users that a feature is on by default when it is \
          not. Often the work moved to a later release, and nobody updated the KEP.",
    source: "https://github.com/kubernetes/kubernetes/blob/master/test/compatibility_lifecycle/reference/versioned_feature_list.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|_| !context.is_closed()) else { return };
    let Some((stage, release)) = kep.target_stage().and_then(|stage| Some((stage, kep.milestone_of(stage)?.0))) else {
        return;
    };
    let Some((first, span)) = first_gate(kep).filter(|_| stage.family() == Stages::Maturing) else { return };
    if context.external.schedule.is_code_frozen(release) != Some(true) {
        return;
    }
    let lists = match context.kubernetes() {
        Ok(lists) => lists,
        Err(missing) => return findings.cannot_tell(&RULE, missing),
    };
    if release > lists.kubernetes {
        return findings.cannot_tell(&RULE, Missing::NewerLists { release, lists: lists.kubernetes });
    }
    findings.extend(lists.lag_behind(kep, stage, release).map(|message| {
        Finding::new(&RULE, kep.file, Some(span), message)
            .on("feature-gates", first)
            .help(format!("correct `stage` and `milestone.{stage}`, or list the gate that is {stage}"))
    }));
}

/// The name of the first gate, and its span.
fn first_gate(kep: &Kep) -> Option<(&str, Span)> {
    let (gates, _) = kep.feature_gates.value()?;
    gates.iter().find_map(|gate| gate.value.name.value()).map(|(name, span)| (name.as_str(), span))
}
