use super::feature_gates_missing::{Place, due, labeled, missing, names_nothing};
use super::wording::{all_of, is_nothing};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Stage, State};
use crate::questionnaire::readme::Answer;
use crate::questionnaire::template::AnsweredField;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "metrics-missing",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Stage,
    summary: "A gated KEP does not name a metric at beta or stable",
    what: "Requires at least one name in `metrics` for a gated KEP that targets beta or stable. `None` and `N/A` do \
           not count. If the author states that there is none (`[]`, `None` or `N/A` here, or an answer in the README \
           such as `N/A, …` or `There are no metrics that …`) and the README names no metric either, that is only a \
           notice. A KEP that stays in its stage for \
           another release is not asked again.",
    why: "This is what production-readiness reviewers most often find missing. Operators rely on metrics; without \
          one, they cannot see that a feature fails.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some((kep, stage)) =
        due(context).filter(|(kep, stage)| *stage != Stage::Alpha && kep.dialect.requires("metrics"))
    else {
        return;
    };
    if describes_no_feature(context, kep) {
        return;
    }
    let Some(place) = place(kep).filter(|_| kep.metrics.is_known() && !kep.is_misspelt("metrics")) else { return };
    let fault = names_nothing(kep.metrics.entries().iter().map(|metric| metric.value.as_str()));
    let message = format!("`metrics` {fault}, but {} requires at least one", kep.stage_word(stage));
    let finding = Finding::new(&RULE, kep.file, place.0, message).on("metrics", "");
    let readme = context.readme().zip(context.policy.outline()).map(|(readme, outline)| {
        let text = context.file(readme.file).text();
        (readme.names_metric(text, outline), readme.states_no_metric(text, outline))
    });
    let (names_metric, readme_states_none) = readme.unwrap_or_default();
    findings.push(if readme_states_none || (!names_metric && states_none(context, kep)) {
        let help = "list a metric that shows whether the feature is in use and working; if there is none, say why in the README";
        finding.at_level(Level::Notice).help(help)
    } else {
        labeled(context, finding.help(help(context)), AnsweredField::Metrics)
    });
}

fn help(context: &Context<'_>) -> String {
    const MAX_NAMED: usize = 5;
    let readme = context.readme().zip(context.policy.outline());
    let mut names = readme
        .map_or_else(Vec::new, |(readme, outline)| readme.metric_names(context.file(readme.file).text(), outline));
    names.truncate(MAX_NAMED);
    if names.is_empty() {
        return "list the metrics from the README that show whether the feature is in use and working".to_owned();
    }
    format!("list the metrics that the README names: {}", all_of(&names))
}

/// True if the KEP has no feature gate, and its README has nothing of the questionnaire, which `readme-section-missing`
/// reports. Such a KEP is about a process, which has no metrics.
fn describes_no_feature(context: &Context<'_>, kep: &Kep) -> bool {
    let Some(readme) = context.readme().filter(|_| context.policy.outline().is_some()) else { return false };
    let mut parts = readme.sections.iter().filter(|reply| !reply.answers.is_empty());
    let is_absent = parts
        .all(|reply| reply.heading.is_none() && reply.answers.iter().all(|answered| answered.answer == Answer::Absent));
    is_absent && kep.feature_gates.value().is_none_or(|(gates, _)| gates.is_empty())
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

/// Returns where to point, or `None` if a metric is named.
fn place(kep: &Kep) -> Option<Place> {
    let Some((metrics, _)) = kep.metrics.value() else { return missing(kep, &kep.metrics) };
    let first = metrics.first()?;
    metrics.iter().all(|metric| is_nothing(&metric.value)).then_some(Place(Some(first.span)))
}
