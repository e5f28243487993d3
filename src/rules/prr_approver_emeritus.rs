use super::context::approver_name;
use super::wording::{choice, quote};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::Kep;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-approver-emeritus",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Group, Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "A newly named approver is emeritus",
    what: "Reports an approver that this change names and that is listed only in `prod-readiness-approvers-emeritus`.",
    why: "Upstream accepts former approvers so that their past approvals stay valid, but they no longer review KEPs.",
    source: "https://github.com/kubernetes/enhancements/blob/master/OWNERS_ALIASES",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.policy.approvers().is_none() && context.kep().is_some_and(Kep::is_gated) {
        findings.cannot_tell(&RULE, Missing::Group(context.policy.groups.approvers.clone()));
    }
    let (Some(prr_file), Some(approvers)) = (context.prr_file(), context.policy.approvers()) else { return };
    let emeritus = context.policy.emeritus();
    for (stage, value, span) in context.approvers() {
        let name = approver_name(value);
        let is_emeritus = emeritus.contains(&name) && !approvers.contains(&name);
        if is_emeritus && context.is_newly_named(stage, value) {
            let message = format!("{} is an emeritus approver and cannot approve {stage}", quote(value));
            let finding = Finding::new(&RULE, prr_file.file, Some(span), message);
            findings.push(
                finding
                    .on(format!("{stage}.approver"), value)
                    .help(format!("name an active approver: {}", choice(&approvers))),
            );
        }
    }
}
