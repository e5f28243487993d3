//! KEPs in tables, and links to them.

use maud::{Markup, html};

use super::model::{Entry, Site};
use super::page::{link, table, text};

/// A table of KEPs on the page at `path`, with their SIGs unless all have the same one.
pub(super) fn keps_table(site: &Site<'_>, path: &str, caption: &str, keps: &[&Entry<'_>]) -> Markup {
    let has_sigs =
        site.profile().has_sigs && keps.iter().any(|entry| keps.first().is_some_and(|it| it.sig() != entry.sig()));
    let dialect = &site.profile().dialect;
    let (has_stages, has_releases) = (dialect.has_stages(), dialect.uses("latest-milestone"));
    let more = [(has_stages, "Stage"), (has_releases, "Latest milestone"), (has_sigs, "SIG")];
    let more = more.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, heading)| heading);
    let headings: Vec<_> = ["KEP", "Title", "Status"].into_iter().chain(more).collect();
    let rows = html! {
        @for entry in keps {
            tr {
                td { a href=(link(path, &entry.path())) { (text(&entry.label())) } }
                th scope="row" { (text(entry.title())) }
                td { (text(entry.status())) }
                @if has_stages { td { (text(entry.stage())) } }
                @if has_releases { td { (text(entry.kep.latest_milestone.text())) } }
                @if has_sigs { td { (text(entry.sig())) } }
            }
        }
    };
    table(caption, &headings, &rows)
}

/// The link to a KEP with its title.
pub(super) fn kep_link(path: &str, entry: &Entry<'_>) -> Markup {
    html! { a href=(link(path, &entry.path())) { (text(&entry.label())) } " " (text(entry.title())) }
}
