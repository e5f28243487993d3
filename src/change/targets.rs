//! From changed paths to KEPs: which directories and production-readiness files a check looks at, on each side. Only
//! the layout of the trees is read here.

use std::collections::BTreeSet;

use super::moves::formers;
use super::obstacles::{self, Obstacles};
use super::trees::Trees;
use super::{KepLocation, Scope};
use crate::error::SourceError;
use crate::kep::{aliases, owners};
use crate::project::layout::{Layout, Place};
use crate::source::ChangedPath;
use crate::text::RepoPath;

/// The subjects of the changed paths.
#[derive(Debug, Default)]
pub(super) struct Targets {
    base_dirs: BTreeSet<RepoPath>,
    head_dirs: BTreeSet<RepoPath>,
    /// Production-readiness files.
    pub(super) prr_files: BTreeSet<RepoPath>,
    /// Things in places of KEPs.
    pub(super) obstacles: Obstacles,
    /// True if `OWNERS_ALIASES` is one of them.
    pub(super) aliases: bool,
    /// Read errors.
    pub(super) failures: Vec<SourceError>,
}

/// The paths that a check is limited to.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// The paths, extended: a file of a KEP selects the whole KEP, its directory and its production-readiness file.
    pub(super) paths: Vec<RepoPath>,
    /// The directories of the KEPs that they belong to.
    pub(super) keps: BTreeSet<RepoPath>,
    /// Read errors.
    pub(super) failures: Vec<SourceError>,
}

/// Finds the KEPs of the paths that a check is limited to.
pub(super) fn named(trees: &Trees<'_>, only: &[RepoPath]) -> Named {
    let (mut widened, mut failures) = (only.to_vec(), Vec::new());
    let mut keps = BTreeSet::new();
    for path in only {
        let mut dirs = Vec::new();
        match trees.head.layout().place(path) {
            Place::Kep(dir) => dirs.push(dir),
            Place::PrrFile => {
                for tree in [&trees.base, &trees.head] {
                    match tree.index.claimants(path) {
                        Ok(claimants) => dirs.extend(claimants),
                        Err(failure) => failures.push(failure),
                    }
                }
            }
            Place::Elsewhere => match trees.head.exists(&path.join(&trees.head.layout().metadata)) {
                Ok(is_kep) => dirs.extend(is_kep.then(|| path.clone())),
                Err(failure) => failures.push(failure),
            },
            Place::Aliases => {}
        }
        for number in dirs.iter().filter_map(|dir| trees.head.layout().number(dir)) {
            for tree in [&trees.base, &trees.head] {
                match tree.index.prr_files_of(number) {
                    Ok(prr_files) => widened.extend(prr_files),
                    Err(failure) => failures.push(failure),
                }
            }
        }
        widened.extend(dirs.iter().cloned());
        keps.extend(dirs);
    }
    Named { paths: widened, keps, failures }
}

impl Targets {
    /// Finds the subjects of `paths`, and with `scope.all` everything at head.
    pub(super) fn new(trees: &Trees<'_>, paths: &[&ChangedPath], scope: &Scope) -> Self {
        let mut targets = Self::default();
        for path in paths {
            if let Some(path) = &path.base {
                targets.add(trees.head.layout(), path, |targets| &mut targets.base_dirs);
            }
            if let Some(path) = &path.head {
                targets.add(trees.head.layout(), path, |targets| &mut targets.head_dirs);
            }
        }
        targets.add_keps_of_prr_files(trees);
        targets.obstacles = targets.or_default(obstacles::added(&trees.base, &trees.head, paths));
        if scope.all {
            targets.add_all(trees, scope);
        }
        targets
    }

    fn add(&mut self, layout: &Layout, path: &RepoPath, dirs: fn(&mut Self) -> &mut BTreeSet<RepoPath>) {
        match layout.place(path) {
            Place::Kep(dir) => _ = dirs(self).insert(dir),
            Place::PrrFile => _ = self.prr_files.insert(path.clone()),
            Place::Aliases => self.aliases = true,
            Place::Elsewhere => {}
        }
    }

    /// A change to a production-readiness file is a change to its KEP, on each side that has the file.
    fn add_keps_of_prr_files(&mut self, trees: &Trees<'_>) {
        for path in self.prr_files.clone() {
            if self.or_default(trees.base.exists(&path)) {
                let claimants = self.or_default(trees.base.index.claimants(&path));
                self.base_dirs.extend(claimants);
            }
            if self.or_default(trees.head.exists(&path)) {
                let claimants = self.or_default(trees.head.index.claimants(&path));
                self.head_dirs.extend(claimants);
            }
        }
    }

    /// Adds the KEPs of edited and deleted production-readiness files that only their fields tell. This reads the
    /// `kep.yaml` of the others, so it comes after [`Self::announce`].
    pub(super) fn add_former_claimants(&mut self, trees: &Trees<'_>) {
        for path in self.prr_files.clone() {
            if self.or_default(trees.base.exists(&path)) {
                let is_deleted = !self.or_default(trees.head.exists(&path));
                let claimants = self.or_default(trees.base.index.former_claimants(&path, is_deleted));
                self.base_dirs.extend(claimants);
            }
        }
    }

    /// Adds the KEPs that the command line names although the change does not touch them, and returns their directories.
    pub(super) fn add_unchanged(&mut self, trees: &Trees<'_>, named: BTreeSet<RepoPath>) -> BTreeSet<RepoPath> {
        let mut unchanged = BTreeSet::new();
        for dir in named {
            let is_touched = self.head_dirs.contains(&dir) || self.base_dirs.contains(&dir);
            let is_template = trees.head.layout().is_template(&dir);
            if !is_touched && !is_template && self.or_default(trees.head.is_kep(&dir)) {
                self.base_dirs.insert(dir.clone());
                self.head_dirs.insert(dir.clone());
                unchanged.insert(dir);
            }
        }
        unchanged
    }

    fn add_all(&mut self, trees: &Trees<'_>, scope: &Scope) {
        let head = &trees.head;
        let dirs: Vec<_> = self.or_default(head.index.kep_dirs().map(|dirs| dirs.cloned().collect()));
        let prr_files = self.or_default(head.index.prr_file_paths(|_| true));
        let aliases = RepoPath::from(aliases::PATH);
        self.aliases |= self.or_default(head.exists(&aliases)) && scope.names(&aliases);
        self.head_dirs.extend(dirs.into_iter().filter(|dir| scope.names(dir)));
        self.prr_files.extend(prr_files.into_iter().filter(|path| scope.names(path)));
        let obstacles = self.or_default(obstacles::all(head));
        self.obstacles.extend(obstacles.into_iter().filter(|(path, _)| scope.names(path)));
        if !scope.only.is_empty() {
            self.add_keps_of_prr_files(trees);
        }
    }

    /// Returns the paths that will be read at base and at head, so that a remote tree can fetch them at once.
    pub(super) fn announce(&self, trees: &Trees<'_>) {
        let sides = [(&trees.base, &self.base_dirs), (&trees.head, &self.head_dirs)];
        for (tree, dirs) in sides.into_iter().filter(|(tree, _)| tree.is_remote()) {
            let mut paths: Vec<_> = self.prr_files.iter().cloned().collect();
            if self.aliases {
                paths.push(RepoPath::from(aliases::PATH));
            }
            for dir in dirs {
                let layout = tree.layout();
                paths.extend([layout.metadata_of(dir), layout.readme_of(dir), dir.join(owners::NAME)]);
                // A failure to list them is reported when they are read.
                let numbered = layout.number(dir).and_then(|number| tree.index.prr_files_of(number).ok());
                paths.extend(numbered.unwrap_or_default());
            }
            tree.announce(&paths);
        }
    }

    /// Pairs the directories of both sides, in their order.
    pub(super) fn locations(&mut self, trees: &Trees<'_>) -> Vec<KepLocation> {
        let (base_dirs, head_dirs) = (std::mem::take(&mut self.base_dirs), std::mem::take(&mut self.head_dirs));
        let (mut gone, mut new, mut locations) = (Vec::new(), Vec::new(), Vec::new());
        for dir in head_dirs.union(&base_dirs).cloned() {
            let is_at_head = self.or_default(trees.is_kept(&dir));
            if !is_at_head {
                // A Markdown file without metadata is no KEP on either side.
                let was_kep = base_dirs.contains(&dir) && self.or_default(trees.base.is_kep(&dir));
                gone.extend(was_kep.then_some(dir));
            } else if self.or_default(trees.base.is_kep(&dir)) {
                locations.push(KepLocation::Kept { base: dir.clone(), head: dir });
            } else {
                new.push(dir);
            }
        }
        let mut formers = self.or_default(formers(trees, gone.clone(), new.clone()));
        let moved: BTreeSet<_> = formers.values().cloned().collect();
        locations.extend(gone.into_iter().filter(|dir| !moved.contains(dir)).map(KepLocation::Removed));
        locations.extend(new.into_iter().map(|head| match formers.remove(&head) {
            None => KepLocation::Added(head),
            Some(base) => KepLocation::Kept { base, head },
        }));
        locations.sort_by(|one, other| one.dir().cmp(other.dir()));
        locations
    }

    /// Returns the value, or records the error and returns the default.
    fn or_default<T: Default>(&mut self, result: Result<T, SourceError>) -> T {
        result.unwrap_or_else(|failure| {
            self.failures.push(failure);
            T::default()
        })
    }
}
