use super::wording::is_nothing;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Stage};
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "stage-skipped",
    family: Family::Change,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`stage` jumps from alpha to stable",
    what: "Reports a change that moves `stage` from alpha straight to stable. KEPs that are new, or that never \
           named a beta milestone (`TBD` names none), are not reported. Nor is a KEP that already targeted the release \
           of its beta: it already was beta, and only `stage` was not updated.",
    why: "In beta, a feature is on by default for the first time. A KEP that planned a beta and skips it may have \
          forgotten it.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(base), Some(kep)) = (context.base_kep(), context.kep()) else { return };
    if (base.target_stage(), kep.target_stage()) != (Some(Stage::Alpha), Some(Stage::Stable)) {
        return;
    }
    if was_beta(base) {
        return;
    }
    let names_beta = |kep: &Kep| kep.milestone_field(Stage::Beta).is_some_and(|field| !is_nothing(field.text()));
    let (Some((_, old)), Some((_, new))) = (base.stage.value(), kep.stage.value()) else { return };
    if names_beta(base) || names_beta(kep) {
        let (stable, beta) = (kep.stage.text(), kep.dialect.stage_word(Stage::Beta));
        let (is, help) = if names_beta(kep) {
            ("is", format!("delete `milestone.{beta}` if no {beta} is planned"))
        } else {
            ("was", format!("explain in the pull request why no {beta} is planned"))
        };
        let message = format!("`stage` skips {beta}, but `milestone.{beta}` {is} set");
        let finding = Finding::new(&RULE, kep.file, Some(new), message).on("stage", stable);
        let finding = finding.help(format!("set `stage: {beta}`, or {help}"));
        findings.push(finding.label(base.file, Some(old), "before the change"));
    }
}

/// True if the KEP targeted the release of its beta, or a later one, while its `stage` was still alpha.
fn was_beta(kep: &Kep) -> bool {
    let beta = kep.milestone_of(Stage::Beta).map(|(milestone, _)| milestone);
    kep.is_active() && kep.latest().zip(beta).is_some_and(|(latest, beta)| latest >= beta)
}
