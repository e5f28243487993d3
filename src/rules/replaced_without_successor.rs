use super::wording::is_nothing;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Status;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "replaced-without-successor",
    family: Family::Lifecycle,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A `replaced` KEP does not name its successor",
    what: "Requires `superseded-by` for a KEP whose status is `replaced`.",
    why: "Readers want to know which KEP continues the work.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| kep.known_status() == Some(Status::Replaced)) else { return };
    let is_named = kep.superseded_by.entries().iter().any(|entry| !is_nothing(&entry.value));
    if is_named || !kep.superseded_by.is_known() || kep.is_misspelt("superseded-by") {
        return;
    }
    let Some((_, span)) = kep.status.value() else { return };
    let message = "`status` is `replaced`, but `superseded-by` does not name a KEP";
    let finding = Finding::new(&RULE, kep.file, Some(span), message);
    findings.push(finding.on("superseded-by", "").help("add the path of the new KEP to `superseded-by`"));
}
