//! The pages of earlier releases: the KEPs that targeted them at their freeze, from the history.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::burn_up::{by_stage, freeze_or_now, met_at_freeze, targets_at_freeze, version_meets};
use super::model::{Site, release_path};
use super::page::{Page, figures, frame, link, table, text};
use super::tables::kep_link;
use crate::history::{KepHistory, Version};
use crate::kep::{Milestone, Stage};
use crate::release::Phase;

/// The page of each release before the current one.
pub(super) fn render(site: &Site<'_>) -> Vec<(String, String)> {
    site.past.iter().map(|release| (release_path(*release), page(site, *release))).collect()
}

fn page(site: &Site<'_>, release: Milestone) -> String {
    let path = release_path(release);
    let keps = targets_at_freeze(site, release);
    let met = met_at_freeze(site, release).len();
    let schedule = site.sources.schedule;
    let body = html! {
        p {
            "This page shows KEPs as they were at the Enhancements Freeze"
            @if let Some(date) = schedule.date(release, Phase::EnhancementsFreeze) { ", " (date) }
            ". READMEs and exceptions are not part of it."
        }
        (figures(&[
            ("targeting", keps.len(), "KEPs targeted this release"),
            ("met", met, "met the criteria in their metadata"),
        ]))
        @if let Some(current) = site.sources.readiness {
            p {
                "Compare it with "
                a href={ (link(&path, &release_path(current.release))) "#burn-up" } { (current.release) }
                "."
            }
        }
        section {
            h2 #stages { "By stage" }
            (table("KEPs by stage", &["Stage", "KEPs"], &html! {
                @for (stage, count) in by_stage(&keps) { tr { th scope="row" { (stage) } td .number { (count) } } }
            }))
        }
        @if site.profile().has_sigs { (by_sig(&keps)) }
        (list(site, &path, release, &keps))
    };
    let title = format!("Release {release}");
    frame(site, &Page { title: &title, path: &path, has_script: false, body })
}

fn sig(version: &Version) -> &str {
    version.metadata.as_deref().map(|metadata| metadata.owning_sig.as_str()).unwrap_or_default()
}

fn by_sig(keps: &[(&KepHistory, &Version)]) -> Markup {
    let mut sigs: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, version) in keps {
        *sigs.entry(sig(version)).or_default() += 1;
    }
    html! {
        section {
            h2 #sigs { "By SIG" }
            (table("KEPs by SIG", &["SIG", "KEPs"], &html! {
                @for (sig, count) in &sigs { tr { th scope="row" { (text(sig)) } td .number { (count) } } }
            }))
        }
    }
}

fn list(site: &Site<'_>, path: &str, release: Milestone, keps: &[(&KepHistory, &Version)]) -> Markup {
    let time = freeze_or_now(site, release);
    html! {
        section {
            h2 #keps { "KEPs" }
            (table("KEPs at the freeze", &["KEP", "Stage", "Criteria", "Latest milestone now"], &html! {
                @for (history, version) in keps {
                    @let metadata = version.metadata.as_deref();
                    @let entry = site.at(&history.dir);
                    tr {
                        th scope="row" {
                            @match entry {
                                Some(entry) => (kep_link(path, entry)),
                                None => (text(metadata.map(|metadata| metadata.title.as_str()).unwrap_or_default())),
                            }
                        }
                        td { (metadata.and_then(|metadata| metadata.stage).map_or("none", Stage::word)) }
                        td { @if version_meets(site, version, release, time) { "met" } @else { "not met" } }
                        td { (text(entry.map_or("removed", |entry| entry.kep.latest_milestone.text()))) }
                    }
                }
            }))
        }
    }
}
