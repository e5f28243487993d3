use super::wording::{quote, valid_keys};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::FaultKind;
use crate::kep::fields::{ACCIDENTAL_KEYS, RETIRED_KEYS};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::nearest::nearest;

pub(super) static RULE: Rule = Rule {
    id: "yaml-unknown-key",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::File,
    summary: "A key is not in the schema",
    what: "Reports keys outside the schema of `kep.yaml` and of production-readiness files, and suggests the nearest \
           valid key or what replaced a key that is no longer used. `id`, `name`, `path` and `prnumber` are only \
           warnings: upstream accidentally accepts them.",
    why: "Nothing reads the value of a misspelled key, and upstream rejects the file.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for document in context.documents() {
        for fault in document.faults {
            let FaultKind::UnknownKey { key, known, near: free } = &fault.kind else { continue };
            let is_at_root = document.is_kep && fault.route == *key;
            let is_accidental = is_at_root && ACCIDENTAL_KEYS.contains(&key.as_str());
            let retired = RETIRED_KEYS.iter().find(|(retired, _)| is_at_root && retired == key);
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            let own = if is_at_root { own_keys(context) } else { Vec::new() };
            let near = free.as_deref().or_else(|| nearest(key, known.iter().copied()));
            let nearest_own = nearest(key, own.iter().copied().chain(near)).filter(|near| own.contains(near));
            if let Some(near) = nearest_own {
                let finding = Finding::new(&RULE, document.file, fault.span, message(key, false)).on(&fault.route, key);
                findings.push(finding.help(format!("did you mean `{near}`?")));
                continue;
            }
            let finding =
                Finding::new(&RULE, document.file, fault.span, message(key, retired.is_some())).on(&fault.route, key);
            // Upstream can read a file with an accidental key.
            let finding =
                if is_accidental { finding.at_level(Level::Warning).renewed_by(Renewal::Never) } else { finding };
            findings.push(match (retired, near) {
                (Some((_, advice)), _) => finding.help(*advice),
                _ if is_accidental => finding.help("delete it; it is not used"),
                (None, None) => finding.help(valid_keys(&[known.as_slice(), own.as_slice()].concat())),
                (None, Some(near)) => {
                    let finding = finding.help(format!("did you mean `{near}`?"));
                    // A key that is already there would become a duplicate, and one that the project does not use is
                    // hardly meant.
                    let is_certain = free.is_some() && (!is_at_root || context.policy.profile.dialect.uses(near));
                    match fault.span.filter(|_| is_certain) {
                        Some(span) => finding.fix(span, near),
                        None => finding,
                    }
                }
            });
        }
    }
}

/// The project's own keys of `kep.yaml`.
fn own_keys<'a>(context: &Context<'a>) -> Vec<&'a str> {
    context.policy.profile.dialect.own.iter().map(|field| field.key.as_str()).collect()
}

fn message(key: &str, retired: bool) -> String {
    if key.is_empty() {
        return "this key is empty".to_owned();
    }
    let key = quote(key);
    if retired { format!("the key {key} is no longer used") } else { format!("unknown key {key}") }
}
