use super::wording::{all_of, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};

/// The maximum number of other KEPs in a message.
const MAX_NAMED: usize = 3;

pub(super) static RULE: Rule = Rule {
    id: "prr-file-shared",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Target,
    summary: "Two KEPs use the same production-readiness file",
    what: "Reports a KEP whose `owning-sig` and `kep-number` point to a production-readiness file that another KEP \
           points to as well. KEPs in numberless or nested directories and those with number 0000 also count. A \
           KEP that is withdrawn, rejected, replaced or deferred needs no approval and is not reported.",
    why: "An approval is for one KEP. Another KEP that uses the same file passes as approved without a review.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    // A KEP that was given up needs no approval, so it takes none.
    if kep.is_closed() && !kep.is_active() {
        return;
    }
    let Some(path) = record.prr_file_path() else { return };
    // Another directory with the same number is another rule's finding.
    let others: Vec<_> = record.sharers.iter().filter(|dir| !record.twins.dirs.contains(dir)).collect();
    if others.is_empty() {
        return;
    }
    let named: Vec<_> = others.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let more = if others.len() > named.len() { " and others" } else { "" };
    let verb = if others.len() == 1 { "also uses" } else { "also use" };
    let path = path.to_string();
    let message = format!("{}{more} {verb} {}", all_of(&named), quote(&path));
    let span = kep.kep_number.value().map(|(_, span)| span);
    let finding =
        Finding::new(&RULE, kep.file, span, message).on("prod-readiness", format!("{path} {}", named.join(" ")));
    let finding = finding.help("give each KEP its own number and its own production-readiness file");
    findings.push(match context.prr_file() {
        Some(prr_file) => finding.label(prr_file.file, None, "an approval in this file is for one KEP"),
        None => finding,
    });
}
