use super::wording::{all_of, quote};
use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Dialect, Kep};
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "kep-number-duplicate",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "Two KEPs have the same number",
    what: "Reports a KEP whose directory has the same number as another one. `0000` is shared by KEPs that have no \
           number yet.",
    why: "Issues, production-readiness files and tools find a KEP by its number.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record().filter(|record| !record.twins.dirs.is_empty()) else { return };
    if context.kep().is_some_and(|kep| is_part(record, kep)) {
        return;
    }
    let named: Vec<_> = record.twins.dirs.iter().map(ToString::to_string).collect();
    let more = if record.twins.count > named.len() { " and others" } else { "" };
    let number = record.number.map(|number| format!(" {number}")).unwrap_or_default();
    let message = format!("the KEP number{number} is also used by {}{more}", all_of(&named));
    let (file, span) = match context.kep() {
        Some(kep) => (kep.file, kep.kep_number.value().map(|(_, span)| span)),
        None => (record.dir_file, None),
    };
    let finding = Finding::new(&RULE, file, span, message)
        .on("kep-number", format!("{} {}", record.twins.count, named.join(" ")));
    findings.push(finding.help(how_to_renumber(&context.policy.profile.dialect, context.kep())));
}

fn how_to_renumber(dialect: &Dialect, kep: Option<&Kep>) -> String {
    if dialect.is_kubernetes {
        return "renumber one KEP: use the number of its own tracking issue as `kep-number` and in the names of its directory \
                and its production readiness file"
            .to_owned();
    }
    let key = kep.and_then(Kep::number).map(|(key, ..)| format!(" and {}", quote(key))).unwrap_or_default();
    format!("renumber one KEP: change its name{key}")
}

/// True if the KEP or each of its twins is a part of the other, which may share its number outside Kubernetes.
fn is_part(record: &KepState, kep: &Kep) -> bool {
    let twins = &record.twins;
    !kep.dialect.is_kubernetes
        && (layout::has_part_number(&record.dir, kep.kep_number.text())
            || (twins.count == twins.dirs.len() && twins.dirs.iter().all(layout::looks_like_part)))
}
