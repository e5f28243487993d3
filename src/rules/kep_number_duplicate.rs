use super::wording::all_of;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "kep-number-duplicate",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "Another KEP directory has the same number",
    what: "Reports a KEP whose directory begins with the same number as another KEP's, in whichever SIG. 0000 is \
           excepted: old KEPs that never had an issue share it.",
    why: "A number is one tracking issue, and one KEP. Two pull requests that took the same number each look fine \
          until both are merged.",
    example: "keps/sig-apps/4711-graceful-rollback\nkeps/sig-node/4711-pod-swap-hints",
    instead: "keps/sig-apps/4712-graceful-rollback\nkeps/sig-node/4711-pod-swap-hints",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record().filter(|record| !record.twins.dirs.is_empty()) else { return };
    let named: Vec<_> = record.twins.dirs.iter().map(ToString::to_string).collect();
    let more = if record.twins.count > named.len() { " and others" } else { "" };
    let message = format!("the KEP's number is also that of {}{more}", all_of(&named));
    let (file, span) = match context.kep() {
        Some(kep) => (kep.file, kep.kep_number.value().map(|(_, span)| span)),
        None => (record.dir_file, None),
    };
    let finding = Finding::new(&RULE, file, span, message)
        .on("kep-number", format!("{} {}", record.twins.count, named.join(" ")));
    findings.push(finding.help("one of them needs the number of its own tracking issue"));
}
