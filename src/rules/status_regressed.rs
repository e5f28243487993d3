use super::implemented_not_stable::is_wrongly_implemented;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Status;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "status-regressed",
    family: Family::Change,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`status` moves backward",
    what: "Reports a change that takes a KEP from implemented back to implementable or provisional, or from \
           implementable back to provisional. Moving a KEP that was marked implemented in alpha or beta back to implementable is a repair and is not reported.",
    why: "It calls into question what was agreed or done. Most often, an old file was copied over a newer one.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(base), Some(kep)) = (context.base_kep(), context.kep()) else { return };
    let (Some(before), Some(after)) = (base.known_status(), kep.known_status()) else { return };
    let (Some((_, old)), Some((_, new))) = (base.status.value(), kep.status.value()) else { return };
    let is_repair = after == Status::Implementable && is_wrongly_implemented(base);
    if !is_repair && after.progress().is_some() && after.progress() < before.progress() {
        let message = format!("`status` moves back from {before} to {after}");
        let finding = Finding::new(&RULE, kep.file, Some(new), message).on("status", after.word());
        let finding = finding.help(
            "restore the previous status, or explain the change in the pull request; if the KEP is abandoned, use `withdrawn` \
             or `deferred`",
        );
        findings.push(finding.label(base.file, Some(old), "before the change"));
    }
}
