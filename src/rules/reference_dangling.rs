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
    summary: "`see-also`, `replaces` or `superseded-by` points to a missing path",
    what: "Checks every value of these fields that starts with `/keps/` or `keps/`. URLs, numbers and placeholder \
           words are ignored.",
    why: "Readers follow these references. They break when a KEP is renamed.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    for reference in &record.references {
        if !reference.exists && !context.is_placeholder(&reference.value) {
            let message = format!("`{}` points to {}, which does not exist", reference.field, quote(&reference.value));
            let finding = Finding::new(&RULE, kep.file, Some(reference.span), message);
            findings.push(
                finding
                    .on(reference.field, &reference.value)
                    .help("write the current path, starting at the root of the repository"),
            );
        }
    }
}
