use super::wording::{is_nothing, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Milestone, Stage};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "milestone-malformed",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A milestone is no release",
    what: "Reports milestones that are no Kubernetes release: `1.36`, `v1.36` and `v1.36.0` are, as upstream takes \
           them. For `latest-milestone` and the target stage's milestone of an active KEP it is an error. Elsewhere \
           it is a warning, and `TBD`, `N/A` and nothing at all are fine.",
    why: "A milestone that is no release matches no release, and upstream fails on it only when it is the latest one.",
    example: "latest-milestone: \"next\"",
    instead: "latest-milestone: \"v1.35\"",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let mut report = |route: String, value: &str, span: Span, is_target: bool| {
        if Milestone::parse(value).is_some() || context.is_placeholder(value) || (!is_target && is_nothing(value)) {
            return;
        }
        let finding = Finding::new(&RULE, kep.file, Some(span), format!("{} in `{route}` is no release", quote(value)))
            .on(route, value)
            .help("write it as \"v1.36\"");
        findings.push(if is_target { finding.renewed_by(Renewal::File) } else { finding.at_level(Level::Warning) });
    };
    if let Some((value, span)) = kep.latest_milestone.value() {
        report("latest-milestone".to_owned(), value, span, kep.is_active());
    }
    for stage in Stage::ALL {
        if let Some((value, span)) = kep.milestone_field(stage).and_then(|field| field.value()) {
            let is_target = kep.is_active() && kep.target_stage() == Some(stage);
            report(format!("milestone.{stage}"), value, span, is_target);
        }
    }
}
