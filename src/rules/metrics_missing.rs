use super::feature_gates_missing::{Place, due, labeled, missing};
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
    what: "Requires at least one name in `metrics` for a gated KEP that targets beta or stable. `None` and `N/A` do \
           not count.",
    why: "This is what production-readiness reviewers most often find missing. Operators rely on metrics; without \
          one, they cannot see that a feature fails.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some((kep, stage)) = due(context).filter(|(_, stage)| *stage != Stage::Alpha) else { return };
    let Some(place) = place(kep).filter(|_| !kep.is_misspelt("metrics")) else { return };
    let message = format!("`metrics` is empty, but {stage} requires at least one");
    findings.push(labeled(
        context,
        Finding::new(&RULE, kep.file, place.0, message)
            .on("metrics", "")
            .help("list the metrics from the README that show whether the feature is in use and working"),
        AnsweredField::Metrics,
    ));
}

/// Returns where to point, or `None` if a metric is named.
fn place(kep: &Kep) -> Option<Place> {
    let Some((metrics, _)) = kep.metrics.value() else { return missing(kep, &kep.metrics) };
    let first = metrics.first()?;
    metrics.iter().all(|metric| is_nothing(&metric.value)).then_some(Place(Some(first.span)))
}
