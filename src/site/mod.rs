//! A static site about every KEP: releases, the production readiness queue, SIGs, and what happened when.
//!
//! The pages are plain HTML and one style sheet, without requests to other servers. The filter of the first page is the
//! only script, and nothing else needs it. They depend on the commit, the clock and the arguments alone, so the same input
//! gives the same bytes. Text from KEPs is untrusted: it reaches a page only through maud, which escapes it, and through
//! `text` in `page.rs`, which makes invisible characters visible.

mod answers;
mod bars;
mod burn_up;
mod chart;
mod events;
mod feed;
mod index;
mod kep;
mod lines;
mod listing;
mod model;
mod page;
mod progress;
mod queue;
mod release;
mod shipped;
mod since;
mod slug;
mod statistics;
mod tables;
mod timeline;
mod tree;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::change::Survey;
use crate::check::result::Outcome;
use crate::history::History;
use crate::kep::Milestone;
use crate::kubernetes::KubernetesLists;
use crate::project::Web;
use crate::readiness::Readiness;
use crate::release::{Schedule, ics};
use crate::source::git::CommitId;
use model::{Site, release_path};
pub(crate) use page::{MARK, later};
pub(crate) use since::{Reviews, Trees, read as read_reviews};
pub use tree::{Moment, render_tree};

/// What the pages are made from.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// The tree of the commit, checked as a whole.
    pub(crate) outcome: &'a Outcome,
    /// The KEPs of the same tree.
    pub(crate) survey: &'a Survey,
    /// How they became what they are.
    pub(crate) history: &'a History,
    /// What changed in the answers of each KEP since its approval.
    pub(crate) reviews: &'a Reviews,
    /// When releases freeze.
    pub(crate) schedule: &'a Schedule,
    /// The feature gates and metrics of Kubernetes, if they are known.
    pub(crate) lists: Option<&'a KubernetesLists>,
    /// How far the KEPs of the current release are; `None` if the project has no releases.
    pub(crate) readiness: Option<&'a Readiness>,
    /// The repository on the web, for links to files and commits.
    pub(crate) web: Option<&'a Web>,
    /// The commit.
    pub(crate) commit: CommitId,
    /// The current time.
    pub(crate) now: Timestamp,
    /// The number of commits with KEPs that are dated after that.
    pub(crate) later: usize,
    /// The address at which the site will be, without a slash at its end.
    pub(crate) base_url: Option<&'a str>,
}

/// The freezes of the releases from the oldest one with a page on, for calendar applications.
fn calendar(site: &Site<'_>, current: Milestone) -> String {
    let first = site.past.last().copied().unwrap_or(current);
    let calendar = &site.sources.schedule.calendar;
    let releases: Vec<_> = calendar.releases().into_iter().filter(|release| *release >= first).collect();
    let project = if site.profile().dialect.is_kubernetes { "Kubernetes" } else { "" };
    ics::render(calendar, &releases, project, site.sources.now)
}

/// The files of the site by their path, with `/` between folders.
pub(crate) fn render(sources: Sources<'_>) -> BTreeMap<String, String> {
    let site = Site::new(sources);
    let mut files = BTreeMap::from([("style.css".to_owned(), include_str!("style.css").to_owned())]);
    files.insert("index.html".to_owned(), index::render(&site));
    files.insert("statistics.html".to_owned(), statistics::render(&site));
    files.extend(listing::render(&site));
    files.extend(site.keps.iter().map(|entry| (entry.path(), kep::render(&site, entry))));
    if let Some(readiness) = sources.readiness {
        files.insert(release_path(readiness.release), release::render(&site, readiness));
        files.insert("calendar.ics".to_owned(), calendar(&site, readiness.release));
        files.extend(shipped::render(&site));
        if site.has_prr() {
            files.insert("prr.html".to_owned(), queue::render(&site, readiness));
        }
    }
    if let Some(base_url) = sources.base_url {
        files.insert("feed.atom".to_owned(), feed::render(&site, base_url));
    }
    files
}
