use super::wording::{choice, quote, requoted};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "stage-invalid",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Gate,
    summary: "`stage` is not a valid stage",
    what: "Requires `stage` to be one of alpha, beta and stable or, for removals, deprecated, disabled and removed, \
           exactly as written here, whatever the KEP's status.",
    why: "The stage decides which approval and which answers are due. Upstream checks it only when it looks up the \
          approver.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let Some((value, span)) = kep.stage.value() else { return };
    if kep.dialect.stage(value).is_some() || context.is_placeholder(value) {
        return;
    }
    let words = kep.dialect.stage_words();
    let finding =
        Finding::new(&RULE, kep.file, Some(span), format!("{} is not a valid stage", quote(value))).on("stage", value);
    findings.push(match kep.dialect.nearest_stage(value) {
        Some(near) => {
            let finding = finding.help(format!("did you mean `{near}`?"));
            finding.fix(span, requoted(context.file(kep.file), span, near))
        }
        None => finding.help(format!("write one of {}", choice(&words))),
    });
}
