//! The pages for each status, stage and SIG.

use maud::{Markup, html};

use super::model::{By, Entry, Group, Site};
use super::page::{Page, frame, text};
use super::release;
use super::tables::keps_table;
use crate::text::wording::count;

/// The page of each value that KEPs can be listed by.
pub(super) fn render(site: &Site<'_>) -> Vec<(String, String)> {
    let pages = site.groupings.iter().flat_map(|grouping| {
        grouping.groups.iter().map(|group| (group.path(grouping.by), group_page(site, grouping.by, group)))
    });
    pages.collect()
}

fn group_page(site: &Site<'_>, by: By, group: &Group) -> String {
    let path = group.path(by);
    let keps: Vec<_> = site.keps.iter().filter(|entry| by.value(entry) == group.value).collect();
    let others = site.groupings.iter().filter(|grouping| grouping.by != by);
    let body = html! {
        p { (count(keps.len(), "KEP")) "." }
        @for other in others {
            (counts(site, other.by, &keps))
        }
        @if by == By::Sig { (release::of_sig(site, &group.value, &path)) }
        section {
            h2 #keps { "KEPs" }
            (keps_table(site, &path, "KEPs", &keps))
        }
    };
    let title = format!("{}: {}", by.name(), group.name());
    frame(site, &Page { title: &title, path: &path, has_script: false, body })
}

/// `Status: 3 implementable, 2 implemented`, in the order of the first page.
fn counts(site: &Site<'_>, by: By, keps: &[&Entry<'_>]) -> Markup {
    let mut values: Vec<_> = keps.iter().map(|entry| by.value(entry)).collect();
    values.sort_unstable_by_key(|value| (by.rank(site.profile(), value), *value));
    let counts = values.chunk_by(|one, other| one == other).map(|same| {
        let value = same.first().filter(|value| !value.is_empty()).unwrap_or(&"none");
        format!("{} {}", same.len(), text(value))
    });
    let counts: Vec<_> = counts.collect();
    html! { p { (by.name()) ": " (counts.join(", ")) } }
}
