use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::FaultKind;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "yaml-wrong-type",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A value has the wrong type",
    what: "Reports a value of another kind than its field takes: a single value where a list belongs, a list or \
           mapping where text belongs, a word that is neither true nor false for `disable-supported`, an explicit \
           YAML tag.",
    why: "Upstream reads the file into fixed types and rejects it.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            let FaultKind::WrongType { wanted, found } = &fault.kind else { continue };
            let text = fault.span.map(|span| context.text(document.file, span)).unwrap_or_default();
            let message = format!("{} must be {wanted}, but this is {found}", quote(&fault.route));
            findings.push(
                Finding::new(&RULE, document.file, fault.span, message).on(&fault.route, text).help(help(wanted)),
            );
        }
    }
}

fn help(wanted: &str) -> &'static str {
    match wanted {
        "a list" => "write each entry on its own line, after `- `",
        "a mapping" | "a mapping in each entry" => "write `key: value` lines, indented below it",
        "`true` or `false`" => "write `true` or `false`, without quotes",
        "a value without a YAML tag" => "delete the tag (`!…`)",
        _ => "write a single value; quote it if it contains `: ` or starts with a special character",
    }
}
