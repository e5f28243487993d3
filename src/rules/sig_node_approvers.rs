use super::sig_node_owners::{has_lead, is_actively_alpha, marked, target};
use super::wording::choice;
use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Owners, Stage, handle};
use crate::project::Layout;
use crate::release::{Phase, Schedule};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "sig-node-approvers",
    family: Family::Repository,
    level: Level::Error,
    enabled: true,
    needs: &[Need::Group, Need::Calendar, Need::TechLeads],
    renewal: Renewal::Target,
    summary: "A SIG Node KEP does not have the approvers that SIG Node requires",
    what: "Checks KEPs in keps/sig-node whose `latest-milestone` is v1.36 or later and that are not withdrawn, \
           rejected or replaced. While a KEP is actively alpha (its stage is alpha and its latest milestone is the \
           upcoming release or later), one of its approvers must be a tech lead of SIG Node, and none may carry the \
           comment `# sig-node-assigned-approver`. Otherwise, at least one approver must be a tech lead or carry \
           the comment. By default, the rule runs only if OWNERS_ALIASES has `sig-node-tech-leads`. The upcoming \
           release comes from the calendar, or \
           from `upcoming-release` in the configuration.",
    why: "SIG Node assigns an approver to each KEP once it is past alpha; until then, its tech leads approve.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/sig-node/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    if context.layout().directory_sig(&record.dir) == Some("sig-node") && context.policy.tech_leads().is_empty() {
        findings.cannot_tell(&RULE, Missing::Group(context.policy.groups.sig_node_tech_leads.clone()));
    }
    if let Some((release, phase)) = unknown(context.layout(), record, &context.external.schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let Some(latest) = target(context.layout(), record) else { return };
    // `field-missing` reports missing approvers.
    if kep.approvers.is_missing() || context.policy.tech_leads().is_empty() {
        return;
    }
    let Some(is_alpha) = is_actively_alpha(kep, latest, &context.external.schedule) else { return };
    if let Some((message, help)) = fault(context, kep, is_alpha) {
        let approvers: Vec<_> = kep.approvers.entries().iter().map(|entry| entry.value.as_str()).collect();
        let finding = Finding::new(&RULE, kep.file, kep.approvers.key, message);
        findings.push(finding.on("approvers", approvers.join(" ")).help(help));
    }
}

/// Returns the date that the rule needs to judge the KEP but does not know.
fn unknown(layout: &Layout, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let is_alpha = head.kep()?.target_stage() == Some(Stage::Alpha);
    let latest = target(layout, head).filter(|_| is_alpha)?;
    schedule.is_out(latest).is_none().then_some((latest, Phase::Release))
}

/// The message and the help. What to do is what `sig-node-owners` accepts, too.
fn fault(context: &Context<'_>, kep: &Kep, is_alpha: bool) -> Option<(String, String)> {
    let leads = context.policy.tech_leads();
    let marked = marked(context, kep, "approvers", &kep.approvers);
    let owners_file = context.record().and_then(KepState::owners);
    let owners = owners_file.map_or(&[][..], |owners| owners.approvers.entries());
    // `sig-node-owners` reports a missing mark.
    let is_listed = |name: &str| owners.iter().any(|it| handle::folded(&it.value) == handle::folded(name));
    let in_owners = kep.approvers.entries().iter().any(|entry| is_listed(&entry.value));
    let unmark = || {
        let and_owners = if owners.is_empty() { "" } else { " and the approvers in OWNERS" };
        format!("remove the comment {MARK}{and_owners} until the KEP leaves alpha")
    };
    // A tech lead may be among those that could not be read.
    let is_known = kep.approvers.is_known() && owners_file.is_none_or(Owners::is_known);
    match (is_alpha, has_lead(context, kep), marked.is_empty()) {
        (true, false, is_unmarked) if kep.approvers.is_known() => {
            let and_unmark = if is_unmarked { String::new() } else { format!(", and {}", unmark()) };
            let message = "an alpha KEP of SIG Node needs a tech lead among its approvers".to_owned();
            Some((message, format!("add {}{and_unmark}", choice(&leads))))
        }
        (true, true, false) => {
            Some(("an alpha KEP of SIG Node must not have an assigned approver".to_owned(), unmark()))
        }
        (false, false, true) if is_known && !in_owners => Some((
            "this SIG Node KEP has no assigned approver and no tech lead among its approvers".to_owned(),
            format!(
                "mark the assigned approver with the comment {MARK} and list them in the KEP's OWNERS file, or add {}",
                choice(&leads)
            ),
        )),
        _ => None,
    }
}

/// The comment of an assigned approver.
const MARK: &str = "`# sig-node-assigned-approver`";
