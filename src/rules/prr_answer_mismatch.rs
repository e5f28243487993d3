use std::collections::BTreeSet;

use super::wording::{is_nothing, quote};
use super::{Context, Findings, Missing, feature_gate_malformed, metric_malformed};
use crate::finding::Finding;
use crate::kep::{Kep, Stage};
use crate::kubernetes::metric_name;
use crate::questionnaire::Readme;
use crate::questionnaire::names::is_shared_metric;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::{Span, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "prr-answer-mismatch",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::Readme, Need::Template, Need::ProductionReadiness],
    renewal: Renewal::Target,
    summary: "The README and `kep.yaml` name different feature gates or metrics",
    what: "Compares the names after `Feature gate name:` and `Metric name:` in the README of an active KEP with \
           `feature-gates` and `metrics` in its `kep.yaml`, in both directions. If one side lists none, the rules \
           about missing fields or unanswered questions report it instead; but at alpha, `TODO` in `metrics` is also compared with the README. A name from `kep.yaml` may appear \
           anywhere in the README. Metrics may lack the prefix of their component. Metrics that many components or \
           KEPs share, such as `workqueue_depth` and `apiserver_request_total`, are not compared; kepgate has a \
           list of these families.",
    why: "Operators read the README, and tools read `kep.yaml`. A name that appears in only one of them is usually \
          a typo, or was forgotten when the code was renamed.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/README.md",
};

/// A kind of name: what it is called, its field, and how names are compared.
struct Kind {
    noun: &'static str,
    field: &'static str,
    is_same: fn(&str, &str) -> bool,
    is_shared: fn(&str) -> bool,
}

const GATE: Kind = Kind { noun: "feature gate", field: "feature-gates", is_same: str::eq, is_shared: |_| false };
const METRIC: Kind = Kind { noun: "metric", field: "metrics", is_same: is_same_metric, is_shared: is_shared_metric };

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.due_readme() else { return };
    if context.policy.outline().is_none() {
        findings.cannot_tell(&RULE, Missing::Template);
    }
    let Some(kep) = context.kep().filter(|kep| kep.is_active()) else { return };
    let [mut gates, mut metrics] = [gates(kep), metrics(kep)];
    // Malformed names and template text have their own findings.
    let is_real = |(name, _): &Name<'_>| !is_nothing(name) && !context.is_placeholder(name);
    gates.retain(|gate| is_real(gate) && feature_gate_malformed::is_gate(gate.0));
    metrics.retain(|metric| is_real(metric) && metric_malformed::is_metric(metric.0));
    for (name, _) in &mut metrics {
        *name = metric_name(name);
    }
    let text = context.file(readme.file).text();
    let kinds = [
        (&GATE, gates, kep.feature_gates.is_known(), &readme.gates),
        (&METRIC, metrics, kep.metrics.is_known(), &readme.metrics),
    ];
    for (kind, listed, is_known, answered) in kinds {
        let is_empty = listed.is_empty() && !(kind.field == METRIC.field && leaves_metrics_for_later(kep));
        if is_empty || answered.is_empty() {
            continue;
        }
        let both = Both { kep, readme, text, kind, listed: &listed, answered };
        if is_known {
            findings.extend(both.only_in_readme());
        }
        findings.extend(both.only_in_kep());
    }
}

/// True if `metrics` has only entries such as `TODO`, and the stage does not require it yet, so that no other rule
/// reports it.
fn leaves_metrics_for_later(kep: &Kep) -> bool {
    kep.target_stage() == Some(Stage::Alpha) && !kep.metrics.entries().is_empty()
}

/// A name and its location.
type Name<'a> = (&'a str, Span);

/// The names of one kind on both sides.
struct Both<'a> {
    kep: &'a Kep,
    readme: &'a Readme,
    text: &'a str,
    kind: &'a Kind,
    /// The names in `kep.yaml`.
    listed: &'a [Name<'a>],
    /// The names in the answers.
    answered: &'a [Spanned<String>],
}

impl Both<'_> {
    fn is_listed(&self, name: &str) -> bool {
        self.listed.iter().any(|(listed, _)| (self.kind.is_same)(listed, name))
    }

    fn only_in_readme(&self) -> Vec<Finding> {
        let mut seen = BTreeSet::new();
        let is_missing = |name: &&Spanned<String>| !self.is_listed(&name.value) && !(self.kind.is_shared)(&name.value);
        let missing = self.answered.iter().filter(is_missing).filter(|name| seen.insert(name.value.as_str()));
        missing.map(|name| self.misspelt(name).unwrap_or_else(|| self.unlisted(name))).collect()
    }

    fn unlisted(&self, name: &Spanned<String>) -> Finding {
        let Kind { noun, field, .. } = self.kind;
        let message = format!("the {noun} {} is not in `{field}` of `kep.yaml`", quote(&name.value));
        let list = self.listed.first().map(|(_, span)| *span);
        Finding::new(&RULE, self.readme.file, Some(name.span), message)
            .on(format!("readme.{field}"), &name.value)
            .help(format!("use the same name in both files, or add it to `{field}`"))
            .label(self.kep.file, list, format!("`{field}` of `kep.yaml`"))
    }

    /// The finding for a name that `kep.yaml` has with other capital letters.
    fn misspelt(&self, name: &Spanned<String>) -> Option<Finding> {
        let Kind { noun, field, .. } = self.kind;
        let (listed, span) = self.listed.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(&name.value))?;
        let (one, other) = (quote(&name.value), quote(listed));
        let mut finding = Finding::new(
            &RULE,
            self.readme.file,
            Some(name.span),
            format!("the {noun} {one} is capitalized differently in `kep.yaml`, as {other}"),
        )
        .on(format!("readme.{field}"), &name.value)
        .help(format!("write {other}, or correct `{field}` of `kep.yaml`"))
        .label(self.kep.file, Some(*span), format!("`{field}` of `kep.yaml`"));
        for same in self.answered.iter().filter(|it| it.value == name.value) {
            finding = finding.fix(same.span, *listed);
        }
        Some(finding)
    }

    fn only_in_kep(&self) -> Vec<Finding> {
        let Kind { noun, field, is_shared, .. } = self.kind;
        let missing = self.listed.iter().filter(|(name, _)| !is_shared(name) && !self.is_in_readme(name));
        let first = self.answered.first().map(|name| name.span);
        let findings = missing.map(|(name, span)| {
            let message = format!("the {noun} {} is not in the README", quote(name));
            Finding::new(&RULE, self.kep.file, Some(*span), message)
                .on(*field, *name)
                .help("use the same name in both files, or add it to the answer in the README")
                .label(self.readme.file, first, format!("the README names {noun}s from here on"))
        });
        findings.collect()
    }

    /// True if the name is anywhere in the README, or an answer has it in other capital letters.
    fn is_in_readme(&self, name: &str) -> bool {
        self.text.contains(name)
            || (self.kind.field == METRIC.field && short_names(name).any(|short| has_word(self.text, short)))
            || self
                .answered
                .iter()
                .any(|it| it.value.eq_ignore_ascii_case(name) || (self.kind.is_same)(name, &it.value))
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

/// The name of a metric without the prefix of its component, as far as what is left still tells it from other metrics.
fn short_names(name: &str) -> impl Iterator<Item = &str> {
    /// `kubelet_imagemanager_` is a prefix of two words.
    const MAX_PREFIX_WORDS: usize = 2;
    let without_prefix = name.match_indices('_').take(MAX_PREFIX_WORDS).map(|(at, _)| &name[at + 1..]);
    without_prefix.filter(|short| short.matches('_').count() > 1)
}

/// True if the text has the name as a whole, not as the end of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| !text[..at].ends_with(|it: char| it.is_ascii_alphanumeric() || it == '_'))
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

#[cfg(test)]
mod tests {
    use super::{has_word, is_same_metric, short_names};

    #[test]
    fn only_long_names_are_recognized_without_the_prefix_of_their_component() {
        let short = |name| short_names(name).collect::<Vec<_>>();
        assert_eq!(short("naps_total"), Vec::<&str>::new());
        assert_eq!(short("kubelet_naps_total"), Vec::<&str>::new());
        assert_eq!(short("kubelet_long_naps_total"), ["long_naps_total"]);
        assert_eq!(short("kubelet_image_long_naps_total"), ["image_long_naps_total", "long_naps_total"]);
        assert_eq!(short("kubelet_image_very_long_naps_total").len(), 2, "a prefix has at most two words");
    }

    #[test]
    fn the_end_of_a_longer_name_is_another_one() {
        for text in ["long_naps", "see long_naps.", "kube long_naps_total", "`long_naps`", "no_long_naps, long_naps"] {
            assert!(has_word(text, "long_naps"), "{text}");
        }
        for text in ["", "naps", "no_long_naps", "0long_naps", "oblong_naps"] {
            assert!(!has_word(text, "long_naps"), "{text}");
        }
    }

    #[test]
    fn suffixes_of_series_and_whole_prefixes_do_not_make_another_metric() {
        for (one, other) in
            [("naps", "naps"), ("naps_total", "naps"), ("kubelet_naps_bucket", "naps_sum"), ("naps", "a_naps_count")]
        {
            assert!(is_same_metric(one, other) && is_same_metric(other, one), "{one}, {other}");
        }
        for (one, other) in [("naps", "catnaps"), ("naps_seconds", "naps"), ("kubelet_naps", "apiserver_naps")] {
            assert!(!is_same_metric(one, other) && !is_same_metric(other, one), "{one}, {other}");
        }
    }
}
