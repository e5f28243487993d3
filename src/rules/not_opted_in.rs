use jiff::SignedDuration;

use super::wording::quote;
use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Status};
use crate::release::schedule::in_words;
use crate::release::{Phase, Schedule};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::tracking::{Issue, Tracking};

/// How long before the freeze the help starts to say how much time is left.
const NEAR: SignedDuration = SignedDuration::from_hours(21 * 24);

pub(super) static RULE: Rule = Rule {
    id: "not-opted-in",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::TrackingIssues, Need::Calendar, Need::ReleaseTeam],
    renewal: Renewal::Target,
    summary: "The KEP targets a release that its SIG has not opted in to",
    what: "Reports a provisional or implementable KEP that targets a release before its Enhancements Freeze, if its \
           tracking issue does not have the label `lead-opted-in`. The rule needs data from GitHub, and the dates \
           of the freezes: from the calendar, or from `upcoming-release` in the configuration.",
    why: "Without a lead's opt-in, the release team does not track the enhancement, and it misses the freeze even \
          if it is otherwise complete.",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let Some(number) = record.issue_number() else { return };
    let Some(issues) = &context.external.issues else {
        findings.cannot_tell(&RULE, Missing::Issue(number));
        return;
    };
    if let Some((release, phase)) = unknown(context.base_record(), record, &context.external.schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let Some(latest) = targeted(kep) else { return };
    let Some(Tracking::Issue(issue)) = issues.get(&number) else { return };
    let schedule = &context.external.schedule;
    let Some((value, span)) = kep.latest_milestone.value().filter(|_| !issue.is_opted_in()) else { return };
    if is_frozen(schedule, latest) != Some(false) {
        return;
    }
    let label = Issue::OPTED_IN;
    let message = format!("the KEP targets {latest}, but its tracking issue #{number} is not labeled `{label}`");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", value);
    let left = schedule.time_left(latest, Phase::EnhancementsFreeze);
    let when = match left.filter(|left| *left <= NEAR && !left.is_negative()) {
        Some(left) => format!(", which is {} away", in_words(left)),
        None => String::new(),
    };
    let sig = kep.owning_sig.value().map_or_else(|| "the owning SIG".to_owned(), |(sig, _)| quote(sig));
    let help = format!(
        "ask a lead of {sig} to comment `/label {label}` on issue #{number} before the Enhancements Freeze{when}"
    );
    findings.push(finding.help(help));
}

/// True if it is too late to opt in. If only the upcoming release is known, it counts as not frozen yet.
fn is_frozen(schedule: &Schedule, release: Milestone) -> Option<bool> {
    let is_coming = schedule.upcoming.is_some_and(|upcoming| release >= upcoming);
    schedule.is_frozen(release).or_else(|| is_coming.then_some(false))
}

/// Returns the release that an open KEP targets.
fn targeted(kep: &Kep) -> Option<Milestone> {
    let is_open = matches!(kep.known_status(), None | Some(Status::Provisional | Status::Implementable));
    kep.latest().filter(|_| is_open)
}

/// Returns the date that the rule needs to judge a KEP whose target the change sets, but does not know.
fn unknown(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let target = |record: &KepState| record.kep().and_then(targeted);
    let latest =
        target(head).filter(|latest| head.issue_number().is_some() && base.and_then(target) != Some(*latest))?;
    is_frozen(schedule, latest).is_none().then_some((latest, Phase::EnhancementsFreeze))
}
