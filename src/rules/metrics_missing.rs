use super::feature_gates_missing::{Place, asked, labelled, missing};
use super::wording::is_nothing;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Stage};
use crate::questionnaire::template::AnsweredField;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "metrics-missing",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Target,
    summary: "A gated KEP names no metric at beta or stable",
    what: "Requires `metrics` with a name in it for a gated KEP that targets beta or stable; `None` and `N/A` are no \
           name.",
    why: "The reviewers of production readiness miss nothing as often: an operator watches metrics, and a feature \
          without one cannot be seen to fail.",
    cases: include_str!("../../fixtures/rules/metrics-missing.md"),
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some((kep, stage)) = asked(context).filter(|(_, stage)| *stage != Stage::Alpha) else { return };
    let Some(place) = place(kep).filter(|_| !kep.is_misspelt("metrics")) else { return };
    let message = format!("`metrics` names none, and the KEP targets {stage}");
    findings.push(labelled(
        context,
        Finding::new(&RULE, kep.file, place.0, message)
            .on("metrics", "")
            .help("name the metrics that tell an operator whether the feature is in use and well, as the README does"),
        AnsweredField::Metrics,
    ));
}

/// Where to point; `None` when a metric is named.
fn place(kep: &Kep) -> Option<Place> {
    let Some((metrics, _)) = kep.metrics.value() else { return missing(kep, &kep.metrics) };
    let first = metrics.first()?;
    metrics.iter().all(|metric| is_nothing(&metric.value)).then_some(Place(Some(first.span)))
}
