use super::prr_approver_changed::former;
use super::prr_stage_missing::place;
use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::State;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-approver-removed",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "The recorded approver of an earlier stage is removed",
    what: "Reports a stage entry with an approver that was in the production-readiness file before the change and \
           is now missing, for stages that come before the target stage on the same path. Entries for stages that the \
           KEP never had do not count.",
    why: "The approvals of earlier stages are history. Without the entry, nobody can tell that the stage was approved.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(before), Some(after)) = (context.base_prr_file(), context.prr_file()) else { return };
    for (stage, recorded) in former(context) {
        // An entry without an approver is reported by another rule.
        if matches!(after.entry(stage).state, State::Absent) && !after.is_misspelt(stage.word()) {
            let message =
                format!("this change removes the entry for {stage} with its approver {}", quote(recorded.text()));
            let finding =
                Finding::new(&RULE, after.file, place(after), message).on(format!("{stage}.approver"), recorded.text());
            let finding = finding.help("restore the entry; add a new stage after the existing ones");
            findings.push(finding.label(before.file, recorded.value().map(|(_, span)| span), "before the change"));
        }
    }
}
