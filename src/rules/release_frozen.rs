use super::release_shipped::{self, completes, passed};
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
    summary: "The change targets a release after its Enhancements Freeze, without a known exception",
    what: "Reports a change that targets an active KEP at a release whose Enhancements Freeze has passed: it moves \
           `latest-milestone` forward to the release, makes the KEP active, or moves the KEP to a stage that was \
           not planned for that release. KEPs with an approved exception (`--exceptions`) and KEPs that the change \
           marks as implemented are not reported. If the release shipped long ago, `release-shipped` reports it \
           instead.",
    why: "After the freeze, the release team accepts a KEP only with an exception. Without one, the KEP is removed \
          from the release.",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/EXCEPTIONS.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    if let Some((release, phase)) = unknown(context.base_record(), record, &context.external.schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let (base, schedule) = (context.base_record(), &context.external.schedule);
    let Some(latest) = newly_targeted(base, record) else { return };
    // `milestone-after-latest` reports that `latest-milestone` was not updated.
    let is_outdated = kep.target_stage().and_then(|stage| kep.milestone_of(stage)).is_some_and(|(it, _)| it > latest);
    if is_outdated || schedule.is_frozen(latest) != Some(true) || release_shipped::applies(base, record, schedule) {
        return;
    }
    // One from the freeze before is not enough.
    let exception = record.number.and_then(|number| schedule.exception(latest, number));
    let ruling = exception.filter(|it| it.freeze == Phase::EnhancementsFreeze).map(|exception| exception.ruling);
    let Some((_, span)) = kep.latest_milestone.value().filter(|_| ruling != Some(Ruling::Approved)) else { return };
    let outcome = match ruling {
        Some(Ruling::Refused) => "the requested exception was refused",
        Some(Ruling::Removed) => "the KEP was removed from the release",
        Some(Ruling::Open) => "the requested exception is not approved yet",
        Some(Ruling::Approved) | None => "no exception is recorded",
    };
    let message = format!(
        "the KEP targets {latest}, but its Enhancements Freeze {}, and {outcome}",
        passed(schedule, latest, Phase::EnhancementsFreeze)
    );
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", latest.to_string());
    findings.push(finding.help(match schedule.next_open(latest) {
        Some(next) if schedule.is_out(latest) == Some(true) => format!("{latest} is out, so target {next}"),
        Some(next) => format!("target {next}, or ask the release team for an exception"),
        None => "target a release that is still open, or ask the release team for an exception".to_owned(),
    }));
}

/// Returns the release that an active KEP targets after the change but not before it.
pub(super) fn newly_targeted(base: Option<&KepState>, head: &KepState) -> Option<Milestone> {
    let kep = head.kep().filter(|kep| kep.readable && kep.is_active())?;
    let latest = kep.latest().filter(|latest| kep.dialect.has_calendar_for(*latest))?;
    if completes(base, kep) {
        return None;
    }
    let Some(before) = base.and_then(KepState::kep) else { return Some(latest) };
    let targeted = before.is_active() && before.latest() == Some(latest) && !promotes(before, kep, latest);
    // `latest-milestone-regressed` reports a move back to an earlier release.
    let goes_back = before.latest().is_some_and(|before| before > latest);
    (before.readable && !targeted && !goes_back).then_some(latest)
}

/// True if the KEP moves to a stage that it had not planned for this release. Completing a half-done promotion does not
/// count as a new target.
fn promotes(before: &Kep, after: &Kep, latest: Milestone) -> bool {
    let (Some(old), Some(new)) = (before.target_stage(), after.target_stage()) else { return false };
    let planned = before.milestone_of(new).map(|(milestone, _)| milestone);
    old.is_before(new) && planned != Some(latest)
}

/// Returns the date that the rule needs to judge the change but does not know.
pub(super) fn unknown(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let latest = newly_targeted(base, head)?;
    schedule.is_frozen(latest).is_none().then_some((latest, Phase::EnhancementsFreeze))
}
