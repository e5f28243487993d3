//! The settings with which a configuration checks less than another one, or something else.

use super::{Config, Ignore};
use crate::kep::Milestone;
use crate::project::{ProductionReadiness, ProfileKind, ProjectSettings};
use crate::release::Calendar;
use crate::rule::{FailOn, Level, Rule};

/// Each setting with which `head` may check less than `base`, as a clause. Under `base`, a repository has the profile
/// `kind`. [`changed_settings`] has those of the project.
pub(super) fn by(head: &Config, base: &Config, rules: &[&'static Rule], kind: ProfileKind) -> Vec<String> {
    let mut weakened = Vec::new();
    if strictness(head.fail_on) < strictness(base.fail_on) {
        let word = if head.fail_on == Some(FailOn::Never) { "never" } else { "error" };
        weakened.push(format!("`fail-on` becomes `{word}`"));
    }
    if head.project.profile == Some(ProfileKind::Plain) && kind != ProfileKind::Plain {
        weakened.push("`project.profile` becomes `plain`".to_owned());
    }
    let level = |config: &Config, rule: &Rule| config.runs(rule).then(|| config.level(rule));
    for rule in rules {
        let (old, new) = (level(base, rule), level(head, rule));
        if is_weaker(old, new) {
            weakened.push(format!("`{}` becomes `{}`", rule.id, new.map_or("off", Level::word)));
        }
    }
    if !head.ignore.iter().all(|new| base.ignore.iter().any(|old| new.is_within(old))) {
        let has_new_reason = |new: &Ignore| base.ignore.iter().all(|old| old.reason != new.reason);
        let what = if head.ignore.iter().any(has_new_reason) { "has a new entry" } else { "covers more" };
        weakened.push(format!("`ignore` {what}"));
    }
    if head.inline_ignore && !base.inline_ignore {
        weakened.push("`inline-ignore` is turned on".to_owned());
    }
    for (key, old, new) in [
        ("approvers", &base.groups.approvers, &head.groups.approvers),
        ("emeritus", &base.groups.emeritus, &head.groups.emeritus),
        ("sig-node-tech-leads", &base.groups.sig_node_tech_leads, &head.groups.sig_node_tech_leads),
    ] {
        if old != new {
            weakened.push(format!("`aliases.{key}` changes"));
        }
    }
    if base.upcoming_release != head.upcoming_release && !is_next(base.upcoming_release, head.upcoming_release) {
        weakened.push("`upcoming-release` changes".to_owned());
    }
    if !keeps_dates(&base.calendar, &head.calendar) {
        weakened.push("`calendar` changes known dates".to_owned());
    }
    if base.kubernetes_lists.is_some() && base.kubernetes_lists != head.kubernetes_lists {
        weakened.push("`kubernetes-lists` changes".to_owned());
    }
    weakened
}

/// The keys of `project` with which `new` may check less than `old`, or something else. `profile` is left out.
pub(super) fn changed_settings(old: &ProjectSettings, new: &ProjectSettings) -> Vec<&'static str> {
    let ProjectSettings {
        profile: _,
        root,
        metadata,
        template,
        has_sig_folders,
        sigs,
        production_readiness,
        releases,
        statuses,
        stages,
        fields,
        has_at,
        table_of_contents,
    } = new;
    let no_longer_asks = old.production_readiness != Some(ProductionReadiness::None);
    let settings = [
        ("root", *root != old.root),
        ("metadata", *metadata != old.metadata),
        ("template", *template != old.template),
        ("directory", *has_sig_folders != old.has_sig_folders),
        ("sigs", *sigs != old.sigs),
        ("production-readiness", *production_readiness != old.production_readiness && no_longer_asks),
        ("releases", *releases != old.releases),
        ("statuses", *statuses != old.statuses),
        ("stages", *stages != old.stages),
        ("fields", *fields != old.fields),
        ("handles", *has_at != old.has_at),
        ("table-of-contents", *table_of_contents != old.table_of_contents),
    ];
    settings.into_iter().filter(|(_, changes)| *changes).map(|(key, _)| key).collect()
}

fn strictness(fail_on: Option<FailOn>) -> u8 {
    match fail_on {
        Some(FailOn::Notices) => 3,
        Some(FailOn::Warnings) => 2,
        Some(FailOn::Errors) | None => 1,
        Some(FailOn::Never) => 0,
    }
}

fn is_weaker(old: Option<Level>, new: Option<Level>) -> bool {
    match (old, new) {
        (Some(_), None) => true,
        // Levels are in the order of their severity, the most serious first.
        (Some(old), Some(new)) => new > old,
        (None, _) => false,
    }
}

/// True if the work on the next release begins.
fn is_next(old: Option<Milestone>, new: Option<Milestone>) -> bool {
    new.is_some_and(|new| old.is_some_and(|old| old.next() == new))
}

/// True if no date changes that the old calendar or the built-in one has.
fn keeps_dates(old: &Calendar, new: &Calendar) -> bool {
    let [old, new] = [old, new].map(|own| {
        let mut calendar = Calendar::built_in();
        calendar.extend(own);
        calendar
    });
    old.is_part_of(&new)
}
