use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, List, Stage, Text};
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "field-placeholder",
    family: Family::Yaml,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Target,
    summary: "Text of the KEP template is left in a field",
    what: "Reports fields that still hold what the template put there: `NNNN`, `KEP Template`, `sig-xyz`, \
           `@jane.doe`, `yyyy-mm-dd`, a line of choices with `|`, `MyFeature`, `my_feature_metric`, or anything else \
           of the kind in the repository's own template. It is an error for the title, the number, the SIGs, the \
           status and the authors, and for what the target stage of an active KEP requires: the stage, its \
           milestone, feature gates from alpha on, metrics from beta on. Elsewhere it is a warning.",
    why: "Template text parses, so everything that reads it takes it for an answer; as a status it switches \
          upstream's gate off altogether.",
    example: "title: KEP Template",
    instead: "title: Graceful Rollback of Deployments",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let mut report = |name: &str, value: &str, span: Span, level: Level| {
        if context.is_placeholder(value) {
            let message = format!("`{name}` still holds the template's text {}", quote(value));
            let renewal = renewal(kep, name);
            findings.push(
                Finding::new(&RULE, kep.file, Some(span), message)
                    .at_level(level)
                    .on(name, value)
                    .help(help(name))
                    .renewed_by(renewal),
            );
        }
    };
    for (name, field, level) in texts(kep) {
        if let Some((value, span)) = field.value() {
            report(name, value, span, level);
        }
    }
    for (name, list, level) in lists(kep) {
        for entry in list.entries() {
            report(name, &entry.value, entry.span, level);
        }
    }
    for gate in kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default() {
        if let Some((value, span)) = gate.value.name.value() {
            report("feature-gates", value, span, required_from(kep, Stage::Alpha));
        }
    }
}

fn texts(kep: &Kep) -> Vec<(&'static str, &Text, Level)> {
    let mut texts = vec![
        ("title", &kep.title, Level::Error),
        ("kep-number", &kep.kep_number, Level::Error),
        ("owning-sig", &kep.owning_sig, Level::Error),
        ("status", &kep.status, Level::Error),
        ("creation-date", &kep.creation_date, Level::Warning),
        ("stage", &kep.stage, when_active(kep)),
        ("latest-milestone", &kep.latest_milestone, when_active(kep)),
    ];
    for stage in Stage::ALL {
        let level = if kep.target_stage() == Some(stage) { when_active(kep) } else { Level::Warning };
        texts.extend(kep.milestone_field(stage).map(|field| (stage.word(), field, level)));
    }
    texts
}

fn lists(kep: &Kep) -> [(&'static str, &List, Level); 8] {
    [
        ("authors", &kep.authors, Level::Error),
        ("participating-sigs", &kep.participating_sigs, Level::Error),
        ("reviewers", &kep.reviewers, Level::Warning),
        ("approvers", &kep.approvers, Level::Warning),
        ("see-also", &kep.see_also, Level::Warning),
        ("replaces", &kep.replaces, Level::Warning),
        ("superseded-by", &kep.superseded_by, Level::Warning),
        ("metrics", &kep.metrics, required_from(kep, Stage::Beta)),
    ]
}

/// What is an error whatever the target stays old; the status and stage are as those that are no words at all.
fn renewal(kep: &Kep, name: &str) -> Renewal {
    match name {
        // These two decide where the approval is looked for.
        "kep-number" | "owning-sig" if kep.is_gated() => Renewal::Target,
        "title" | "kep-number" | "owning-sig" | "participating-sigs" | "authors" => Renewal::Never,
        "status" | "stage" => Renewal::File,
        _ => Renewal::Target,
    }
}

fn when_active(kep: &Kep) -> Level {
    if kep.is_active() { Level::Error } else { Level::Warning }
}

/// An error when the KEP is active and targets `first` or a later stage of maturing.
fn required_from(kep: &Kep, first: Stage) -> Level {
    let is_due = kep.target_stage().is_some_and(|stage| stage == first || first.is_before(stage));
    if kep.is_active() && is_due { Level::Error } else { Level::Warning }
}

fn help(name: &str) -> &'static str {
    match name {
        "title" => "write the KEP's title",
        "kep-number" => "write the number of the KEP's tracking issue",
        "owning-sig" => "write the SIG whose directory the KEP stands in",
        "participating-sigs" | "see-also" | "replaces" | "superseded-by" => "write the real ones, or delete the entry",
        "status" => "choose one: provisional, implementable, implemented, deferred, rejected, withdrawn, replaced",
        "stage" => "choose one: alpha, beta, stable, or deprecated, disabled, removed",
        "creation-date" => "write the day on which the KEP was begun, as YYYY-MM-DD",
        "feature-gates" => "name the KEP's feature gate and its components, or delete the entry",
        "metrics" => "name a metric that tells an operator of the feature's health, or delete the entry",
        "authors" | "reviewers" | "approvers" => "write the handle of a person",
        _ => "write a release, such as \"v1.36\"",
    }
}
