use super::wording;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "stage-missing",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "An active KEP has no `stage`",
    what: "Requires `stage` of a KEP that is implementable, implemented or of no known status.",
    why: "The stage decides which approval and which answers are due.",
    example: "stage: \"\"",
    instead: "stage: alpha",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    if !kep.stage.is_missing() || kep.is_misspelt("stage") {
        return;
    }
    let state = if kep.stage.key.is_some() { "is empty" } else { "is missing" };
    let span = kep.stage.missing_span().or(kep.status.key);
    let message = format!("`stage` {state}, and {}", wording::standing(kep));
    let finding = Finding::new(&RULE, kep.file, span, message).on("stage", "");
    findings.push(
        finding.help("write the stage that the KEP targets: alpha, beta or stable, or deprecated, disabled or removed"),
    );
}
