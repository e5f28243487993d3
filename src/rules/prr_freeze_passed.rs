use super::release_frozen::newly_targeted;
use super::release_shipped::passed;
use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::Milestone;
use crate::release::{Phase, Ruling, Schedule};
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-freeze-passed",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Calendar],
    renewal: Renewal::Never,
    summary: "The change targets a release after its Production Readiness Freeze",
    what: "Reports a change that newly targets an active KEP at a release whose Production Readiness Freeze (from \
           v1.38 on: KEP Readiness Deadline) has passed but whose Enhancements Freeze has not. KEPs with an \
           approved exception (`--exceptions`) are not reported.",
    why: "By that freeze, the pull request must be open, with the questionnaire answered and an approver named. If \
          it was, it can still be merged until the Enhancements Freeze; if not, it needs an exception.",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    if let Some((release, phase)) = unknown(context.base_record(), record, &context.external.schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let schedule = &context.external.schedule;
    let Some(latest) = newly_targeted(context.base_record(), record) else { return };
    let is_between =
        schedule.has_passed(latest, Phase::PrrFreeze) == Some(true) && schedule.is_frozen(latest) == Some(false);
    let exception = record.number.and_then(|number| schedule.exception(latest, number));
    let is_excepted = exception.is_some_and(|exception| exception.ruling == Ruling::Approved);
    let Some((_, span)) = kep.latest_milestone.value().filter(|_| is_between && !is_excepted) else { return };
    let message = format!(
        "the KEP newly targets {latest}, whose {} {}",
        Phase::PrrFreeze.name(latest),
        passed(schedule, latest, Phase::PrrFreeze)
    );
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", latest.to_string());
    findings.push(finding.help(help(schedule, latest)));
}

fn help(schedule: &Schedule, latest: Milestone) -> String {
    let until = match schedule.date(latest, Phase::EnhancementsFreeze) {
        Some(freeze) => format!("merge it before the Enhancements Freeze at {freeze}"),
        None => "merge it before the Enhancements Freeze".to_owned(),
    };
    let next = latest.next();
    format!(
        "if this pull request was open by then with the questionnaire answered, {until}; otherwise \
         request an exception or target {next}"
    )
}

/// Returns the date that the rule needs to judge the change but does not know.
pub(super) fn unknown(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let latest = newly_targeted(base, head)?;
    match (schedule.has_passed(latest, Phase::PrrFreeze), schedule.is_frozen(latest)) {
        (Some(false), _) | (_, Some(true)) | (Some(true), Some(false)) => None,
        (None, _) => Some((latest, Phase::PrrFreeze)),
        (Some(true), None) => Some((latest, Phase::EnhancementsFreeze)),
    }
}
