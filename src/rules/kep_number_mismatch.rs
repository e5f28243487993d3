use super::wording::{quote, requoted};
use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::dialect::is_proposal;
use crate::kep::{Kep, KepNumber};
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::{RepoPath, Span};

/// The field that names the production-readiness file.
const KEY: &str = "kep-number";

pub(super) static RULE: Rule = Rule {
    id: "kep-number-mismatch",
    family: Family::Identity,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "`kep-number` differs from the directory's number",
    what: "Compares `kep-number` with the number at the start of the directory's name. If only leading zeros \
           differ, it is a warning. In a project whose KEPs have the number in a field of its own, such as `number`, that \
           field is compared.",
    why: "The production-readiness file is found by `kep-number`, but people find the KEP by its directory.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    let Some((key, value, span)) = kep.number() else { return };
    if context.is_placeholder(value) {
        return;
    }
    let is_kubernetes = kep.dialect.is_kubernetes;
    let Some(digits) = layout::directory_digits(&record.dir).or_else(|| prefixed_digits(&record.dir, is_kubernetes))
    else {
        // A directory that still has the template's name has no number to compare with.
        if layout::is_kep_name(record.dir.name()) {
            let message = format!("`{key}` is {}, but the directory still has the template's name", quote(value));
            let finding = Finding::new(&RULE, kep.file, Some(span), message).on(key, value);
            findings.push(finding.help("rename the directory so that it starts with the number").label(
                record.dir_file,
                None,
                "this directory",
            ));
        }
        return;
    };
    let number = KepNumber::parse(digits);
    // A directory's number that is too large has its own finding.
    if value == digits || number.is_none() {
        return;
    }
    if !is_kubernetes && layout::has_part_number(&record.dir, value) {
        return;
    }
    let same_number = KepNumber::parse(value) == number;
    // A field of the project may also have other text, and no file is named after it.
    if key != KEY && (same_number || KepNumber::parse(value).is_none()) {
        return;
    }
    let what = if context.layout().has_single_files() { "file" } else { "directory" };
    let message = format!("`{key}` is {}, but the {what}'s number is `{digits}`", quote(value));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on(key, value).label(
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
        let right = if is_kubernetes { "the number of the tracking issue" } else { "the KEP's number" };
        let finding = finding.help(format!("use {right} in `{key}` and in the name of the {what}"));
        if stays(context, record, kep, digits) {
            finding.fix(span, corrected(context, kep, span, digits))
        } else {
            finding
        }
    });
}

/// The digits of a directory such as `gep-17`. Kubernetes does not have such names.
fn prefixed_digits(dir: &RepoPath, is_kubernetes: bool) -> Option<&str> {
    let (prefix, rest) = std::str::from_utf8(dir.name()).ok()?.split_once('-').filter(|_| !is_kubernetes)?;
    let digits = rest.split_once('-').map_or(rest, |(digits, _)| digits);
    (is_proposal(prefix) && KepNumber::parse(digits).is_some()).then_some(digits)
}

/// True if the corrected number still leads to the production-readiness file, if there is one.
fn stays(context: &Context<'_>, record: &KepState, kep: &Kep, digits: &str) -> bool {
    let corrected = context.layout().prr_file_path(kep.owning_sig.text(), digits);
    record.prr_file_path().is_none() || record.prr_file_path() == corrected.as_ref()
}

fn corrected(context: &Context<'_>, kep: &Kep, span: Span, digits: &str) -> String {
    requoted(context.file(kep.file), span, digits)
}
