use super::wording::quote;
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::tracking::Tracking;

pub(super) static RULE: Rule = Rule {
    id: "issue-missing",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::TrackingIssues],
    renewal: Renewal::Never,
    summary: "No issue has the KEP's number",
    what: "Reports a KEP whose number is that of no issue in its repository, or that of a pull request. It needs to \
           ask GitHub. KEPs of the number 0000 never had an issue and are let be.",
    why: "A KEP's number is that of its tracking issue: the release team follows the issue, and its labels and \
          milestone decide whether the KEP is in a release.",
    cases: include_str!("../../fixtures/rules/issue-missing.md"),
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let Some(number) = record.issue_number() else { return };
    let Some(issues) = &context.external.issues else {
        findings.cannot_tell(&RULE, Missing::Issue(number));
        return;
    };
    let message = match issues.get(&number) {
        Some(Tracking::Nothing) => format!("there is no issue #{number} that this KEP could be tracked by"),
        Some(Tracking::PullRequest) => format!("#{number} is a pull request, no issue that this KEP is tracked by"),
        Some(Tracking::Issue(_)) | None => return,
    };
    let span = kep.kep_number.value().map(|(_, span)| span);
    let finding = Finding::new(&RULE, kep.file, span, message).on("kep-number", number.to_string());
    let help = "open a tracking issue, and give the KEP its number: `kep-number`, the directory and the \
                production-readiness file";
    let finding = finding.help(help);
    findings.push(finding.label(record.dir_file, None, format!("the directory of {}", quote(&number.to_string()))));
}
