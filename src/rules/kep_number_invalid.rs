use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, KepNumber};
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "kep-number-invalid",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "The KEP's number is not a number or is too large",
    what: "Requires `kep-number` and the number of the directory to be decimal digits that fit into 32 bits. If the directory has a valid number, `kep-number-mismatch` reports the field instead.",
    why: "The number is that of the tracking issue. With anything else, the KEP has no issue, and its \
          production-readiness file could be mistaken for another KEP's.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(record) = context.record() else { return };
    let kep = context.kep();
    let number = kep.and_then(|kep| kep.kep_number.value());
    let digits = context.layout().digits(&record.dir).unwrap_or_default();
    let help = "use the number of the tracking issue";
    let finding = match (kep, number) {
        (Some(kep), Some((value, span))) if is_invalid(value) && !context.is_placeholder(value) => {
            // The directory has the right number, which another rule suggests.
            let has_part = || layout::has_part_number(&record.dir, value) || layout::part_number(&record.dir).is_some();
            if record.number.is_some() || (!kep.dialect.is_kubernetes && has_part()) {
                return;
            }
            let message = format!("`kep-number` is {}, which is {}", quote(value), fault(value));
            Finding::new(&RULE, kep.file, Some(span), message).on("kep-number", value)
        }
        _ if is_invalid(digits) && !digits.is_empty() => {
            let message = format!("the directory's number {} is {}", quote(digits), fault(digits));
            Finding::new(&RULE, record.dir_file, None, message).on("", digits)
        }
        _ => return,
    };
    // It decides where the approval is looked up, which matters once the KEP is gated.
    let is_gated = kep.is_some_and(Kep::is_gated);
    let finding = if is_gated { finding.renewed_by(Renewal::Target) } else { finding };
    findings.push(finding.help(help));
}

fn is_invalid(number: &str) -> bool {
    KepNumber::parse(number).is_none()
}

fn fault(number: &str) -> &'static str {
    let is_decimal = number.bytes().all(|byte| byte.is_ascii_digit());
    if is_decimal { "too large for an issue number" } else { "not a decimal number" }
}
