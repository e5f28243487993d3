use super::context::same_person;
use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Stage, Text};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-approver-changed",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "The recorded approver of an earlier stage changes",
    what: "Compares the approvers of stages that come before the target stage on the same path (alpha, beta, stable \
           or deprecated, disabled, removed) with those recorded before the change. Entries for stages that \
           the KEP never had do not count. An approver who is in neither alias of the target branch may be replaced by one who is.",
    why: "The approvals of earlier stages are history. Rewriting them hides who reviewed the KEP.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(before), Some(after)) = (context.base_prr_file(), context.prr_file()) else { return };
    for (stage, recorded) in former(context) {
        let Some((value, span)) = after.approver(stage).and_then(Text::value) else { continue };
        if corrects(context, recorded.text(), value) {
            continue;
        }
        if !same_person(recorded.text(), value) {
            let message = format!(
                "this change replaces {}, the recorded approver for {stage}, with {}",
                quote(recorded.text()),
                quote(value)
            );
            let finding = Finding::new(&RULE, after.file, Some(span), message).on(format!("{stage}.approver"), value);
            let finding = finding.help("keep the recorded approver of earlier stages");
            findings.push(finding.label(before.file, recorded.value().map(|(_, span)| span), "before the change"));
        }
    }
}

/// True if `recorded` is nobody who can approve, according to the target branch, and `approver` is somebody who can.
fn corrects(context: &Context<'_>, recorded: &str, approver: &str) -> bool {
    let (approvers, emeritus) = (context.policy.approvers().unwrap_or_default(), context.policy.emeritus());
    let is_known = |name: &str| approvers.iter().chain(&emeritus).any(|known| same_person(known, name));
    !is_known(recorded) && is_known(approver)
}

/// Returns the approvers recorded before the change for stages that the KEP had and that come before its current one.
pub(super) fn former<'a>(context: &Context<'a>) -> Vec<(Stage, &'a Text)> {
    let (Some(before), Some(kep)) = (context.base_prr_file(), context.kep()) else { return Vec::new() };
    let Some(target) = kep.target_stage() else { return Vec::new() };
    let earlier = Stage::ALL.into_iter().filter(|stage| stage.is_before(target) && may_have_had(context, *stage));
    earlier.filter_map(|stage| Some((stage, before.approver(stage)?))).collect()
}

/// False if the KEP is known to have skipped `stage`: it was in an earlier stage before the change.
fn may_have_had(context: &Context<'_>, stage: Stage) -> bool {
    let before = context.base_kep().and_then(Kep::target_stage);
    before.is_none_or(|before| !before.is_before(stage))
}
