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
    summary: "A milestone is not a release",
    what: "Reports milestones that are not a Kubernetes release. `1.36`, `v1.36` and `v1.36.0` are all accepted, as \
           upstream does. It is an error for `latest-milestone` and for the milestone of the target stage of an \
           active KEP; elsewhere it is a warning, and `TBD`, `N/A` or an empty value is fine.",
    why: "A milestone that is not a release matches no release, and upstream rejects it only if it is the latest one.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let mut report = |route: String, value: &str, span: Span, is_target: bool| {
        if Milestone::parse(value).is_some() || context.is_placeholder(value) || (!is_target && is_nothing(value)) {
            return;
        }
        let finding =
            Finding::new(&RULE, kep.file, Some(span), format!("{} in `{route}` is not a release", quote(value)))
                .on(route, value)
                .help("write a release such as \"v1.36\"");
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
