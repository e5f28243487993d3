//! What happened to one KEP, and when.

use jiff::Timestamp;
use maud::{Markup, html};

use super::events;
use super::model::{Entry, Site};
use super::page::sentence;
use crate::history::Version;
use crate::text::wording::count;

/// A day, for people and for machines.
pub(super) fn day(time: Timestamp) -> Markup {
    let day = time.strftime("%Y-%m-%d").to_string();
    html! { time datetime=(day) { (day) } }
}

/// The timeline of a KEP, newest first.
pub(super) fn timeline(site: &Site<'_>, entry: &Entry<'_>) -> Markup {
    let Some(history) = entry.history else {
        return html! { p { "The history has no commit of this KEP." } };
    };
    let mut events = events::of(site, Some(entry), history);
    events.reverse();
    let edits: Vec<&Version> = history.versions.iter().filter(|version| version.changed.readme).collect();
    html! {
        ol .timeline {
            @for event in &events {
                li {
                    (day(event.version.time)) " "
                    ul {
                        @for change in &event.changes { li { (sentence(&change.words())) } }
                    }
                    @if let Some(url) = site.commit_url(event.version.commit) {
                        " " a href=(url) { code { (event.version.commit.short()) } }
                    } @else {
                        " " code { (event.version.commit.short()) }
                    }
                }
            }
        }
        @if let Some(last) = edits.last() {
            p { "The README changed in " (count(edits.len(), "commit")) ", most recently on " (day(last.time)) "." }
        }
    }
}
