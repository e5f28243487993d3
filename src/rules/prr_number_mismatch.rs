use super::wording::{quote, requoted};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, KepNumber};
use crate::project::layout;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "prr-number-mismatch",
    family: Family::ProductionReadiness,
    level: Level::Error,
    enabled: true,
    needs: &[Need::ProductionReadiness],
    renewal: Renewal::Never,
    summary: "`kep-number` in the production-readiness file does not match",
    what: "Compares `kep-number` in `keps/prod-readiness/<sig>/<number>.yaml` with the file's name and with the \
           KEP's own number. If only leading zeros differ, it is a warning.",
    why: "A file that was copied from another KEP carries that KEP's number, and perhaps its approvals.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/prod-readiness/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(prr_file) = context.prr_file() else { return };
    let Some((value, span)) = prr_file.kep_number.value() else { return };
    let number = KepNumber::parse(value);
    let path = &context.file(prr_file.file).path;
    let stem = String::from_utf8_lossy(layout::yaml_stem(path.name()).unwrap_or_default());
    let named = KepNumber::parse(&stem);
    // YAML 1.1 reads a number with a leading zero as octal.
    let is_padded = number.is_some() && number == named && value != stem.as_ref();
    // The file is found by the KEP's number, so its name is that number.
    if (named.is_none() || number == named) && !is_padded {
        return;
    }
    let message = format!("`kep-number` is {}, but the file is named after {}", quote(value), quote(&stem));
    let finding = Finding::new(&RULE, prr_file.file, Some(span), message).on("kep-number", value);
    let finding = match context.kep() {
        Some(kep) => finding.label(kep.file, kep.kep_number.value().map(|(_, span)| span), "the KEP's number"),
        None => finding,
    };
    // It decides which KEP the approval is for, which matters once the KEP is gated.
    let is_gated = context.kep().is_some_and(Kep::is_gated);
    let finding = if is_gated { finding.renewed_by(Renewal::Gate) } else { finding };
    if is_padded {
        let finding =
            finding.at_level(Level::Warning).help(format!("only leading zeros differ; write {}", quote(&stem)));
        findings.push(finding.fix(span, requoted(context.file(prr_file.file), span, &stem)));
        return;
    }
    findings.push(finding.help(
        "use the KEP's number as `kep-number` and as the name of this file, and make sure that the approvals were not \
         copied from another KEP",
    ));
}
