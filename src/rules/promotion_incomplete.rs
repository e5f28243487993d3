use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Stage, Text};
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "promotion-incomplete",
    family: Family::Change,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "The production-readiness file gains an approval for a later stage than `stage`",
    what: "Reports a change that adds an entry for a later stage to the production-readiness file of an active KEP \
           whose `stage` stays behind. When `milestone.<that stage>` is `latest-milestone`, too, it is an error; \
           otherwise a warning.",
    why: "A promotion that leaves `stage` behind is the defect that merges most often: the approval is there, and the \
          release team sees the KEP in its former stage.",
    example: "stage: beta",
    instead: "stage: stable",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (stage, _) in gained(context) {
        let (Some(approval), Some(kep)) = (context.approval(), context.kep()) else { return };
        let Some((value, at)) = kep.stage.value() else { return };
        let is_due = milestone(kep, stage).is_some() && milestone(kep, stage) == kep.latest();
        let message = format!("{stage} gets an approval here, and the KEP's `stage` is still {value}");
        let help = if is_due {
            format!("set `stage: {stage}` in kep.yaml: `milestone.{stage}` is `latest-milestone` already")
        } else {
            format!("if this change promotes the KEP, set `stage: {stage}`, `latest-milestone` and `milestone.{stage}`")
        };
        findings.push(
            Finding::new(&RULE, approval.file, approval.entry(stage).key, message)
                .at_level(if is_due { Level::Error } else { Level::Warning })
                .on(stage.word(), value)
                .help(help)
                .label(kep.file, Some(at), "left behind?"),
        );
    }
}

fn milestone(kep: &Kep, stage: Stage) -> Option<Milestone> {
    kep.milestone_of(stage).map(|(milestone, _)| milestone)
}

/// The later stages than that of an active KEP for which the change adds an approver.
pub(super) fn gained<'a>(context: &Context<'a>) -> Vec<(Stage, &'a Text)> {
    let Some(kep) = context.kep() else { return Vec::new() };
    let (Some(target), Some(approval), true) = (kep.target_stage(), context.approval(), kep.is_active()) else {
        return Vec::new();
    };
    let later = Stage::ALL.into_iter().filter(|stage| target.is_before(*stage));
    let is_new = |stage: &Stage| context.base_approval().is_none_or(|base| base.approver(*stage).is_none());
    later.filter(is_new).filter_map(|stage| Some((stage, approval.approver(stage)?))).collect()
}
