use super::release_frozen::newly_targeted;
use super::{Context, External, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::Milestone;
use crate::release::{Deadline, Phase, Ruling, Schedule};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::source::Opened;

pub(super) static RULE: Rule = Rule {
    id: "prr-freeze-passed",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Calendar, Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "The change targets a release after its Production Readiness Freeze",
    what: "Reports a change that newly targets an active KEP at a release whose Production Readiness Freeze (called KEP Readiness Deadline since v1.38) has passed but whose Enhancements Freeze has not, unless its pull \
           request was open before. GitHub's event or API says when it was opened. Without them, only the author dates \
           of the commits tell: if one of them is older than the freeze, nothing is reported, and otherwise the finding \
           is only a notice, because commits can be rewritten. If two folders are compared, or the clone lacks \
           the commits, the rule is not checked. KEPs with an approved exception (`--exceptions`) and KEPs that the \
           change marks as implemented are not reported.",
    why: "By that freeze, the pull request must be open, with the questionnaire answered and an approver named. If \
          it was, it can still be merged until the Enhancements Freeze; if not, it needs an exception.",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let External { schedule, opened, .. } = context.external;
    if let Some((release, phase)) = unknown(context.base_record(), record, schedule) {
        findings.cannot_tell(&RULE, Missing::Date(release, phase));
    }
    let Some(latest) = newly_targeted(context.base_record(), record) else { return };
    let is_between =
        schedule.has_passed(latest, Phase::PrrFreeze) == Some(true) && schedule.is_frozen(latest) == Some(false);
    let exception = record.number.and_then(|number| schedule.exception(latest, number));
    let is_excepted = exception.is_some_and(|exception| exception.ruling == Ruling::Approved);
    let Some((_, span)) = kep.latest_milestone.value().filter(|_| is_between && !is_excepted) else { return };
    let Some(deadline) = schedule.date(latest, Phase::PrrFreeze) else {
        findings.cannot_tell(&RULE, Missing::Opening);
        return;
    };
    let freeze = format!("the {} of {latest} was on {deadline}", Phase::PrrFreeze.name(latest));
    let late = format!("request an exception, or target {}", latest.next());
    let (level, message, help) = match Opening::of(opened, deadline) {
        Opening::InTime => return,
        Opening::Unknown => return findings.cannot_tell(&RULE, Missing::Opening),
        Opening::Late => (RULE.level, format!("{freeze}, before this pull request was opened"), late.clone()),
        Opening::NoOlderCommit => {
            let message = format!("{freeze}, and no commit of the change is older");
            (Level::Notice, message, in_time_or(schedule, latest, &late))
        }
    };
    let finding = Finding::new(&RULE, kep.file, Some(span), message).at_level(level).help(help);
    findings.push(finding.on("latest-milestone", latest.to_string()));
}

/// Whether a change was proposed before a deadline.
enum Opening {
    InTime,
    Late,
    /// No commit is older, but authors rewrite their commits while a pull request is open.
    NoOlderCommit,
    Unknown,
}

impl Opening {
    fn of(opened: &Opened, deadline: Deadline) -> Self {
        let is_in_time = |time| time < deadline.end();
        match opened {
            Opened::At(time) if is_in_time(*time) => Self::InTime,
            Opened::At(_) => Self::Late,
            // An author can forge the date of a commit, but nearly every pull request with an older commit was open in
            // time, and a reviewer sees the others.
            Opened::Commits(dates) if dates.oldest().is_some_and(is_in_time) => Self::InTime,
            Opened::Commits(dates) if dates.is_complete() => Self::NoOlderCommit,
            Opened::Commits(_) | Opened::Unknown => Self::Unknown,
        }
    }
}

/// Says until when a change can be merged that was proposed in time, and what to do with others.
fn in_time_or(schedule: &Schedule, latest: Milestone, late: &str) -> String {
    let freeze = schedule.date(latest, Phase::EnhancementsFreeze).map(|freeze| format!(" ({freeze})"));
    let freeze = freeze.unwrap_or_default();
    format!("if the pull request was open by then, merge it before the Enhancements Freeze{freeze}; otherwise, {late}")
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
