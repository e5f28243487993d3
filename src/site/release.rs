//! The page of the current release: who meets the freezes, and what the others lack.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::burn_up::{self, freeze_or_now, meets, met_at_freeze, targets_at_freeze};
use super::model::{Site, release_path};
use super::page::{Page, figures, frame, sentence, table, text};
use super::tables::kep_link;
use crate::kep::Stage;
use crate::readiness::{Candidate, Readiness, State, Verdict};
use crate::release::Phase;
use crate::text::wording::count;

pub(super) fn render(site: &Site<'_>, readiness: &Readiness) -> String {
    let path = release_path(readiness.release);
    let body = html! {
        (figures(&[("targeting", readiness.keps.len(), "KEPs target this release")]))
        (as_of(site, readiness))
        (others(site, readiness, &path))
        (freezes(site, readiness, &path))
        (at_risk(site, readiness, &path))
        (burn_up::section(site))
        (by_stage(readiness))
        @if site.profile().has_sigs { (by_sig(readiness)) }
        (remarks(site, readiness, &path))
        (complete(site, readiness, &path))
    };
    let title = format!("Release {}", readiness.release);
    frame(site, &Page { title: &title, path: &path, has_script: false, body })
}

/// Says what time the numbers are from, and what they were at the freeze if it has passed.
fn as_of(site: &Site<'_>, readiness: &Readiness) -> Markup {
    let date = site.sources.schedule.date(readiness.release, Phase::EnhancementsFreeze);
    html! {
        p {
            "This page shows KEPs as of " (readiness.now.strftime("%Y-%m-%d %H:%M UTC")) ". "
            @if let Some(date) = date.filter(|_| readiness.is_frozen()) {
                "KEPs that were completed after a freeze count as complete, with a note. At the Enhancements Freeze, " (date) ", "
                span #targeting-at-freeze { (count(targets_at_freeze(site, readiness.release).len(), "KEP")) }
                " targeted this release, and "
                span #met-at-freeze { (met_at_freeze(site, readiness.release).len()) }
                " met the criteria in their metadata."
            }
        }
    }
}

/// True if the metadata of a KEP meets the criteria only since the freeze.
fn is_late(site: &Site<'_>, readiness: &Readiness, kep: &Candidate) -> bool {
    let history = kep.dir.as_ref().and_then(|dir| site.sources.history.at(dir)).filter(|_| readiness.is_frozen());
    history.is_some_and(|history| {
        let [at_freeze, now] = [freeze_or_now(site, readiness.release), site.sources.now];
        !meets(site, history, readiness.release, at_freeze) && meets(site, history, readiness.release, now)
    })
}

fn others(site: &Site<'_>, readiness: &Readiness, path: &str) -> Markup {
    html! {
        @if !site.past.is_empty() {
            p {
                "Earlier: "
                @for (index, release) in site.past.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href=(super::page::link(path, &release_path(*release))) { (release) }
                }
            }
        }
        @if !readiness.unread.is_empty() {
            p { (count(readiness.unread.len(), "KEP")) " cannot be read, so their release is unknown." }
        }
    }
}

/// The state of each freeze, with the numbers that `kepgate readiness` has.
fn freezes(site: &Site<'_>, readiness: &Readiness, path: &str) -> Markup {
    let headings: Vec<_> =
        ["Freeze", "Date", "Countdown"].into_iter().chain(State::ALL.map(|state| short(readiness, state))).collect();
    html! {
        section {
            h2 #freezes { "Freezes" }
            (table("KEPs by state at each freeze", &headings, &html! {
                @for (phase, date, _) in &readiness.freezes {
                    tr {
                        th scope="row" { (phase.name(readiness.release)) }
                        td .number { @if let Some(date) = date { (date) } @else { "unknown" } }
                        td { (site.sources.schedule.countdown(readiness.release, *phase).unwrap_or_default()) }
                        @for state in State::ALL {
                            td .number id={ (phase.key()) "-" (state.key()) } { (readiness.count(*phase, state)) }
                        }
                    }
                }
            }))
            p { a href=(super::page::link(path, "calendar.ics")) { "Freezes as iCalendar" } }
            p { "A KEP meets a freeze only if its tracking issue is opted in and it has no open pull requests. This site does "
                "not read GitHub, so at best it says \"nothing missing\"." }
        }
    }
}

/// The words for a state. What this site does not check is said once, below the table.
fn short(readiness: &Readiness, state: State) -> &'static str {
    match state {
        State::Unchecked => "nothing missing",
        state => readiness.heading(state),
    }
}

/// The heading of the KEPs that lack something.
fn lacking(readiness: &Readiness) -> &'static str {
    if readiness.is_frozen() { "Missed the freeze" } else { "Something is missing" }
}

fn by_stage(readiness: &Readiness) -> Markup {
    let state = |kep: &Candidate| kep.state(Phase::EnhancementsFreeze);
    let with = |stage: Option<Stage>| readiness.keps.iter().filter(move |kep| kep.stage == stage);
    let stages = Stage::ALL.into_iter().map(Some).chain([None]).filter(|stage| with(*stage).next().is_some());
    html! {
        section {
            h2 #stages { "By stage" }
            (table("KEPs by stage", &["Stage", "KEPs", lacking(readiness)], &html! {
                @for stage in stages {
                    @let word = stage.map_or("none", Stage::word);
                    tr {
                        th scope="row" { (word) }
                        td .number id={ "stage-" (word) } { (with(stage).count()) }
                        td .number { (with(stage).filter(|kep| state(kep) == State::NotMet).count()) }
                    }
                }
            }))
        }
    }
}

fn by_sig(readiness: &Readiness) -> Markup {
    let sigs: BTreeMap<&str, Vec<&Candidate>> = readiness.by_sig();
    let missing =
        |keps: &[&Candidate]| keps.iter().filter(|kep| kep.state(Phase::EnhancementsFreeze) == State::NotMet).count();
    let of = |keps: &[&Candidate], stage| keps.iter().filter(|kep| kep.stage == stage).count();
    // Few KEPs are deprecated, disabled or removed.
    let occurs = |stage: &Stage| {
        matches!(stage, Stage::Alpha | Stage::Beta | Stage::Stable)
            || readiness.keps.iter().any(|kep| kep.stage == Some(*stage))
    };
    let stages: Vec<_> = Stage::ALL.into_iter().filter(occurs).collect();
    let has_none = readiness.keps.iter().any(|kep| kep.stage.is_none());
    let names = stages.iter().map(|stage| stage.word()).chain(has_none.then_some("no stage"));
    let headings: Vec<_> = ["SIG", "KEPs"].into_iter().chain(names).chain([lacking(readiness)]).collect();
    html! {
        section {
            h2 #sigs { "By SIG" }
            (table("KEPs by SIG", &headings, &html! {
                @for (sig, keps) in &sigs {
                    tr {
                        th scope="row" { (text(sig)) }
                        td .number { (keps.len()) }
                        @for stage in &stages { td .number { (of(keps, Some(*stage))) } }
                        @if has_none { td .number { (of(keps, None)) } }
                        td .number { (missing(keps)) }
                    }
                }
            }))
        }
    }
}

/// The KEPs that lack something, those that lack most first.
fn at_risk(site: &Site<'_>, readiness: &Readiness, path: &str) -> Markup {
    let mut keps: Vec<_> =
        readiness.keps.iter().filter(|kep| kep.state(Phase::EnhancementsFreeze) == State::NotMet).collect();
    keps.sort_by_key(|kep| std::cmp::Reverse(reasons(kep).count()));
    html! {
        section {
            h2 #at-risk { (readiness.risk_heading()) }
            @if keps.is_empty() {
                p { "No KEP is known to be missing anything." }
            } @else {
                @if readiness.is_frozen() {
                    p {
                        "The freeze has passed, and these KEPs lack something and have no approved exception. KEPs that were completed "
                        "after the freeze are in " a href="#others" { "the list of other KEPs" } "."
                    }
                }
                (table("KEPs that lack something", &["KEP", "Missing", "SIG", "Stage"], &html! {
                    @for kep in keps {
                        tr {
                            th scope="row" { (candidate(site, kep, path)) }
                            td { ul { @for why in reasons(kep) { li { (sentence(why)) } } } }
                            td { (text(&kep.sig)) }
                            td { (kep.stage.map_or("none", Stage::word)) }
                        }
                    }
                }))
            }
        }
    }
}

fn reasons(kep: &Candidate) -> impl Iterator<Item = &str> {
    kep.verdicts.iter().filter_map(|(_, verdict)| match verdict {
        Verdict::NotMet(why) => Some(why.as_str()),
        Verdict::Met | Verdict::Unknown(_) => None,
    })
}

fn candidate(site: &Site<'_>, kep: &Candidate, path: &str) -> Markup {
    let entry = kep.dir.as_ref().and_then(|dir| site.at(dir));
    let number = kep.number.map(|number| number.to_string()).unwrap_or_default();
    html! {
        @match entry {
            Some(entry) => (kep_link(path, entry)),
            None => { (number) " " (text(&kep.title)) }
        }
    }
}

/// What kepgate finds beyond the criteria.
fn remarks(site: &Site<'_>, readiness: &Readiness, path: &str) -> Markup {
    let keps: Vec<_> = readiness.keps.iter().filter(|kep| !kep.remarks.is_empty()).collect();
    html! {
        @if !keps.is_empty() {
            section {
                h2 #remarks { "Remarks" }
                p { "What kepgate finds beyond the criteria. It does not affect whether a KEP meets them." }
                (table("Remarks on KEPs", &["KEP", "Remarks"], &html! {
                    @for kep in keps {
                        tr {
                            th scope="row" { (candidate(site, kep, path)) }
                            td { ul { @for remark in &kep.remarks { li { (sentence(&remark.what)) " (" code { (remark.rule) } ")" } } } }
                        }
                    }
                }))
            }
        }
    }
}

/// The KEPs of a SIG in the current release, for the page of the SIG.
pub(super) fn of_sig(site: &Site<'_>, sig: &str, path: &str) -> Markup {
    let Some(readiness) = site.sources.readiness else { return html! {} };
    let keps: Vec<_> = readiness.keps.iter().filter(|kep| kep.sig == sig).collect();
    html! {
        @if !keps.is_empty() {
            section {
                h2 #release { "In " (readiness.release) }
                (table("KEPs in the current release", &["KEP", "Missing", "Stage", "PRR approver"], &html! {
                    @for kep in keps {
                        tr {
                            th scope="row" { (candidate(site, kep, path)) }
                            td { @for (index, why) in reasons(kep).enumerate() { @if index > 0 { "; " } (sentence(why)) } }
                            td { (kep.stage.map_or("none", Stage::word)) }
                            td { (text(&kep.approver)) }
                        }
                    }
                }))
            }
        }
    }
}

/// The other KEPs.
fn complete(site: &Site<'_>, readiness: &Readiness, path: &str) -> Markup {
    let keps: Vec<_> =
        readiness.keps.iter().filter(|kep| kep.state(Phase::EnhancementsFreeze) != State::NotMet).collect();
    html! {
        @if !keps.is_empty() {
            section {
                h2 #others { "The other KEPs" }
                (table("KEPs that lack nothing known", &["KEP", "SIG", "Stage", "State"], &html! {
                    @for kep in keps {
                        tr {
                            th scope="row" { (candidate(site, kep, path)) }
                            td { (text(&kep.sig)) }
                            td { (kep.stage.map_or("none", Stage::word)) }
                            td {
                                (short(readiness, kep.state(Phase::EnhancementsFreeze)))
                                @if is_late(site, readiness, kep) { ", but only since the freeze" }
                            }
                        }
                    }
                }))
            }
        }
    }
}
