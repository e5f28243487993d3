//! How many KEPs meet the criteria of a release, by day before its freeze.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::lines::{Line, lines};
use super::model::Site;
use super::page::table;
use crate::history::{KepHistory, Version};
use crate::kep::stage::Family;
use crate::kep::{Milestone, Stage, Status};
use crate::release::Phase;

/// The days before and after the freeze to show.
const DAYS: std::ops::RangeInclusive<i64> = -70..=14;

/// A release's numbers of KEPs, by days from its freeze.
pub(super) struct BurnUp {
    pub(super) release: Milestone,
    pub(super) points: Vec<(i64, usize)>,
}

/// The numbers of one release; `None` without a date of the freeze.
pub(super) fn burn_up(site: &Site<'_>, release: Milestone) -> Option<BurnUp> {
    let freeze = site.sources.schedule.date(release, Phase::EnhancementsFreeze)?.end();
    let now = site.sources.history.known_until(freeze, site.sources.now);
    let mut points = Vec::new();
    for day in DAYS {
        let Ok(time) = freeze.checked_add(SignedDuration::from_hours(24 * day)) else { continue };
        if time > now || time < site.sources.history.start {
            continue;
        }
        let keps = site.sources.history.keps.iter();
        points.push((day, keps.filter(|kep| meets(site, kep, release, time)).count()));
    }
    (!points.is_empty()).then_some(BurnUp { release, points })
}

/// The time of the Enhancements Freeze of `release`, or now if that is still to come.
pub(super) fn freeze_or_now(site: &Site<'_>, release: Milestone) -> Timestamp {
    let freeze = site.sources.schedule.date(release, Phase::EnhancementsFreeze);
    freeze.map_or(site.sources.now, |date| date.end().min(site.sources.now))
}

/// The KEPs that targeted `release` at its Enhancements Freeze, or target it now if that is still to come.
pub(super) fn targets_at_freeze<'a>(site: &'a Site<'_>, release: Milestone) -> Vec<(&'a KepHistory, &'a Version)> {
    let time = freeze_or_now(site, release);
    let keps = site.sources.history.keps.iter();
    keps.filter_map(|kep| Some((kep, kep.version_at(time)?))).filter(|(_, version)| targets(version, release)).collect()
}

/// The KEPs that meet the criteria of `release` in their metadata at the same time as [`targets_at_freeze`].
pub(super) fn met_at_freeze<'a>(site: &'a Site<'_>, release: Milestone) -> Vec<&'a KepHistory> {
    let time = freeze_or_now(site, release);
    site.sources.history.keps.iter().filter(|kep| meets(site, kep, release, time)).collect()
}

/// True if a KEP targets `release` and is not abandoned.
fn targets(version: &Version, release: Milestone) -> bool {
    let Some(metadata) = version.metadata.as_deref() else { return false };
    let is_over = matches!(
        metadata.known_status,
        Some(Status::Deferred | Status::Rejected | Status::Replaced | Status::Withdrawn)
    );
    metadata.latest == Some(release) && !is_over
}

/// True if the metadata of a KEP met the criteria of `release` at `time`.
pub(super) fn meets(site: &Site<'_>, kep: &KepHistory, release: Milestone, time: Timestamp) -> bool {
    kep.version_at(time).is_some_and(|version| version_meets(site, version, release, time))
}

/// True if the metadata meets the criteria of `release` at `time`.
pub(super) fn version_meets(site: &Site<'_>, version: &Version, release: Milestone, time: Timestamp) -> bool {
    let Some(metadata) = version.metadata.as_deref().filter(|_| targets(version, release)) else { return false };
    let Some(stage) = metadata.stage else { return false };
    // A KEP on its way out does not graduate, so it needs no release for that.
    let needs_plan = stage.family() != Family::Removal;
    let is_planned = metadata.milestones.of(stage).map_or(!needs_plan, |planned| planned <= release);
    let is_approved = !site.has_prr() || site.sources.history.is_approved_at(version, stage, time);
    let is_ready = match metadata.known_status {
        Some(Status::Implementable) => true,
        Some(Status::Implemented) => !matches!(stage, Stage::Alpha | Stage::Beta),
        _ => false,
    };
    is_planned && is_approved && is_ready && !metadata.is_behind
}

/// The chart of the current release beside the last ones, with its table.
pub(super) fn section(site: &Site<'_>) -> Markup {
    let all: Vec<_> = site.releases().filter_map(|release| burn_up(site, release)).collect();
    if all.is_empty() {
        return html! {};
    }
    let criteria = if site.has_prr() { ", and name an authorized production readiness approver" } else { "" };
    let to_line = |burn_up: &BurnUp| Line {
        label: burn_up.release.to_string(),
        points: burn_up.points.iter().map(|(day, count)| (*day, *count)).collect(),
    };
    let chart = lines(
        "KEPs that meet the criteria of a release in their metadata",
        "days from the Enhancements Freeze",
        "KEPs",
        &all.iter().map(to_line).collect::<Vec<_>>(),
    );
    html! {
        section {
            h2 #burn-up { "Burn-up" }
            p {
                "KEPs whose metadata meets the criteria of the release: they are implementable, have the release in "
                code { "latest-milestone" } ", plan no later stage for it in " code { "milestone" } (criteria)
                ". READMEs are not part of this count."
            }
            (chart)
            details {
                summary { "The numbers" }
                (numbers(&all))
            }
        }
    }
}

/// Every seventh day, the day of the freeze and the last one.
fn numbers(all: &[BurnUp]) -> Markup {
    let last = all.iter().filter_map(|burn_up| burn_up.points.last()).map(|(day, _)| *day);
    let days: BTreeSet<i64> = DAYS.filter(|day| day % 7 == 0).chain(last).collect();
    let at = |burn_up: &BurnUp, day: i64| burn_up.points.iter().find(|(at, _)| *at == day).map(|(_, count)| *count);
    let releases: Vec<_> = all.iter().map(|burn_up| burn_up.release.to_string()).collect();
    let headings: Vec<_> = std::iter::once("Days from the freeze").chain(releases.iter().map(String::as_str)).collect();
    table(
        "KEPs that meet the criteria, by day",
        &headings,
        &html! {
            @for day in days {
                tr {
                    th scope="row" { (day) }
                    @for burn_up in all {
                        td .number { @if let Some(count) = at(burn_up, day) { (count) } @else { "–" } }
                    }
                }
            }
        },
    )
}

/// The stages of the versions, in order, with their number.
pub(super) fn by_stage(keps: &[(&KepHistory, &Version)]) -> Vec<(String, usize)> {
    let stage = |version: &Version| version.metadata.as_deref().and_then(|metadata| metadata.stage);
    let of = |wanted: Option<Stage>| keps.iter().filter(|(_, version)| stage(version) == wanted).count();
    let stages = Stage::ALL.into_iter().map(|stage| (stage.to_string(), of(Some(stage))));
    stages.chain([("no stage".to_owned(), of(None))]).filter(|(_, count)| *count > 0).collect()
}
