use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::FaultKind;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::syntax::yaml::FaultKind as Yaml;

pub(super) static RULE: Rule = Rule {
    id: "yaml-duplicate-key",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A key occurs twice in one mapping",
    what: "Reports the second and every later occurrence of a key in the same mapping, and labels the first.",
    why: "Different tools read different values, and upstream rejects the file.",
    source: "https://yaml.org/spec/1.2.2/#mapping",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            if let FaultKind::Yaml(Yaml::DuplicateKey { key, first }) = &fault.kind {
                let finding =
                    Finding::new(&RULE, document.file, fault.span, format!("the key {} is defined twice", quote(key)))
                        .on(&fault.route, key)
                        .help("delete one of the two")
                        .label(document.file, Some(*first), "first defined here");
                findings.push(finding);
            }
        }
    }
}
