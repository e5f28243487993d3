use super::context::same_person;
use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-approver-is-author",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "A newly named approver is an author of the KEP",
    what: "Reports an approver that this change names and that is also listed in the KEP's `authors`. Other rules report \
           emeritus approvers and people who are not approvers.",
    why: "Authors should not approve the production readiness of their own work.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(prr_file), Some(kep)) = (context.prr_file(), context.kep()) else { return };
    let approvers = context.policy.approvers();
    // Somebody else has to be named anyway, which another rule says.
    let may_approve = |value: &str| approvers.as_ref().is_none_or(|all| all.iter().any(|it| same_person(it, value)));
    for (stage, value, span) in context.approvers().into_iter().filter(|(_, value, _)| may_approve(value)) {
        let author = kep.authors.entries().iter().find(|author| same_person(&author.value, value));
        if let Some(author) = author.filter(|_| context.is_newly_named(stage, value)) {
            let message = format!("{} is the approver for {stage} but also an author of the KEP", quote(value));
            let finding =
                Finding::new(&RULE, prr_file.file, Some(span), message).on(format!("{stage}.approver"), value);
            let finding = finding.help("ask another production-readiness approver");
            findings.push(finding.label(kep.file, Some(author.span), "listed as an author here"));
        }
    }
}
