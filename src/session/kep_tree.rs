//! The tree of KEPs for commands that read all of them.

use std::path::{Path, PathBuf};

use super::{Environment, gap};
use crate::change::{KepState, Survey};
use crate::check::{ConfigSource, read_config};
use crate::config;
use crate::error::{Error, SourceError};
use crate::kep::KepNumber;
use crate::project::layout;
use crate::query::columns;
use crate::review::no_match;
use crate::source::directory::Directory;
use crate::source::git::Repository;
use crate::source::memory::Memory;
use crate::source::{Change, Revisions, Snapshot};
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The folder to read: `named`, else `ENHANCEMENTS_PATH`, else the current folder.
pub(crate) fn folder(named: Option<&Path>, environment: &Environment) -> PathBuf {
    let folder = named.or(environment.enhancements.as_deref()).unwrap_or(Path::new(""));
    environment.folder.join(folder)
}

/// Opens the work tree at `folder`, or the commit `head`. If `folder` has no KEPs, the repository around it is used; a
/// bare repository is read at its HEAD.
pub(crate) fn open(folder: &Path, head: Option<&str>) -> Result<Box<dyn Snapshot>, Error> {
    if head.is_none() && is_root(folder) {
        // A sparse checkout has only some of the KEPs on disk.
        let repository = if folder.join(".git").exists() { Repository::discover(folder).ok() } else { None };
        return match repository.filter(|repository| repository.workdir().is_some()) {
            Some(repository) => Ok(repository.work_tree()?),
            None => Ok(Box::new(Directory::new(folder)?)),
        };
    }
    let repository = Repository::discover(folder).map_err(|error| no_repository(folder, error))?;
    let tree: Box<dyn Snapshot> = match (head, repository.workdir()) {
        (Some(revision), _) => Box::new(repository.tree(repository.resolve(revision)?)?),
        (None, Some(_)) => repository.work_tree()?,
        (None, None) => Box::new(repository.tree(repository.head_commit()?)?),
    };
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    let root = config.project.root.unwrap_or_else(|| RepoPath::from(layout::KEPS));
    if tree.kind(&root)?.is_none() {
        return Err(no_keps(folder, &format!("the repository has no {} folder", quote(&root.to_string()))));
    }
    Ok(tree)
}

/// True if `folder` is the root of a tree with KEPs: it has the usual folder, or a configuration that names another
/// one.
fn is_root(folder: &Path) -> bool {
    // A link is not followed, but it exists.
    let keps = folder.join(layout::KEPS);
    keps.is_dir() || keps.is_symlink() || folder.join(config::PATH).is_file()
}

/// Opens the same tree as a change that adds every file and provides its own policy.
pub(crate) fn open_as_change(folder: &Path, head: Option<&str>) -> Result<Change, Error> {
    Ok(Change {
        base: Box::new(Memory::default()),
        head: open(folder, head)?,
        policy: open(folder, head)?,
        paths: Vec::new(),
        revisions: Revisions { head: head.map(str::to_owned), ..Revisions::default() },
    })
}

/// Like [`open`], but for a command that also works without KEPs: a folder without KEPs counts as empty, unless it is
/// named.
pub(crate) fn open_or_empty(named: Option<&Path>, environment: &Environment) -> Result<Box<dyn Snapshot>, Error> {
    let is_named = named.is_some() || environment.enhancements.is_some();
    match open(&folder(named, environment), None) {
        Err(Error::Usage { .. }) if !is_named => Ok(Box::new(Memory::default())),
        opened => opened,
    }
}

/// The root of the work tree around `folder`, for commands that write to it.
pub(crate) fn work_tree(folder: &Path) -> Result<PathBuf, Error> {
    if is_root(folder) {
        return Ok(folder.to_owned());
    }
    let repository = Repository::discover(folder).map_err(|error| no_repository(folder, error))?;
    let root = repository.workdir().ok_or_else(|| no_keps(folder, "the repository has no work tree"))?;
    if is_root(&root) { Ok(root) } else { Err(no_keps(folder, "the repository has no `keps` folder")) }
}

/// Finds a KEP by its number or name, or by a path that `resolve` makes relative to the root.
pub(crate) fn find<'a>(
    survey: &'a Survey,
    name: &str,
    resolve: impl Fn(&Path) -> Result<RepoPath, Error>,
) -> Result<&'a KepState, Error> {
    let number = KepNumber::parse_name(name);
    let profile = &survey.policy.profile;
    let is_unread_called = |dir: &RepoPath| match number {
        Some(_) if profile.layout.number(dir) == number => true,
        _ => !profile.dialect.is_kubernetes && layout::is_called(dir, name),
    };
    let mut found: Vec<_> = survey.keps.iter().filter(|record| columns::is_called(record, name)).collect();
    let mut is_unread = survey.unread.iter().any(is_unread_called);
    if found.is_empty() && !is_unread && number.is_none() {
        let path = resolve(Path::new(name))?;
        found = survey.keps.iter().filter(|record| path.is_within(&record.dir)).collect();
        is_unread = survey.unread.iter().any(|dir| path.is_within(dir));
    }
    match found.as_slice() {
        [record] => Ok(record),
        [] if is_unread => Err(gap::incomplete(&survey.failures).unwrap_or_else(|| {
            Error::usage(
                format!("the KEP that matches {} cannot be read", quote(name)),
                "fix it first; `kepgate check` lists the errors",
            )
        })),
        [] => Err(gap::instead(no_match(name), survey)),
        several => {
            let dirs: Vec<_> = several.iter().map(|record| record.dir.to_string()).collect();
            Err(Error::usage(
                format!("{} KEPs match {}", several.len(), quote(name)),
                format!("specify the directory: {}", dirs.join(", ")),
            ))
        }
    }
}

/// The error for a folder without KEPs. A repository that cannot be read may have some, so it keeps its own error.
fn no_repository(folder: &Path, error: SourceError) -> Error {
    match error {
        SourceError::Usage { message, .. } => no_keps(folder, &message),
        error @ SourceError::Unavailable { .. } => error.into(),
    }
}

fn no_keps(folder: &Path, why: &str) -> Error {
    Error::usage(
        format!("found no KEPs at {}: {why}", quote(&folder.display().to_string())),
        "specify the root of a repository with KEPs with --repo or ENHANCEMENTS_PATH; if its KEPs are in another folder, \
         `kepgate init` proposes a configuration",
    )
}
