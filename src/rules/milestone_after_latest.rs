use super::wording::{level_of_gate, milestone_key};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Milestone, Stage};
use crate::rule::{Family, Level, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "milestone-after-latest",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "The target stage's milestone is later than `latest-milestone`",
    what: "Reports an active KEP whose `milestone.<stage>`, for its target stage, is a later release than \
           `latest-milestone`. The reverse is allowed: the KEP stays in its stage for another release. If \
           `latest-milestone` is `0.0` or a release before v1.21, for which production readiness is not reviewed, the \
           milestones of earlier stages from v1.21 on count, too. In a project without production readiness reviews, it is a \
           warning.",
    why: "The release team and the production-readiness gate look at `latest-milestone`. If it is not updated, \
          the KEP is missing from the release that it targets.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    let Some(target) = kep.target_stage() else { return };
    let latest = kep.latest().or_else(|| kep.is_exempt().then_some(Milestone::EXEMPT));
    let Some(latest) = latest else { return };
    let reached = Stage::ALL.into_iter().filter(|stage| *stage == target || stage.is_before(target)).rev();
    let mut later = reached.filter_map(|stage| {
        let (milestone, span) = kep.milestone_of(stage)?;
        // Milestones of earlier stages are often wrong, so they count only if `latest-milestone` would exempt the KEP from
        // production readiness. The same goes for `0.0`, because it is not a release.
        let counts = kep.dialect.is_gated(milestone) && !kep.dialect.is_gated(latest);
        let is_target = stage == target && latest != Milestone::EXEMPT;
        (milestone > latest && (is_target || counts)).then_some((stage, milestone, span))
    });
    let Some((stage, milestone, span)) = later.next() else { return };
    let word = kep.stage_word(stage);
    let key = milestone_key(context, kep, stage);
    let message = format!("`milestone.{key}` is {milestone}, which is later than `latest-milestone` {latest}");
    let help = if stage == target {
        format!("set `latest-milestone` to \"{milestone}\" if the KEP targets {word} in that release")
    } else {
        format!("write the release that the KEP targets: after {word}, it cannot be earlier than {milestone}")
    };
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .on(format!("milestone.{word}"), milestone.to_string())
        .at_level(level_of_gate(kep))
        .help(help);
    findings.push(match kep.latest_milestone.value() {
        Some((_, at)) => finding.label(kep.file, Some(at), "not updated?"),
        None => finding,
    });
}
