use super::wording::{quote, requoted};
use super::{Context, Findings};
use crate::change::KepState;
use crate::finding::Finding;
use crate::kep::dialect::is_proposal;
use crate::kep::{Kep, KepNumber};
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

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
           differ, it is a warning, unless the project has no production-readiness files. In a project whose KEPs have \
           the number in a field of its own, such as `number`, that field is compared. If no field has the number, that \
           in the title of the document is compared, as in `# TEP-12: Title`; if they differ, it is a warning.",
    why: "The production-readiness file is found by `kep-number`, but people find the KEP by its directory.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some(record), Some(kep)) = (context.record(), context.kep()) else { return };
    findings.extend(match kep.number() {
        Some(number) => in_metadata(context, record, kep, number),
        None => in_title(context, record),
    });
}

/// Compares the number in the metadata: key, value and its span.
fn in_metadata(
    context: &Context<'_>,
    record: &KepState,
    kep: &Kep,
    (key, value, span): (&str, &str, Span),
) -> Option<Finding> {
    if context.is_placeholder(value) {
        return None;
    }
    let is_kubernetes = kep.dialect.is_kubernetes;
    let what = place(context);
    let right = if is_kubernetes { "the number of the tracking issue" } else { "the KEP's number" };
    let differs = |digits: &str| {
        let message = format!("`{key}` is {}, but the {what}'s number is `{digits}`", quote(value));
        let finding = Finding::new(&RULE, kep.file, Some(span), message).on(key, value);
        let help = format!("use {right} in `{key}` and in the name of the {what}");
        finding.label(record.dir_file, None, format!("this {what}")).help(help)
    };
    if let Some(number) = layout::part_number(&record.dir).filter(|_| !is_kubernetes) {
        let [own, there] = [value, number].map(|number| layout::part_numbers(number).unwrap_or_default());
        let is_same = !own.is_empty() && there.starts_with(&own);
        return (!is_same).then(|| differs(number));
    }
    let Some(digits) = context.layout().digits(&record.dir) else {
        // A directory that still has the template's name has no number to compare with.
        if layout::is_kep_name(record.dir.name()) {
            let message = format!("`{key}` is {}, but the directory still has the template's name", quote(value));
            let finding = Finding::new(&RULE, kep.file, Some(span), message).on(key, value);
            let help = "rename the directory so that it starts with the number";
            return Some(finding.help(help).label(record.dir_file, None, "this directory"));
        }
        return None;
    };
    let number = KepNumber::parse(digits);
    // A directory's number that is too large has its own finding.
    if value == digits || number.is_none() || (!is_kubernetes && layout::has_part_number(&record.dir, value)) {
        return None;
    }
    let is_number = KepNumber::parse(value).is_some();
    // It decides where the approval is looked up, which matters once the KEP is gated.
    let renewal = if kep.is_gated() { Renewal::Target } else { Renewal::Never };
    if KepNumber::parse(value) == number {
        // Leading zeros only matter to the path of the production-readiness file.
        context.layout().prr_root.as_ref().filter(|_| key == KEY)?;
        let name = quote(&format!("{value}.yaml"));
        let help = format!(
            "only leading zeros differ; name the production readiness file {name}, because upstream looks for exactly \
             that name"
        );
        return Some(differs(digits).renewed_by(renewal).at_level(Level::Warning).help(help));
    }
    if key != KEY && !is_number {
        // A project's own field may have a prefix or a part: `TEP-12`, `12.1`.
        return (first_number(value) != number).then(|| differs(digits).at_level(Level::Warning));
    }
    let finding = differs(digits).renewed_by(renewal);
    Some(if stays(context, record, kep, digits) {
        finding.fix(span, corrected(context, kep, span, digits))
    } else {
        finding
    })
}

/// Compares the number in the title of the document. The titles of Kubernetes' KEPs are not compared.
fn in_title(context: &Context<'_>, record: &KepState) -> Option<Finding> {
    let readme = context.readme_of_any_kep().filter(|_| !context.policy.profile.dialect.is_kubernetes)?;
    let digits = context.layout().digits(&record.dir)?;
    let title = readme.markdown.headings.first().filter(|title| title.level == 1)?;
    let (prefix, rest) = title.text.trim_start().split_once(['-', ' ', '#']).filter(|(word, _)| is_proposal(word))?;
    let rest = rest.trim_start_matches(['#', ' ']);
    let named = rest.split(|other: char| !other.is_ascii_digit()).next().filter(|named| !named.is_empty())?;
    let is_part = rest.get(named.len()..).is_some_and(|rest| {
        let part = rest.strip_prefix(['.', '-']);
        part.is_some_and(|part| part.starts_with(|next: char| next.is_ascii_digit()))
    });
    let [there, here] = [named, digits].map(KepNumber::parse);
    if is_part || there == here || there.is_none() || here.is_none() {
        return None;
    }
    let (what, called) = (place(context), quote(&format!("{prefix}-{named}")));
    let message = format!("the title names {called}, but the {what}'s number is `{digits}`");
    let finding = Finding::new(&RULE, readme.file, Some(title.span), message).on("title", named);
    let help = format!("use the KEP's number in the title and in the name of the {what}");
    Some(finding.at_level(Level::Warning).help(help).label(record.dir_file, None, format!("this {what}")))
}

/// What has the KEP's number in its name.
fn place(context: &Context<'_>) -> &'static str {
    if context.layout().has_single_files() { "file" } else { "directory" }
}

/// The first number in a text.
fn first_number(text: &str) -> Option<KepNumber> {
    text.split(|other: char| !other.is_ascii_digit()).find(|digits| !digits.is_empty()).and_then(KepNumber::parse)
}

/// True if the corrected number still leads to the production-readiness file, if there is one.
fn stays(context: &Context<'_>, record: &KepState, kep: &Kep, digits: &str) -> bool {
    let corrected = context.layout().prr_file_path(kep.owning_sig.text(), digits);
    record.prr_file_path().is_none() || record.prr_file_path() == corrected.as_ref()
}

fn corrected(context: &Context<'_>, kep: &Kep, span: Span, digits: &str) -> String {
    requoted(context.file(kep.file), span, digits)
}
