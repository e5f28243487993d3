use super::context::{approver_name, same_person};
use super::wording::{choice, least_busy, quote, requoted};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::{Kep, List, PrrFile, Stage};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;
use crate::text::nearest::nearest;

pub(crate) static RULE: Rule = Rule {
    id: "prr-approver-unknown",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::Group, Need::ProductionReadiness],
    renewal: Renewal::Gate,
    summary: "The approver is not a production-readiness approver",
    what: "Looks up the approver in the `prod-readiness-approvers` and `prod-readiness-approvers-emeritus` aliases \
           of the target branch the way upstream does: case-sensitive, with one leading `@` stripped and nothing \
           trimmed. It is an error for the target stage of a gated KEP (if `stage` is misspelled, for the one that \
           is probably meant) and a warning for a newly named approver of another stage. If an entry of the groups \
           cannot be read, nobody is called unknown: the rule is not checked.",
    why: "Only the people in these groups can approve production readiness. They are read from the target branch, \
          so that a change cannot appoint its own approver.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.policy.approvers().is_none() && context.kep().is_some_and(Kep::is_gated) {
        findings.cannot_tell(&RULE, Missing::Group(context.policy.groups.approvers.clone()));
    }
    let (Some(prr_file), Some(approvers)) = (context.prr_file(), context.policy.approvers()) else { return };
    let emeritus = context.policy.emeritus();
    let target = context.kep().filter(|kep| kep.is_gated()).and_then(|kep| target_stage(kep, context));
    for (stage, value, span) in context.approvers() {
        let name = approver_name(value);
        let is_target = target == Some(stage);
        if approvers.contains(&name) || emeritus.contains(&name) || !(is_target || context.is_newly_named(stage, value))
        {
            continue;
        }
        if context.policy.lacks_approvers() {
            findings.cannot_tell(&RULE, Missing::Members(context.policy.groups.approvers.clone()));
            continue;
        }
        let finding = finding(context, prr_file, stage, value, span);
        findings.push(if is_target { finding } else { finding.at_level(Level::Warning).renewed_by(Renewal::Never) });
    }
}

/// The target stage. If it is misspelled, it is the one that it resembles, or else the last one with an approver: a typing
/// error must not excuse the approver.
fn target_stage(kep: &Kep, context: &Context<'_>) -> Option<Stage> {
    let (written, _) = kep.stage.value()?;
    let near = || kep.dialect.stage(kep.dialect.nearest_stage(written)?);
    kep.target_stage().or_else(near).or_else(|| context.approvers().last().map(|(stage, ..)| *stage))
}

fn finding(context: &Context<'_>, prr_file: &PrrFile, stage: Stage, value: &str, span: Span) -> Finding {
    let approvers = context.policy.approvers().unwrap_or_default();
    let message = format!("{} is not a production-readiness approver", quote(value));
    let finding = Finding::new(&RULE, prr_file.file, Some(span), message).on(format!("{stage}.approver"), value);
    let known = approvers.iter().chain(&context.policy.emeritus()).copied().find(|known| same_person(known, value));
    if let Some(known) = known {
        let corrected = requoted(context.file(prr_file.file), span, &format!("@{known}"));
        return finding
            .help(format!("write \"@{known}\"; upstream does not ignore case, spaces or a second `@`"))
            .fix(span, if corrected.starts_with('@') { format!("\"{corrected}\"") } else { corrected });
    }
    if let Some((file, span)) = appointed_here(context, value) {
        return finding
            .help(format!(
                "this change adds them to the alias, but that only takes effect after the merge; until then name {}",
                choice(&approvers)
            ))
            .label(file, Some(span), "added here in the same change");
    }
    let least_busy = least_busy(context.kep());
    let named = match approvers.as_slice() {
        [only] => format!("name {}, the only approver on the target branch", quote(only)),
        several => format!("name one of the approvers on the target branch: {}; {least_busy}", choice(several)),
    };
    match nearest(approver_name(value), approvers) {
        Some(near) => finding.help(format!("did you mean `{near}`? {named}")),
        None => finding.help(named),
    }
}

/// Finds the person in the change's own `OWNERS_ALIASES`.
fn appointed_here(context: &Context<'_>, value: &str) -> Option<(crate::text::FileId, Span)> {
    let head = context.aliases?.head.as_ref()?;
    let groups = [&context.policy.groups.approvers, &context.policy.groups.emeritus];
    let mut entries = groups.into_iter().filter_map(|group| head.group(group)).flat_map(List::entries);
    entries.find(|entry| same_person(&entry.value, value)).map(|entry| (head.file, entry.span))
}
