use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Status};
use crate::release::{Phase, Schedule};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "provisional-target",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Calendar],
    renewal: Renewal::Never,
    summary: "A KEP targets a coming release with its approval filed, and is still provisional",
    what: "Reports a provisional KEP whose production-readiness file has an entry for its `stage`, and whose \
           `latest-milestone` moves, in this change, to a release that is not yet out. It needs to know which releases \
           are out: the calendar, or `upcoming-release` in the configuration.",
    why: "At the Enhancements Freeze a KEP has to be implementable; one that was left provisional by oversight is \
          mended the day after, or misses the release.",
    cases: include_str!("../../fixtures/rules/provisional-target.md"),
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    if let Some((release, phase)) = unknown(context.base_record(), record, &context.external.schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let Some(latest) = target(context.base_record(), record) else { return };
    if context.external.schedule.is_out(latest) != Some(false) {
        return;
    }
    let (Some((_, span)), Some((_, at))) = (kep.status.value(), kep.latest_milestone.value()) else { return };
    let message = format!("the KEP targets {latest} with its approval filed, and is still provisional");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("status", "provisional");
    let finding = finding.help("set `status: implementable` if it is to make the Enhancements Freeze");
    findings.push(finding.label(kep.file, Some(at), "the release that it targets"));
}

/// The release that the change moves a provisional KEP to whose approval is filed.
fn target(base: Option<&KepState>, head: &KepState) -> Option<Milestone> {
    let latest = |record: &KepState| record.kep().and_then(Kep::latest);
    let kep = head.kep().filter(|kep| kep.known_status() == Some(Status::Provisional))?;
    // A file that stands in the wrong place shows the author's mind as well as one in the right place.
    let approval = head.approval().or(head.stray_approval());
    let has_entry = kep.target_stage().is_some_and(|stage| approval.is_some_and(|it| it.approver(stage).is_some()));
    latest(head).filter(|target| has_entry && base.and_then(latest) != Some(*target))
}

/// What the rule would have to know to judge the change, and does not.
pub(super) fn unknown(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let latest = target(base, head)?;
    schedule.is_out(latest).is_none().then_some((latest, Phase::Release))
}
