use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::FaultKind;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::syntax::yaml::FaultKind as Yaml;

pub(super) static RULE: Rule = Rule {
    id: "yaml-document-marker",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A line contains `---`, or content follows the document's end",
    what: "Reports every line that contains `---` anywhere, even in a comment or a title, and content after the end \
           of the first document. A marker alone on the first line and one alone on the last are harmless.",
    why: "Upstream takes each line with `---` for the fence of a front matter: it drops the line, and loses all that \
          follows the second one.",
    cases: include_str!("../../fixtures/rules/yaml-document-marker.md"),
    source: "https://github.com/kubernetes/enhancements/blob/master/api/proposal.go",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            let (message, help) = match &fault.kind {
                FaultKind::Yaml(Yaml::Marker) => (
                    "upstream drops this line, because it contains `---`",
                    "delete the dashes, or write fewer than three",
                ),
                FaultKind::Yaml(Yaml::SecondDocument) => (
                    "this stands after the document's end, where nobody reads it",
                    "delete the line that ends the document, or what follows it",
                ),
                _ => continue,
            };
            let line = fault.span.map(|span| {
                let file = context.file(document.file);
                &file.text()[file.line(file.position(span.start).line)]
            });
            let finding = Finding::new(&RULE, document.file, fault.span, message).help(help);
            findings.push(finding.on("", line.unwrap_or_default()));
        }
    }
}
