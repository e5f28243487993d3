use super::wording::{all_of, choice};
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::kep::{Kep, KepNumber, Status};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::tracking::{Issue, Tracking};

pub(super) static RULE: Rule = Rule {
    id: "issue-milestone-mismatch",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::TrackingIssues, Need::ReleaseTeam],
    renewal: Renewal::Target,
    summary: "The tracking issue has another milestone or stage label than the KEP",
    what: "Reports a provisional or implementable KEP whose `latest-milestone` differs from the milestone of its \
           tracking issue, or whose `stage` is not among the issue's `stage/…` labels. An issue without a milestone \
           or without such a label is not compared. The rule needs data from GitHub.",
    why: "The release team goes by the issue, and reviewers go by the KEP. If the two disagree, somebody is working \
          toward the wrong release.",
    source: "https://github.com/kubernetes/sig-release/blob/master/releases/release_phases.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let Some(number) = record.issue_number() else { return };
    let Some(issues) = &context.external.issues else {
        findings.cannot_tell(&RULE, Missing::Issue(number));
        return;
    };
    // The issue of a KEP that is done, dropped or replaced is closed, whatever its milestone.
    let is_open = matches!(kep.known_status(), None | Some(Status::Provisional | Status::Implementable));
    if !is_open {
        return;
    }
    if let Some(Tracking::Issue(issue)) = issues.get(&number) {
        findings.extend(milestone(kep, number, issue));
        findings.extend(stage(kep, number, issue));
    }
}

fn milestone(kep: &Kep, number: KepNumber, issue: &Issue) -> Option<Finding> {
    let (value, span) = kep.latest_milestone.value()?;
    let (latest, release) = (kep.latest()?, issue.release()?);
    if latest == release {
        return None;
    }
    let message = format!("the KEP targets {latest}, but its tracking issue #{number} is in milestone {release}");
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("latest-milestone", value);
    Some(
        finding.help(format!("set `latest-milestone` to \"{release}\", or comment `/milestone {latest}` on the issue")),
    )
}

fn stage(kep: &Kep, number: KepNumber, issue: &Issue) -> Option<Finding> {
    let (value, span) = kep.stage.value()?;
    let (stage, stages) = (kep.target_stage()?, issue.stages());
    if stages.is_empty() || stages.contains(&stage) {
        return None;
    }
    let labels: Vec<_> = stages.iter().map(|stage| format!("stage/{stage}")).collect();
    let words: Vec<_> = stages.iter().map(|stage| stage.word()).collect();
    let message = format!("the KEP targets {stage}, but its tracking issue #{number} is labeled {}", all_of(&labels));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("stage", value);
    // Prow's `/stage` also removes the labels of other stages.
    Some(finding.help(format!("set `stage` to {}, or comment `/stage {stage}` on the issue", choice(&words))))
}
