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
    what: "Reports an approver that this change names and that is also listed in the KEP's `authors`.",
    why: "Authors should not approve the production readiness of their own work.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(prr_file), Some(kep)) = (context.prr_file(), context.kep()) else { return };
    for (stage, value, span) in context.approvers() {
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
