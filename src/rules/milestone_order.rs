use super::wording::milestone_key;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Stage;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "milestone-order",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A later stage has an earlier milestone",
    what: "Compares the releases in `milestone` along alpha, beta, stable and along deprecated, disabled, removed. \
           Two stages in the same release are allowed.",
    why: "A KEP cannot reach a later stage first, so one of the two releases is wrong.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    for later in Stage::ALL {
        let Some((milestone, span)) = kep.milestone_of(later) else { continue };
        let earlier = Stage::ALL.into_iter().filter(|stage| stage.is_before(later));
        let mut overtaken =
            earlier.filter_map(|stage| kep.milestone_of(stage).map(|(release, at)| (stage, release, at)));
        let Some((stage, release, at)) = overtaken.rfind(|(_, release, _)| *release > milestone) else { continue };
        let [later, stage] = [later, stage].map(|stage| milestone_key(context, kep, stage));
        let message = format!("`milestone.{later}` is {milestone}, which is before `milestone.{stage}` {release}");
        let finding = Finding::new(&RULE, kep.file, Some(span), message)
            .on(format!("milestone.{later}"), format!("{milestone} < {stage} {release}"))
            .help(format!("set `milestone.{later}` to \"{release}\" or later, or correct `milestone.{stage}`"));
        findings.push(finding.label(kep.file, Some(at), format!("{stage} is {release}")));
    }
}
