use super::wording::{all_of, is_nothing};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Field, Kep, Stage, stage};
use crate::questionnaire::readme::Answer;
use crate::questionnaire::template::AnsweredField;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "feature-gates-missing",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Target,
    summary: "A gated KEP does not name a feature gate",
    what: "Requires a gated KEP to name at least one feature gate in `feature-gates`, starting at alpha. `None` and `N/A` do not \
           count. If the README selects `Other` as the way to enable the feature, and no feature gate, the KEP does \
           not need one.",
    why: "The template requires it at alpha, and it tells readers which KEP a feature gate belongs to.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some((kep, stage)) = due(context).filter(|(kep, _)| kep.dialect.requires("feature-gates")) else { return };
    let is_otherwise = context.readme().is_some_and(|readme| readme.enabled_otherwise.is_some());
    let is_named_elsewhere = is_otherwise || !kep.feature_gates.is_known() || kep.is_misspelt("feature-gates");
    let Some(place) = place(kep).filter(|_| !is_named_elsewhere) else { return };
    let gates = kep.feature_gates.value().map_or(&[][..], |(gates, _)| gates.as_slice());
    let fault = names_nothing(gates.iter().map(|gate| gate.value.name.text()));
    let message = format!("`feature-gates` {fault}, but {} requires at least one", kep.stage_word(stage));
    let help = "add the feature gate with its `name` and `components`; if the KEP has none, select `Other` in the README and \
                describe how to enable the feature";
    findings.push(labeled(
        context,
        Finding::new(&RULE, kep.file, place.0, message).on("feature-gates", "").help(help),
        AnsweredField::FeatureGates,
    ));
}

/// What is wrong with a list that names nothing: it is empty, or has only words such as `none`.
pub(super) fn names_nothing<'a>(entries: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in entries.map(str::trim).filter(|word| !word.is_empty()) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() { "is empty".to_owned() } else { format!("lists only {}", all_of(&words)) }
}

/// Where to point for a field that is not filled in: its value, a nearby key, or the whole file.
pub(super) struct Place(pub(super) Option<Span>);

/// Returns where to point, or `None` if a gate is named.
fn place(kep: &Kep) -> Option<Place> {
    let Some((gates, _)) = kep.feature_gates.value() else { return missing(kep, &kep.feature_gates) };
    let first = gates.first()?;
    gates.iter().all(|gate| is_nothing(gate.value.name.text())).then(|| {
        let name = &first.value.name;
        Place(name.value().map(|(_, span)| span).or(name.missing_span()).or(Some(first.span)))
    })
}

/// Returns where to point for a field that is absent or empty, or `None` if it has a value.
pub(super) fn missing<T>(kep: &Kep, field: &Field<T>) -> Option<Place> {
    field.is_missing().then(|| Place(field.missing_span().or(kep.stage.key)))
}

/// Returns the KEP and its target stage if the KEP is gated and maturing, and the change affects which answers are due.
pub(super) fn due<'a>(context: &Context<'a>) -> Option<(&'a Kep, Stage)> {
    let kep = context
        .kep()
        .filter(|kep| kep.is_gated() && context.affects_answers() && !context.targets_shipped_release())?;
    let stage = kep.target_stage().filter(|stage| stage.family() == stage::Family::Maturing)?;
    Some((kep, stage))
}

/// Adds a label on the README question that corresponds to the field, if it has an answer other than `N/A`.
pub(super) fn labeled(context: &Context<'_>, finding: Finding, field: AnsweredField) -> Finding {
    let outline = context.policy.outline();
    let answered =
        context.readme().zip(outline).and_then(|(readme, outline)| Some((readme, readme.answer_to(field, outline)?)));
    match answered {
        Some((readme, answered)) if answered.answer == Answer::Given => {
            finding.label(readme.file, answered.heading, "the README answers this here")
        }
        _ => finding,
    }
}
