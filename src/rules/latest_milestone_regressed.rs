use super::prr_exempted::exempts;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "latest-milestone-regressed",
    family: Family::Change,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`latest-milestone` goes back to an earlier release",
    what: "Reports a change that sets `latest-milestone` to an earlier release than it was. `0.0` and releases before the gate are for `prr-exempted`.",
    why: "The KEP leaves the release that it was in; more often an old file was copied over a newer one.",
    example: "latest-milestone: \"v1.35\"",
    instead: "latest-milestone: \"v1.36\"",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(base), Some(kep)) = (context.base_kep(), context.kep()) else { return };
    let (Some(before), Some(after)) = (base.latest(), kep.latest()) else { return };
    let (Some((_, old)), Some((_, new))) = (base.latest_milestone.value(), kep.latest_milestone.value()) else {
        return;
    };
    if after < before && !exempts(context) {
        let message = format!("`latest-milestone` goes back from {before} to {after}");
        let finding = Finding::new(&RULE, kep.file, Some(new), message).on("latest-milestone", after.to_string());
        let finding =
            finding.help("if the KEP really moves to an earlier release, say so in the pull request; else keep it");
        findings.push(finding.label(base.file, Some(old), "before the change"));
    }
}
