use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "stage-regressed",
    family: Family::Change,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`stage` moves backward",
    what: "Reports a change that moves `stage` backward along alpha, beta, stable or along deprecated, disabled, \
           removed.",
    why: "A feature moves back only if its promotion failed. Otherwise, an old file was copied over a newer one.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(base), Some(kep)) = (context.base_kep(), context.kep()) else { return };
    let (Some(before), Some(after)) = (base.target_stage(), kep.target_stage()) else { return };
    let (Some((_, old)), Some((_, new))) = (base.stage.value(), kep.stage.value()) else { return };
    if after.is_before(before) || kep.dialect.is_earlier(kep.stage.text(), base.stage.text()) {
        let (before, after) = (base.stage.text(), kep.stage.text());
        let message = format!("`stage` moves back from {before} to {after}");
        let finding = Finding::new(&RULE, kep.file, Some(new), message).on("stage", after);
        let finding = finding.help("keep the later stage, or explain in the pull request why the promotion failed");
        findings.push(finding.label(base.file, Some(old), "before the change"));
    }
}
