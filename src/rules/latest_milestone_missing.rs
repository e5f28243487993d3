use super::wording;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "latest-milestone-missing",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Gate,
    summary: "An active KEP has no `latest-milestone`",
    what: "Requires `latest-milestone` for a KEP that is implementable, implemented or has an unknown status. In \
           a project without production readiness reviews, it is a warning.",
    why: "The release team uses it to find the KEPs of a release, and it decides whether production readiness is \
          required.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_active() && kep.dialect.requires("latest-milestone")) else {
        return;
    };
    if !kep.latest_milestone.is_missing() || kep.is_misspelt("latest-milestone") {
        return;
    }
    let state = if kep.latest_milestone.key.is_some() { "is empty" } else { "is missing" };
    let span = kep.latest_milestone.missing_span().or(kep.status.key);
    let message = format!("`latest-milestone` {state}, but {}", wording::active_reason(kep));
    let finding = Finding::new(&RULE, kep.file, span, message).on("latest-milestone", "");
    findings.push(finding.at_level(wording::level_of_gate(kep)).help("write the release that the KEP targets"));
}
