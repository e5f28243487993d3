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
    summary: "`latest-milestone` moves back to an earlier release",
    what: "Reports a change that sets `latest-milestone` to an earlier release than before. `0.0` and releases \
           before v1.21 are covered by `prr-exempted`.",
    why: "The KEP leaves the release it was in. Most often, an old file was copied over a newer one.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(base), Some(kep)) = (context.base_kep(), context.kep()) else { return };
    let (Some(before), Some(after)) = (base.latest(), kep.latest()) else { return };
    let (Some((_, old)), Some((_, new))) = (base.latest_milestone.value(), kep.latest_milestone.value()) else {
        return;
    };
    if after < before && !exempts(context) {
        let message = format!("`latest-milestone` moves back from {before} to {after}");
        let finding = Finding::new(&RULE, kep.file, Some(new), message).on("latest-milestone", after.to_string());
        let finding = finding.help(format!(
            "restore \"{before}\", or explain in the pull request why the KEP moves to an earlier release"
        ));
        findings.push(finding.label(base.file, Some(old), "before the change"));
    }
}
