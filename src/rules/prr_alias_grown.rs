use super::wording::{all_of, quote};
use super::{Context, Findings, Subject};
use crate::finding::Finding;
use crate::kep::{Aliases, List};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-alias-grown",
    family: Family::ProductionReadiness,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "The change adds a production readiness approver",
    what: "Reports a change to OWNERS_ALIASES that adds somebody to `prod-readiness-approvers`, or somebody who was not in \
           it to `prod-readiness-approvers-emeritus`. The case of handles does not matter. The change itself is still checked against the group on the target branch.",
    why: "Once merged, these people can approve the production readiness of any KEP.",
    source: "https://github.com/kubernetes/enhancements/blob/master/OWNERS_ALIASES",
};

/// More people than this have no label of their own.
const MAX_LABELS: usize = 5;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Aliases(pair) = context.subject else { return };
    let (Some(base), Some(head)) = (&pair.base, &pair.head) else { return };
    let groups = &context.policy.groups;
    findings.extend(grown(base, head, &groups.approvers, &[&groups.approvers]));
    // An approver who retires is not new.
    findings.extend(grown(base, head, &groups.emeritus, &[&groups.approvers, &groups.emeritus]));
}

/// The finding if `group` has somebody at head who was in none of the groups `known` at base.
fn grown(base: &Aliases, head: &Aliases, group: &str, known: &[&String]) -> Option<Finding> {
    let members_of = |group: &&String| base.group(group).map(List::entries).unwrap_or_default();
    let former: Vec<_> = known.iter().flat_map(members_of).collect();
    let is_new = |name: &str| !former.iter().any(|member| member.value.eq_ignore_ascii_case(name));
    let added: Vec<_> = head.group(group)?.entries().iter().filter(|member| is_new(&member.value)).collect();
    let (first, others) = added.split_first()?;
    let names: Vec<_> = added.iter().map(|member| member.value.as_str()).collect();
    let message = format!("this change adds {} to {}", all_of(&names), quote(group));
    let mut finding = Finding::new(&RULE, head.file, Some(first.span), message).on(group, names.join(" ")).help(
        "check that this is intended: from the next change on, they can approve the production readiness of any KEP",
    );
    for member in others.iter().take(MAX_LABELS) {
        finding = finding.label(head.file, Some(member.span), "added, too");
    }
    Some(finding)
}
