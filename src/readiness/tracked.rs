//! Data about a release's KEPs that only GitHub has: tracking issues and open pull requests.

use std::collections::{BTreeMap, BTreeSet};

use super::{Candidate, Readiness, Unmerged, Verdict};
use crate::kep::{Kep, KepNumber, Milestone, Status};
use crate::project::layout::{self, Place};
use crate::project::{Layout, Profile};
use crate::text::RepoPath;
use crate::text::{Files, Side, SourceFile};
use crate::tracking::Tracking;
use crate::tracking::pulls::OpenPulls;

/// Data from GitHub; `None` if it is unknown.
#[derive(Debug, Default)]
pub(crate) struct Tracked {
    /// The issue or pull request with each KEP's number.
    pub(crate) issues: Option<BTreeMap<KepNumber, Tracking>>,
    /// The numbers of the open pull requests on each KEP.
    pub(crate) pulls: Option<BTreeMap<KepNumber, Vec<u64>>>,
    /// The KEPs that open pull requests target at the release.
    pub(crate) proposed: Option<Vec<Unmerged>>,
}

/// The KEPs that these pull requests target at `release`, by directory.
#[must_use]
pub(crate) fn unmerged(open: &OpenPulls, profile: &Profile, release: Milestone) -> Vec<Unmerged> {
    let mut found: BTreeMap<RepoPath, Unmerged> = BTreeMap::new();
    for pull in &open.pulls {
        for file in &pull.files {
            let (Some(dir), Some(text)) = (kep_dir(&profile.layout, &file.path), &file.after) else { continue };
            let mut files = Files::default();
            let file = files.add(SourceFile::new(Side::Head, RepoPath::from(file.path.as_str()), text));
            let kep = Kep::decode_in(file, &profile.dialect.read(files[file].text()), &profile.dialect);
            let is_closed = kep.known_status().is_some_and(|it| !it.is_active() && it != Status::Provisional);
            if kep.latest() != Some(release) || is_closed {
                continue;
            }
            let entry = found.entry(dir.clone()).or_insert_with(|| Unmerged {
                number: profile.layout.number(&dir),
                dir,
                title: kep.title().to_owned(),
                pulls: Vec::new(),
            });
            entry.pulls.push(pull.number);
        }
    }
    found.into_values().collect()
}

/// The directory of the KEP whose metadata is at `path`.
fn kep_dir(layout: &Layout, path: &str) -> Option<RepoPath> {
    let path = RepoPath::from(path);
    match layout.place(&path) {
        Place::Kep(dir) if layout.is_metadata(path.name()) => Some(dir),
        _ => None,
    }
}

/// The numbers of the pull requests that touch each KEP: its directory, or its production-readiness file.
#[must_use]
pub(crate) fn by_kep(open: &OpenPulls) -> BTreeMap<KepNumber, Vec<u64>> {
    let mut found: BTreeMap<KepNumber, Vec<u64>> = BTreeMap::new();
    for pull in &open.pulls {
        let paths = pull.files.iter().flat_map(|file| file.moved_from.iter().chain([&file.path]));
        let numbers: BTreeSet<_> =
            paths.filter_map(|path| number(&open.layout, &RepoPath::from(path.as_str()))).collect();
        for number in numbers {
            found.entry(number).or_default().push(pull.number);
        }
    }
    found
}

fn number(layout: &Layout, path: &RepoPath) -> Option<KepNumber> {
    match layout.place(path) {
        Place::Kep(dir) => layout.number(&dir),
        Place::PrrFile => layout::prr_file_number(path),
        Place::Aliases | Place::Elsewhere => None,
    }
}

impl Readiness {
    /// The numbers of the KEPs that the release is about.
    #[must_use]
    pub(crate) fn numbers(&self) -> BTreeSet<KepNumber> {
        self.keps.iter().filter_map(|kep| kep.number).filter(|number| !number.is_zero()).collect()
    }

    /// Applies the data from GitHub. It has none for KEPs without a number.
    pub(crate) fn take(&mut self, tracked: &Tracked) {
        let release = self.release;
        self.unmerged = tracked.proposed.as_ref().map(|proposed| {
            let is_in_tree = |dir: &RepoPath| self.keps.iter().any(|kep| kep.dir.as_ref() == Some(dir));
            proposed.iter().filter(|kep| !is_in_tree(&kep.dir)).cloned().collect()
        });
        for kep in &mut self.keps {
            let Some(number) = kep.number.filter(|number| !number.is_zero()) else { continue };
            if let Some(tracking) = tracked.issues.as_ref().and_then(|issues| issues.get(&number)) {
                kep.answer("opted-in", opted_in(tracking, release));
            }
            if let Some(pulls) = &tracked.pulls {
                kep.answer("no-open-pull-request", nothing_open(pulls.get(&number).map_or(&[], Vec::as_slice)));
            }
        }
    }
}

impl Candidate {
    fn answer(&mut self, key: &str, verdict: Verdict) {
        if let Some((_, place)) = self.verdicts.iter_mut().find(|(criterion, _)| criterion.key == key) {
            *place = verdict;
        }
    }
}

/// The first fault of a tracking issue, in the order in which the release team looks.
fn opted_in(tracking: &Tracking, release: Milestone) -> Verdict {
    let not_met = |why: &str| Verdict::NotMet(why.to_owned());
    match tracking {
        Tracking::Nothing => not_met("the tracking issue does not exist"),
        Tracking::PullRequest => not_met("the number is that of a pull request, not of a tracking issue"),
        Tracking::Issue(issue) if !issue.is_open => not_met("the tracking issue is closed"),
        Tracking::Issue(issue) if issue.release() != Some(release) => {
            Verdict::NotMet(format!("the tracking issue is not in the milestone {release}"))
        }
        Tracking::Issue(issue) if !issue.is_opted_in() => not_met("the tracking issue is not labeled `lead-opted-in`"),
        Tracking::Issue(_) => Verdict::Met,
    }
}

fn nothing_open(pulls: &[u64]) -> Verdict {
    let numbers: Vec<_> = pulls.iter().map(|number| format!("#{number}")).collect();
    if numbers.is_empty() {
        Verdict::Met
    } else {
        Verdict::NotMet(format!("open pull requests: {}", numbers.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Tracking, Verdict, opted_in};
    use crate::kep::Milestone;
    use crate::tracking::Issue;

    #[test]
    fn an_open_labeled_issue_in_the_milestone_is_opted_in() {
        let issue = |is_open, milestone: &str, label: &str| {
            Tracking::Issue(Issue { is_open, milestone: Some(milestone.to_owned()), labels: vec![label.to_owned()] })
        };
        for (tracking, why) in [
            (issue(true, "v1.35", "lead-opted-in"), None),
            (issue(false, "v1.35", "lead-opted-in"), Some("the tracking issue is closed")),
            (issue(true, "v1.34", "lead-opted-in"), Some("the tracking issue is not in the milestone v1.35")),
            (issue(true, "v1.35", "stage/beta"), Some("the tracking issue is not labeled `lead-opted-in`")),
            (Tracking::PullRequest, Some("the number is that of a pull request, not of a tracking issue")),
            (Tracking::Nothing, Some("the tracking issue does not exist")),
        ] {
            let expected = why.map_or(Verdict::Met, |why| Verdict::NotMet(why.to_owned()));
            assert_eq!(opted_in(&tracking, Milestone::new(1, 35)), expected);
        }
    }
}
