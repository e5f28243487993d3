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
    what: "Reports every line of `kep.yaml` that contains `---` anywhere, even in a comment or a title. A `---` on a \
           line of its own is harmless at the top, where only comments and blank lines come before it, and then also \
           on the last line. In production-readiness files `---` in comments and values is harmless. In both files, \
           content after the end of the first document is reported.",
    why: "In `kep.yaml` upstream treats each line with `---` as a front matter delimiter: it ignores the line, the \
          text before the first one, and the text after the second one.",
    source: "https://github.com/kubernetes/enhancements/blob/master/api/proposal.go",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let is_kubernetes = context.policy.profile.dialect.is_kubernetes;
    for document in context.documents() {
        for fault in document.faults {
            let (message, help) = match &fault.kind {
                FaultKind::Yaml(Yaml::Marker) => (
                    "upstream treats `---` as a front matter delimiter, and ignores this line and the text before or after it",
                    "delete the line, or write fewer than three dashes",
                ),
                FaultKind::Yaml(Yaml::SecondDocument) if !is_kubernetes => (
                    "everything after the end of the document is ignored",
                    "delete the line that ends the document, or everything after it",
                ),
                FaultKind::Yaml(Yaml::SecondDocument) => (
                    "upstream ignores everything after the end of the document",
                    "delete the line that ends the document, or everything after it",
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
