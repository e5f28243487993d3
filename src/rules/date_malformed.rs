use jiff::civil::Date;

use super::wording::quote;
use super::{Context, Family, Findings, Renewal, Rule};
use crate::finding::{Finding, Level};
use crate::model::Milestone;

pub(super) static RULE: Rule = Rule {
    id: "date-malformed",
    family: Family::Yaml,
    level: Level::Warning,
    renewal: Renewal::Never,
    summary: "A date is no day of the calendar",
    what: "Reports a `creation-date` or `last-updated` that is no day of the calendar written as YYYY-MM-DD; \
           `last-updated` may name a release instead.",
    why: "Tools sort KEPs by these dates.",
    example: "creation-date: 2025-13-02",
    instead: "creation-date: 2025-12-02",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    for (name, field, may_be_release) in
        [("creation-date", &kep.creation_date, false), ("last-updated", &kep.last_updated, true)]
    {
        let Some((value, span)) = field.value() else { continue };
        let is_fine = is_date(value) || (may_be_release && Milestone::parse(value).is_some());
        if !is_fine && !context.is_placeholder(value) {
            let message = format!("`{name}` is {}, which is no day of the calendar", quote(value));
            let finding = Finding::new(&RULE, kep.file, Some(span), message);
            findings.push(finding.on(name, value).help("write it as YYYY-MM-DD"));
        }
    }
}

fn is_date(text: &str) -> bool {
    let is_shaped = text.len() == "YYYY-MM-DD".len() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_shaped && Date::strptime("%Y-%m-%d", text).is_ok()
}
