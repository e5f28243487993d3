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
    needs: &[Need::Group],
    renewal: Renewal::Never,
    summary: "The approver, named anew, no longer approves",
    what: "Reports an approver who is named anew in this change and stands in `prod-readiness-approvers-emeritus` \
           only.",
    why: "Upstream accepts former approvers, for the sake of what they once approved; they take no new KEPs.",
    example: "beta:\n  approver: \"@petra-solm\"",
    instead: "beta:\n  approver: \"@quillon-b\"",
    source: "https://github.com/kubernetes/enhancements/blob/master/OWNERS_ALIASES",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.policy.approvers().is_none() && context.kep().is_some_and(Kep::is_gated) {
        findings.cannot_tell(&RULE, Missing::Group(context.policy.groups.approvers.clone()));
    }
    let (Some(approval), Some(approvers)) = (context.approval(), context.policy.approvers()) else { return };
    let emeritus = context.policy.emeritus();
    for (stage, value, span) in context.approvers() {
        let name = approver_name(value);
        let is_emeritus = emeritus.contains(&name) && !approvers.contains(&name);
        if is_emeritus && context.is_named_anew(stage, value) {
            let message = format!("{} is an emeritus approver, and is named anew for {stage}", quote(value));
            let finding = Finding::new(&RULE, approval.file, Some(span), message);
            findings.push(finding.on(format!("{stage}.approver"), value).help(format!("name {}", choice(&approvers))));
        }
    }
}
