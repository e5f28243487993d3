//! How each KEP changed over time, found in one walk over the first-parent commits of a branch.
//!
//! Only changes below the KEP folder and the production-readiness folder are read, and each version of a file is
//! decoded only once. The current profile is used for all commits.

mod authority;
mod builder;
mod versions;

use std::sync::Arc;

use jiff::Timestamp;

use crate::error::SourceError;
use crate::kep::stage::PerStage;
use crate::kep::{Kep, KepNumber, Milestone, PrrFile, Stage, Status};
use crate::project::Profile;
use crate::source::git::{BlobId, CommitId, Repository, WalkCache};
use crate::text::RepoPath;
use authority::Authority;

/// The maximum number of unreadable files to list. Any others are only counted.
const MAX_UNREADABLE: usize = 20;

/// The histories of all KEPs.
#[derive(Debug)]
pub struct History {
    /// The number of commits on the line, including those that changed no KEP.
    pub commits: usize,
    /// The time of the first commit with a KEP.
    pub start: Timestamp,
    /// The time of the newest commit.
    pub end: Timestamp,
    /// The KEPs, sorted by their last directory, including those that were removed.
    pub keps: Vec<KepHistory>,
    /// The first versions of files that could not be read or decoded, at most 20.
    pub unreadable: Vec<Unreadable>,
    /// The number of such versions.
    pub unreadable_count: usize,
    authority: Authority,
}

/// The versions of a KEP.
#[derive(Debug)]
pub struct KepHistory {
    /// The last directory (or file, in projects where each KEP is a file).
    pub dir: RepoPath,
    /// The number in the name of its directory.
    pub number: Option<KepNumber>,
    /// Every version, oldest first. There is at least one.
    pub versions: Vec<Version>,
}

/// A KEP after a commit that changed it.
#[derive(Debug, Clone)]
pub struct Version {
    /// The commit.
    pub commit: CommitId,
    /// Its position among the commits that changed something here. Times may be equal.
    pub position: usize,
    /// When it was committed. This is never earlier than the time of the version before it.
    pub time: Timestamp,
    /// The directory of the KEP in this commit.
    pub dir: RepoPath,
    /// The metadata; `None` if it does not exist or could not be read.
    pub metadata: Option<Arc<Metadata>>,
    /// The approver that the production-readiness file names for each stage, as written. Some of them may not be
    /// authorized to approve: see [`History::approval`].
    pub approvers: Arc<Approvers>,
    /// The content of the README; `None` if there is none.
    pub readme: Option<BlobId>,
    /// True if neither the metadata nor the README exists.
    pub is_removed: bool,
    /// What the commit changed.
    pub changed: Changed,
}

/// The files of a KEP that a commit changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changed {
    /// The metadata.
    pub metadata: bool,
    /// The production-readiness file.
    pub prr: bool,
    /// The README.
    pub readme: bool,
}

/// The production-readiness approver of each stage, as written.
pub type Approvers = PerStage<Option<String>>;

/// The part of `kep.yaml` that changes over time.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// `title`, as written.
    pub title: String,
    /// `owning-sig`, as written.
    pub owning_sig: String,
    /// `kep-number`, as written.
    pub kep_number: String,
    /// `status`, as written.
    pub status: String,
    /// The status, if it is valid.
    pub known_status: Option<Status>,
    /// `stage`, if it is valid.
    pub stage: Option<Stage>,
    /// `latest-milestone`, if it is a release.
    pub latest: Option<Milestone>,
    /// The release of each stage in `milestone`.
    pub milestones: PerStage<Option<Milestone>>,
    /// True if `milestone` assigns the latest release to a later stage, as the rule `stage-behind` reports.
    pub is_behind: bool,
    /// `authors`, in the form that is used to compare people.
    pub authors: Vec<String>,
}

/// A version of a file that could not be read or decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The file.
    pub path: RepoPath,
    /// The commit.
    pub commit: CommitId,
}

/// The commits to read.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The last commit of the first-parent line.
    pub head: CommitId,
    /// The line starts at the newest commit that is not later than this. Each KEP that existed then starts with a
    /// version at that commit.
    pub since: Option<Timestamp>,
}

/// Reads the history of all KEPs on a line of commits. The members of `groups` in `OWNERS_ALIASES` may approve
/// production readiness. A cache affects how long this takes, but not the result.
///
/// An unreadable file does not end the walk. It is counted in [`History::unreadable_count`].
///
/// # Errors
/// [`SourceError::Unavailable`] if a commit or a folder is missing, as in a shallow clone.
pub fn walk(
    line: Line<'_>,
    profile: &Profile,
    groups: &[&str],
    cache: Option<&mut WalkCache>,
) -> Result<History, SourceError> {
    builder::walk(line, (profile, groups), cache)
}

/// A KEP in a single commit.
#[derive(Debug)]
pub struct OneVersion<'a> {
    /// Its directory.
    pub dir: RepoPath,
    /// The number of the directory.
    pub number: Option<KepNumber>,
    /// Its metadata, if it can be read.
    pub kep: Option<&'a Kep>,
    /// Its production-readiness file, if there is one.
    pub prr: Option<&'a PrrFile>,
}

impl History {
    /// A history in which all KEPs come from one commit.
    #[must_use]
    pub fn of_one_commit(commit: CommitId, time: Timestamp, keps: Vec<OneVersion<'_>>) -> Self {
        let history = |one: OneVersion<'_>| {
            let version = Version {
                commit,
                position: 0,
                time,
                dir: one.dir.clone(),
                metadata: one.kep.map(|kep| Arc::new(Metadata::of(kep))),
                approvers: one.prr.map(|prr| Arc::new(versions::named(prr))).unwrap_or_default(),
                readme: None,
                is_removed: false,
                changed: Changed { metadata: true, prr: one.prr.is_some(), readme: false },
            };
            KepHistory { dir: one.dir, number: one.number, versions: vec![version] }
        };
        let mut keps: Vec<_> = keps.into_iter().map(history).collect();
        keps.sort_unstable_by(|one, other| one.dir.cmp(&other.dir));
        let (unreadable, authority) = (Vec::new(), Authority::default());
        Self { commits: 1, start: time, end: time, keps, unreadable, unreadable_count: 0, authority }
    }

    /// The KEPs with this number. There is more than one if directories share a number.
    pub fn of(&self, number: KepNumber) -> impl Iterator<Item = &KepHistory> {
        self.keps.iter().filter(move |kep| kep.number == Some(number))
    }

    /// The KEP in this directory.
    #[must_use]
    pub fn at(&self, dir: &RepoPath) -> Option<&KepHistory> {
        self.keps.binary_search_by(|kep| kep.dir.cmp(dir)).ok().and_then(|found| self.keps.get(found))
    }

    /// The approver that `version` names for `stage`, if they were authorized at that time or later.
    #[must_use]
    pub fn approval<'v>(&self, version: &'v Version, stage: Stage) -> Option<&'v str> {
        version.approver(stage).filter(|_| self.authority.allows_from(version, stage))
    }

    /// True if the approver that `version` names for `stage` was authorized at `time`. `kepgate readiness` would
    /// have given the same answer then.
    #[must_use]
    pub fn is_approved_at(&self, version: &Version, stage: Stage, time: Timestamp) -> bool {
        self.authority.allows_at(version, stage, time)
    }

    /// The first version that names an authorized approver for `stage`. Later changes of the approver do not matter.
    #[must_use]
    pub fn first_approval<'k>(&self, kep: &'k KepHistory, stage: Stage) -> Option<&'k Version> {
        kep.versions.iter().find(|version| self.approval(version, stage).is_some())
    }

    /// The version since which the current approver of `stage` has been named without interruption.
    #[must_use]
    pub fn last_approval<'k>(&self, kep: &'k KepHistory, stage: Stage) -> Option<&'k Version> {
        let named = |version: &Version| self.approval(version, stage).map(crate::kep::handle::folded);
        let last = named(kep.last()?)?;
        kep.versions.iter().rev().take_while(|version| named(version).as_ref() == Some(&last)).last()
    }

    /// Moves all times after `now` to the last time that is not after it. Returns the number of commits whose versions
    /// were moved.
    pub fn end_by(&mut self, now: Timestamp) -> usize {
        if self.end <= now {
            return 0;
        }
        let times = self.keps.iter().flat_map(|kep| &kep.versions).map(|version| version.time);
        let end = times.filter(|time| *time <= now).max().unwrap_or(now);
        let mut moved = std::collections::BTreeSet::new();
        for version in self.keps.iter_mut().flat_map(|kep| &mut kep.versions).filter(|version| version.time > now) {
            version.time = end;
            moved.insert(version.commit);
        }
        self.start = self.start.min(end);
        self.end = now;
        self.authority.clamp_to(end);
        moved.len()
    }

    /// The time up to which a release can be evaluated: `now`, but no later than the newest commit or the freeze,
    /// whichever is later. If a branch has no commits before a freeze, nothing happened until then.
    #[must_use]
    pub fn known_until(&self, freeze: Timestamp, now: Timestamp) -> Timestamp {
        now.min(self.end.max(freeze))
    }

    /// The last directory of the KEP that was once in `dir`.
    #[must_use]
    pub fn moved_to(&self, dir: &RepoPath) -> Option<&RepoPath> {
        let was_there = |kep: &&KepHistory| kep.versions.iter().any(|version| version.dir == *dir);
        self.keps.iter().find(was_there).map(|kep| &kep.dir)
    }
}

impl KepHistory {
    /// The last version that is not later than `time`.
    #[must_use]
    pub fn version_at(&self, time: Timestamp) -> Option<&Version> {
        self.versions.iter().take_while(|version| version.time <= time).last()
    }

    /// The newest version.
    #[must_use]
    pub fn last(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// Each version with the one before it.
    pub fn steps(&self) -> impl Iterator<Item = (Option<&Version>, &Version)> {
        let before = std::iter::once(None).chain(self.versions.iter().map(Some));
        before.zip(&self.versions)
    }
}

impl Version {
    /// The approver of `stage`, as written.
    #[must_use]
    pub fn approver(&self, stage: Stage) -> Option<&str> {
        self.approvers.of(stage).as_deref()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
