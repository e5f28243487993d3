use std::collections::BTreeSet;

use super::wording::all_of;
use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, List, Milestone, Owners, Stage, Status, handle};
use crate::project::Layout;
use crate::release::Schedule;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "sig-node-owners",
    family: Family::Repository,
    level: Level::Error,
    enabled: true,
    needs: &[Need::Owners, Need::TechLeads],
    renewal: Renewal::Never,
    summary: "The people marked in kep.yaml differ from those in the KEP's OWNERS file",
    what: "Compares the entries of `reviewers` and `approvers` that carry the comment `# \
           sig-node-assigned-reviewer` or `# sig-node-assigned-approver` with the lists in the OWNERS file of the \
           KEP's directory. It applies if there is such a file or such a comment. Handles are compared without `@` \
           and case. A field that cannot be read is not compared. By default, the rule runs only if OWNERS_ALIASES has `sig-node-tech-leads`.",
    why: "OWNERS decides who can approve a change to the KEP, but people look in kep.yaml to find out.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/sig-node/README.md",
};

/// A field, its list in kep.yaml, and how to get its list from OWNERS.
type Pairing<'a> = (&'a str, &'a List, fn(&Owners) -> &List);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let lists: [Pairing<'_>; 2] = [
        ("reviewers", &kep.reviewers, |owners| &owners.reviewers),
        ("approvers", &kep.approvers, |owners| &owners.approvers),
    ];
    if record.owners().is_none() && lists.iter().all(|(name, list, _)| marked(context, kep, name, list).is_empty()) {
        return;
    }
    if let Some(owners) = record.owners().filter(|owners| !owners.is_known()) {
        let message = "this OWNERS file cannot be read in full, so it cannot be compared with kep.yaml";
        findings.push(
            Finding::new(&RULE, owners.file, None, message)
                .help("write `reviewers:` and `approvers:` as lists of handles"),
        );
        return;
    }
    for (name, list, of_owners) in lists {
        // Another finding says why it cannot be read.
        if !list.is_known() {
            continue;
        }
        let here = marked(context, kep, name, list);
        let there = record.owners().map(|owners| people(of_owners(owners))).unwrap_or_default();
        if here != there {
            let finding = Finding::new(&RULE, kep.file, list.key, difference(name, &here, &there));
            let value = here.symmetric_difference(&there).cloned().collect::<Vec<_>>().join(" ");
            let finding = finding.on(name, value).help(help(context, (record, kep), name));
            findings.push(match record.owners() {
                Some(owners) => finding.label(owners.file, None, "the KEP's OWNERS file"),
                None => finding,
            });
        }
    }
}

/// What to do, so that `sig-node-approvers` accepts it, too.
fn help(context: &Context<'_>, (record, kep): (&KepState, &Kep), name: &str) -> String {
    let mark = format!("`# sig-node-assigned-{}`", name.trim_end_matches('s'));
    let target = target(context.layout(), record).filter(|_| name == "approvers");
    let is_alpha = target.and_then(|latest| is_actively_alpha(kep, latest, &context.external.schedule));
    match (record.owners().is_some(), is_alpha) {
        (true, Some(true)) => {
            format!(
                "until the KEP leaves alpha, list no approvers in OWNERS, and delete the comment {mark} if it is there"
            )
        }
        (true, _) => format!("in kep.yaml, add the comment {mark} to the {name} that OWNERS lists, and only to them"),
        (false, Some(true)) => format!("delete the comment {mark} until the KEP leaves alpha"),
        (false, Some(false)) if !has_lead(context, kep) => {
            format!("list them under `{name}` in an OWNERS file next to kep.yaml")
        }
        (false, _) => {
            format!("list them under `{name}` in an OWNERS file next to kep.yaml, or delete the comment {mark}")
        }
    }
}

/// The message: who is only in one of the two lists.
fn difference(name: &str, marked: &BTreeSet<String>, owners: &BTreeSet<String>) -> String {
    let only = |these: &BTreeSet<String>, those: &BTreeSet<String>, says: &dyn Fn(String) -> String| {
        let names: Vec<_> = these.difference(those).collect();
        (!names.is_empty()).then(|| says(all_of(&names)))
    };
    let parts = [
        only(marked, owners, &|names| format!("kep.yaml marks {names}, but OWNERS does not list them")),
        only(owners, marked, &|names| format!("OWNERS lists {names}, but kep.yaml does not mark them")),
    ];
    format!("the assigned {name} differ: {}", parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// Returns the handles, folded, of the entries in a list that carry SIG Node's mark.
pub(super) fn marked(context: &Context<'_>, kep: &Kep, name: &str, list: &List) -> BTreeSet<String> {
    let file = context.file(kep.file);
    let mark = format!("sig-node-assigned-{}", name.trim_end_matches('s'));
    let line = |offset: usize| file.position(offset).line;
    let has_mark = |end: usize| {
        let mut comments = kep.comments.iter().filter(|comment| comment.trailing && comment.text == mark);
        comments.any(|comment| line(comment.span.start) == line(end))
    };
    let entries = list.entries().iter().filter(|entry| has_mark(entry.span.end));
    entries.map(|entry| handle::folded(&entry.value)).collect()
}

fn people(list: &List) -> BTreeSet<String> {
    list.entries().iter().map(|entry| handle::folded(&entry.value)).collect()
}

/// The first release for which SIG Node assigns approvers.
const FIRST: Milestone = Milestone::new(1, 36);

/// Returns the target release of a KEP for which SIG Node assigns approvers.
pub(super) fn target(layout: &Layout, record: &KepState) -> Option<Milestone> {
    let kep = record.kep()?;
    let is_over = matches!(kep.known_status(), Some(Status::Withdrawn | Status::Rejected | Status::Replaced));
    let is_sig_node = layout.directory_sig(&record.dir) == Some("sig-node");
    kep.latest().filter(|latest| is_sig_node && !is_over && *latest >= FIRST)
}

/// True if the KEP targets alpha in a release that is not out, so that only tech leads approve it. `None` if it is not
/// known whether the release is out.
pub(super) fn is_actively_alpha(kep: &Kep, latest: Milestone, schedule: &Schedule) -> Option<bool> {
    if kep.target_stage() == Some(Stage::Alpha) { schedule.is_out(latest).map(|is_out| !is_out) } else { Some(false) }
}

/// True if a tech lead of SIG Node is among the approvers.
pub(super) fn has_lead(context: &Context<'_>, kep: &Kep) -> bool {
    let leads = context.policy.tech_leads();
    let is_lead = |name: &str| leads.iter().any(|lead| handle::folded(lead) == handle::folded(name));
    kep.approvers.entries().iter().any(|entry| is_lead(&entry.value))
}
