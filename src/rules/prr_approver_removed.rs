use super::prr_approver_changed::former;
use super::prr_stage_missing::place;
use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::State;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-approver-removed",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "The approver on record for an earlier stage is gone",
    what: "Reports a stage's entry with an approver that stood in the production-readiness file before the change and \
           is gone, for stages before the one that the KEP now targets, along the same way.",
    why: "Who approved a former stage is history; without the entry nobody can tell that it was approved.",
    example: "beta:\n  approver: \"@quillon-b\"",
    instead: "alpha:\n  approver: \"@quillon-b\"\nbeta:\n  approver: \"@quillon-b\"",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(before), Some(after)) = (context.base_approval(), context.approval()) else { return };
    for (stage, recorded) in former(context) {
        // An entry that is there without an approver has its own finding.
        if matches!(after.entry(stage).state, State::Absent) && !after.is_misspelt(stage.word()) {
            let message = format!("{} approved {stage}, and the entry is gone", quote(recorded.text()));
            let finding =
                Finding::new(&RULE, after.file, place(after), message).on(format!("{stage}.approver"), recorded.text());
            let finding = finding.help("put the entry back; a new stage is added below the former ones");
            findings.push(finding.label(before.file, recorded.value().map(|(_, span)| span), "before the change"));
        }
    }
}
