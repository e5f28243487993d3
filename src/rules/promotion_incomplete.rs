use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Stage, Status, Text};
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "promotion-incomplete",
    family: Family::Change,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "The production-readiness file gains an approval for a stage later than `stage`",
    what: "Reports a change that adds an entry for a later stage to the production-readiness file of an active or \
           provisional KEP but does not move its `stage`. For an active KEP it is an error if \
           `milestone.<that stage>` already equals `latest-milestone`, and otherwise a warning. If the target branch already \
           has a comment next to `stage` that mentions a stage or a release, the error becomes a warning.",
    why: "No other mistake is merged more often: the approval is recorded, but the release team still sees \
          the KEP in its earlier stage.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (stage, _) in gained(context) {
        let (Some(prr_file), Some(kep)) = (context.prr_file(), context.kep()) else { return };
        let Some((value, at)) = kep.stage.value() else { return };
        let is_due = kep.latest().is_some_and(|latest| kep.milestone_mentioning(stage, latest).is_some());
        let is_error = is_due && kep.is_active() && !context.explains_stage();
        let word = kep.stage_word(stage);
        let message = format!("this adds a `{stage}` approver, but `stage` is still `{value}`");
        let help = if context.explains_stage() {
            format!(
                "a comment next to `stage` explains `{value}`; if it no longer applies, remove it and set `stage: {word}`"
            )
        } else if is_due {
            format!("set `stage: {word}` in kep.yaml; `milestone.{word}` already equals `latest-milestone`")
        } else {
            format!("to promote the KEP, set `stage: {word}`, `latest-milestone` and `milestone.{word}`")
        };
        findings.push(
            Finding::new(&RULE, prr_file.file, prr_file.entry(stage).key, message)
                .at_level(if is_error { Level::Error } else { Level::Warning })
                .on(stage.word(), value)
                .help(help)
                .label(kep.file, Some(at), "`stage` is not updated"),
        );
    }
}

/// Returns the stages later than `stage` of an active or provisional KEP for which the change adds an approver.
pub(super) fn gained<'a>(context: &Context<'a>) -> Vec<(Stage, &'a Text)> {
    let Some(kep) = context.kep() else { return Vec::new() };
    let is_open = kep.is_active() || kep.known_status() == Some(Status::Provisional);
    let (Some(target), Some(prr_file), true) = (kep.target_stage(), context.prr_file(), is_open) else {
        return Vec::new();
    };
    let later = Stage::ALL.into_iter().filter(|stage| target.is_before(*stage));
    let is_new = |stage: &Stage| context.base_prr_file().is_none_or(|base| base.approver(*stage).is_none());
    later.filter(is_new).filter_map(|stage| Some((stage, prr_file.approver(stage)?))).collect()
}
