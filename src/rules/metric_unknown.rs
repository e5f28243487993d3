use super::feature_gate_unknown::{checks_names, goes_on, lists_due};
use super::wording::{choice, is_nothing, quote, requoted};
use super::{Context, Findings, Missing, metric_malformed};
use crate::finding::Finding;
use crate::kep::{Kep, Stage};
use crate::kubernetes::{KubernetesLists, MetricPresence, metric_name};
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::text::Spanned;

pub(crate) static RULE: Rule = Rule {
    id: "metric-unknown",
    family: Family::Readme,
    level: Level::Warning,
    enabled: true,
    needs: &[Need::KubernetesLists, Need::Calendar],
    renewal: Renewal::Target,
    summary: "Kubernetes defines no metric of this name",
    what: "Looks up each entry of `metrics` in Kubernetes' own list. It is a warning at stable, and at beta once the \
           release is out, unless the KEP stays at beta for another one. Otherwise it is a notice, and so is a name \
           without the prefix of its component. Metrics of \
           kube-state-metrics (`kube_`), CSI sidecars (`csi_`) and other programs are not in the list. A metric that \
           is in the list is defined; that does not prove that the feature updates it.",
    why: "Operators are told to watch this metric. Reviewers often find metrics that were planned but never added, \
          or added under another name.",
    source: "https://github.com/kubernetes/kubernetes/blob/master/test/instrumentation/documentation/documentation-list.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep().filter(|kep| checks_names(context, kep)) else { return };
    if !kep.metrics.entries().iter().any(|entry| is_name(context, &entry.value)) {
        return;
    }
    let lists = match context.kubernetes() {
        Ok(lists) => lists,
        Err(missing) => return findings.cannot_tell(&RULE, missing),
    };
    if let (_, Some(release)) = lists_due(context, kep, lists) {
        findings.cannot_tell(&RULE, Missing::NewerLists { release, lists: lists.kubernetes });
    }
    let level = if is_due(context, kep, lists) { RULE.level } else { Level::Notice };
    for entry in kep.metrics.entries().iter().filter(|entry| is_name(context, &entry.value)) {
        findings.extend(fault(context, kep, lists, entry).map(|finding| {
            let weaker = level.max(finding.level);
            finding.at_level(weaker)
        }));
    }
}

fn is_name(context: &Context<'_>, value: &str) -> bool {
    !is_nothing(value) && !context.is_placeholder(value) && metric_malformed::is_metric(value)
}

fn fault(context: &Context<'_>, kep: &Kep, lists: &KubernetesLists, entry: &Spanned<String>) -> Option<Finding> {
    let value = entry.value.as_str();
    let name = metric_name(value);
    let finding = |message: String| Finding::new(&RULE, kep.file, Some(entry.span), message).on("metrics", value);
    match lists.metric_presence(name) {
        MetricPresence::Listed | MetricPresence::Elsewhere => None,
        MetricPresence::Unknown => {
            let message = format!("Kubernetes {} defines no metric {}", lists.kubernetes, quote(name));
            let help = match lists.similar_metric(name) {
                Some(near) => format!("did you mean {}?", quote(near)),
                None => "write the full name that kubernetes/kubernetes uses".to_owned(),
            };
            Some(finding(message).help(help))
        }
        MetricPresence::WithoutPrefix(full) => Some(match full.as_slice() {
            [full] => {
                let message = format!("Kubernetes calls the metric {} {}", quote(name), quote(full));
                let new = value.replacen(name, full, 1);
                let fix = requoted(context.file(kep.file), entry.span, &new);
                let finding = finding(message).at_level(Level::Notice).help(format!("write {}", quote(&new)));
                finding.fix(entry.span, fix)
            }
            several => {
                let message = format!("the metric {} lacks the prefix of its component", quote(name));
                finding(message).at_level(Level::Notice).help(format!("write {}", choice(several)))
            }
        }),
    }
}

/// True at stable, and at beta once its release is out and covered by the lists, unless beta goes on.
fn is_due(context: &Context<'_>, kep: &Kep, lists: &KubernetesLists) -> bool {
    match kep.target_stage() {
        Some(Stage::Stable) => true,
        Some(Stage::Beta) => kep.milestone_of(Stage::Beta).is_some_and(|(release, _)| {
            let is_out = context.external.schedule.is_out(release) == Some(true);
            release <= lists.kubernetes && is_out && !goes_on(context, kep, (Stage::Beta, release))
        }),
        _ => false,
    }
}
