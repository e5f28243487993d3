use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, PrrFile, Stage};
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
           or that is added with one. It is an error if the change also promotes a KEP that had such a review, or needed \
           one, to its next stage.",
    why: "Production readiness has been required since v1.21, so such a milestone disables the check. Once no old KEPs \
          are left to migrate, you can raise this rule to an error.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    let Some(milestone) = exempting(kep) else { return };
    let Some((value, span)) = kep.latest_milestone.value() else { return };
    let promoted = promoted(context);
    if promoted.is_none() && !exempts(context) {
        return;
    }
    let what = promoted.map_or_else(|| "the KEP".to_owned(), |stage| format!("the promotion to {stage}"));
    let message = format!("`latest-milestone` {milestone} would exempt {what} from the production readiness review");
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .on("latest-milestone", value)
        .help("write the release that the KEP targets; only KEPs older than v1.21 are exempt");
    findings.push(if promoted.is_some() { finding.at_level(Level::Error) } else { finding });
}

/// The stage to which the change promotes a KEP that was subject to production readiness: it is gated before the change,
/// or its production-readiness file has an approver.
fn promoted(context: &Context<'_>) -> Option<Stage> {
    let (base, stage) = (context.base_kep()?, context.kep()?.target_stage()?);
    let names_approver = |prr_file: &PrrFile| Stage::ALL.iter().any(|stage| prr_file.approver(*stage).is_some());
    let was_subject = base.is_gated() || context.base_prr_file().is_some_and(names_approver);
    let is_promoted = base.target_stage().is_some_and(|before| before.is_before(stage));
    (was_subject && is_promoted).then_some(stage)
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
