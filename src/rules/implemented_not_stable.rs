use super::wording::level_of_gate;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Stage, Status};
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "implemented-not-stable",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "An `implemented` KEP is still in alpha or beta",
    what: "Reports the status `implemented` when the stage is neither `stable` nor a removal stage. In a project without \
           production readiness reviews, it is a warning.",
    why: "`implemented` means that the work is done: the KEP drops out of future releases although its feature has \
          not graduated yet.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/sig-architecture/0000-kep-process/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| is_wrongly_implemented(kep)) else { return };
    let Some(stage) = kep.target_stage() else { return };
    let (Some((_, span)), Some((_, at))) = (kep.status.value(), kep.stage.value()) else { return };
    let words = |status| kep.dialect.status_word(status);
    let (implemented, implementable) = (words(Status::Implemented), words(Status::Implementable));
    let (stage, stable) = (kep.stage_word(stage), kep.dialect.stage_word(Stage::Stable));
    let message = format!("`status` is `{implemented}`, but `stage` is `{stage}`");
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .on("status", implemented)
        .at_level(level_of_gate(kep))
        .help(format!("keep `{implementable}` until the KEP is {stable}, or set `stage: {stable}` if it already is"));
    findings.push(finding.label(kep.file, Some(at), "the target stage"));
}

/// True if the KEP is `implemented`, but its stage is alpha or beta.
pub(super) fn is_wrongly_implemented(kep: &Kep) -> bool {
    let is_early = matches!(kep.target_stage(), Some(Stage::Alpha | Stage::Beta));
    is_early && kep.known_status() == Some(Status::Implemented)
}
