use super::context::approver_name;
use super::wording::{choice, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-approver-emeritus",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    renewal: Renewal::Never,
    summary: "The approver, named anew, no longer approves",
    what: "Reports an approver who is named anew in this change and stands in `prod-readiness-approvers-emeritus` \
           only.",
    why: "Upstream accepts former approvers, for the sake of what they once approved; they take no new KEPs.",
    cases: include_str!("../../fixtures/rules/prr-approver-emeritus.md"),
    source: "https://github.com/kubernetes/enhancements/blob/master/OWNERS_ALIASES",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
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
