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
    summary: "A key stands twice in one mapping",
    what: "Reports the second and every later occurrence of a key in the same mapping, and labels the first.",
    why: "Which of the two values counts depends on who reads the file; upstream rejects it.",
    cases: include_str!("../../fixtures/rules/yaml-duplicate-key.md"),
    source: "https://yaml.org/spec/1.2.2/#mapping",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            if let FaultKind::Yaml(Yaml::DuplicateKey { key, first }) = &fault.kind {
                let finding =
                    Finding::new(&RULE, document.file, fault.span, format!("the key {} stands twice", quote(key)))
                        .on(&fault.route, key)
                        .help("keep the one that is right and delete the other")
                        .label(document.file, Some(*first), "it stands here first");
                findings.push(finding);
            }
        }
    }
}
