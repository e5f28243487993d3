use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::FaultKind;
use crate::kep::kep_yaml::ACCIDENTAL_KEYS;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::nearest::nearest;

pub(super) static RULE: Rule = Rule {
    id: "yaml-unknown-key",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A key is none that the file may have",
    what: "Reports keys outside the schema of `kep.yaml` and of production-readiness files, with what replaced a \
           retired key and the nearest key that exists. `id`, `name`, `path` and `prnumber`, which upstream lets \
           through by accident of its types, are warnings.",
    why: "What stands under a misspelt key is read by nobody, and upstream rejects the file.",
    example: "last-update: 2025-07-21",
    instead: "last-updated: 2025-07-21",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

/// Keys of former years and what became of them.
const RETIRED: &[(&str, &str)] = &[
    ("prr-approvers", "name the approver in keps/prod-readiness/<sig>/<number>.yaml, under the stage"),
    ("feature-gate", "write `feature-gates`, a list of `name` and `components`"),
    ("rollback-supported", "write `disable-supported`"),
    ("kep-type", "delete it; the kind of a KEP is no longer recorded"),
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            let FaultKind::UnknownKey { key, known, near: free } = &fault.kind else { continue };
            let is_at_root = document.is_kep && fault.route == *key;
            let is_accidental = is_at_root && ACCIDENTAL_KEYS.contains(&key.as_str());
            let retired = RETIRED.iter().find(|(retired, _)| is_at_root && retired == key);
            let near = free.or_else(|| nearest(key, known.iter().copied()));
            let finding = Finding::new(&RULE, document.file, fault.span, message(key, retired.is_some()))
                .on(&fault.route, key)
                .at_level(if is_accidental { Level::Warning } else { Level::Error });
            findings.push(match (retired, near) {
                (Some((_, instead)), _) => finding.help(*instead),
                _ if is_accidental => finding.help("delete it; nothing reads it"),
                (None, None) => finding.help(format!("the keys here are {}", known.join(", "))),
                (None, Some(near)) => {
                    let finding = finding.help(format!("did you mean `{near}`?"));
                    // Only a key that does not stand there already can take its place.
                    match fault.span.filter(|_| free.is_some()) {
                        Some(span) => finding.fix(span, near),
                        None => finding,
                    }
                }
            });
        }
    }
}

fn message(key: &str, retired: bool) -> String {
    let key = quote(key);
    if retired { format!("the key {key} is retired") } else { format!("there is no key {key}") }
}
