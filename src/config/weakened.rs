//! The settings with which a configuration checks less than another one, or something else.

use super::{Config, Ignore};
use crate::kep::Milestone;
use crate::project::{ProductionReadiness, Profile, ProfileKind, ProjectSettings};
use crate::release::{Calendar, Schedule};
use crate::rule::{FailOn, Level, Rule};

/// How much a setting may hide, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gravity {
    /// Everything.
    All,
    /// Findings of this level.
    Findings(Level),
}

/// A setting with which a configuration may check less, as a clause.
pub(super) type Weakened = (Gravity, String);

/// Each setting with which `head` may check less than `base`. Under `base`, a repository has this profile and releases have
/// this schedule. [`changed_settings`] has those of the project.
pub(super) fn by(
    head: &Config,
    base: &Config,
    rules: &[&'static Rule],
    (profile, schedule): (&Profile, &Schedule),
) -> Vec<Weakened> {
    const OTHERS: Gravity = Gravity::Findings(Level::Warning);
    let mut weakened = Vec::new();
    if strictness(head.fail_on) < strictness(base.fail_on) {
        let word = if head.fail_on == Some(FailOn::Never) { "never" } else { "error" };
        weakened.push((Gravity::All, format!("`fail-on` becomes `{word}`")));
    }
    if head.project.profile == Some(ProfileKind::Plain) && profile.kind != ProfileKind::Plain {
        weakened.push((Gravity::All, "`project.profile` becomes `plain`".to_owned()));
    }
    // What the project does not have cannot be checked less. A group of people may be there tomorrow.
    let lacks = profile.lacks();
    let applies = |rule: &&&Rule| base.setting(rule).is_some() || !rule.needs.iter().any(|need| lacks.contains(need));
    let level = |config: &Config, rule: &Rule| config.is_on(rule).then(|| config.level(rule));
    for rule in rules.iter().filter(applies) {
        let (old, new) = (level(base, rule), level(head, rule));
        if let Some(old) = old
            && is_weaker(old, new)
        {
            let becomes = format!("`{}` becomes `{}`", rule.id, new.map_or("off", Level::word));
            weakened.push((Gravity::Findings(old), becomes));
        }
    }
    if !head.ignore.iter().all(|new| base.ignore.iter().any(|old| new.is_within(old))) {
        let has_new_reason = |new: &Ignore| base.ignore.iter().all(|old| old.reason != new.reason);
        let what = if head.ignore.iter().any(has_new_reason) { "has a new entry" } else { "covers more" };
        weakened.push((Gravity::All, format!("`ignore` {what}")));
    }
    if head.inline_ignore && !base.inline_ignore {
        weakened.push((Gravity::All, "`inline-ignore` is turned on".to_owned()));
    }
    for (key, gravity, old, new) in [
        ("approvers", Gravity::All, &base.groups.approvers, &head.groups.approvers),
        ("emeritus", OTHERS, &base.groups.emeritus, &head.groups.emeritus),
        ("sig-node-tech-leads", OTHERS, &base.groups.sig_node_tech_leads, &head.groups.sig_node_tech_leads),
    ] {
        if old != new {
            weakened.push((gravity, format!("`aliases.{key}` changes")));
        }
    }
    let next = head.upcoming_release.filter(|next| is_next(base.upcoming_release, *next));
    if base.upcoming_release != head.upcoming_release && next.is_none() {
        weakened.push((OTHERS, "`upcoming-release` changes".to_owned()));
    }
    weakened.extend(dates(&base.calendar, &head.calendar, next.or(schedule.current())).map(|what| (OTHERS, what)));
    if base.kubernetes_lists.is_some() && base.kubernetes_lists != head.kubernetes_lists {
        weakened.push((OTHERS, "`kubernetes-lists` changes".to_owned()));
    }
    weakened
}

/// The keys of `project` with which `new` may check less than `old`, or something else, each with the settings `new`
/// without that change. `profile` is left out.
pub(super) fn changed_settings(old: &ProjectSettings, new: &ProjectSettings) -> Vec<(&'static str, ProjectSettings)> {
    // Without `..`, a new setting does not compile until it is here.
    let ProjectSettings {
        profile: _,
        root,
        metadata,
        readme,
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
    } = old.clone();
    let no_longer_asks = production_readiness != Some(ProductionReadiness::None);
    let mut changed = Vec::new();
    let mut add = |key, before: ProjectSettings, counts: bool| {
        if counts && before != *new {
            changed.push((key, before));
        }
    };
    let new = || new.clone();
    add("root", ProjectSettings { root, ..new() }, true);
    add("metadata", ProjectSettings { metadata, ..new() }, true);
    add("readme", ProjectSettings { readme, ..new() }, true);
    add("template", ProjectSettings { template, ..new() }, true);
    add("directory", ProjectSettings { has_sig_folders, ..new() }, true);
    add("sigs", ProjectSettings { sigs, ..new() }, true);
    add("production-readiness", ProjectSettings { production_readiness, ..new() }, no_longer_asks);
    add("releases", ProjectSettings { releases, ..new() }, true);
    add("statuses", ProjectSettings { statuses, ..new() }, true);
    add("stages", ProjectSettings { stages, ..new() }, true);
    add("fields", ProjectSettings { fields, ..new() }, true);
    add("handles", ProjectSettings { has_at, ..new() }, true);
    add("table-of-contents", ProjectSettings { table_of_contents, ..new() }, true);
    changed
}

fn strictness(fail_on: Option<FailOn>) -> u8 {
    match fail_on {
        Some(FailOn::Notices) => 3,
        Some(FailOn::Warnings) => 2,
        Some(FailOn::Errors) | None => 1,
        Some(FailOn::Never) => 0,
    }
}

fn is_weaker(old: Level, new: Option<Level>) -> bool {
    // Levels are in the order of their severity, the most serious first.
    new.is_none_or(|new| new > old)
}

/// True if the work on the next release begins.
fn is_next(old: Option<Milestone>, new: Milestone) -> bool {
    old.is_some_and(|old| old.next() == new)
}

/// Says if a date changes that the old calendar or the built-in one has, or if dates are new of another release than the
/// one that is being worked on: only those are usually published.
fn dates(old: &Calendar, new: &Calendar, current: Option<Milestone>) -> Option<String> {
    let [old, new] = [old, new].map(|own| {
        let mut calendar = Calendar::built_in();
        calendar.extend(own);
        calendar
    });
    if !old.is_part_of(&new) {
        return Some("`calendar` changes known dates".to_owned());
    }
    let other = new.releases_beyond(&old).find(|release| current.is_some_and(|current| *release != current))?;
    Some(format!("`calendar` has new dates of {other}, which is not the upcoming release"))
}
