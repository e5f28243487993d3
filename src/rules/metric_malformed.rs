use super::wording::{is_nothing, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kubernetes::metric_name;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "metric-malformed",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Never,
    summary: "An entry of `metrics` is not a metric name",
    what: "Requires each entry of `metrics` to start with a valid Prometheus name: letters, digits, `_` and `:`, \
           not starting with a digit. A name may end with `*`. Labels may follow in `{`…`}` or `[`…`]`, and words after a space.",
    why: "The name is all that an operator has to look up the metric in a cluster.",
    source: "https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|_| !context.is_closed()) else { return };
    for entry in kep.metrics.entries() {
        let value = entry.value.as_str();
        if is_nothing(value) || context.is_placeholder(value) || is_metric(value) {
            continue;
        }
        findings.push(
            Finding::new(&RULE, kep.file, Some(entry.span), format!("{} is not a metric name", quote(value)))
                .on("metrics", value)
                .help("write the Prometheus name of the metric, such as `kubelet_started_pods_total`"),
        );
    }
}

/// True if the entry is a name, alone or followed by labels. Words may follow after a space only if the name cannot be an
/// ordinary word.
pub(super) fn is_metric(entry: &str) -> bool {
    let is_alone = entry.trim().len() == metric_name(entry).len();
    // `workqueue_*` is a family of metrics.
    let name = metric_name(entry).strip_suffix("_*").unwrap_or(metric_name(entry));
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | ':'))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
    is_name && (is_alone || name.contains('_') || entry.contains("_*"))
}
