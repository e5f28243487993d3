use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::FaultKind;
use crate::kep::wrong_type::{BOOLEAN, LIST, how_to_write, must_be};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::syntax::yaml::SINGLE_VALUE;

pub(super) static RULE: Rule = Rule {
    id: "yaml-wrong-type",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A value has the wrong type",
    what: "Reports a value of another kind than its field takes: a single value where a list belongs, a list or \
           mapping where text belongs, a word that is neither true nor false for `disable-supported`, or an explicit YAML tag. \
           Outside of Kubernetes, an empty mapping `{}` in place of an empty list is a warning.",
    why: "Upstream reads the file into fixed types and rejects it.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            let FaultKind::WrongType { wanted, found } = &fault.kind else { continue };
            let text = fault.span.map(|span| context.text(document.file, span)).unwrap_or_default();
            // A word that is neither true nor false says more than its type.
            let shown = if *wanted == BOOLEAN && *found == SINGLE_VALUE { quote(text) } else { (*found).to_owned() };
            let message = must_be(&fault.route, wanted, &shown);
            let is_empty = *wanted == LIST && text == "{}";
            let help = if is_empty { "write `[]` for an empty list" } else { how_to_write(wanted) };
            let finding = Finding::new(&RULE, document.file, fault.span, message).on(&fault.route, text).help(help);
            let is_harmless = is_empty && !context.policy.profile.dialect.is_kubernetes;
            findings.push(if is_harmless { finding.at_level(Level::Warning) } else { finding });
        }
    }
}
