use super::wording::{all_of, count, first_of, quote};
use super::{Context, Findings, Subject};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-alias-shrunk",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "The change removes an approver that gated KEPs still name",
    what: "Reports a change to OWNERS_ALIASES that removes an approver from both `prod-readiness-approvers` and \
           `prod-readiness-approvers-emeritus` while gated KEPs still name that person for their target stage.",
    why: "Each of those KEPs would fail from then on, in pull requests that have nothing to do with this change.",
    source: "https://github.com/kubernetes/enhancements/blob/master/OWNERS_ALIASES",
};

/// How many KEPs the message lists.
const NAMED: usize = 3;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Aliases(pair) = context.subject else { return };
    let Some(aliases) = pair.head.as_ref().filter(|_| !pair.dropped.is_empty()) else { return };
    // A missing or unreadable alias is reported by another rule.
    let Some(group) = aliases.group(&context.policy.groups.approvers).filter(|it| !it.is_missing() && it.is_known())
    else {
        return;
    };
    let names: Vec<_> = pair.dropped.keys().map(String::as_str).collect();
    let keps: Vec<_> = pair.dropped.values().flatten().map(ToString::to_string).collect();
    let message = format!(
        "this change removes {}, who {} of {}: {}",
        all_of(&names),
        if names.len() == 1 { "is still the approver" } else { "are still approvers" },
        count(keps.len(), "KEP"),
        first_of(&keps, NAMED),
    );
    let finding = Finding::new(&RULE, aliases.file, group.key, message).on("prod-readiness-approvers", names.join(" "));
    findings.push(finding.help(format!("move them to {} instead", quote(&context.policy.groups.emeritus))));
}
