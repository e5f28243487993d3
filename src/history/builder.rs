//! Builds the versions of KEPs from the files that each commit changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::authority::Authority;
use super::versions::{At, Versions};
use super::{Approvers, Changed, History, KepHistory, Line, Metadata, Version};
use crate::error::SourceError;
use crate::kep::stage::PerStage;
use crate::kep::{KepNumber, aliases};
use crate::project::Profile;
use crate::project::layout::{Place, prr_file_number};
use crate::source::git::{BlobId, CommitId, FileChange, Repository, Step, Walk, WalkCache};
use crate::text::RepoPath;

/// See [`super::walk`].
pub(super) fn walk(
    line: Line<'_>,
    (profile, groups): (&Profile, &[&str]),
    cache: Option<&mut WalkCache>,
) -> Result<History, SourceError> {
    let layout = &profile.layout;
    let mut paths: Vec<_> = std::iter::once(&layout.root).chain(&layout.prr_root).cloned().collect();
    if layout.prr_root.is_some() {
        paths.push(RepoPath::from(aliases::PATH));
    }
    let mut builder = Builder::new(line.repository, profile, groups);
    let walk = Walk { tip: line.head, paths: &paths, since: line.since.map(Timestamp::as_second), cache };
    let walked = line.repository.walk(walk, &mut |step| builder.take(&step))?;
    match builder.versions.missing.take() {
        Some(error) => Err(error),
        None => Ok(builder.finish(walked.commits, time(walked.end))),
    }
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A KEP as of the current commit.
struct Current {
    history: KepHistory,
    metadata: Option<Arc<Metadata>>,
    /// True if the metadata file exists, readable or not.
    has_metadata: bool,
    readme: Option<BlobId>,
    approvers: Arc<Approvers>,
    /// The path of the production-readiness file, according to the last readable metadata.
    claim: Option<RepoPath>,
    /// The commit that removed the KEP.
    removed_in: Option<CommitId>,
}

impl Current {
    fn new(history: KepHistory, approvers: Arc<Approvers>) -> Self {
        let (metadata, readme, claim, removed_in) = (None, None, None, None);
        Self { history, metadata, has_metadata: false, readme, approvers, claim, removed_in }
    }

    fn is_removed(&self) -> bool {
        !self.has_metadata && self.readme.is_none()
    }
}

/// The state of the tree at the current commit, and the history up to it.
struct Builder<'a> {
    profile: &'a Profile,
    groups: &'a [&'a str],
    versions: Versions<'a>,
    authority: Authority,
    keps: Vec<Current>,
    /// The KEP in each directory, including directories that were removed.
    by_dir: HashMap<RepoPath, usize>,
    by_number: HashMap<KepNumber, Vec<usize>>,
    /// The production-readiness files for each number.
    prr: HashMap<KepNumber, BTreeMap<RepoPath, Arc<Approvers>>>,
    nobody: Arc<Approvers>,
    start: Option<Timestamp>,
    /// The number of steps before the current one.
    position: usize,
    /// The directories that the current commit adds, by number.
    arrivals: BTreeMap<KepNumber, BTreeSet<RepoPath>>,
}

impl<'a> Builder<'a> {
    fn new(repository: &'a Repository, profile: &'a Profile, groups: &'a [&'a str]) -> Self {
        Self {
            profile,
            groups,
            versions: Versions::new(repository, profile),
            authority: Authority::default(),
            keps: Vec::new(),
            by_dir: HashMap::new(),
            by_number: HashMap::new(),
            prr: HashMap::new(),
            nobody: Arc::default(),
            start: None,
            position: 0,
            arrivals: BTreeMap::new(),
        }
    }

    /// Applies the changes of a commit.
    fn take(&mut self, step: &Step) {
        let mut changed: BTreeMap<usize, Changed> = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        self.arrivals = self.arrivals(step);
        // Deletions come first, so that a KEP that moves is recognized as removed before it appears in its new
        // directory.
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
                Place::Aliases => self.take_aliases(step, change),
                Place::Elsewhere => {}
            }
        }
        if changed.is_empty() && numbers.is_empty() {
            return;
        }
        self.start.get_or_insert_with(|| time(step.time));
        // A change to a KEP may decide which KEP of the same number a production-readiness file belongs to.
        numbers.extend(changed.keys().filter_map(|kep| self.keps.get(*kep)?.history.number));
        let named = numbers.iter().filter_map(|number| self.by_number.get(number)).flatten();
        let touched: BTreeSet<usize> = changed.keys().copied().chain(named.copied()).collect();
        for kep in touched {
            self.push_version(step, kep, changed.get(&kep).copied().unwrap_or_default());
        }
        self.position += 1;
    }

    fn arrivals(&self, step: &Step) -> BTreeMap<KepNumber, BTreeSet<RepoPath>> {
        let mut arrivals: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for change in step.changes.iter().filter(|change| change.blob.is_some()) {
            let Place::Kep(dir) = self.profile.layout.place(&change.path) else { continue };
            let number =
                self.profile.layout.number(&dir).filter(|number| !number.is_zero() && !self.by_dir.contains_key(&dir));
            if let Some(number) = number {
                arrivals.entry(number).or_default().insert(dir);
            }
        }
        arrivals
    }

    /// Applies a change to a file of a KEP; `None` if the file is neither the metadata nor the README.
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
        let kep = self.kep_in(dir, commit);
        let at = change.blob.map(|blob| At { commit, path: &change.path, blob });
        let metadata = at.filter(|_| is_metadata).and_then(|at| self.versions.metadata(at));
        let claim = metadata.as_ref().and_then(|it| layout.prr_file_path(&it.owning_sig, &it.kep_number));
        let current = self.keps.get_mut(kep)?;
        // The old directory of a KEP that moved loses its files in the same commit.
        if change.blob.is_none() && current.history.dir != *dir {
            return None;
        }
        if is_metadata {
            // Unreadable metadata does not change which production-readiness file belongs to the KEP.
            if claim.is_some() || change.blob.is_none() {
                current.claim = claim;
            }
            current.has_metadata = change.blob.is_some();
            current.metadata = metadata;
        }
        if is_readme {
            current.readme = change.blob;
        }
        current.removed_in = current.is_removed().then_some(commit);
        Some((kep, Changed { metadata: is_metadata, readme: is_readme, prr: false }))
    }

    /// The KEP in `dir`: the one that was there, or one of the same number that moves here from a directory that
    /// `commit` removes, or else a new one. If the commit adds several directories with the number, only one that keeps
    /// the name counts as a move.
    fn kep_in(&mut self, dir: &RepoPath, commit: CommitId) -> usize {
        if let Some(kep) = self.by_dir.get(dir) {
            return *kep;
        }
        let number = self.profile.layout.number(dir);
        let arrivals = number.and_then(|number| self.arrivals.get(&number));
        let same = arrivals.and(number).and_then(|number| self.by_number.get(&number));
        let is_alone = arrivals.is_some_and(|dirs| dirs.len() == 1);
        let comes_here = |kep: &&usize| {
            let kep = self.keps.get(**kep).filter(|kep| kep.removed_in == Some(commit));
            kep.is_some_and(|kep| is_alone || kep.history.dir.name() == dir.name())
        };
        let moved = same.and_then(|keps| keps.iter().rfind(comes_here)).copied();
        let kep = moved.unwrap_or(self.keps.len());
        if let Some(current) = self.keps.get_mut(kep) {
            self.by_dir.remove(&current.history.dir);
            current.history.dir = dir.clone();
        } else {
            let history = KepHistory { dir: dir.clone(), number, versions: Vec::new() };
            self.keps.push(Current::new(history, Arc::clone(&self.nobody)));
            if let Some(number) = number {
                self.by_number.entry(number).or_default().push(kep);
            }
        }
        self.by_dir.insert(dir.clone(), kep);
        kep
    }

    /// Applies a change to a production-readiness file, and returns the number of its KEP.
    fn take_prr_file(&mut self, commit: CommitId, change: &FileChange) -> Option<KepNumber> {
        let number = prr_file_number(&change.path)?;
        let at = change.blob.map(|blob| At { commit, path: &change.path, blob });
        let approvers = at.and_then(|at| self.versions.approvers(at));
        let files = self.prr.entry(number).or_default();
        match approvers {
            Some(named) => {
                let before = files.get(&change.path).filter(|_| !named.is_complete);
                let approvers = match before {
                    Some(before) => Arc::new(PerStage::from_fn(|stage| {
                        named.approvers.of(stage).clone().or_else(|| before.of(stage).clone())
                    })),
                    None => named.approvers,
                };
                files.insert(change.path.clone(), approvers);
            }
            // An unreadable version does not change who is on record.
            None if change.blob.is_some() => {}
            None => _ = files.remove(&change.path),
        }
        Some(number)
    }

    fn take_aliases(&mut self, step: &Step, change: &FileChange) {
        let at = change.blob.map(|blob| At { commit: step.commit, path: &change.path, blob });
        let members = match at {
            Some(at) => self.versions.members(at, self.groups),
            None => Some(BTreeSet::new()),
        };
        if let Some(members) = members {
            self.authority.record(time(step.time), members);
        }
    }

    /// The approvers of a KEP: those in the file that its metadata points to, unless that file belongs to an earlier
    /// KEP with the same number. If there is no such file, the approvers on record stay, provided that the number has
    /// only one file and one KEP.
    fn approvers(&self, kep: usize) -> Option<&Arc<Approvers>> {
        let current = self.keps.get(kep).filter(|current| !current.is_removed())?;
        let number = current.history.number?;
        let files = self.prr.get(&number)?;
        let claim = current.claim.as_ref()?;
        let all = self.by_number.get(&number).into_iter().flatten();
        let mut all = all.filter_map(|kep| Some((*kep, self.keps.get(*kep)?))).filter(|(_, it)| !it.is_removed());
        if let Some(approvers) = files.get(claim) {
            let (first, _) = all.find(|(_, other)| other.claim.as_ref() == Some(claim))?;
            return (first == kep).then_some(approvers);
        }
        let is_alone = files.len() == 1 && all.count() == 1 && !Arc::ptr_eq(&current.approvers, &self.nobody);
        files.values().next().filter(|_| is_alone)
    }

    fn push_version(&mut self, step: &Step, kep: usize, mut changed: Changed) {
        let approvers = Arc::clone(self.approvers(kep).unwrap_or(&self.nobody));
        let Some(current) = self.keps.get_mut(kep) else { return };
        changed.prr = !Arc::ptr_eq(&approvers, &current.approvers);
        current.approvers = Arc::clone(&approvers);
        if changed == Changed::default() {
            return;
        }
        let version = Version {
            commit: step.commit,
            position: self.position,
            time: time(step.time),
            dir: current.history.dir.clone(),
            metadata: current.metadata.clone(),
            approvers,
            readme: current.readme,
            is_removed: current.is_removed(),
            changed,
        };
        current.history.versions.push(version);
    }

    fn finish(self, commits: usize, end: Timestamp) -> History {
        let mut keps: Vec<_> = self.keps.into_iter().map(|current| current.history).collect();
        keps.retain(|kep| !kep.versions.is_empty());
        keps.sort_unstable_by(|one, other| one.dir.cmp(&other.dir));
        History {
            commits,
            start: self.start.unwrap_or(end),
            end,
            keps,
            unreadable: self.versions.unreadable,
            unreadable_count: self.versions.unreadable_count,
            authority: self.authority,
        }
    }
}
