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
    summary: "An active KEP's directory is deleted",
    what: "Reports a change that deletes the directory of a KEP that is implementable, implemented or of no known \
           status, and does not move it elsewhere.",
    why: "KEPs are the record of what was decided; one that is given up stays, as withdrawn or rejected.",
    example: "status: implementable",
    instead: "status: withdrawn",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/sig-architecture/0000-kep-process/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Subject::Kep { base: Some(base), head, moved: false, .. } = context.subject else { return };
    if head.is_some_and(|head| !head.is_empty()) {
        return;
    }
    let Some(kep) = base.kep().filter(|kep| kep.readable && kep.is_active()) else { return };
    let finding = Finding::new(&RULE, kep.file, None, "the change deletes this KEP, which is active");
    findings.push(finding.on("", "").help("keep it, with `status: withdrawn` if it is given up"));
}
