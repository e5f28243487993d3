use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::field::OwnValue;
use crate::kep::fields::{self, FieldSpec, Leftover, Shape, When};
use crate::kep::kep_yaml::Value;
use crate::kep::{Kep, Stage};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "field-placeholder",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "A field still has text of the KEP template",
    what: "Reports fields that still have the template's text: `NNNN`, `KEP Template`, `sig-xyz`, `@jane.doe`, \
           `yyyy-mm-dd`, a line of choices with `|`, `MyFeature`, `my_feature_metric`, and other placeholders of the \
           repository's own template. It is an error in the title, number, SIGs, status and authors, and in what an \
           active KEP needs for its target stage: the stage, its milestone, feature gates (starting at alpha) and metrics (starting at beta). Elsewhere it is a warning.",
    why: "Template text is valid YAML, so tools treat it as real data. As a status, it makes upstream skip its \
          checks altogether.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    for (field, value) in kep.fields() {
        for (text, span) in value.texts() {
            findings.extend(leftover(context, kep, field, (text, span)));
        }
        if let Value::Milestones(milestones) = value
            && let Some((milestones, _)) = milestones.value()
        {
            for (field, stage) in fields::MILESTONE.iter().zip(Stage::ALL) {
                let text = milestones.of(stage).value();
                findings.extend(text.and_then(|(text, span)| leftover(context, kep, field, (text, span))));
            }
        }
    }
    findings.extend(kep.own.iter().filter_map(|own| own_leftover(context, kep, own)));
}

/// The finding on a field of the project's own. Another rule compares the number with that of the directory.
fn own_leftover(context: &Context<'_>, kep: &Kep, own: &OwnValue) -> Option<Finding> {
    let text = own.text.as_ref().filter(|text| context.is_placeholder(&text.value))?;
    (kep.dialect.number_key() != Some(own.key.as_str())).then(|| {
        let message = format!("{} still has the placeholder {}", quote(&own.key), quote(&text.value));
        Finding::new(&RULE, kep.file, Some(text.span), message)
            .at_level(Level::Warning)
            .on(&own.key, &text.value)
            .help(format!("write the value of {}", quote(&own.key)))
            .renewed_by(Renewal::Target)
    })
}

/// The finding on one text of a field, if it is a placeholder.
fn leftover(context: &Context<'_>, kep: &Kep, field: &FieldSpec, (text, span): (&str, Span)) -> Option<Finding> {
    let level = match field.leftover {
        Leftover::Ignored => return None,
        // The project has no use for the field.
        _ if !kep.dialect.uses(field.key) => return None,
        Leftover::Warning => Level::Warning,
        Leftover::ErrorWhenRequired if !kep.requires(field.required) => Level::Warning,
        Leftover::ErrorWhenRequired | Leftover::Error => Level::Error,
    };
    let key = field.key;
    context.is_placeholder(text).then(|| {
        Finding::new(&RULE, kep.file, Some(span), format!("`{key}` still has the placeholder {}", quote(text)))
            .at_level(level)
            .on(key, text)
            .help(kep.dialect.help(field))
            .renewed_by(renewal(kep, field))
    })
}

/// A field that is an error for any target stays old. A placeholder as status or stage is due whenever another
/// invalid word would be.
fn renewal(kep: &Kep, field: &FieldSpec) -> Renewal {
    let is_error_for_any_target = field.leftover == Leftover::Error
        || (field.leftover == Leftover::ErrorWhenRequired && field.required == When::Always);
    match field.shape {
        Shape::Status | Shape::Stage => Renewal::Gate,
        // The gate needs the fields that locate the production-readiness file.
        _ if field.locates_prr && kep.is_gated() => Renewal::Target,
        _ if is_error_for_any_target => Renewal::Never,
        _ => Renewal::Target,
    }
}
