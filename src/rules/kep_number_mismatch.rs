use super::wording::{quote, requoted};
use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::{Kep, KepNumber};
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "kep-number-mismatch",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`kep-number` differs from the directory's number",
    what: "Compares `kep-number` with the number that the KEP's directory begins with. Where only leading zeros \
           differ it is a warning.",
    why: "The number is that of the tracking issue, and the production-readiness file is found by it.",
    example: "kep-number: 4171",
    instead: "kep-number: 4711",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let Some((value, span)) = kep.kep_number.value() else { return };
    if context.is_placeholder(value) {
        return;
    }
    let Some(digits) = layout::directory_digits(&record.dir) else {
        // A directory that is still named after the template has no number to agree with.
        if layout::is_kep_name(record.dir.name()) {
            let message =
                format!("`kep-number` is {}, and the directory is still named after the template", quote(value));
            let finding = Finding::new(&RULE, kep.file, Some(span), message).on("kep-number", value);
            findings.push(finding.help("begin the directory's name with the number").label(
                record.dir_file,
                None,
                "this directory",
            ));
        }
        return;
    };
    if value == digits {
        return;
    }
    let same_number = KepNumber::parse(value).is_some() && KepNumber::parse(value) == record.number;
    let message = format!("`kep-number` is {}, and the directory's number is `{digits}`", quote(value));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("kep-number", value).label(
        record.dir_file,
        None,
        "this directory",
    );
    // It decides where the approval is looked for, which matters once the KEP is gated.
    let finding = if kep.is_gated() { finding.renewed_by(Renewal::Target) } else { finding };
    findings.push(if same_number {
        let help = "they differ in leading zeros only; the production-readiness file is found by `kep-number` as it \
                    is written here";
        finding.at_level(Level::Warning).help(help)
    } else {
        let finding = finding.help("write the number of the tracking issue in both places");
        if stays(record, kep, digits) { finding.fix(span, mended(context, kep, span, digits)) } else { finding }
    });
}

/// Whether the production-readiness file, if there is one, stands where the mended number looks for it.
fn stays(record: &KepState, kep: &Kep, digits: &str) -> bool {
    let mended = layout::approval_path(kep.owning_sig.text(), digits);
    record.approval_path().is_none() || record.approval_path() == mended.as_ref()
}

fn mended(context: &Context<'_>, kep: &Kep, span: Span, digits: &str) -> String {
    requoted(context.file(kep.file), span, digits)
}
