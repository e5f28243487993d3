use jiff::civil::Date;

use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::Milestone;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "date-malformed",
    family: Family::Yaml,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A date is not a valid calendar date",
    what: "Reports a `creation-date` or `last-updated` that is not a valid date in the form YYYY-MM-DD. \
           `last-updated` may also name a release.",
    why: "Tools sort KEPs by these dates.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    for (name, field, may_be_release) in
        [("creation-date", &kep.creation_date, false), ("last-updated", &kep.last_updated, true)]
    {
        let Some((value, span)) = field.value() else { continue };
        let is_fine = is_date(value) || (may_be_release && Milestone::parse(value).is_some());
        if !is_fine && !context.is_placeholder(value) {
            let message = format!("`{name}` is {}, which is not a valid date", quote(value));
            let finding = Finding::new(&RULE, kep.file, Some(span), message);
            findings.push(finding.on(name, value).help("write the date as YYYY-MM-DD"));
        }
    }
}

/// True for year, month and day in this order. `2025-9-1` is accepted because it is unambiguous.
fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let is_shaped = year.len() == 4 && [month, day].iter().all(|part| (1..=2).contains(&part.len()));
    let is_digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let date = || Some(Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?));
    is_shaped && is_digits && date().is_some_and(|date| date.is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn days_of_the_calendar() {
        for text in ["2025-12-02", "2024-02-29", "2025-9-1"] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "2025-13-02",
            "2025-02-29",
            "02-12-2025",
            "2025/12/02",
            "25-12-02",
            "2025-12",
            "",
            "-2025-1-1",
            "2025-1-1-",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}
