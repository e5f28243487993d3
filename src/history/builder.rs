//! Puts the changed files of each commit together to versions of KEPs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::versions::{At, Versions};
use super::{Approvers, Changed, History, KepHistory, Metadata, Version};
use crate::error::SourceError;
use crate::kep::KepNumber;
use crate::project::Profile;
use crate::project::layout::{Place, directory_number, prr_file_number};
use crate::source::git::{BlobId, CommitId, FileChange, Repository, Step};
use crate::text::RepoPath;

/// See [`super::walk`].
pub(super) fn walk(
    repository: &Repository,
    head: CommitId,
    profile: &Profile,
    since: Option<Timestamp>,
) -> Result<History, SourceError> {
    let layout = &profile.layout;
    let folders: Vec<_> = std::iter::once(&layout.root).chain(&layout.prr_root).cloned().collect();
    let mut builder = Builder::new(repository, profile);
    let end = time(repository.time(head)?);
    let seconds = since.map(Timestamp::as_second);
    let commits = repository.walk(head, &folders, seconds, &mut |step| builder.take(&step))?;
    match builder.versions.missing.take() {
        Some(error) => Err(error),
        None => Ok(builder.finish(commits, end)),
    }
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A KEP as of the current commit.
struct Current {
    history: KepHistory,
    metadata: Option<Arc<Metadata>>,
    readme: Option<BlobId>,
    approvers: Arc<Approvers>,
}

/// The state of the tree as of the current commit, and the history so far.
struct Builder<'a> {
    profile: &'a Profile,
    versions: Versions<'a>,
    keps: Vec<Current>,
    /// The KEP in each directory, also in those that were removed.
    by_dir: HashMap<RepoPath, usize>,
    by_number: HashMap<KepNumber, Vec<usize>>,
    /// The production-readiness files of each number.
    prr: HashMap<KepNumber, BTreeMap<RepoPath, Arc<Approvers>>>,
    nobody: Arc<Approvers>,
    start: Option<Timestamp>,
}

impl<'a> Builder<'a> {
    fn new(repository: &'a Repository, profile: &'a Profile) -> Self {
        Self {
            profile,
            versions: Versions::new(repository, profile),
            keps: Vec::new(),
            by_dir: HashMap::new(),
            by_number: HashMap::new(),
            prr: HashMap::new(),
            nobody: Arc::default(),
            start: None,
        }
    }

    /// Applies the changes of a commit.
    fn take(&mut self, step: &Step) {
        self.start.get_or_insert_with(|| time(step.time));
        let mut changed: BTreeMap<usize, Changed> = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        // Deletions first, so that a directory which moves is free when it appears in another place.
        let (gone, there): (Vec<_>, Vec<_>) = step.changes.iter().partition(|change| change.blob.is_none());
        for change in gone.into_iter().chain(there) {
            match self.profile.layout.place(&change.path) {
                Place::Kep(dir) => {
                    if let Some((kep, files)) = self.take_kep_file(step.commit, &dir, change) {
                        let all = changed.entry(kep).or_default();
                        all.metadata |= files.metadata;
                        all.readme |= files.readme;
                    }
                }
                Place::PrrFile => numbers.extend(self.take_prr_file(step.commit, change)),
                Place::Aliases | Place::Elsewhere => {}
            }
        }
        let named = numbers.iter().filter_map(|number| self.by_number.get(number)).flatten();
        let touched: BTreeSet<usize> = changed.keys().copied().chain(named.copied()).collect();
        for kep in touched {
            self.push_version(step, kep, changed.get(&kep).copied().unwrap_or_default());
        }
    }

    /// Applies the change of a file of a KEP; `None` if the file is neither the metadata nor the README.
    fn take_kep_file(&mut self, commit: CommitId, dir: &RepoPath, change: &FileChange) -> Option<(usize, Changed)> {
        let layout = &self.profile.layout;
        let is_metadata = layout.metadata_of(dir) == change.path;
        let is_readme = layout.readme_of(dir) == change.path;
        if !is_metadata && !is_readme {
            return None;
        }
        if change.blob.is_none() && !self.by_dir.contains_key(dir) {
            return None;
        }
        let kep = self.kep_in(dir);
        let at = change.blob.map(|blob| At { commit, path: &change.path, blob });
        let metadata = at.filter(|_| is_metadata).and_then(|at| self.versions.metadata(at));
        let current = self.keps.get_mut(kep)?;
        // The directory that a KEP was moved away from loses its files in the same commit.
        if change.blob.is_none() && current.history.dir != *dir {
            return None;
        }
        if is_metadata {
            current.metadata = metadata;
        }
        if is_readme {
            current.readme = change.blob;
        }
        Some((kep, Changed { metadata: is_metadata, readme: is_readme, prr: false }))
    }

    /// The KEP in `dir`: the one that was there, one of the same number whose directory is gone, or else a new one.
    fn kep_in(&mut self, dir: &RepoPath) -> usize {
        if let Some(kep) = self.by_dir.get(dir) {
            return *kep;
        }
        let number = directory_number(dir);
        let same = number.filter(|number| !number.is_zero()).and_then(|number| self.by_number.get(&number));
        let is_gone = |kep: &&usize| {
            let kep = self.keps.get(**kep);
            kep.is_some_and(|kep| kep.metadata.is_none() && kep.readme.is_none())
        };
        let moved = same.and_then(|keps| keps.iter().rfind(is_gone)).copied();
        let kep = moved.unwrap_or(self.keps.len());
        if let Some(current) = self.keps.get_mut(kep) {
            self.by_dir.remove(&current.history.dir);
            current.history.dir = dir.clone();
        } else {
            let history = KepHistory { dir: dir.clone(), number, versions: Vec::new() };
            let approvers = Arc::clone(&self.nobody);
            self.keps.push(Current { history, metadata: None, readme: None, approvers });
            if let Some(number) = number {
                self.by_number.entry(number).or_default().push(kep);
            }
        }
        self.by_dir.insert(dir.clone(), kep);
        kep
    }

    /// Applies the change of a production-readiness file and returns the number of its KEP.
    fn take_prr_file(&mut self, commit: CommitId, change: &FileChange) -> Option<KepNumber> {
        let number = prr_file_number(&change.path)?;
        let at = change.blob.map(|blob| At { commit, path: &change.path, blob });
        let approvers = at.and_then(|at| self.versions.approvers(at));
        let files = self.prr.entry(number).or_default();
        match approvers {
            Some(approvers) => files.insert(change.path.clone(), approvers),
            None => files.remove(&change.path),
        };
        Some(number)
    }

    /// The approvers of a KEP: those in the file where upstream looks for it, or else in the only one of its number.
    fn approvers(&self, current: &Current) -> Arc<Approvers> {
        let found = || {
            let files = self.prr.get(&current.history.number?)?;
            let metadata = current.metadata.as_ref()?;
            let expected = self.profile.layout.prr_file_path(&metadata.owning_sig, &metadata.kep_number);
            expected.and_then(|path| files.get(&path)).or_else(|| files.values().next().filter(|_| files.len() == 1))
        };
        Arc::clone(found().unwrap_or(&self.nobody))
    }

    fn push_version(&mut self, step: &Step, kep: usize, mut changed: Changed) {
        let Some(approvers) = self.keps.get(kep).map(|current| self.approvers(current)) else { return };
        let Some(current) = self.keps.get_mut(kep) else { return };
        changed.prr = !Arc::ptr_eq(&approvers, &current.approvers);
        current.approvers = Arc::clone(&approvers);
        if changed == Changed::default() {
            return;
        }
        let version = Version {
            commit: step.commit,
            time: time(step.time),
            dir: current.history.dir.clone(),
            metadata: current.metadata.clone(),
            approvers,
            readme: current.readme,
            changed,
        };
        current.history.versions.push(version);
    }

    fn finish(self, commits: usize, end: Timestamp) -> History {
        let mut keps: Vec<_> = self.keps.into_iter().map(|current| current.history).collect();
        keps.retain(|kep| !kep.versions.is_empty());
        keps.sort_by(|one, other| one.dir.cmp(&other.dir));
        History {
            commits,
            start: self.start.unwrap_or(end),
            end,
            keps,
            unreadable: self.versions.unreadable,
            unreadable_count: self.versions.unreadable_count,
        }
    }
}
