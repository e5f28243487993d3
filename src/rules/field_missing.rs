use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::fields::{self, FieldSpec, When};
use crate::kep::{FaultKind, Field, Kep, PrrFile};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::FileId;
use crate::text::nearest::nearest;

pub(super) static RULE: Rule = Rule {
    id: "field-missing",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A required field is absent or empty",
    what: "Requires `title`, `kep-number`, `authors`, `owning-sig`, `approvers` and `status` in `kep.yaml`, and \
           `kep-number` in a production-readiness file.",
    why: "Upstream requires them for every status.",
    source: "https://github.com/kubernetes/enhancements/blob/master/api/proposal.go",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if let Some(kep) = context.kep() {
        let is_required = |field: &FieldSpec| {
            let is_always = field.required == When::Always && kep.dialect.requires(field.key);
            is_always || kep.dialect.demanded.contains(&field.key)
        };
        for (field, value) in
            kep.fields().filter(|(field, _)| is_required(field)).filter(|(field, _)| !kep.is_misspelt(field.key))
        {
            // The gate needs the fields that locate the production-readiness file.
            let renewal = renewal(field.locates_prr && kep.is_gated());
            let finding = missing(kep.file, field, &value.outline());
            findings.extend(finding.map(|it| it.help(kep.dialect.help(field)).renewed_by(renewal)));
        }
        findings.extend(own_missing(kep));
    }
    if let Some(PrrFile { file, kep_number, .. }) = context.prr_file() {
        // Upstream reads this file only for a KEP that the gate applies to.
        let renewal = renewal(context.kep().is_some_and(Kep::is_gated));
        let number = fields::PRR.iter().find(|field| field.key == "kep-number");
        let finding = number.and_then(|field| missing(*file, field, &kep_number.outline()));
        let help = number.map_or("", |field| field.help);
        findings.extend(finding.map(|finding| finding.help(help).renewed_by(renewal)));
    }
}

/// The fields that the project requires and Kubernetes does not have.
fn own_missing(kep: &Kep) -> impl Iterator<Item = Finding> {
    let own = || kep.dialect.own.iter().map(|field| field.key.as_str());
    let unknown = kep.faults.iter().filter_map(|fault| match &fault.kind {
        FaultKind::UnknownKey { key, .. } if fault.route == *key => nearest(key, own()),
        _ => None,
    });
    // A misspelled key has a finding of its own.
    let misspelled: Vec<_> = unknown.collect();
    let required = kep.dialect.own.iter().filter(|field| field.is_required);
    required.filter(move |field| !misspelled.contains(&field.key.as_str())).filter_map(|field| {
        let (span, state) = match kep.own.iter().find(|own| own.key == field.key) {
            Some(own) if own.is_filled => return None,
            Some(own) => (Some(own.key_span), "is empty"),
            None => (None, "is missing"),
        };
        let message = format!("the required field {} {state}", quote(&field.key));
        let finding = Finding::new(&RULE, kep.file, span, message).on(&field.key, "");
        Some(finding.help("this project requires the field: write its value"))
    })
}

const fn renewal(is_gated: bool) -> Renewal {
    if is_gated { Renewal::Target } else { Renewal::Never }
}

fn missing(file: FileId, spec: &FieldSpec, field: &Field<()>) -> Option<Finding> {
    if !field.is_missing() {
        return None;
    }
    let state = if field.key.is_some() { "is empty" } else { "is missing" };
    let message = format!("the required field `{}` {state}", spec.key);
    Some(Finding::new(&RULE, file, field.missing_span(), message).on(spec.key, ""))
}
