use super::wording::least_busy;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, PrrFile, Stage, State};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "prr-approver-missing",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "A stage entry has no approver",
    what: "Requires an approver in every stage entry of a production-readiness file.",
    why: "An entry without an approver looks like an approval, but nobody approved anything.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(prr_file) = context.prr_file() else { return };
    for stage in Stage::ALL {
        if let Some(span) = place(prr_file, stage) {
            let finding =
                Finding::new(&RULE, prr_file.file, Some(span), format!("the entry for {stage} has no approver"));
            // Upstream reads the file with all its entries once the KEP is gated.
            let is_gated = context.kep().is_some_and(Kep::is_gated);
            let finding = if is_gated { finding.renewed_by(Renewal::Gate) } else { finding };
            findings.push(finding.on(format!("{stage}.approver"), "").help(format!(
                "name one of the {} from OWNERS_ALIASES, quoted and with `@`, or delete the entry; {}",
                context.policy.groups.approvers,
                least_busy(context.kep())
            )));
        }
    }
}

/// Returns where to point if the entry for `stage` exists but has no approver.
fn place(prr_file: &PrrFile, stage: Stage) -> Option<Span> {
    let entry = prr_file.entry(stage);
    match &entry.state {
        State::Absent | State::Broken => None,
        State::Empty(_) => entry.key,
        State::Value(value, _) => match value.approver.state {
            State::Broken | State::Value(..) => None,
            State::Absent if prr_file.is_misspelt_below(stage, "approver") => None,
            State::Absent => entry.key,
            State::Empty(_) => value.approver.missing_span(),
        },
    }
}
