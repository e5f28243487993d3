use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Stage, Status};
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "implemented-not-stable",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "A KEP is `implemented` and its stage is alpha or beta",
    what: "Reports the status `implemented` together with a stage that is neither `stable` nor one of a removal.",
    why: "`implemented` says that the work is done: the KEP drops out of the releases to come, though its feature is \
          still to graduate.",
    example: "status: implemented",
    instead: "status: implementable",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/sig-architecture/0000-kep-process/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.known_status() == Some(Status::Implemented)) else { return };
    let Some(stage) = kep.target_stage().filter(|stage| matches!(stage, Stage::Alpha | Stage::Beta)) else { return };
    let (Some((_, span)), Some((_, at))) = (kep.status.value(), kep.stage.value()) else { return };
    let message = format!("the KEP is `implemented`, and its stage is `{stage}`");
    let finding = Finding::new(&RULE, kep.file, Some(span), message)
        .on("status", "implemented")
        .help(format!("keep `implementable` until it is stable; if it is, set `stage: stable` instead of `{stage}`"));
    findings.push(finding.label(kep.file, Some(at), "the target stage"));
}
