use super::wording::quote;
use super::{Context, Findings};
use crate::change::Target;
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
           words are ignored. It is only a notice if no KEP has the number in the path yet.",
    why: "Readers follow these references. They break when a KEP is renamed.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    for reference in &record.references {
        if reference.target == Target::Exists || context.is_placeholder(&reference.value) {
            continue;
        }
        let message = format!("`{}` points to {}, which does not exist", reference.field, quote(&reference.value));
        let finding =
            Finding::new(&RULE, kep.file, Some(reference.span), message).on(reference.field, &reference.value);
        findings.push(match &reference.target {
            Target::Moved(dir) => finding.help(format!("did you mean {}?", quote(&format!("/{dir}")))),
            Target::Unmerged => finding
                .at_level(Level::Notice)
                .help("no KEP has this number yet: check the path again when the other KEP is merged"),
            Target::Missing | Target::Exists => {
                finding.help("write the current path, starting at the root of the repository")
            }
        });
    }
}
