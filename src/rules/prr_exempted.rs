use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, Milestone};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-exempted",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "An active KEP gets a `latest-milestone` that exempts it from production readiness",
    what: "Reports an active KEP whose `latest-milestone` becomes `0.0` or a release before v1.21 in this change, \
           or that is added with one.",
    why: "Production readiness has been required since v1.21, so such a milestone disables the check. Once no old KEPs \
          are left to migrate, you can raise this rule to an error.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|_| exempts(context)) else { return };
    let Some(milestone) = exempting(kep) else { return };
    let Some((value, span)) = kep.latest_milestone.value() else { return };
    let message = format!("`latest-milestone` {milestone} would exempt the KEP from the production readiness review");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", value);
    findings.push(finding.help("write the release that the KEP targets; only KEPs older than v1.21 are exempt"));
}

/// True if the change exempts an active KEP from production readiness.
pub(super) fn exempts(context: &Context<'_>) -> bool {
    let is_exempt = context.kep().is_some_and(|kep| kep.is_active() && exempting(kep).is_some());
    let before = context.base_record().and_then(KepState::kep);
    let was_exempt = before.is_some_and(|kep| kep.is_active() && exempting(kep).is_some());
    is_exempt && !was_exempt
}

fn exempting(kep: &Kep) -> Option<Milestone> {
    Milestone::parse(kep.latest_milestone.text()).filter(|milestone| !kep.dialect.is_gated(*milestone))
}
