use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::FaultKind;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::syntax::yaml::messages::Reader;
use crate::syntax::yaml::{FaultKind as Yaml, messages};

pub(super) static RULE: Rule = Rule {
    id: "yaml-syntax",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A file is not UTF-8, not YAML, empty, not a mapping, or too large",
    what: "Reports a `kep.yaml` or production-readiness file that is not a valid YAML mapping. Common causes: \
           a handle without quotes, a tab, a missing space after a colon, an unclosed bracket or quote, an alias \
           (`*name`), an empty file, or collections that are nested too deep. Entries that are separate from the \
           broken one are still read and checked.",
    why: "A file that does not parse tells the release team nothing, and tools that read the whole tree stop at it.",
    source: "https://yaml.org/spec/1.2.2/",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let reader = Reader::of(context.policy.profile.dialect.is_kubernetes);
    for document in context.documents() {
        for fault in document.faults {
            let FaultKind::Yaml(kind) = &fault.kind else { continue };
            let Some((message, help)) = messages::syntax(kind, reader) else { continue };
            let text = fault.span.map(|span| context.text(document.file, span)).unwrap_or_default();
            let mut finding = Finding::new(&RULE, document.file, fault.span, message).help(help).on("", text);
            if let (Yaml::BareHandle { whole: true }, Some(span)) = (kind, fault.span) {
                finding = finding.fix(span, format!("\"{}\"", text.trim_end_matches(['"', '\''])));
            }
            findings.push(finding);
        }
    }
}
