use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, PrrFile, Stage, State, Status};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "prr-stage-missing",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Gate,
    summary: "The production-readiness file has no entry for the target stage",
    what: "Requires an entry for the KEP's `stage` in the production-readiness file of a gated KEP. For a provisional \
           KEP that has such a file it is a warning, until its `latest-milestone` is out.",
    why: "Each stage needs its own production-readiness approval. Without the entry, nobody has agreed to this one.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_gated() || will_be_gated(context, kep)) else { return };
    let (Some(prr_file), Some(stage)) = (context.prr_file(), kep.target_stage()) else { return };
    if !matches!(prr_file.entry(stage).state, State::Absent) || prr_file.is_misspelt(stage.word()) {
        return;
    }
    let message = format!("the KEP targets {stage}, but this file has no entry for {stage}");
    let finding = Finding::new(&RULE, prr_file.file, place(prr_file), message)
        .on(stage.word(), "")
        .help(format!("add the entry with its approver, or correct the KEP's `stage`:\n{stage}:\n  approver: \"@…\""));
    let finding = if kep.is_gated() { finding } else { finding.at_level(Level::Warning) };
    findings.push(match kep.stage.value() {
        Some((_, span)) => finding.label(kep.file, Some(span), "the target stage"),
        None => finding,
    });
}

/// True for a provisional KEP whose target release is not known to be out.
fn will_be_gated(context: &Context<'_>, kep: &Kep) -> bool {
    let is_provisional = kep.known_status() == Some(Status::Provisional);
    let needs_prr_file = |latest: Milestone| kep.dialect.is_gated(latest);
    let is_out = |latest| context.external.schedule.is_out(latest) == Some(true);
    is_provisional && kep.latest().is_some_and(|latest| needs_prr_file(latest) && !is_out(latest))
}

/// Returns the key of the last stage entry, or else of `kep-number`.
pub(super) fn place(prr_file: &PrrFile) -> Option<Span> {
    let keys = Stage::ALL.into_iter().filter_map(|stage| prr_file.entry(stage).key);
    keys.max_by_key(|key| key.start).or(prr_file.kep_number.key)
}
