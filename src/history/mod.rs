//! How each KEP changed over time, from one walk over the first-parent commits of a branch.
//!
//! Only what a commit changed below the KEP folder and the production-readiness folder is looked at, and each version
//! of a file is read and decoded once. All commits are read with the profile of today.

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

/// The maximum number of unreadable files to name. The others are only counted.
const MAX_UNREADABLE: usize = 20;

/// What became of each KEP.
#[derive(Debug)]
pub struct History {
    /// The number of commits on the line, including those that changed no KEP.
    pub commits: usize,
    /// The time of the first commit with a KEP.
    pub start: Timestamp,
    /// The time of the newest commit.
    pub end: Timestamp,
    /// The KEPs, by their last directory. Those that were removed are among them.
    pub keps: Vec<KepHistory>,
    /// The first versions of files that could not be read or understood, at most 20.
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
    /// The number of its directory.
    pub number: Option<KepNumber>,
    /// Every version, oldest first. There is at least one.
    pub versions: Vec<Version>,
}

/// A KEP after a commit that changed it.
#[derive(Debug, Clone)]
pub struct Version {
    /// The commit.
    pub commit: CommitId,
    /// Its place among the commits that changed something here. Times may be equal.
    pub position: usize,
    /// When it was committed. It is never earlier than that of the version before.
    pub time: Timestamp,
    /// The directory of the KEP in this commit.
    pub dir: RepoPath,
    /// The metadata; `None` if it does not exist or could not be read.
    pub metadata: Option<Arc<Metadata>>,
    /// Who the production-readiness file names for each stage, as written. Not all of them may approve:
    /// see [`History::approval`].
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
    /// The status, if it is a known one.
    pub known_status: Option<Status>,
    /// `stage`, if it is a known one.
    pub stage: Option<Stage>,
    /// `latest-milestone`, if it is a release.
    pub latest: Option<Milestone>,
    /// The release of each stage in `milestone`.
    pub milestones: PerStage<Option<Milestone>>,
    /// True if `milestone` says that the release is that of a later stage, as the rule `stage-behind` reports.
    pub is_behind: bool,
    /// `authors`, in the form for comparing people.
    pub authors: Vec<String>,
}

/// A version of a file that could not be read or understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The file.
    pub path: RepoPath,
    /// The commit.
    pub commit: CommitId,
}

/// Which commits to read.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The last commit of the first-parent line.
    pub head: CommitId,
    /// The line starts at the newest commit that is not later, and each KEP that existed then starts with a version of
    /// that commit.
    pub since: Option<Timestamp>,
}

/// Reads the history of all KEPs on a line of commits. The members of `groups` in `OWNERS_ALIASES` are those who may
/// approve production readiness. A cache changes how long this takes, not what it returns.
///
/// A file that cannot be read does not end the walk: it is counted in [`History::unreadable_count`].
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

/// A KEP as one commit made it.
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
    /// The history of KEPs that all come from one commit, by directory.
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
        keps.sort_by(|one, other| one.dir.cmp(&other.dir));
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

    /// The approver that `version` names for `stage`, if they could approve then or at a later time.
    #[must_use]
    pub fn approval<'v>(&self, version: &'v Version, stage: Stage) -> Option<&'v str> {
        version.approver(stage).filter(|_| self.authority.allows_from(version, stage))
    }

    /// True if the approver that `version` names for `stage` was an approver at `time`, as `kepgate readiness` would
    /// have found.
    #[must_use]
    pub fn is_approved_at(&self, version: &Version, stage: Stage, time: Timestamp) -> bool {
        self.authority.allows_at(version, stage, time)
    }

    /// The first version that names an approver of production readiness for `stage`. If another one took over later,
    /// this is still the first.
    #[must_use]
    pub fn first_approval<'k>(&self, kep: &'k KepHistory, stage: Stage) -> Option<&'k Version> {
        kep.versions.iter().find(|version| self.approval(version, stage).is_some())
    }

    /// The first of the latest versions that name the same approver of `stage` without interruption.
    #[must_use]
    pub fn last_approval<'k>(&self, kep: &'k KepHistory, stage: Stage) -> Option<&'k Version> {
        let named = |version: &Version| self.approval(version, stage).map(crate::kep::handle::folded);
        let last = named(kep.last()?)?;
        kep.versions.iter().rev().take_while(|version| named(version).as_ref() == Some(&last)).last()
    }

    /// Moves everything that is dated later than `now` to the last time before it, and returns the number of commits
    /// with versions that were moved.
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

    /// Until when the numbers of a release can be counted: until now, but no later than the newest commit or the
    /// freeze, whichever is later. A branch without commits before a freeze says that nothing happened.
    #[must_use]
    pub fn known_until(&self, freeze: Timestamp, now: Timestamp) -> Timestamp {
        now.min(self.end.max(freeze))
    }

    /// The last directory of the KEP that was in `dir` at some time.
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
