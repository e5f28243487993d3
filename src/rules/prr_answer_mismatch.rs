use std::collections::BTreeSet;

use super::wording::{is_nothing, quote};
use super::{Context, Findings, Missing, feature_gate_malformed, metric_malformed};
use crate::finding::Finding;
use crate::kep::Kep;
use crate::questionnaire::Readme;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::{Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "prr-answer-mismatch",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme, Need::Template],
    renewal: Renewal::Target,
    summary: "The README and `kep.yaml` name different feature gates or metrics",
    what: "Compares the names after `Feature gate name:` and `Metric name:` in the README of an active KEP with \
           `feature-gates` and `metrics` in its `kep.yaml`, in both directions. If one side lists none, the rules \
           about missing fields or unanswered questions report it instead. A name from `kep.yaml` may appear \
           anywhere in the README.",
    why: "Operators read the README, and tools read `kep.yaml`. A name that appears in only one of them is usually \
          a typo, or was forgotten when the code was renamed.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

/// A kind of name: what it is called, its field, and how two names are compared.
struct Kind {
    noun: &'static str,
    field: &'static str,
    is_same: fn(&str, &str) -> bool,
}

const GATE: Kind = Kind { noun: "feature gate", field: "feature-gates", is_same: |one, other| one == other };
const METRIC: Kind = Kind { noun: "metric", field: "metrics", is_same: is_same_metric };

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.readme() else { return };
    if context.policy.outline.is_none() {
        findings.cannot_tell(&RULE, Missing::Template);
    }
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    let [mut gates, mut metrics] = [gates(kep), metrics(kep)];
    // Malformed names and template text have their own findings.
    let is_real = |(name, _): &Name<'_>| !is_nothing(name) && !context.is_placeholder(name);
    gates.retain(|gate| is_real(gate) && feature_gate_malformed::is_gate(gate.0));
    metrics.retain(|metric| is_real(metric) && metric_malformed::is_metric(metric.0));
    for (name, _) in &mut metrics {
        *name = metric_malformed::name(name);
    }
    compare(context, (readme, kep), &GATE, (&gates, &readme.gates), findings);
    compare(context, (readme, kep), &METRIC, (&metrics, &readme.metrics), findings);
}

/// A name and its location.
type Name<'a> = (&'a str, Span);

fn compare(
    context: &Context<'_>,
    (readme, kep): (&Readme, &Kep),
    kind: &Kind,
    (listed, answered): (&[Name<'_>], &[Spanned<String>]),
    findings: &mut Findings,
) {
    let (Some((_, list)), Some(first)) = (listed.first(), answered.first()) else { return };
    let Kind { noun, field, is_same } = kind;
    let mut seen = BTreeSet::new();
    for name in answered {
        let is_listed = listed.iter().any(|(listed, _)| is_same(listed, &name.value));
        if is_listed || !seen.insert(&name.value) {
            continue;
        }
        let shown = quote(&name.value);
        findings.push(
            Finding::new(
                &RULE,
                readme.file,
                Some(name.span),
                format!("the {noun} {shown} is not in `{field}` of `kep.yaml`"),
            )
            .on(format!("readme.{field}"), &name.value)
            .help(format!("use the same name in both files, or add it to `{field}`"))
            .label(kep.file, Some(*list), format!("`{field}` of `kep.yaml`")),
        );
    }
    let text = context.file(readme.file).text();
    for (name, span) in listed.iter().filter(|(name, _)| !text.contains(name)) {
        findings.push(
            Finding::new(&RULE, kep.file, Some(*span), format!("the {noun} {} is not in the README", quote(name)))
                .on(*field, *name)
                .help("use the same name in both files, or add it to the answer in the README")
                .label(readme.file, Some(first.span), format!("the README names this {noun}")),
        );
    }
}

fn gates(kep: &Kep) -> Vec<Name<'_>> {
    let gates = kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    let named = gates.iter().filter_map(|gate| gate.value.name.value());
    named.map(|(name, span)| (name.as_str(), span)).collect()
}

fn metrics(kep: &Kep) -> Vec<Name<'_>> {
    kep.metrics.entries().iter().map(|entry| (entry.value.as_str(), entry.span)).collect()
}

/// True if two names mean the same metric, ignoring suffixes such as `_bucket` and a component's name as prefix.
fn is_same_metric(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|name| {
        ["_bucket", "_count", "_sum", "_total"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
    });
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|front| front.is_empty() || front.ends_with('_'))
    };
    ends(one, other) || ends(other, one)
}
