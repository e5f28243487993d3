use super::issue_missing::tracked_number;
use super::{Context, Family, Findings, Renewal, Rule};
use crate::facts::{Issue, Tracking};
use crate::finding::{Finding, Level};
use crate::model::{Kep, Milestone, Status};
use crate::work::Record;

pub(super) static RULE: Rule = Rule {
    id: "not-opted-in",
    family: Family::Release,
    level: Level::Warning,
    renewal: Renewal::Target,
    summary: "The KEP targets a release that its SIG has not opted in to",
    what: "Reports a provisional or implementable KEP that targets the release being worked on, or a later one, while \
           its tracking issue lacks the label `lead-opted-in`. It needs to ask GitHub, and to know which release is \
           being worked on: `upcoming-release` in the configuration.",
    why: "Without a lead's opt-in the release team does not track the enhancement, and it misses the freeze however \
          complete it is.",
    example: "latest-milestone: \"v1.38\"",
    instead: "latest-milestone: \"v1.37\"",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep), Some(issues)) = (context.record(), context.kep(), &context.facts.issues) else {
        return;
    };
    let (Some(latest), Some(upcoming)) = (targeted(kep), context.facts.upcoming_release) else { return };
    let Some(number) = tracked_number(record).filter(|_| latest >= upcoming) else { return };
    let Some(Tracking::Issue(issue)) = issues.get(&number) else { return };
    let Some((value, span)) = kep.latest_milestone.value().filter(|_| !issue.is_opted_in()) else { return };
    let label = Issue::OPTED_IN;
    let message = format!("the KEP targets {latest}, and its tracking issue #{number} is not labelled `{label}`");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", value);
    findings
        .push(finding.help(format!("have a lead of the SIG write `/label {label}` on the issue before the freeze")));
}

/// The release that a KEP is on its way to.
fn targeted(kep: &Kep) -> Option<Milestone> {
    let is_open = matches!(kep.known_status(), None | Some(Status::Provisional | Status::Implementable));
    kep.latest().filter(|_| is_open)
}

/// Whether the rule has to know which release is being worked on: the change sets the release that the KEP targets.
pub(crate) fn asks_for_release(base: Option<&Record>, head: &Record) -> bool {
    let target = |record: &Record| record.kep().and_then(targeted);
    tracked_number(head).is_some() && target(head).is_some() && base.and_then(target) != target(head)
}
