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
    needs: &[Need::Reviews, Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "The named production-readiness approver has not approved yet",
    what: "Reports an approver that the change names for the target stage of a gated KEP but who has not approved \
           the pull request. A review counts if the production-readiness file has not changed since the reviewed \
           commit. `/approve` in a comment is reported separately, because it is not tied to a commit and `/approve \
           cancel` withdraws it. The rule needs data from GitHub.",
    why: "The file says that a person approved production readiness. Until they do, the file is wrong.",
    source: "https://github.com/kubernetes/community/blob/master/sig-architecture/production-readiness.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record() else { return };
    let Some(named) = newly_named(context.base_record(), record) else { return };
    let (Some(prr_file), Some(path)) = (record.prr_file(), record.prr_file_path()) else { return };
    let Some(reviews) = &context.external.reviews else {
        findings.cannot_tell(&RULE, Missing::Reviews(path.clone(), prr_file.file));
        return;
    };
    let who = quote(named.approver);
    let message = match reviews.consent(named.approver, path) {
        Consent::Given => return,
        Consent::Outdated => format!("{who} approved the pull request, but this file has changed since"),
        Consent::Claimed => {
            format!("{who} commented `/approve`, but has not approved this file in a review")
        }
        Consent::None => format!("{who} has not approved the pull request yet"),
    };
    let finding = Finding::new(&RULE, prr_file.file, Some(named.span), message);
    let finding = finding.on(format!("{}.approver", named.stage), named.approver);
    findings.push(finding.help(format!("once production readiness is settled, ask {who} to approve it in a review")));
}

/// An approver that the change names for the target stage of a gated KEP.
struct Named<'a> {
    stage: crate::kep::Stage,
    approver: &'a str,
    span: Span,
}

/// Returns the approver that the change names, if the base did not already name the same one: that approver consented
/// in an earlier change.
fn newly_named<'a>(base: Option<&KepState>, head: &'a KepState) -> Option<Named<'a>> {
    let stage = head.kep().filter(|kep| kep.readable && kep.is_gated()).and_then(Kep::target_stage)?;
    let (approver, span) = head.prr_file().filter(|it| it.readable)?.approver(stage)?.value()?;
    let prr_file = base.and_then(|base| base.prr_file());
    let former = prr_file.and_then(|prr_file| prr_file.approver(stage)).map(|former| handle::folded(former.text()));
    (former != Some(handle::folded(approver))).then_some(Named { stage, approver, span })
}
