use super::wording::quote;
use super::{Context, Findings, Subject};
use crate::finding::Finding;
use crate::kep::wrong_type::must_be;
use crate::kep::{Aliases, Fault, FaultKind, State};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::syntax::yaml::{FaultKind as Yaml, messages};

pub(super) static RULE: Rule = Rule {
    id: "aliases-invalid",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "The change breaks OWNERS_ALIASES",
    what: "Reports a change to OWNERS_ALIASES that leaves the file unparsable, defines an alias twice, or removes \
           or empties `prod-readiness-approvers`. A repository that never had this group does not need it.",
    why: "Once merged, this file is the policy that every other pull request is checked against, so all of them \
          would fail.",
    source: "https://github.com/kubernetes/enhancements/blob/master/OWNERS_ALIASES",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Aliases(pair) = context.subject else { return };
    let group = &context.policy.groups.approvers;
    let had_group = pair.base.as_ref().and_then(|base| base.group(group)).is_some_and(|list| !list.is_missing());
    let Some(aliases) = &pair.head else {
        if !had_group {
            return;
        }
        let message = format!("this change deletes OWNERS_ALIASES, which defines {}", quote(group));
        findings.push(Finding::new(&RULE, pair.file, None, message).help("restore the file"));
        return;
    };
    for fault in &aliases.faults {
        findings.push(of_fault(context, aliases, fault));
    }
    if !had_group || aliases.faults.iter().any(|fault| !is_duplicate(fault)) {
        return;
    }
    let help = format!("list the approvers' handles under {}, without `@`", quote(&format!("{group}:")));
    match aliases.group(group) {
        None => {
            let message = format!("the alias {} is missing", quote(group));
            findings.push(Finding::new(&RULE, aliases.file, aliases.key, message).on(group, "").help(help));
        }
        Some(members) if matches!(members.state, State::Empty(_)) => {
            let message = format!("the alias {} is empty", quote(group));
            findings.push(Finding::new(&RULE, aliases.file, members.missing_span(), message).on(group, "").help(help));
        }
        Some(_) => {}
    }
}

fn is_duplicate(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Yaml(Yaml::DuplicateKey { .. }))
}

fn of_fault(context: &Context<'_>, aliases: &Aliases, fault: &Fault) -> Finding {
    let text = fault.span.map(|span| context.text(aliases.file, span)).unwrap_or_default();
    let finding = |message: String| Finding::new(&RULE, aliases.file, fault.span, message).on(&fault.route, text);
    match &fault.kind {
        FaultKind::Yaml(Yaml::DuplicateKey { key, first }) => finding(format!(
            "the alias {} is defined twice",
            quote(key)
        ))
        .help("merge the two into one list")
        .label(aliases.file, Some(*first), "first defined here"),
        FaultKind::Yaml(kind) => {
            let (message, help) = messages::of(kind);
            let is_handle = matches!(kind, Yaml::BareHandle { .. });
            finding(message).help(if is_handle { "write the handle without `@`".to_owned() } else { help })
        }
        FaultKind::WrongType { wanted, found } => {
            finding(must_be(&fault.route, wanted, found)).help("write `<alias>:` followed by a list of handles")
        }
        FaultKind::UnknownKey { key, .. } => finding(format!("unknown key {}", quote(key))),
    }
}
