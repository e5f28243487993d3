//! Where KEPs and production-readiness files are in a tree: directories, numbers and claims, but no text.
//!
//! The name of a directory nearly always tells which production-readiness file its KEP claims. So a check usually lists
//! the folders of the SIGs and nothing else. KEPs inside other KEPs, and those whose number is absent or too large, are
//! looked up by their `kep.yaml`, the former only if a file may be theirs.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::walk::{Extent, Folders, KepFolder, walk};
use crate::error::SourceError;
use crate::kep::{Kep, KepNumber};
use crate::project::{Profile, layout};
use crate::source::{Content, Kind, Snapshot};
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The directories of the KEPs with this number, except for those inside other KEPs.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub fn dirs_of_number(
    snapshot: &dyn Snapshot,
    profile: &Arc<Profile>,
    number: KepNumber,
) -> Result<Vec<RepoPath>, SourceError> {
    PathIndex::new(snapshot, Arc::clone(profile)).dirs_of(number)
}

/// The directories of the KEPs that people call `name`: by their number, or in other projects than Kubernetes also by the
/// name of the directory or a number with a part or a prefix.
///
/// # Errors
/// [`SourceError`] if the tree could not be read.
pub fn dirs_called(snapshot: &dyn Snapshot, profile: &Arc<Profile>, name: &str) -> Result<Vec<RepoPath>, SourceError> {
    let index = PathIndex::new(snapshot, Arc::clone(profile));
    let dirs = KepNumber::parse_name(name).map_or(Ok(Vec::new()), |number| index.dirs_of(number))?;
    if !dirs.is_empty() || profile.dialect.is_kubernetes {
        return Ok(dirs);
    }
    Ok(index.folders()?.keps.keys().filter(|dir| layout::is_called(dir, name)).cloned().collect())
}

/// KEP directories by the production-readiness file that their fields point to.
#[derive(Debug, Default)]
struct Claims {
    by_path: BTreeMap<RepoPath, Vec<RepoPath>>,
    /// Those whose fields could not be read.
    unknown: Vec<RepoPath>,
}

/// The KEP directories and production-readiness files of a tree. Each list is made once, when it is first needed.
pub(super) struct PathIndex<'a> {
    snapshot: &'a dyn Snapshot,
    profile: Arc<Profile>,
    /// The folders that a number does not lead to: whatever the extent of the walk, as long as it is not nested.
    unnumbered: OnceCell<Folders>,
    nested: OnceCell<Folders>,
    numbered_dirs: Lookup,
    unnumbered_claims: OnceCell<Claims>,
    nested_claims: OnceCell<Claims>,
    all_claims: OnceCell<Claims>,
    numbered_prr_files: Lookup,
}

/// The maximum number of KEP numbers that are looked up one by one. For more, all paths are listed at once. The result is
/// the same either way.
const MAX_LOOKUPS: usize = 16;

/// Paths by KEP number.
#[derive(Default)]
struct Lookup {
    few: RefCell<BTreeMap<KepNumber, Vec<RepoPath>>>,
    all: OnceCell<BTreeMap<KepNumber, Vec<RepoPath>>>,
}

impl Lookup {
    /// The paths of `number`: looked up by `one`, or, once that has happened often, in those that `all` lists.
    fn get(
        &self,
        number: KepNumber,
        one: impl FnOnce() -> Result<Vec<RepoPath>, SourceError>,
        all: impl FnOnce() -> Result<Vec<(KepNumber, RepoPath)>, SourceError>,
    ) -> Result<Vec<RepoPath>, SourceError> {
        if let Some(paths) = self.few.borrow().get(&number) {
            return Ok(paths.clone());
        }
        if self.all.get().is_none() && self.few.borrow().len() < MAX_LOOKUPS {
            let paths = one()?;
            self.few.borrow_mut().insert(number, paths.clone());
            return Ok(paths);
        }
        let all = kept(&self.all, || {
            let mut by_number: BTreeMap<_, Vec<_>> = BTreeMap::new();
            all()?.into_iter().for_each(|(number, path)| by_number.entry(number).or_default().push(path));
            Ok(by_number)
        })?;
        Ok(all.get(&number).cloned().unwrap_or_default())
    }
}

impl<'a> PathIndex<'a> {
    pub(super) fn new(snapshot: &'a dyn Snapshot, profile: Arc<Profile>) -> Self {
        Self {
            snapshot,
            profile,
            unnumbered: OnceCell::new(),
            nested: OnceCell::new(),
            numbered_dirs: Lookup::default(),
            unnumbered_claims: OnceCell::new(),
            nested_claims: OnceCell::new(),
            all_claims: OnceCell::new(),
            numbered_prr_files: Lookup::default(),
        }
    }

    /// Every KEP directory, and what is in the way.
    pub(super) fn folders(&self) -> Result<&Folders, SourceError> {
        kept(&self.nested, || self.walk(Extent::Nested))
    }

    fn walk(&self, extent: Extent) -> Result<Folders, SourceError> {
        let (folders, failures) = walk(self.snapshot, &self.profile.layout, extent);
        failures.into_iter().next().map_or(Ok(folders), Err)
    }

    /// Every KEP directory, nested ones included.
    pub(super) fn kep_dirs(&self) -> Result<impl Iterator<Item = &RepoPath>, SourceError> {
        Ok(self.folders()?.keps.keys())
    }

    /// Every KEP directory that has metadata.
    pub(super) fn kep_dirs_with_metadata(&self) -> Result<BTreeSet<RepoPath>, SourceError> {
        let keps = self.folders()?.keps.iter().filter(|(_, kep)| kep.has_metadata);
        Ok(keps.map(|(dir, _)| dir.clone()).collect())
    }

    /// The KEP directories with a number, except for nested ones.
    pub(super) fn dirs_of(&self, number: KepNumber) -> Result<Vec<RepoPath>, SourceError> {
        let numbered = |folders: &Folders| -> Vec<_> {
            let keps = folders.keps.iter().filter(|(_, kep)| kep.is_topmost || (kep.has_metadata && !kep.is_nested));
            keps.filter_map(|(dir, _)| Some((self.profile.layout.number(dir)?, dir.clone()))).collect()
        };
        let one = || {
            let folders = self.walk(Extent::Numbered(number))?;
            let dirs = numbered(&folders).into_iter().filter(|(other, _)| *other == number).map(|(_, dir)| dir);
            let dirs = dirs.collect();
            self.unnumbered.get_or_init(|| folders);
            Ok(dirs)
        };
        let all = || match self.nested.get() {
            Some(folders) => Ok(numbered(folders)),
            None => self.walk(Extent::Topmost).map(|folders| numbered(&folders)),
        };
        self.numbered_dirs.get(number, one, all)
    }

    /// True if another folder next to `dir` has its number. Only the folder of the SIG is listed.
    pub(super) fn has_namesake(&self, dir: &RepoPath) -> Result<bool, SourceError> {
        let (Some(number), Some(parent)) = (self.profile.layout.number(dir), dir.parent()) else { return Ok(false) };
        let mut count = 0;
        self.snapshot.visit(&parent, &mut |name, kind| {
            if kind == Kind::Folder && self.profile.layout.number_in(name) == Some(number) {
                count += 1;
            }
        })?;
        Ok(count > 1)
    }

    /// The production-readiness files whose names are wanted.
    pub(super) fn prr_file_paths(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Result<Vec<RepoPath>, SourceError> {
        let (layout, mut paths) = (&self.profile.layout, Vec::new());
        let Some(prr_root) = &layout.prr_root else { return Ok(paths) };
        for entry in self.snapshot.list(prr_root)? {
            let start = paths.len();
            let mut add = |path: RepoPath| {
                if layout.place(&path) == layout::Place::PrrFile {
                    paths.push(path);
                }
            };
            if entry.kind != Kind::Folder {
                Some(entry.path).filter(|path| is_wanted(path.name())).map(add);
                continue;
            }
            self.snapshot.visit(&entry.path, &mut |name, kind| {
                if kind != Kind::Folder && is_wanted(name) {
                    add(entry.path.join(name));
                }
            })?;
            paths.get_mut(start..).unwrap_or_default().sort_unstable();
        }
        Ok(paths)
    }

    /// The production-readiness files with a number, wherever they are.
    pub(super) fn prr_files_of(&self, number: KepNumber) -> Result<Vec<RepoPath>, SourceError> {
        let all = || {
            let paths = self.prr_file_paths(|_| true)?.into_iter();
            Ok(paths.filter_map(|path| Some((layout::prr_file_number(&path)?, path))).collect())
        };
        let one = || self.prr_file_paths(|name| layout::prr_name_number(name) == Some(number));
        self.numbered_prr_files.get(number, one, all)
    }

    /// The directories of the KEPs that the production-readiness file at `path` may belong to: those of its number, and
    /// those that claim it by their fields. The fields of all KEPs are read only if there is no other.
    pub(super) fn claimants(&self, path: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let dirs = self.likely_claimants(path)?;
        Ok(if dirs.is_empty() { of(self.all_claims()?, path).to_vec() } else { dirs })
    }

    /// The same for a file that the change edits or deletes. If it is not the file of a gated KEP of its number, which
    /// is checked anyway, nested KEPs count as well, and, if it is deleted, KEPs whose `kep-number` is not that of their
    /// directory.
    pub(super) fn former_claimants(&self, path: &RepoPath, is_deleted: bool) -> Result<Vec<RepoPath>, SourceError> {
        let mut dirs = self.likely_claimants(path)?;
        for dir in &dirs {
            if self.claim(dir)?.is_some_and(|claim| claim.is_gated && claim.path == *path) {
                return Ok(dirs);
            }
        }
        let is_unclaimed = dirs.is_empty();
        dirs.extend_from_slice(of(self.nested_claims()?, path));
        if is_deleted || is_unclaimed {
            dirs.extend_from_slice(of(self.all_claims()?, path));
        }
        // What could not be read may well claim it.
        if dirs.is_empty() {
            dirs.extend_from_slice(&self.all_claims()?.unknown);
        }
        Ok(dirs)
    }

    /// KEPs that claim the production-readiness file at `path` by their fields, although neither their number nor its
    /// absence tells. The fields of all KEPs are read for this.
    pub(super) fn unlikely_claimants(&self, path: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        Ok(of(self.all_claims()?, path).to_vec())
    }

    /// KEPs that have the number of the production-readiness file at `path`, and those without a number that claim it.
    pub(super) fn likely_claimants(&self, path: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let same_number = layout::prr_file_number(path).map(|number| self.dirs_of(number)).transpose()?;
        let mut dirs = same_number.unwrap_or_default();
        dirs.extend_from_slice(of(self.unnumbered_claims()?, path));
        Ok(dirs)
    }

    /// The KEP directories other than `dir` whose fields point to the production-readiness file at `path`. With
    /// `thorough`, those whose `kep-number` is not that of their directory are found as well.
    pub(super) fn others_that_claim(
        &self,
        path: &RepoPath,
        dir: &RepoPath,
        thorough: bool,
    ) -> Result<Vec<RepoPath>, SourceError> {
        let mut dirs = Vec::new();
        let likely = if thorough { Vec::new() } else { self.likely_claimants(path)? };
        // Many claimants may ask for each other.
        if thorough || likely.len() > MAX_LOOKUPS {
            dirs.extend_from_slice(of(self.all_claims()?, path));
        } else {
            for dir in likely {
                if self.claim(&dir)?.is_some_and(|claim| claim.path == *path) {
                    dirs.push(dir);
                }
            }
            dirs.extend_from_slice(of(self.nested_claims()?, path));
        }
        dirs.retain(|other| other != dir);
        dirs.sort_unstable();
        dirs.dedup();
        Ok(dirs)
    }

    /// The claims of KEPs in directories without a number, or with one that is too large.
    fn unnumbered_claims(&self) -> Result<&Claims, SourceError> {
        let is_wanted = |dir: &RepoPath, kep: KepFolder| {
            (kep.has_metadata || kep.is_topmost) && self.profile.layout.number(dir).is_none()
        };
        kept(&self.unnumbered_claims, || {
            let folders = kept(&self.unnumbered, || self.walk(Extent::Topmost))?;
            self.read_claims(folders, is_wanted)
        })
    }

    fn nested_claims(&self) -> Result<&Claims, SourceError> {
        kept(&self.nested_claims, || self.read_claims(self.folders()?, |_, kep| kep.has_metadata && kep.is_nested))
    }

    fn all_claims(&self) -> Result<&Claims, SourceError> {
        kept(&self.all_claims, || self.read_claims(self.folders()?, |_, kep| kep.has_metadata))
    }

    fn read_claims(
        &self,
        folders: &Folders,
        is_wanted: impl Fn(&RepoPath, KepFolder) -> bool,
    ) -> Result<Claims, SourceError> {
        let mut claims = Claims::default();
        for (dir, _) in folders.keps.iter().filter(|(dir, kep)| is_wanted(dir, **kep)) {
            match self.claim(dir)? {
                Some(claim) => claims.by_path.entry(claim.path).or_default().push(dir.clone()),
                None => claims.unknown.push(dir.clone()),
            }
        }
        Ok(claims)
    }

    /// The production-readiness file that the `kep.yaml` in `dir` points to; `None` if that is unknown.
    fn claim(&self, dir: &RepoPath) -> Result<Option<Claim>, SourceError> {
        let path = self.profile.layout.metadata_of(dir);
        let Content::Bytes(bytes) = self.snapshot.read(&path)? else { return Ok(None) };
        let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(None) };
        let mut files = Files::default();
        let file = files.add(SourceFile::new(Side::Head, path, text));
        let kep = Kep::decode_in(file, &self.profile.dialect.read(files[file].text()), &self.profile.dialect);
        let path = self.profile.layout.prr_file_of(dir, &kep);
        Ok(path.map(|path| Claim { path, is_gated: kep.is_gated() }))
    }
}

/// The production-readiness file of a KEP according to its fields.
struct Claim {
    path: RepoPath,
    is_gated: bool,
}

fn of<'c>(claims: &'c Claims, path: &RepoPath) -> &'c [RepoPath] {
    claims.by_path.get(path).map_or(&[], Vec::as_slice)
}

/// Returns the content of `cell`, computed once. An error is not cached.
fn kept<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T, SourceError>) -> Result<&T, SourceError> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}
