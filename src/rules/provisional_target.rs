use super::{Context, Family, Findings, Renewal, Rule};
use crate::finding::{Finding, Level};
use crate::model::{Kep, Status};
use crate::work::Record;

pub(super) static RULE: Rule = Rule {
    id: "provisional-target",
    family: Family::Release,
    level: Level::Warning,
    renewal: Renewal::Never,
    summary: "A KEP targets a coming release with its approval filed, and is still provisional",
    what: "Reports a provisional KEP whose production-readiness file has an entry for its `stage`, and whose \
           `latest-milestone` moves, in this change, to a release that is not yet out. It needs to know which release \
           is being worked on: `upcoming-release` in the configuration.",
    why: "At the Enhancements Freeze a KEP has to be implementable; one that was left provisional by oversight is \
          mended the day after, or misses the release.",
    example: "status: provisional",
    instead: "status: implementable",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep), Some(upcoming)) = (context.record(), context.kep(), context.facts.upcoming_release)
    else {
        return;
    };
    let Some(latest) = kep.latest().filter(|latest| *latest >= upcoming) else { return };
    if !asks_for_release(context.base_record(), record) {
        return;
    }
    let (Some((_, span)), Some((_, at))) = (kep.status.value(), kep.latest_milestone.value()) else { return };
    let message = format!("the KEP targets {latest} with its approval filed, and is still provisional");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("status", "provisional");
    let finding = finding.help("set `status: implementable` if it is to make the Enhancements Freeze");
    findings.push(finding.label(kep.file, Some(at), "the release that it targets"));
}

/// Whether the rule has to know which releases are out: everything else that it asks for holds.
pub(crate) fn asks_for_release(base: Option<&Record>, head: &Record) -> bool {
    let latest = |record: &Record| record.kep().and_then(Kep::latest);
    let Some(kep) = head.kep().filter(|kep| kep.known_status() == Some(Status::Provisional)) else { return false };
    // A file that stands in the wrong place shows the author's mind as well as one in the right place.
    let approval = head.approval.as_ref().or(head.stray.as_ref());
    let has_entry = kep.target_stage().is_some_and(|stage| approval.is_some_and(|it| it.approver(stage).is_some()));
    has_entry && latest(head).is_some() && base.and_then(latest) != latest(head)
}
