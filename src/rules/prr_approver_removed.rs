use super::prr_approver_changed::former;
use super::prr_stage_missing::place;
use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, State};
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
           KEP never had do not count. If a closed or provisional KEP stays but its whole file is deleted, that is also reported.",
    why: "The approvals of earlier stages are history. Without the entry, nobody can tell that the stage was approved.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.extend(whole_file(context));
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

/// The finding about a file that the change deletes although its KEP stays. `prr-file-missing` reports it if the KEP is gated.
fn whole_file(context: &Context<'_>) -> Option<Finding> {
    let before = context.base_prr_file()?;
    let (record, kep) = (context.record()?, context.kep()?);
    let was_gated = context.base_kep().is_some_and(Kep::is_gated);
    if !was_gated || kep.is_gated() || record.prr_file_path().is_some() || record.misplaced_prr_file().is_some() {
        return None;
    }
    let path = context.file(before.file).path.to_string();
    let message = format!("this change deletes {}, but keeps the KEP", quote(&path));
    let span = kep.status.value().map(|(_, span)| span);
    let finding = Finding::new(&RULE, kep.file, span, message).on("prod-readiness", &path);
    Some(finding.help("restore it: it records who approved which stage").label(before.file, None, "before the change"))
}
