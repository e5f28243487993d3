use std::cmp::Ordering;

use super::wording::{is_nothing, milestone_key, quote};
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::{Kep, Milestone, Stage};
use crate::project::Releases;
use crate::release::did_you_mean;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: "milestone-malformed",
    family: Family::Lifecycle,
    level: Level::Error,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A milestone is not a release",
    what: "Reports milestones that are not a Kubernetes release. `1.36`, `v1.36` and `v1.36.0` are all accepted, as \
           upstream does. It is an error for `latest-milestone` and for the milestone of the target stage of an \
           active KEP; elsewhere it is a warning, and `TBD`, `N/A` or an empty value is fine. `0.0` is only allowed in \
           `latest-milestone`. Several releases for one stage are also a warning, as is a release of Kubernetes that is \
           years after the newest one in the calendar.",
    why: "A milestone that is not a release matches no release, and upstream rejects it only if it is the latest one.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/NNNN-kep-template/kep.yaml",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(kep) = context.kep() else { return };
    let latest = kep.latest_milestone.value();
    if let Some((value, span)) = latest {
        let what = ("latest-milestone", None);
        findings
            .extend(fault(context, kep, what, (value, span)).or_else(|| distant(context, kep, what.0, (value, span))));
    }
    for stage in Stage::ALL {
        if let Some((value, span)) = kep.milestone_field(stage).and_then(|field| field.value()) {
            let route = format!("milestone.{}", milestone_key(context, kep, stage));
            findings.extend(fault(context, kep, (&route, Some(stage)), (value, span)));
            // The same release twice is one mistake, and `milestone-after-latest` reports the target stage's.
            let is_target = kep.is_active() && kep.target_stage() == Some(stage);
            match kep.latest().cmp(&Milestone::parse(value)) {
                Ordering::Equal => {}
                Ordering::Less if is_target => {}
                Ordering::Less | Ordering::Greater => findings.extend(distant(context, kep, &route, (value, span))),
            }
        }
    }
}

/// The finding on one milestone; `stage` is `None` for `latest-milestone`.
fn fault(
    context: &Context<'_>,
    kep: &Kep,
    (route, stage): (&str, Option<Stage>),
    (value, span): (&str, Span),
) -> Option<Finding> {
    let is_target = kep.is_active() && (stage.is_none() || kep.target_stage() == stage);
    // `0.0` is only a `latest-milestone`, that of old KEPs.
    let is_release = Milestone::parse(value).is_some_and(|release| stage.is_none() || !release.is_exempt());
    if is_release || context.is_placeholder(value) || (!is_target && is_nothing(value)) {
        return None;
    }
    let (what, help) = match (names_several(value), stage) {
        (true, Some(stage)) => (
            "names several releases",
            format!("write only the release in which the KEP reaches {}", kep.stage_word(stage)),
        ),
        (true, None) => ("names several releases", "write only the release that the KEP targets now".to_owned()),
        (false, _) => ("is not a release", example(context, kep, stage)),
    };
    // Upstream rejects any other `latest-milestone`, and the gate does not apply to it.
    let is_error = is_target && (stage.is_none() || !names_several(value));
    let message = format!("{} in `{route}` {what}", quote(value));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on(route, value).help(help);
    Some(if is_error { finding.renewed_by(Renewal::Gate) } else { finding.at_level(Level::Warning) })
}

/// The finding on a release that is years away, such as `v1.355`.
fn distant(context: &Context<'_>, kep: &Kep, route: &str, (value, span): (&str, Span)) -> Option<Finding> {
    if context.policy.profile.releases != Releases::Kubernetes {
        return None;
    }
    let release = Milestone::parse(value)?;
    let newest = context.external.schedule.newest_long_before(release)?;
    let message = format!("`{route}` is {}, but the newest known release is {newest}", quote(value));
    let finding = Finding::new(&RULE, kep.file, Some(span), message).on(route, value).at_level(Level::Warning);
    let near = did_you_mean(release, &context.external.schedule.calendar.releases());
    let help = "correct the number, or add the dates of the release to `calendar` in .github/kepgate.yaml";
    Some(finding.help(format!("{near}{help}")))
}

/// True for a list of releases, such as `v1.21, v1.37`.
fn names_several(value: &str) -> bool {
    let is_separator = |character: char| character.is_whitespace() || matches!(character, ',' | ';' | '/' | '&');
    let words: Vec<_> = value.split(is_separator).filter(|word| !matches!(*word, "" | "and" | "or")).collect();
    words.len() > 1 && words.iter().all(|word| Milestone::parse(word).is_some())
}

/// Says how to write a release, with one of the KEP's own as an example.
fn example(context: &Context<'_>, kep: &Kep, stage: Option<Stage>) -> String {
    let of_stage = || kep.target_stage().and_then(|stage| kep.milestone_of(stage)).map(|(milestone, _)| milestone);
    let own = if stage.is_some() { kep.latest() } else { of_stage() };
    match own.or(context.external.schedule.upcoming) {
        Some(release) => format!("write a release such as \"{release}\""),
        None => "write a release as v<major>.<minor>".to_owned(),
    }
}
