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
    what: "Compares `kep-number` with the number at the start of the directory's name. If only leading zeros \
           differ, it is a warning.",
    why: "The production-readiness file is found by `kep-number`, but people find the KEP by its directory.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let Some((value, span)) = kep.kep_number.value() else { return };
    if context.is_placeholder(value) {
        return;
    }
    let Some(digits) = layout::directory_digits(&record.dir) else {
        // A directory that still has the template's name has no number to compare with.
        if layout::is_kep_name(record.dir.name()) {
            let message = format!("`kep-number` is {}, but the directory still has the template's name", quote(value));
            let finding = Finding::new(&RULE, kep.file, Some(span), message).on("kep-number", value);
            findings.push(finding.help("rename the directory so that it starts with the number").label(
                record.dir_file,
                None,
                "this directory",
            ));
        }
        return;
    };
    // A directory's number that is too large has its own finding.
    if value == digits || record.number.is_none() {
        return;
    }
    if !kep.dialect.is_kubernetes && layout::has_part_number(&record.dir, value) {
        return;
    }
    let same_number = KepNumber::parse(value).is_some() && KepNumber::parse(value) == record.number;
    let what = if context.layout().has_single_files() { "file" } else { "directory" };
    let message = format!("`kep-number` is {}, but the {what}'s number is `{digits}`", quote(value));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on("kep-number", value).label(
        record.dir_file,
        None,
        format!("this {what}"),
    );
    // It decides where the approval is looked up, which matters once the KEP is gated.
    let finding = if kep.is_gated() { finding.renewed_by(Renewal::Target) } else { finding };
    findings.push(if same_number {
        let name = quote(&format!("{value}.yaml"));
        let help = if context.layout().prr_root.is_some() {
            format!(
                "only leading zeros differ; name the production readiness file {name}, because upstream looks for \
                 exactly that name"
            )
        } else {
            format!("only leading zeros differ; write `{digits}`")
        };
        finding.at_level(Level::Warning).help(help)
    } else {
        let finding =
            finding.help(format!("use the number of the tracking issue in `kep-number` and in the name of the {what}"));
        if stays(context, record, kep, digits) {
            finding.fix(span, corrected(context, kep, span, digits))
        } else {
            finding
        }
    });
}

/// True if the corrected number still leads to the production-readiness file, if there is one.
fn stays(context: &Context<'_>, record: &KepState, kep: &Kep, digits: &str) -> bool {
    let corrected = context.layout().prr_file_path(kep.owning_sig.text(), digits);
    record.prr_file_path().is_none() || record.prr_file_path() == corrected.as_ref()
}

fn corrected(context: &Context<'_>, kep: &Kep, span: Span, digits: &str) -> String {
    requoted(context.file(kep.file), span, digits)
}
