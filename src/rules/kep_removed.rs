use super::{Context, Findings, Subject};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "kep-removed",
    family: Family::Change,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "The directory of an active KEP is deleted",
    what: "Reports a change that deletes the directory of a KEP that is implementable, implemented or has an \
           unknown status, without moving it elsewhere.",
    why: "KEPs are the record of what was decided. A KEP that is given up stays in the tree as withdrawn or rejected.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/sig-architecture/0000-kep-process/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Kep { base: Some(base), head, moved: false, .. } = context.subject else { return };
    if head.is_some_and(|head| !head.is_empty()) {
        return;
    }
    let Some(kep) = base.kep().filter(|kep| kep.readable && kep.is_active()) else { return };
    let finding = Finding::new(&RULE, kep.file, None, "this change deletes an active KEP");
    findings.push(finding.on("", "").help("keep the KEP and set `status: withdrawn` if it is given up"));
}
