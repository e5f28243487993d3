use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Milestone;
use crate::rule::{Family, Level, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "milestone-after-latest",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "The target stage's milestone is later than `latest-milestone`",
    what: "Reports an active KEP whose `milestone.<stage>`, for its target stage, is a later release than \
           `latest-milestone`. The reverse is allowed: the KEP stays in its stage for another release. `0.0` stands for \
           old releases, so only milestones from v1.21 on are later.",
    why: "The release team and the production-readiness gate look at `latest-milestone`. If it is not updated, \
          the KEP is missing from the release that it targets.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    let Some((stage, (milestone, span))) = kep.target_stage().and_then(|stage| Some((stage, kep.milestone_of(stage)?)))
    else {
        return;
    };
    // `0.0` is no milestone, but it must not keep a KEP away from production readiness.
    let exempt = || kep.is_exempt().then_some(Milestone::EXEMPT).filter(|_| milestone >= Milestone::PRR_REQUIRED);
    let Some(latest) = kep.latest().or_else(exempt).filter(|latest| milestone > *latest) else { return };
    let stage = kep.stage_word(stage);
    let message = format!("`milestone.{stage}` is {milestone}, which is later than `latest-milestone` {latest}");
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .on(format!("milestone.{stage}"), milestone.to_string())
        .help(format!("set `latest-milestone` to \"{milestone}\" if the KEP targets {stage} in that release"));
    findings.push(match kep.latest_milestone.value() {
        Some((_, at)) => finding.label(kep.file, Some(at), "not updated?"),
        None => finding,
    });
}
