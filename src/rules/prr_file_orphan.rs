use super::wording::all_of;
use super::{Context, Findings, Subject};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-file-orphan",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "No KEP claims a production-readiness file",
    what: "Reports a production-readiness file whose path is not that of any KEP's `owning-sig` and `kep-number`: \
           filed under another SIG or number, or left behind when its KEP moved or went.",
    why: "The approvals in it count for nothing, and whoever looks for them finds the wrong ones.",
    example: "keps/prod-readiness/sig-apps/4999.yaml",
    instead: "keps/prod-readiness/sig-apps/4711.yaml",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Approval { head, .. } = context.subject else { return };
    if head.is_missed {
        return;
    }
    let finding = Finding::new(&RULE, head.file, None, "no KEP claims this production-readiness file")
        .on("prod-readiness", head.path.to_string());
    let keps: Vec<_> = head.keps.iter().map(ToString::to_string).collect();
    findings.push(if keps.is_empty() {
        finding.help("name it keps/prod-readiness/<owning-sig>/<kep-number>.yaml after its KEP, or delete it")
    } else {
        let help = format!(
            "{} has its number, but its `owning-sig` and `kep-number` point elsewhere: move this file to \
             keps/prod-readiness/<owning-sig>/<kep-number>.yaml, or delete it",
            all_of(&keps)
        );
        finding.help(help)
    });
}
