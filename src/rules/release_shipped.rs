use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Status};
use crate::release::{Phase, Schedule};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "release-shipped",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Calendar],
    renewal: Renewal::Never,
    summary: "The change targets an active KEP at a release that shipped long ago",
    what: "Reports a change that sets the `latest-milestone` of an active KEP to an old release: the Enhancements \
           Freeze of the next release has already passed. If the milestone goes back to an earlier release, \
           `latest-milestone-regressed` reports it; if the release is earlier than v1.21, `prr-exempted` does. A \
           change that marks the KEP as implemented may name an old release.",
    why: "No work can go into that release anymore. Usually the pull request was open while releases passed, or the \
          field was copied from another KEP.",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    if let Some((release, phase)) = unknown(context.base_record(), record, &context.external.schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let schedule = &context.external.schedule;
    let Some(latest) = set_to(context.base_record(), record).filter(|latest| is_shipped(schedule, *latest)) else {
        return;
    };
    let Some((_, span)) = kep.latest_milestone.value() else { return };
    let next = latest.next();
    let message = format!(
        "`latest-milestone` is {latest}, but the Enhancements Freeze of {next} {}",
        passed(schedule, next, Phase::EnhancementsFreeze)
    );
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", latest.to_string());
    let example = schedule.next_open(next).map(|open| format!(", such as {open}")).unwrap_or_default();
    findings.push(finding.help(format!("set `latest-milestone` to the release in which this work will ship{example}")));
}

/// Returns the release that the change sets an active KEP's `latest-milestone` to, unless the KEP goes back to an
/// earlier release or to a release before the gate.
fn set_to(base: Option<&KepState>, head: &KepState) -> Option<Milestone> {
    let kep = head.kep().filter(|kep| kep.is_active() && !completes(base, kep))?;
    let before = base.and_then(KepState::kep).map(Kep::latest);
    let latest = kep.latest().filter(|latest| kep.dialect.has_calendar_for(*latest))?;
    before.is_none_or(|before| before.is_none_or(|before| before < latest)).then_some(latest)
}

fn is_shipped(schedule: &Schedule, release: Milestone) -> bool {
    schedule.is_frozen(release.next()) == Some(true)
}

/// True if the change marks the KEP as implemented: it records work that is done, and targets nothing.
pub(super) fn completes(base: Option<&KepState>, kep: &Kep) -> bool {
    let before = base.and_then(KepState::kep).and_then(Kep::known_status);
    kep.known_status() == Some(Status::Implemented) && before != Some(Status::Implemented)
}

/// True if this rule reports the target of `head`, so that other rules stay silent.
pub(super) fn applies(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> bool {
    set_to(base, head).is_some_and(|latest| is_shipped(schedule, latest))
}

/// Returns the date that the rule needs to judge the change but does not know.
pub(super) fn unknown(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let next = set_to(base, head)?.next();
    schedule.is_frozen(next).is_none().then_some((next, Phase::EnhancementsFreeze))
}

/// Says when a phase passed: `was on 2025-10-17 12:00 UTC`, or `has passed` if the date is unknown.
pub(super) fn passed(schedule: &Schedule, release: Milestone, phase: Phase) -> String {
    schedule.date(release, phase).map_or_else(|| "has passed".to_owned(), |date| format!("was on {date}"))
}
