//! The first page: where things are, what changed recently, and every KEP.

use maud::{Markup, html};

use super::events::{self, Event};
use super::model::{Site, release_path};
use super::page::{Page, figures, frame, link, safe, sentence, text};
use super::tables::{kep_link, keps_table};
use crate::kep::Status;
use crate::readiness::Readiness;
use crate::text::wording::count;

/// The number of recent events to show.
const RECENT: usize = 15;

const PATH: &str = "index.html";

pub(super) fn render(site: &Site<'_>) -> String {
    let all: Vec<_> = site.keps.iter().collect();
    let with = |status| site.keps.iter().filter(|entry| entry.kep.known_status() == Some(status)).count();
    let body = html! {
        (figures(&[
            ("keps", site.keps.len(), "KEPs"),
            ("provisional", with(Status::Provisional), "provisional"),
            ("implementable", with(Status::Implementable), "implementable"),
            ("implemented", with(Status::Implemented), "implemented"),
        ]))
        (unread(site))
        @if let Some(readiness) = site.sources.readiness { (releases(site, readiness)) }
        @for grouping in &site.groupings {
            section {
                h2 { (grouping.by.name()) }
                ul .tags {
                    @for group in &grouping.groups {
                        li { a href=(group.path(grouping.by)) { (text(group.name())) } " " span .count { (group.count) } }
                    }
                }
            }
        }
        section {
            h2 #recent { "Recent changes" }
            (recent(site))
        }
        section {
            h2 #all { "Every KEP" }
            // The script replaces the text before anything below it is shown, so nothing moves.
            p #filter { "To find a KEP, use the search of your browser." }
            script { (safe(include_str!("filter.js").to_owned())) }
            (keps_table(site, PATH, "Every KEP, by number", &all))
        }
    };
    let is_kubernetes = site.profile().dialect.is_kubernetes;
    let title = if is_kubernetes { "Kubernetes enhancement proposals" } else { "Enhancement proposals" };
    frame(site, &Page { title, path: PATH, has_script: true, body })
}

/// The KEPs that are not on any page.
fn unread(site: &Site<'_>) -> Markup {
    let unread = &site.sources.survey.unread;
    html! {
        @if !unread.is_empty() {
            details {
                summary { (count(unread.len(), "folder")) " without readable metadata" }
                ul { @for dir in unread { li { (text(&dir.to_string())) } } }
            }
        }
    }
}

fn releases(site: &Site<'_>, readiness: &Readiness) -> Markup {
    let release = readiness.release;
    let countdown = |phase| site.sources.schedule.countdown(release, phase);
    let freezes: Vec<_> = readiness
        .freezes
        .iter()
        .filter_map(|(phase, ..)| Some(format!("{}: {}", phase.name(release), countdown(*phase)?)))
        .collect();
    html! {
        section {
            h2 { "Release" }
            p {
                (count(readiness.keps.len(), "KEP")) " for " (release) "."
                @for freeze in &freezes { " " (freeze) "." }
            }
            ul .tags {
                @for release in site.releases() {
                    li { a href=(link(PATH, &release_path(release))) { (release) } }
                }
            }
        }
    }
}

fn recent(site: &Site<'_>) -> Markup {
    let recent: Vec<Event<'_>> = events::newest(site, RECENT);
    html! {
        @if recent.is_empty() { p { "Nothing yet." } }
        ol .events {
            @for event in &recent {
                li {
                    time datetime=(event.version.time.strftime("%Y-%m-%d")) { (event.version.time.strftime("%Y-%m-%d")) }
                    " "
                    @match event.entry {
                        Some(entry) => (kep_link(PATH, entry)),
                        None => (text(&event.version.dir.to_string())),
                    }
                    ": " (sentence(&event.words()))
                }
            }
        }
    }
}
