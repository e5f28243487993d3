use super::wording::{all_of, quote};
use super::{Context, Findings, Subject};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "prr-file-orphan",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "A production-readiness file belongs to no KEP",
    what: "Reports a production-readiness file whose path does not match the `owning-sig` and `kep-number` of any \
           KEP: it is filed under another SIG or number, or was left behind when its KEP was moved or deleted.",
    why: "The approvals in it have no effect, and anyone who looks for them finds the wrong file.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::PrrFile { head, .. } = context.subject else { return };
    if head.is_missed {
        return;
    }
    let finding = Finding::new(&RULE, head.file, None, "no KEP matches this production readiness file")
        .on("prod-readiness", head.path.to_string());
    let layout = context.layout();
    let file = if layout.is_grouped() { "<owning-sig>/<kep-number>.yaml" } else { "<kep-number>.yaml" };
    let folder = layout.prr_root.as_ref().map(ToString::to_string).unwrap_or_default();
    let wanted = quote(&format!("{folder}/{file}"));
    let keps: Vec<_> = head.keps.iter().map(ToString::to_string).collect();
    findings.push(if keps.is_empty() {
        finding.help(format!("move it to {wanted} of its KEP, or delete it"))
    } else {
        let point = match keps.as_slice() {
            [_] => "has this number, but its `owning-sig` and `kep-number` point",
            _ => "have this number, but their `owning-sig` and `kep-number` point",
        };
        let help = format!("{} {point} elsewhere: move the file to {wanted}, or delete it", all_of(&keps));
        finding.help(help)
    });
}
