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
    summary: "A KEP targets an upcoming release and has a production-readiness entry, but is still provisional",
    what: "Reports a provisional KEP whose production-readiness file has an entry for its `stage`, if the change \
           moves its `latest-milestone` to a release that is not out yet. The rule needs to know which releases are \
           out: from the calendar, or from `upcoming-release` in the configuration.",
    why: "A KEP must be implementable by the Enhancements Freeze. A KEP that is left provisional by mistake needs \
          an exception, or misses the release.",
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
    let message = format!("the KEP targets {latest} and has a production-readiness entry, but is still `provisional`");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("status", "provisional");
    let freeze = context.external.schedule.date(latest, Phase::EnhancementsFreeze);
    let freeze = freeze.map(|freeze| format!(" ({freeze})")).unwrap_or_default();
    let finding = finding.help(format!("set `status: implementable` before the Enhancements Freeze{freeze}"));
    findings.push(finding.label(kep.file, Some(at), "the target release"));
}

/// Returns the new target release of a provisional KEP with a production-readiness entry.
fn target(base: Option<&KepState>, head: &KepState) -> Option<Milestone> {
    let latest = |record: &KepState| record.kep().and_then(Kep::latest);
    let kep = head.kep().filter(|kep| kep.known_status() == Some(Status::Provisional))?;
    // A file in the wrong place shows the author's intent just as well.
    let prr_file = head.prr_file().or(head.stray_prr_file());
    let has_entry = kep.target_stage().is_some_and(|stage| prr_file.is_some_and(|it| it.approver(stage).is_some()));
    latest(head).filter(|target| has_entry && base.and_then(latest) != Some(*target))
}

/// Returns the date that the rule needs to judge the change but does not know.
pub(super) fn unknown(base: Option<&KepState>, head: &KepState, schedule: &Schedule) -> Option<(Milestone, Phase)> {
    let latest = target(base, head)?;
    schedule.is_out(latest).is_none().then_some((latest, Phase::Release))
}
