use super::wording::{choice, is_nothing, quote, requoted};
use super::{Context, Findings, Missing, metric_malformed};
use crate::finding::Finding;
use crate::kep::{Kep, Stage};
use crate::kubernetes::{KubernetesLists, is_foreign_metric};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Spanned;
use crate::text::nearest::nearest;

pub(crate) static RULE: Rule = Rule {
    id: "metric-unknown",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::KubernetesLists, Need::Calendar],
    renewal: Renewal::Target,
    summary: "Kubernetes defines no metric of this name",
    what: "Looks up each entry of `metrics` in Kubernetes' own list. It is a warning at stable, and at beta once the \
           release is out; before, it is a notice, and so is a name without the prefix of its component. Metrics of \
           kube-state-metrics (`kube_`), CSI sidecars (`csi_`) and other programs are not in the list. A metric that \
           is in the list is defined; that does not prove that the feature updates it.",
    why: "Operators are told to watch this metric. Reviewers often find metrics that were planned but never added, \
          or added under another name.",
    source: "https://github.com/kubernetes/kubernetes/blob/master/test/instrumentation/documentation/documentation-list.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|_| !context.is_closed()) else { return };
    if kep.metrics.entries().is_empty() {
        return;
    }
    let Some(lists) = &context.external.kubernetes else {
        return findings.cannot_tell(&RULE, Missing::KubernetesLists);
    };
    let level = if is_due(context, kep, lists) { RULE.level } else { Level::Notice };
    for entry in kep.metrics.entries() {
        findings.extend(fault(context, kep, lists, entry).map(|finding| {
            let weaker = level.max(finding.level);
            finding.at_level(weaker)
        }));
    }
}

fn fault(context: &Context<'_>, kep: &Kep, lists: &KubernetesLists, entry: &Spanned<String>) -> Option<Finding> {
    let value = entry.value.as_str();
    if is_nothing(value) || context.is_placeholder(value) || !metric_malformed::is_metric(value) {
        return None;
    }
    let name = metric_malformed::name(value);
    if is_foreign_metric(name) || is_known(lists, name) {
        return None;
    }
    let finding = |message: String| Finding::new(&RULE, kep.file, Some(entry.span), message).on("metrics", value);
    match lists.with_prefix(name).as_slice() {
        [] => {
            let message = format!("Kubernetes {} defines no metric {}", lists.kubernetes, quote(name));
            let help = match nearest(name, lists.metrics.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {}?", quote(near)),
                None => "write the full name as it is in kubernetes/kubernetes".to_owned(),
            };
            Some(finding(message).help(help))
        }
        [full] => {
            let message = format!("Kubernetes calls the metric {} {}", quote(name), quote(full));
            let new = value.replacen(name, full, 1);
            let fix = requoted(context.file(kep.file), entry.span, &new);
            let finding = finding(message).at_level(Level::Notice).help(format!("write {}", quote(&new)));
            Some(finding.fix(entry.span, fix))
        }
        several => {
            let message = format!("the metric {} lacks the prefix of its component", quote(name));
            Some(finding(message).at_level(Level::Notice).help(format!("write {}", choice(several))))
        }
    }
}

/// True at stable, and at beta once its release is out and covered by the lists.
fn is_due(context: &Context<'_>, kep: &Kep, lists: &KubernetesLists) -> bool {
    match kep.target_stage() {
        Some(Stage::Stable) => true,
        Some(Stage::Beta) => kep.milestone_of(Stage::Beta).is_some_and(|(release, _)| {
            release <= lists.kubernetes && context.external.schedule.is_out(release) == Some(true)
        }),
        _ => false,
    }
}

/// True for a metric, one of the series of a histogram, or a family such as `workqueue_*`.
fn is_known(lists: &KubernetesLists, name: &str) -> bool {
    if let Some(family) = name.strip_suffix('*') {
        return lists.metrics.range(family.to_owned()..).next().is_some_and(|metric| metric.starts_with(family));
    }
    let series = ["_bucket", "_sum", "_count"].into_iter().filter_map(|suffix| name.strip_suffix(suffix));
    std::iter::once(name).chain(series).any(|name| lists.metrics.contains(name))
}
