use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Approval, Stage, State};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "prr-stage-missing",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "The production-readiness file has no entry for the target stage",
    what: "Requires an entry for `stage` in the production-readiness file of a gated KEP.",
    why: "Production readiness is approved anew for each stage; without the entry nobody has agreed to this one.",
    example: "alpha:\n  approver: \"@quillon-b\"",
    instead: "alpha:\n  approver: \"@quillon-b\"\nbeta:\n  approver: \"@quillon-b\"",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_gated()) else { return };
    let (Some(approval), Some(stage)) = (context.approval(), kep.target_stage()) else { return };
    if !matches!(approval.entry(stage).state, State::Absent) || approval.is_misspelt(stage.word()) {
        return;
    }
    let message = format!("there is no entry for {stage}, and the KEP targets {stage}");
    let finding = Finding::new(&RULE, approval.file, place(approval), message)
        .on(stage.word(), "")
        .help(format!("add the entry with its approver, or correct the KEP's `stage`:\n{stage}:\n  approver: \"@…\""));
    findings.push(match kep.stage.value() {
        Some((_, span)) => finding.label(kep.file, Some(span), "the target stage"),
        None => finding,
    });
}

/// The key of the last entry in the file, else of its number.
pub(super) fn place(approval: &Approval) -> Option<Span> {
    let keys = Stage::ALL.into_iter().filter_map(|stage| approval.entry(stage).key);
    keys.max_by_key(|key| key.start).or(approval.kep_number.key)
}
