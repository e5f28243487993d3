use super::wording::{self, choice};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "stage-missing",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Gate,
    summary: "An active KEP has no `stage`",
    what: "Requires `stage` for a KEP that is implementable, implemented or has an unknown status. In a project \
           without production readiness reviews, it is a warning.",
    why: "The stage decides which approval and which answers are due.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_active() && kep.dialect.requires("stage")) else { return };
    if !kep.stage.is_missing() || kep.is_misspelt("stage") {
        return;
    }
    let state = if kep.stage.key.is_some() { "is empty" } else { "is missing" };
    let span = kep.stage.missing_span().or(kep.status.key);
    let message = format!("`stage` {state}, but {}", wording::active_reason(kep));
    let finding = Finding::new(&RULE, kep.file, span, message).on("stage", "").at_level(wording::level_of_gate(kep));
    findings.push(if kep.dialect.stages.is_empty() {
        finding.help("write the target stage: alpha, beta or stable; for removals deprecated, disabled or removed")
    } else {
        finding.help(format!("write the target stage: {}", choice(&kep.dialect.stage_words())))
    });
}
