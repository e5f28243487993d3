use super::feature_gates_missing::{Place, due, labeled, missing};
use super::wording::{all_of, is_nothing};
use super::{Context, Findings, metric_malformed};
use crate::finding::Finding;
use crate::kep::{Kep, Stage, State};
use crate::questionnaire::template::AnsweredField;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "metrics-missing",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Stage,
    summary: "A gated KEP does not name a metric at beta or stable",
    what: "Requires at least one name in `metrics` for a gated KEP that targets beta or stable. `None` and `N/A` do \
           not count. If the author states that there is none (`[]`, `None` or `N/A`, here or as the answer in the \
           README) and the README names no metric either, that is only a notice. A KEP that stays in its stage for \
           another release is not asked again.",
    why: "This is what production-readiness reviewers most often find missing. Operators rely on metrics; without \
          one, they cannot see that a feature fails.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some((kep, stage)) = due(context).filter(|(kep, stage)| *stage != Stage::Alpha && kep.dialect.uses("metrics"))
    else {
        return;
    };
    let Some(place) = place(kep).filter(|_| !kep.is_misspelt("metrics")) else { return };
    let message = format!("`metrics` is empty, but {stage} requires at least one");
    let is_excused = !names_metric(context) && (states_none(context, kep) || is_not_applicable(context));
    let level = if is_excused { Level::Notice } else { RULE.level };
    findings.push(labeled(
        context,
        Finding::new(&RULE, kep.file, place.0, message).at_level(level).on("metrics", "").help(help(context)),
        AnsweredField::Metrics,
    ));
}

fn help(context: &Context<'_>) -> String {
    const MAX_NAMED: usize = 5;
    let mut names: Vec<_> =
        context.readme().map(|readme| readme.metrics.as_slice()).unwrap_or_default().iter().collect();
    names.sort_by_key(|name| name.span);
    let mut names: Vec<_> = names.into_iter().map(|name| name.value.as_str()).collect();
    names.dedup();
    names.truncate(MAX_NAMED);
    if names.is_empty() {
        return "list the metrics from the README that show whether the feature is in use and working".to_owned();
    }
    format!("list the metrics that the README names: {}", all_of(&names))
}

/// True if the README answers the question about metrics with one: in the template's field, or in its own words.
fn names_metric(context: &Context<'_>) -> bool {
    let (Some(readme), Some(outline)) = (context.readme(), &context.policy.outline) else { return false };
    let text = context.file(readme.file).text();
    let is_metric = |code: Span| {
        let name = text[code].trim_matches('`');
        name.matches('_').count() > 1 && metric_malformed::is_metric(name)
    };
    !readme.metrics.is_empty() || readme.code_in_answer(AnsweredField::Metrics, outline).any(is_metric)
}

/// True if the author wrote that there is no metric (`[]`, `None`, `N/A`), rather than forgot the field or left it for
/// later.
fn states_none(context: &Context<'_>, kep: &Kep) -> bool {
    match &kep.metrics.state {
        State::Empty(span) => !span.is_empty() && context.text(kep.file, *span).starts_with('['),
        State::Value(entries, _) => {
            entries.iter().all(|entry| matches!(entry.value.trim().to_lowercase().as_str(), "none" | "n/a" | "na"))
        }
        State::Absent | State::Broken => false,
    }
}

/// True if the README's answer is that metrics do not apply.
fn is_not_applicable(context: &Context<'_>) -> bool {
    let (Some(readme), Some(outline)) = (context.readme(), &context.policy.outline) else { return false };
    readme.is_not_applicable(AnsweredField::Metrics, outline)
}

/// Returns where to point, or `None` if a metric is named.
fn place(kep: &Kep) -> Option<Place> {
    let Some((metrics, _)) = kep.metrics.value() else { return missing(kep, &kep.metrics) };
    let first = metrics.first()?;
    metrics.iter().all(|metric| is_nothing(&metric.value)).then_some(Place(Some(first.span)))
}
