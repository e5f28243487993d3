//! Where KEPs and production-readiness files are in a tree: directories, numbers and paths, but no text.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::SourceError;
use crate::kep::KepNumber;
use crate::project::layout;
use crate::source::{Content, Kind, Snapshot};
use crate::syntax::yaml;
use crate::syntax::yaml::{Document, NodeKind};
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The maximum depth of KEP directories below a SIG's folder.
pub(super) const MAX_FOLDERS: usize = 32;

/// The KEP directories and production-readiness files of a tree. Each list is made once, when it is first needed.
pub(super) struct PathIndex<'a> {
    snapshot: &'a dyn Snapshot,
    kep_dirs: OnceCell<BTreeSet<RepoPath>>,
    by_number: OnceCell<BTreeMap<KepNumber, Vec<RepoPath>>>,
    claims: OnceCell<BTreeMap<RepoPath, Vec<RepoPath>>>,
    approvals: OnceCell<BTreeMap<KepNumber, Vec<RepoPath>>>,
}

impl<'a> PathIndex<'a> {
    pub(super) fn new(snapshot: &'a dyn Snapshot) -> Self {
        Self {
            snapshot,
            kep_dirs: OnceCell::new(),
            by_number: OnceCell::new(),
            claims: OnceCell::new(),
            approvals: OnceCell::new(),
        }
    }

    /// Every KEP directory.
    pub(super) fn kep_dirs(&self) -> Result<&BTreeSet<RepoPath>, SourceError> {
        kept(&self.kep_dirs, || {
            let mut dirs = BTreeSet::new();
            for sig in self.snapshot.list(&RepoPath::from(layout::KEPS))? {
                let is_kep_folder = sig.path != RepoPath::from(layout::APPROVALS) && !layout::is_template(&sig.path);
                if sig.kind == Kind::Folder && is_kep_folder {
                    self.add_kep_dirs(&sig.path, MAX_FOLDERS, &mut dirs)?;
                }
            }
            Ok(dirs)
        })
    }

    /// The KEP directories with a number.
    pub(super) fn dirs_of(&self, number: KepNumber) -> Result<&[RepoPath], SourceError> {
        let by_number = kept(&self.by_number, || Ok(numbered(self.kep_dirs()?, layout::directory_number)))?;
        Ok(by_number.get(&number).map_or(&[], Vec::as_slice))
    }

    fn add_kep_dirs(&self, folder: &RepoPath, depth: usize, dirs: &mut BTreeSet<RepoPath>) -> Result<(), SourceError> {
        for entry in self.snapshot.list(folder)? {
            let name = entry.path.name();
            if layout::is_template(&entry.path) {
                continue;
            }
            if entry.kind != Kind::File && layout::is_kep_name(name) {
                dirs.insert(entry.path);
            } else if entry.kind == Kind::Folder {
                let Some(depth) = depth.checked_sub(1) else { return Err(too_deep(&entry.path)) };
                self.add_kep_dirs(&entry.path, depth, dirs)?;
            } else if entry.kind != Kind::Folder && name == layout::METADATA {
                dirs.insert(folder.clone());
            }
        }
        Ok(())
    }

    /// The folders below KEP directories that have their own `kep.yaml`.
    pub(super) fn nested_keps(&self) -> Result<BTreeSet<RepoPath>, SourceError> {
        let mut nested = BTreeSet::new();
        for dir in self.kep_dirs()? {
            self.add_nested(dir, MAX_FOLDERS, &mut nested)?;
        }
        Ok(nested)
    }

    fn add_nested(&self, folder: &RepoPath, depth: usize, nested: &mut BTreeSet<RepoPath>) -> Result<(), SourceError> {
        for entry in self.snapshot.list(folder)? {
            if entry.kind == Kind::Folder {
                let Some(depth) = depth.checked_sub(1) else { return Err(too_deep(&entry.path)) };
                if self.snapshot.kind(&entry.path.join(layout::METADATA))?.is_some() {
                    nested.insert(entry.path.clone());
                }
                self.add_nested(&entry.path, depth, nested)?;
            }
        }
        Ok(())
    }

    /// Every production-readiness file.
    pub(super) fn approval_paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        let mut paths = Vec::new();
        for entry in self.snapshot.list(&RepoPath::from(layout::APPROVALS))? {
            let entries = match entry.kind {
                Kind::Folder => self.snapshot.list(&entry.path)?,
                _ => vec![entry],
            };
            let entries = entries.into_iter().filter(|entry| entry.kind != Kind::Folder);
            paths.extend(entries.map(|entry| entry.path).filter(|path| layout::place(path) == layout::Place::Approval));
        }
        Ok(paths)
    }

    /// The production-readiness files with a number, wherever they are.
    pub(super) fn approvals_of(&self, number: KepNumber) -> Result<&[RepoPath], SourceError> {
        let approvals = kept(&self.approvals, || Ok(numbered(&self.approval_paths()?, layout::approval_number)))?;
        Ok(approvals.get(&number).map_or(&[], Vec::as_slice))
    }

    /// The directories of the KEPs that the production-readiness file at `path` may belong to: those of its number,
    /// else those that claim it by their fields.
    pub(super) fn claimants(&self, path: &RepoPath) -> Result<Vec<RepoPath>, SourceError> {
        let Some(number) = layout::approval_number(path) else { return Ok(Vec::new()) };
        let same = self.dirs_of(number)?;
        let dirs = if same.is_empty() { self.claims()?.get(path) } else { None };
        Ok(dirs.map_or(same, Vec::as_slice).to_vec())
    }

    /// The KEP directories by the production-readiness file that their fields point to.
    fn claims(&self) -> Result<&BTreeMap<RepoPath, Vec<RepoPath>>, SourceError> {
        kept(&self.claims, || {
            let mut claims: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for dir in self.kep_dirs()? {
                let Content::Bytes(bytes) = self.snapshot.read(&dir.join(layout::METADATA))? else { continue };
                let Ok(text) = std::str::from_utf8(&bytes) else { continue };
                if let Some(path) = claimed(&yaml::read(text)) {
                    claims.entry(path).or_default().push(dir.clone());
                }
            }
            Ok(claims)
        })
    }
}

/// Returns the content of `cell`, computed once. An error is not cached.
fn kept<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T, SourceError>) -> Result<&T, SourceError> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}

/// Groups paths by the number that they are named after. Paths without a number are left out.
fn numbered<'p>(
    paths: impl IntoIterator<Item = &'p RepoPath>,
    number: fn(&RepoPath) -> Option<KepNumber>,
) -> BTreeMap<KepNumber, Vec<RepoPath>> {
    let mut by_number: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in paths {
        if let Some(number) = number(path) {
            by_number.entry(number).or_default().push(path.clone());
        }
    }
    by_number
}

/// Returns the path of the production-readiness file according to the fields of a `kep.yaml`.
fn claimed(document: &Document) -> Option<RepoPath> {
    let text = |wanted: &str| {
        document.entries.iter().find_map(|(key, value)| match (&key.kind, &value.kind) {
            (NodeKind::Scalar { text: key, .. }, NodeKind::Scalar { text, .. }) if key == wanted => Some(text.as_str()),
            _ => None,
        })
    };
    layout::approval_path(text("owning-sig")?, text("kep-number")?)
}

pub(super) fn too_deep(folder: &RepoPath) -> SourceError {
    SourceError::Unavailable {
        message: format!("{} is nested too deeply", quote(&folder.to_string())),
        help: format!("move KEP directories to at most {MAX_FOLDERS} levels below the SIG's folder"),
    }
}
