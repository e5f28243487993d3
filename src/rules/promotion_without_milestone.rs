use super::promotion_incomplete::gained;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Milestone};
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "promotion-without-milestone",
    family: Family::Change,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`stage` moves forward without a milestone",
    what: "Reports a change that moves `stage` forward but neither changes `latest-milestone` nor sets a milestone \
           for the new stage.",
    why: "Nobody can tell in which release the KEP is supposed to reach its new stage.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if !applies(context) {
        return;
    }
    let (Some(base), Some(kep)) = (context.base_kep(), context.kep()) else { return };
    let (Some((before, old)), Some((after, new))) = (base.stage.value(), kep.stage.value()) else { return };
    let message = format!(
        "`stage` moves from {before} to {after}, but `latest-milestone` does not change and `milestone.{after}` is not set"
    );
    let finding = Finding::new(&RULE, kep.file, Some(new), message)
        .on("stage", after)
        .help(format!("set `latest-milestone` and `milestone.{after}` to the release that the KEP targets"));
    findings.push(finding.label(base.file, Some(old), "before the change"));
}

/// True if the stage moves forward but no milestone does.
pub(super) fn applies(context: &Context<'_>) -> bool {
    let (Some(base), Some(kep)) = (context.base_kep(), context.kep()) else { return false };
    if !kep.dialect.uses("latest-milestone") {
        return false;
    }
    let (Some(before), Some(after)) = (base.target_stage(), kep.target_stage()) else { return false };
    let has_milestone = kep.milestone_field(after).is_some_and(|field| !field.is_missing());
    let latest = |kep: &Kep| Milestone::canonical(kep.latest_milestone.text()).into_owned();
    let latest_moves = latest(base) != latest(kep);
    before.is_before(after) && !latest_moves && !has_milestone && gained(context).is_empty()
}
