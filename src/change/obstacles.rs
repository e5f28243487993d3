//! What a change puts where a folder or a file of a KEP could be.

use std::collections::BTreeMap;

use super::tree::Tree;
use super::walk;
use crate::error::SourceError;
use crate::project::layout::{Layout, Place};
use crate::source::{ChangedPath, Kind};
use crate::text::{FileId, Files, RepoPath, Side, SourceFile};

/// Something where a folder or a file of a KEP could be.
#[derive(Debug)]
pub struct Obstacle {
    /// The path.
    pub file: FileId,
    /// What it is.
    pub kind: ObstacleKind,
}

/// What is in the place of a folder or a file of a KEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObstacleKind {
    /// A symbolic link.
    Symlink,
    /// A symbolic link that is named like a document.
    DocumentLink,
    /// A submodule.
    Submodule,
    /// A folder that is nested too deeply to be looked into.
    TooDeep,
    /// Something whose name could be taken for one that is read: see [`Layout::misspelled`].
    Misspelled,
    /// A copy beside the file itself, such as the `kep.yaml~` of an editor.
    Copy,
}

/// Obstacles by path.
pub(super) type Obstacles = BTreeMap<RepoPath, ObstacleKind>;

/// The obstacles that the change adds. One that was there before is not the change's fault.
pub(super) fn added(base: &Tree<'_>, head: &Tree<'_>, paths: &[&ChangedPath]) -> Result<Obstacles, SourceError> {
    let mut obstacles = Obstacles::new();
    let layout = head.layout();
    for path in paths.iter().filter_map(|path| path.head.as_ref()) {
        if let Some((misspelled, known)) = layout.misspelled(path)
            && !base.exists(path)?
        {
            // A README is prose. Everything in a misspelled folder is lost, whether the folder itself is there or not.
            match head.kind(&known)? {
                Some(Kind::File) if layout.is_readme(known.name()) => {}
                Some(Kind::File) if is_copy(&misspelled, &known) => {
                    obstacles.insert(misspelled, ObstacleKind::Copy);
                }
                _ => {
                    obstacles.insert(misspelled, ObstacleKind::Misspelled);
                }
            }
        }
        if !path.is_within(&layout.root) {
            continue;
        }
        if let Some(folder) = walk::too_deep(path, &layout.root)
            && base.kind(&folder)? != Some(Kind::Folder)
        {
            obstacles.insert(folder, ObstacleKind::TooDeep);
        }
        // A link that gets another target is a new one.
        if let Some(obstacle) = obstacle(layout, path, head.kind(path)?) {
            obstacles.insert(path.clone(), obstacle);
        }
    }
    Ok(obstacles)
}

/// True if `path` is in the folder of `known`, and its name starts with that of `known`.
fn is_copy(path: &RepoPath, known: &RepoPath) -> bool {
    path.parent() == known.parent() && path.name().starts_with(known.name())
}

/// Every obstacle in the tree at head.
pub(super) fn all(head: &Tree<'_>) -> Result<Obstacles, SourceError> {
    let folders = head.index.folders()?;
    let layout = head.layout();
    let irregular = folders.irregular.iter();
    let irregular = irregular.filter_map(|(path, kind)| Some((path.clone(), obstacle(layout, path, Some(*kind))?)));
    let too_deep = folders.too_deep.iter().map(|path| (path.clone(), ObstacleKind::TooDeep));
    Ok(irregular.chain(too_deep).collect())
}

/// Classifies the entry at `path`, unless it is reported with its KEP or as a production-readiness file, or is a picture
/// or document inside a KEP.
fn obstacle(layout: &Layout, path: &RepoPath, kind: Option<Kind>) -> Option<ObstacleKind> {
    let obstacle = match kind? {
        Kind::Symlink if layout.could_hold_kep(path.name()) => ObstacleKind::Symlink,
        Kind::Symlink => ObstacleKind::DocumentLink,
        Kind::Submodule => ObstacleKind::Submodule,
        Kind::File | Kind::Folder => return None,
    };
    let is_covered = match layout.place(path) {
        Place::Kep(dir) => dir == *path || layout.makes_kep(path.name()) || obstacle == ObstacleKind::DocumentLink,
        Place::PrrFile => true,
        Place::Aliases | Place::Elsewhere => false,
    };
    (!is_covered).then_some(obstacle)
}

/// Adds the paths to `files`, so that findings can point to them.
pub(super) fn placed(obstacles: Obstacles, files: &mut Files) -> Vec<Obstacle> {
    let placed = obstacles.into_iter().map(|(path, kind)| {
        let file = files.add(SourceFile::new(Side::Head, path, ""));
        Obstacle { file, kind }
    });
    placed.collect()
}
