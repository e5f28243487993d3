//! The KEPs of the site, and how to get from one thing to its page.

use std::collections::BTreeMap;

use super::Sources;
use super::slug::Slugs;
use crate::change::KepState;
use crate::check::resolved::ResolvedFinding;
use crate::check::summary::KepSummary;
use crate::escape::url_path;
use crate::history::{History, KepHistory};
use crate::kep::{Kep, KepNumber, Milestone};
use crate::project::{Layout, Profile};
use crate::source::git::CommitId;
use crate::text::RepoPath;

/// Releases before the current one to compare it with.
const PAST_RELEASES: usize = 3;

/// Everything that pages show.
pub(super) struct Site<'a> {
    pub(super) sources: Sources<'a>,
    /// The KEPs whose metadata can be read, by number and directory.
    pub(super) keps: Vec<Entry<'a>>,
    /// The releases before the current one, newest first.
    pub(super) past: Vec<Milestone>,
    /// The values that KEPs can be listed by.
    pub(super) groupings: Vec<Grouping>,
    by_dir: BTreeMap<&'a RepoPath, usize>,
}

/// A KEP.
pub(super) struct Entry<'a> {
    /// The name of its page.
    pub(super) slug: String,
    pub(super) summary: &'a KepSummary,
    pub(super) state: &'a KepState,
    pub(super) kep: &'a Kep,
    pub(super) history: Option<&'a KepHistory>,
    pub(super) findings: Vec<&'a ResolvedFinding>,
}

impl<'a> Site<'a> {
    pub(super) fn new(sources: Sources<'a>) -> Self {
        let summaries = sources.outcome.keps.iter().filter_map(|kep| kep.head());
        let summaries: BTreeMap<_, _> = summaries.map(|summary| (&summary.dir, summary)).collect();
        let mut findings: BTreeMap<&RepoPath, Vec<&ResolvedFinding>> = BTreeMap::new();
        for triaged in &sources.outcome.findings {
            if let Some(dir) = &triaged.finding.kep {
                findings.entry(dir).or_default().push(&triaged.finding);
            }
        }
        let mut states: Vec<_> = sources.survey.keps.iter().collect();
        states.sort_by_key(|state| (state.number, &state.dir));
        let mut slugs = slugs(&states, &sources.outcome.policy.profile.layout, sources.history);
        let entry = |state: &'a KepState| {
            Some(Entry {
                slug: slugs.remove(&state.dir).unwrap_or_default(),
                summary: summaries.get(&state.dir).copied()?,
                state,
                kep: state.readable_kep()?,
                history: sources.history.at(&state.dir),
                findings: findings.remove(&state.dir).unwrap_or_default(),
            })
        };
        let keps: Vec<_> = states.into_iter().filter_map(entry).collect();
        let by_dir = keps.iter().enumerate().map(|(index, entry)| (&entry.summary.dir, index)).collect();
        let current = sources.readiness.map(|readiness| readiness.release);
        let earlier = sources.schedule.calendar.releases().into_iter().rev();
        let earlier = earlier.filter(|release| current.is_some_and(|current| *release < current));
        let past = earlier.take(PAST_RELEASES).collect();
        let mut site = Self { sources, keps, past, groupings: Vec::new(), by_dir };
        let profile = site.profile();
        let is_used = |by: &By| match by {
            By::Sig => profile.has_sigs,
            By::Stage => profile.dialect.has_stages(),
            By::Status => true,
        };
        let used = By::ALL.into_iter().filter(is_used);
        site.groupings = used.map(|by| Grouping { by, groups: site.groups(by) }).collect();
        site
    }

    pub(super) fn profile(&self) -> &'a Profile {
        &self.sources.outcome.policy.profile
    }

    /// True if the project reviews production readiness.
    pub(super) fn has_prr(&self) -> bool {
        self.profile().layout.prr_root.is_some() && self.profile().dialect.prr_from.is_some()
    }

    pub(super) fn at(&self, dir: &RepoPath) -> Option<&Entry<'a>> {
        self.by_dir.get(dir).and_then(|index| self.keps.get(*index))
    }

    /// The page of a release, if it has one.
    pub(super) fn release_page(&self, release: Milestone) -> Option<String> {
        let current = self.sources.readiness.map(|readiness| readiness.release);
        (current == Some(release) || self.past.contains(&release)).then(|| release_path(release))
    }

    /// The current release and those before it, newest first.
    pub(super) fn releases(&self) -> impl Iterator<Item = Milestone> {
        let current = self.sources.readiness.map(|readiness| readiness.release);
        current.into_iter().chain(self.past.iter().copied())
    }

    /// The address of a commit on the web.
    pub(super) fn commit_url(&self, commit: CommitId) -> Option<String> {
        let web = self.sources.web?;
        Some(format!("{}/{}/commit/{commit}", web.server, web.repository))
    }

    /// The address of a file or folder on the web, with a line if it is a file.
    pub(super) fn file_url(&self, path: &RepoPath, line: Option<usize>) -> Option<String> {
        let web = self.sources.web?;
        let line = line.map(|line| format!("#L{line}")).unwrap_or_default();
        let (server, repository, commit) = (&web.server, &web.repository, self.sources.commit);
        let kind = if line.is_empty() { "tree" } else { "blob" };
        // Without `plain=1`, the web page of a Markdown file has no lines.
        let plain = if path.name().ends_with(b".md") && kind == "blob" { "?plain=1" } else { "" };
        Some(format!("{server}/{repository}/{kind}/{commit}/{}{plain}{line}", url_path(path.as_bytes())))
    }

    /// The address of the history of a file on the web.
    pub(super) fn history_url(&self, path: &RepoPath) -> Option<String> {
        let web = self.sources.web?;
        let (server, repository, commit) = (&web.server, &web.repository, self.sources.commit);
        Some(format!("{server}/{repository}/commits/{commit}/{}", url_path(path.as_bytes())))
    }

    /// The address of a comparison of the commit of the site with an earlier one on the web.
    pub(super) fn compare_url(&self, since: CommitId) -> Option<String> {
        let web = self.sources.web?;
        Some(format!("{}/{}/compare/{since}...{}", web.server, web.repository, self.sources.commit))
    }

    /// The page that lists the KEPs with this value.
    pub(super) fn group_page(&self, by: By, value: &str) -> Option<String> {
        let groups = &self.groupings.iter().find(|grouping| grouping.by == by)?.groups;
        groups.iter().find(|group| group.value == value).map(|group| group.path(by))
    }

    fn groups(&self, by: By) -> Vec<Group> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for entry in &self.keps {
            *counts.entry(by.value(entry).to_owned()).or_default() += 1;
        }
        let mut slugs = Slugs::default();
        let group = |(value, count): (String, usize)| Group { slug: slugs.take(&value), value, count };
        let mut groups: Vec<_> = counts.into_iter().map(group).collect();
        groups.sort_by_key(|group| by.rank(self.profile(), &group.value));
        groups
    }
}

/// The name of the page of each KEP: its number, or else the name of its directory. Of several KEPs with one number, the
/// first one keeps it, so that a new KEP never takes over the page of another one: the one whose `kep-number` is that
/// number, then the oldest one.
fn slugs<'a>(states: &[&'a KepState], layout: &Layout, history: &History) -> BTreeMap<&'a RepoPath, String> {
    let number = |state: &KepState| {
        let digits = layout.digits(&state.dir).filter(|_| state.issue_number().is_some());
        digits.and(state.number)
    };
    let is_foreign = |state: &KepState| {
        let own = state.kep().and_then(|kep| KepNumber::parse(kep.kep_number.text()));
        own != state.number
    };
    let begins = |state: &KepState| {
        let first = history.at(&state.dir).and_then(|kep| kep.versions.first());
        first.map_or(usize::MAX, |version| version.position)
    };
    let mut ranked: Vec<_> = states.iter().map(|state| (is_foreign(state), begins(state), *state)).collect();
    ranked.sort_by_key(|(is_foreign, begins, state)| (*is_foreign, *begins, &state.dir));
    let (mut taken, mut slugs) = (Slugs::default(), BTreeMap::new());
    let mut others = Vec::new();
    for (.., state) in ranked {
        match number(state).map(|number| number.to_string()).filter(|number| taken.is_free(number)) {
            Some(number) => _ = slugs.insert(&state.dir, taken.take(&number)),
            None => others.push(state),
        }
    }
    for state in others {
        slugs.insert(&state.dir, taken.take(&String::from_utf8_lossy(state.dir.name())));
    }
    slugs
}

/// A property to list KEPs by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Status,
    Stage,
    Sig,
}

impl By {
    const ALL: [Self; 3] = [Self::Status, Self::Stage, Self::Sig];

    /// The folder of its pages.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Stage => "stage",
            Self::Sig => "sig",
        }
    }

    /// Its name in a heading.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Stage => "Stage",
            Self::Sig => "SIG",
        }
    }

    /// Where a value comes in a list: valid ones in the order of the process, then others, then KEPs without one.
    pub(super) fn rank(self, profile: &Profile, value: &str) -> usize {
        let dialect = &profile.dialect;
        let valid = match self {
            Self::Status => dialect.status(value).map(|status| status as usize),
            Self::Stage => dialect.stage(value).map(|stage| stage as usize),
            Self::Sig => Some(0),
        };
        match valid {
            _ if value.is_empty() => usize::MAX,
            Some(rank) => rank,
            None => usize::MAX - 1,
        }
    }

    /// The value of a KEP, as written.
    pub(super) fn value<'e>(self, entry: &'e Entry<'_>) -> &'e str {
        match self {
            Self::Status => entry.status(),
            Self::Stage => entry.stage(),
            Self::Sig => entry.sig(),
        }
    }
}

/// The values of a property.
#[derive(Debug)]
pub(super) struct Grouping {
    pub(super) by: By,
    pub(super) groups: Vec<Group>,
}

/// A value that KEPs have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The name of its page.
    pub(super) slug: String,
    /// The value; empty for KEPs without one.
    pub(super) value: String,
    /// The number of KEPs.
    pub(super) count: usize,
}

impl Group {
    /// The path of its page.
    pub(super) fn path(&self, by: By) -> String {
        format!("{}/{}.html", by.folder(), self.slug)
    }

    /// The value for people.
    pub(super) fn name(&self) -> &str {
        if self.value.is_empty() { "none" } else { &self.value }
    }
}

/// The path of the page of a release.
pub(super) fn release_path(release: Milestone) -> String {
    format!("releases/{release}.html")
}

impl Entry<'_> {
    /// The path of its page.
    pub(super) fn path(&self) -> String {
        format!("keps/{}.html", self.slug)
    }

    /// The title as written, or else the name of the directory.
    pub(super) fn title(&self) -> &str {
        match self.kep.title() {
            "" => std::str::from_utf8(self.summary.dir.name()).unwrap_or_default(),
            title => title,
        }
    }

    /// `1287`, or the name of the directory.
    pub(super) fn label(&self) -> String {
        let name = || String::from_utf8_lossy(self.summary.dir.name()).into_owned();
        self.state.issue_number().map_or_else(name, |number| number.to_string())
    }

    /// The owning SIG.
    pub(super) fn sig(&self) -> &str {
        &self.summary.sig
    }

    /// The status as written.
    pub(super) fn status(&self) -> &str {
        self.kep.status.text()
    }

    /// The stage as written.
    pub(super) fn stage(&self) -> &str {
        self.kep.stage.text()
    }
}
