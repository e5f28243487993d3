use super::implemented_not_stable::is_wrongly_implemented;
use super::promotion_incomplete::gained;
use super::wording::{level_of_gate, milestone_key, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::comment::stage_note;
use crate::rule::{Family, Level, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "stage-behind",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "The KEP targets the release of a later stage, but `stage` is still an earlier one",
    what: "Reports an active KEP whose `latest-milestone` equals `milestone.<stage>` of a later stage on the same path \
           (alpha, beta, stable or deprecated, disabled, removed), or names it among other words. If the change adds the approver of that stage, \
           `promotion-incomplete` reports it instead. A comment next to `stage` that mentions a stage or a release, and \
           that the target branch already has, makes it a warning. So does a project without production readiness reviews.",
    why: "The release team goes by `stage`. If it is wrong, the KEP is tracked for the wrong stage, and the wrong approval and answers are checked.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    // `implemented-not-stable` reports an implemented KEP in an early stage.
    let Some(kep) = context.kep().filter(|kep| kep.is_active() && !is_wrongly_implemented(kep)) else { return };
    let (Some(stage), Some(latest)) = (kep.target_stage(), kep.latest()) else { return };
    let (Some((_, span)), Some((_, at))) = (kep.stage.value(), kep.latest_milestone.value()) else { return };
    let Some((later, milestone)) = kep.overtaken_by() else { return };
    if gained(context).iter().any(|(gained, _)| *gained == later) {
        return;
    }
    let key = milestone_key(context, kep, later);
    let [stage, later] = [stage, later].map(|stage| kep.stage_word(stage));
    let note = stage_note(context.file(kep.file), kep).filter(|_| context.explains_stage());
    let (level, message, help) = match note {
        Some(note) => (
            Level::Warning,
            format!(
                "`stage` is `{stage}`, although {latest} is the release of {later}; its comment says {}",
                quote(&note)
            ),
            format!("if the comment no longer applies, remove it and set `stage: {later}`"),
        ),
        None => (
            level_of_gate(kep),
            format!("`latest-milestone` is {latest}, the release of {later}, but `stage` is still `{stage}`"),
            format!("set `stage: {later}`; if the KEP stays in {stage}, correct `milestone.{key}`"),
        ),
    };
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .at_level(level)
        .on("stage", format!("{stage} {later}"))
        .help(help)
        .label(kep.file, Some(milestone), format!("the release of {later}"));
    findings.push(finding.label(kep.file, Some(at), "the target release"));
}
