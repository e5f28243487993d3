use super::wording::{is_nothing, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "metric-malformed",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme],
    renewal: Renewal::Never,
    summary: "An entry of `metrics` is no name of a metric",
    what: "Requires that each entry of `metrics` begins with a name that Prometheus takes: letters, digits, `_` and `:`, \
           no digit first. Labels may follow in `{`…`}` or `[`…`]`, and words after a space.",
    why: "Whoever looks the metric up in a cluster has only its name to go by.",
    example: "metrics:\n  - number of quiet hours",
    instead: "metrics:\n  - kubelet_quiet_hours_total",
    source: "https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    for entry in kep.metrics.entries() {
        let value = entry.value.as_str();
        if is_nothing(value) || context.is_placeholder(value) || is_metric(value) {
            continue;
        }
        findings.push(
            Finding::new(&RULE, kep.file, Some(entry.span), format!("{} is no name of a metric", quote(value)))
                .on("metrics", value)
                .help("write the metric's name as Prometheus has it, such as `kubelet_started_pods_total`"),
        );
    }
}

/// The part of an entry that is the metric's name.
pub(super) fn name(entry: &str) -> &str {
    entry.trim().split(|end: char| matches!(end, '{' | '[') || end.is_whitespace()).next().unwrap_or_default()
}

/// Whether an entry is a name, and behind it nothing or labels. Words after a space are let be only where the name is one that could not be
/// a word of a sentence.
pub(super) fn is_metric(entry: &str) -> bool {
    let name = name(entry);
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | ':'))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
    let is_alone = entry.trim().len() == name.len();
    is_name && (is_alone || name.contains('_'))
}
