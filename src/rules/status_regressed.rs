use super::implemented_not_stable::is_wrongly_implemented;
use super::wording::choice;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Status};
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
        let message = format!("`status` moves back from {} to {}", shown(base), shown(kep));
        let finding = Finding::new(&RULE, kep.file, Some(new), message).on("status", after.word());
        let abandoned = match kep.dialect.words_for(&[Status::Withdrawn, Status::Deferred]) {
            words if words.is_empty() => String::new(),
            words => format!("; if the KEP is abandoned, use {}", choice(&words)),
        };
        let finding =
            finding.help(format!("restore the previous status, or explain the change in the pull request{abandoned}"));
        findings.push(finding.label(base.file, Some(old), "before the change"));
    }
}

/// The status in the project's words.
fn shown(kep: &Kep) -> &str {
    kep.known_status().map_or_else(|| kep.status.text(), |status| kep.dialect.status_word(status))
}
