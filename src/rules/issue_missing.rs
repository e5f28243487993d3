use super::wording::quote;
use super::{Context, Findings, Missing};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::tracking::Tracking;

pub(crate) static RULE: Rule = Rule {
    id: "issue-missing",
    family: Family::Release,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::TrackingIssues],
    renewal: Renewal::Never,
    summary: "The KEP has no tracking issue",
    what: "Reports a KEP if the repository has no issue with the KEP's number, or if that number belongs to a pull \
           request. The rule needs data from GitHub. KEPs with the number 0000 never had an issue and are not \
           reported.",
    why: "A KEP's number is the number of its tracking issue. The release team follows the issue, and its labels \
          and milestone decide whether the KEP is in a release.",
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
        Some(Tracking::Nothing) => format!("the KEP's tracking issue #{number} does not exist"),
        Some(Tracking::PullRequest) => format!("#{number} is a pull request, not a tracking issue"),
        Some(Tracking::Issue(_)) | None => return,
    };
    let span = kep.kep_number.value().map(|(_, span)| span);
    let finding = Finding::new(&RULE, kep.file, span, message).on("kep-number", number.to_string());
    let help = "open a tracking issue and use its number in `kep-number`, in the directory's name and for the \
                production-readiness file";
    let finding = finding.help(help);
    findings.push(finding.label(record.dir_file, None, format!("the directory of {}", quote(&number.to_string()))));
}
