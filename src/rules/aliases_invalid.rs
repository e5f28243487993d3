use super::wording::quote;
use super::{Context, Findings, Subject};
use crate::finding::Finding;
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
    summary: "The change leaves OWNERS_ALIASES unusable",
    what: "Reports a change that touches OWNERS_ALIASES and leaves it unparsable, with an alias that stands twice, or \
           without `prod-readiness-approvers`, or with nobody in it.",
    why: "Once merged it is the policy that every other pull request is held to: all of them would fail.",
    example: "prod-readiness-approvers: []",
    instead: "prod-readiness-approvers:\n  - hedda-rusk\n  - quillon-b\n  - yuna-feld",
    source: "https://github.com/kubernetes/enhancements/blob/master/OWNERS_ALIASES",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Aliases(pair) = context.subject else { return };
    let group = &context.policy.groups.approvers;
    let Some(aliases) = &pair.head else {
        let message = format!("the change deletes OWNERS_ALIASES, and with it {}", quote(group));
        findings.push(Finding::new(&RULE, pair.file, None, message).help("keep the file"));
        return;
    };
    for fault in &aliases.faults {
        findings.push(of_fault(context, aliases, fault));
    }
    if aliases.faults.iter().any(|fault| !is_duplicate(fault)) {
        return;
    }
    let help = "list the handles of the approvers below it, without `@`";
    match aliases.group(group) {
        None => {
            let message = format!("there is no alias {}", quote(group));
            findings.push(Finding::new(&RULE, aliases.file, aliases.key, message).on(group, "").help(help));
        }
        Some(members) if matches!(members.state, State::Empty(_)) => {
            let message = format!("the alias {} names nobody", quote(group));
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
        FaultKind::Yaml(Yaml::DuplicateKey { key, first }) => finding(format!("the alias {} stands twice", quote(key)))
            .help("keep one, with all its members")
            .label(aliases.file, Some(*first), "it stands here first"),
        FaultKind::Yaml(kind) => {
            let (message, help) = messages::of(kind);
            let is_handle = matches!(kind, Yaml::BareHandle { .. });
            finding(message).help(if is_handle { "write the handle without its `@`".to_owned() } else { help })
        }
        FaultKind::WrongType { wanted, found } => {
            finding(format!("{} takes {wanted}, and this is {found}", quote(&fault.route)))
                .help("write `name:` and a list of handles")
        }
        FaultKind::UnknownKey { key, .. } => finding(format!("there is no key {}", quote(key))),
    }
}
