use super::release_shipped::{self, passed};
use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, Milestone};
use crate::release::{Phase, Ruling, Schedule};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "release-frozen",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Calendar],
    renewal: Renewal::Never,
    summary: "The change targets a release after its Enhancements Freeze, and no exception is known",
    what: "Reports a change after which an active KEP targets a release whose Enhancements Freeze has passed, and \
           before which it did not: `latest-milestone` moves on to it, the KEP becomes active, or it moves on to a stage \
           that it had not planned for that release. A KEP with an approved exception (`--exceptions`) is let be, and \
           a release that is long out is for `release-shipped`.",
    why: "After the freeze the release team takes a KEP in only by exception; without one it leaves the release again.",
    cases: include_str!("../../fixtures/rules/release-frozen.md"),
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/EXCEPTIONS.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    if let Some((release, phase)) = unknown(context.base_record(), record, &context.external.schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let (base, schedule) = (context.base_record(), &context.external.schedule);
    let Some(latest) = targets_anew(base, record) else { return };
    if schedule.is_frozen(latest) != Some(true) || release_shipped::holds(base, record, schedule) {
        return;
    }
    let asked = record.number.and_then(|number| schedule.exception(latest, number)).map(|exception| exception.ruling);
    let Some((_, span)) = kep.latest_milestone.value().filter(|_| asked != Some(Ruling::Approved)) else { return };
    let outcome = match asked {
        Some(Ruling::Refused) => "the exception that was asked for was refused",
        Some(Ruling::Removed) => "the KEP was taken out of the release",
        Some(Ruling::Open) => "the exception that was asked for is not approved",
        Some(Ruling::Approved) | None => "no exception is known",
    };
    let message = format!(
        "the KEP targets {latest}, whose Enhancements Freeze {}, and {outcome}",
        passed(schedule, latest, Phase::EnhancementsFreeze)
    );
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", latest.to_string());
    let next = latest.next();
    findings.push(finding.help(format!("target {next}, or ask the release team for an exception")));
}

/// The release that an active KEP targets with this change and did not before it.
pub(super) fn targets_anew(base: Option<&KepState>, head: &KepState) -> Option<Milestone> {
    let kep = head.kep().filter(|kep| kep.readable && kep.is_active())?;
    let latest = kep.latest().filter(|latest| *latest >= Milestone::PRR_REQUIRED)?;
    let Some(before) = base.and_then(KepState::kep) else { return Some(latest) };
    let targeted = before.is_active() && before.latest() == Some(latest) && !promotes(before, kep, latest);
    // Going back to an earlier release is what `latest-milestone-regressed` explains.
    let goes_back = before.latest().is_some_and(|before| before > latest);
    (before.readable && !targeted && !goes_back).then_some(latest)
}

/// Whether the KEP moves on to a stage that it had not planned for this release: repairing a half-made promotion is no
/// new target.
fn promotes(before: &Kep, after: &Kep, latest: Milestone) -> bool {
    let (Some(old), Some(new)) = (before.target_stage(), after.target_stage()) else { return false };
    let planned = before.milestone_of(new).map(|(milestone, _)| milestone);
    old.is_before(new) && planned != Some(latest)
}

/// What the rule would have to know to judge the change, and does not.
pub(super) fn unknown(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let latest = targets_anew(base, head)?;
    schedule.is_frozen(latest).is_none().then_some((latest, Phase::EnhancementsFreeze))
}
