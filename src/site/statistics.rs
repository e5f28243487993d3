//! Numbers about all KEPs: how many a release brings, how long stages take, how late changes merge, what is outdated.

use jiff::Timestamp;
use maud::{Markup, html};

use super::bars::{Bar, bars};
use super::burn_up::{meets, met_at_freeze, targets_at_freeze};
use super::model::Site;
use super::page::{Page, frame, sentence, table, text};
use super::tables::kep_link;
use crate::history::KepHistory;
use crate::kep::{Milestone, Stage, Status};
use crate::readiness::sweep::{self, Laggard};
use crate::release::Phase;

const PATH: &str = "statistics.html";

/// The number of releases to show.
const RELEASES: usize = 10;

const STAGES: [Stage; 3] = [Stage::Alpha, Stage::Beta, Stage::Stable];

/// KEPs at any other stage: `deprecated`, `disabled`, `removed` or none.
const OTHERS: &str = "other";

pub(super) fn render(site: &Site<'_>) -> String {
    let body = html! {
        p {
            "From " (site.sources.history.commits) " commits on the branch. The first one with a KEP is from "
            (site.sources.history.start.strftime("%Y-%m-%d")) "."
        }
        (per_release(site))
        (time_in_stage(site))
        (lateness(site))
        (outdated(site))
    };
    frame(site, &Page { title: "Statistics", path: PATH, has_script: false, body })
}

/// The releases whose KEPs the history knows, newest first, up to the current one.
fn releases(site: &Site<'_>) -> Vec<Milestone> {
    let Some(readiness) = site.sources.readiness else { return Vec::new() };
    let schedule = site.sources.schedule;
    let is_known = |release: &Milestone| {
        let freeze = schedule.date(*release, Phase::EnhancementsFreeze);
        freeze.is_some_and(|date| date.end() > site.sources.history.start)
    };
    let all = schedule.calendar.releases().into_iter().rev().filter(|release| *release <= readiness.release);
    all.filter(is_known).take(RELEASES).collect()
}

fn per_release(site: &Site<'_>) -> Markup {
    let count = |release: Milestone| {
        let keps = targets_at_freeze(site, release);
        let stages = || keps.iter().map(|(_, version)| version.metadata.as_deref().and_then(|it| it.stage));
        let mut parts = STAGES.map(|stage| stages().filter(|other| *other == Some(stage)).count()).to_vec();
        parts.push(keps.len() - parts.iter().sum::<usize>());
        parts
    };
    let all: Vec<_> =
        releases(site).into_iter().map(|release| Bar { label: release.to_string(), parts: count(release) }).collect();
    let [alpha, beta, stable] = STAGES.map(Stage::word);
    let names = [alpha, beta, stable, OTHERS];
    html! {
        @if !all.is_empty() {
            section {
                h2 #releases { "KEPs of each release" }
                p { "KEPs that targeted the release at its Enhancements Freeze, or target it now if that is still to come." }
                (bars("KEPs of each release by stage", "KEPs", &names, &all))
                details {
                    summary { "The numbers" }
                    (table("KEPs of each release", &["Release", "Alpha", "Beta", "Stable", "Other"], &html! {
                        @for bar in &all {
                            tr {
                                th scope="row" { (bar.label) }
                                @for part in &bar.parts { td .number { (part) } }
                            }
                        }
                    }))
                }
            }
        }
    }
}

/// The smallest, middle and largest of some numbers of days, without the outer quarters.
struct Spread {
    count: usize,
    quartiles: [i64; 3],
}

impl Spread {
    fn of(mut days: Vec<i64>) -> Option<Self> {
        days.sort_unstable();
        let at = |quarter: usize| days.get((days.len() * quarter / 4).min(days.len().checked_sub(1)?)).copied();
        Some(Self { count: days.len(), quartiles: [at(1)?, at(2)?, at(3)?] })
    }
}

fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()) / (24 * 60 * 60)
}

/// When a KEP first was at a stage, as far as its first version does not hide it.
fn reached(kep: &KepHistory, stage: Stage) -> Option<Timestamp> {
    let is_at = |version: &&crate::history::Version| version.metadata.as_deref().and_then(|it| it.stage) == Some(stage);
    kep.versions.iter().find(is_at).map(|version| version.time)
}

fn implemented(kep: &KepHistory) -> Option<Timestamp> {
    let is_done = |version: &&crate::history::Version| {
        version.metadata.as_deref().and_then(|it| it.known_status) == Some(Status::Implemented)
    };
    kep.versions.iter().find(is_done).map(|version| version.time)
}

fn time_in_stage(site: &Site<'_>) -> Markup {
    let keps = || site.sources.history.keps.iter();
    let between = |from: &dyn Fn(&KepHistory) -> Option<Timestamp>, to: &dyn Fn(&KepHistory) -> Option<Timestamp>| {
        let all = keps().filter_map(|kep| Some(days(from(kep)?, to(kep)?)));
        Spread::of(all.filter(|days| *days > 0).collect())
    };
    let rows = [
        ("alpha to beta", between(&|kep| reached(kep, Stage::Alpha), &|kep| reached(kep, Stage::Beta))),
        ("beta to stable", between(&|kep| reached(kep, Stage::Beta), &|kep| reached(kep, Stage::Stable))),
        ("stable to implemented", between(&|kep| reached(kep, Stage::Stable), &implemented)),
        ("alpha to implemented", between(&|kep| reached(kep, Stage::Alpha), &implemented)),
    ];
    html! {
        section {
            h2 #time { "Time in each stage" }
            p {
                "Days between the commits that first set each stage. The middle half of the KEPs fall between the first and the last number. "
                "KEPs that set both in one commit are left out."
            }
            (table("Days in each stage", &["Step", "KEPs", "A quarter takes at most", "Median", "A quarter takes more than"], &html! {
                @for (step, spread) in &rows {
                    @if let Some(Spread { count, quartiles: [low, middle, high] }) = spread {
                        tr {
                            th scope="row" { (step) }
                            td .number { (count) }
                            td .number { (low) }
                            td .number { (middle) }
                            td .number { (high) }
                        }
                    }
                }
            }))
        }
    }
}

/// When the KEPs of a release first met its criteria.
struct Lateness {
    /// Days before the freeze, of each KEP that met the criteria at the freeze.
    margins: Vec<i64>,
    /// The number of KEPs that first met them after the freeze.
    late: usize,
}

fn lateness_of(site: &Site<'_>, release: Milestone) -> Option<Lateness> {
    let freeze = site.sources.schedule.date(release, Phase::EnhancementsFreeze)?.end();
    let first = |kep: &KepHistory| {
        kep.versions.iter().map(|version| version.time).find(|time| meets(site, kep, release, *time))
    };
    // Who may approve can change while a KEP does not, so a KEP can be ready without a version that was at first.
    let margin = |kep: &KepHistory| first(kep).map_or(0, |time| days(time, freeze).max(0));
    let margins = met_at_freeze(site, release).into_iter().map(margin).collect();
    let is_late =
        |kep: &&KepHistory| !meets(site, kep, release, freeze) && first(kep).is_some_and(|time| time > freeze);
    let late = site.sources.history.keps.iter().filter(is_late).count();
    Some(Lateness { margins, late })
}

fn lateness(site: &Site<'_>) -> Markup {
    let all = releases(site).into_iter().filter_map(|release| Some((release, lateness_of(site, release)?)));
    let all: Vec<_> = all.collect();
    let headings =
        ["Release", "Ready at the freeze", "Days before, median", "In the last week", "Only after the freeze"];
    html! {
        @if !all.is_empty() {
            section {
                h2 #lateness { "How close to the freeze KEPs become ready" }
                p {
                    "The KEPs whose metadata met the criteria of the release at its Enhancements Freeze, or meets them now if that is still to "
                    "come, and how many days before the freeze they first did. The last column counts other KEPs: those that first met "
                    "the criteria after the freeze."
                }
                (table("Readiness before the freeze", &headings, &html! {
                    @for (release, Lateness { margins, late }) in &all {
                        tr {
                            th scope="row" { (release) }
                            td .number { (margins.len()) }
                            td .number {
                                @match Spread::of(margins.clone()) {
                                    Some(Spread { quartiles: [_, middle, _], .. }) => (middle),
                                    None => "–",
                                }
                            }
                            td .number { (margins.iter().filter(|days| **days < 7).count()) }
                            td .number { (late) }
                        }
                    }
                }))
            }
        }
    }
}

/// The list of `kepgate readiness --sweep`.
fn outdated(site: &Site<'_>) -> Markup {
    let found = sweep::sweep(site.sources.survey, site.sources.schedule, site.sources.lists).keps;
    html! {
        section {
            h2 #outdated { "Outdated metadata" }
            @if found.is_empty() {
                p { "No KEP is known to have outdated metadata." }
            } @else {
                p { "The oldest come first. The number of days is unknown for releases before the calendar begins, and for KEPs that "
                    "do not depend on a release." }
                (table("KEPs with outdated metadata", &["KEP", "What", "SIG", "Days"], &html! {
                    @for laggard in &found { (row(site, laggard)) }
                }))
            }
        }
    }
}

fn row(site: &Site<'_>, laggard: &Laggard) -> Markup {
    html! {
        tr {
            th scope="row" {
                @match site.at(&laggard.dir) {
                    Some(entry) => (kep_link(PATH, entry)),
                    None => (text(&laggard.title)),
                }
            }
            td { (sentence(&laggard.what)) }
            td { (text(&laggard.sig)) }
            td .number { @match laggard.days { Some(days) => (days), None => "–" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn a_spread_has_the_quartiles() {
        let spread = Spread::of(vec![40, 10, 30, 20]).unwrap();
        assert_eq!((spread.count, spread.quartiles), (4, [20, 30, 40]));
        assert_eq!(Spread::of(vec![7]).unwrap().quartiles, [7, 7, 7]);
        assert!(Spread::of(Vec::new()).is_none());
    }
}
