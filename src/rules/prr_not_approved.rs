use super::wording::quote;
use super::{Context, Findings, Missing};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, handle};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;
use crate::tracking::Consent;

pub(super) static RULE: Rule = Rule {
    id: "prr-not-approved",
    family: Family::Release,
    level: Level::Notice,
    enabled: true,
    needs: &[Need::Reviews],
    renewal: Renewal::Never,
    summary: "The production-readiness approver whom the change names has not approved it yet",
    what: "Reports an approver whom the change names for the target stage of a gated KEP and who has not approved the \
           pull request. A review counts if the production-readiness file stood at its commit as it stands now. \
           `/approve` in a comment is told apart: it is tied to no commit, and `/approve cancel` takes it back. It \
           needs to ask GitHub.",
    why: "The file says that somebody approved production readiness. Until they have, it says what is not so.",
    cases: include_str!("../../fixtures/rules/prr-not-approved.md"),
    source: "https://github.com/kubernetes/community/blob/master/sig-architecture/production-readiness.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record() else { return };
    let Some(named) = named_anew(context.base_record(), record) else { return };
    let (Some(approval), Some(path)) = (record.approval(), record.approval_path()) else { return };
    let Some(reviews) = &context.external.reviews else {
        findings.cannot_tell(&RULE, Missing::Reviews(path.clone(), approval.file));
        return;
    };
    let who = quote(named.approver);
    let message = match reviews.consent(named.approver, path) {
        Consent::Given => return,
        Consent::Outdated => format!("{who} has approved the pull request when this file was another"),
        Consent::Claimed => {
            format!("{who} has claimed approval by `/approve`, and not reviewed this file as it stands")
        }
        Consent::None => format!("{who} has not approved the pull request yet"),
    };
    let finding = Finding::new(&RULE, approval.file, Some(named.span), message);
    let finding = finding.on(format!("{}.approver", named.stage), named.approver);
    findings
        .push(finding.help("the approver approves the pull request in a review when production readiness is settled"));
}

/// An approver whom the change names for the target stage of a gated KEP.
struct Named<'a> {
    stage: crate::kep::Stage,
    approver: &'a str,
    span: Span,
}

/// Who that is, if there is one: consent to what stood there before was given before.
fn named_anew<'a>(base: Option<&KepState>, head: &'a KepState) -> Option<Named<'a>> {
    let stage = head.kep().filter(|kep| kep.readable && kep.is_gated()).and_then(Kep::target_stage)?;
    let (approver, span) = head.approval().filter(|it| it.readable)?.approver(stage)?.value()?;
    let approval = base.and_then(|base| base.approval());
    let former = approval.and_then(|approval| approval.approver(stage)).map(|former| handle::folded(former.text()));
    (former != Some(handle::folded(approver))).then_some(Named { stage, approver, span })
}
