use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "reference-dangling",
    family: Family::Identity,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`see-also`, `replaces` or `superseded-by` names a path that is not there",
    what: "Looks up every value of these fields that begins with `/keps/` or `keps/`. URLs, numbers and words that \
           mean nothing are let be.",
    why: "Readers follow these references; a KEP that was renamed leaves them dangling.",
    example: "- \"/keps/sig-node/4650-eviction-budget\"",
    instead: "- \"/keps/sig-node/4650-pod-eviction-budget\"",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    for reference in &record.references {
        if !reference.exists && !context.is_placeholder(&reference.value) {
            let message = format!("`{}` names {}, and nothing stands there", reference.field, quote(&reference.value));
            let finding = Finding::new(&RULE, kep.file, Some(reference.span), message);
            findings.push(
                finding
                    .on(reference.field, &reference.value)
                    .help("write the path that it has now, from the repository's root"),
            );
        }
    }
}
