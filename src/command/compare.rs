//! From the command line to the two trees that are compared, and the one whose policy holds.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use crate::cli::CheckArguments;
use crate::error::Error;
use crate::source::directory::Directory;
use crate::source::git::{CommitId, Repository};
use crate::source::memory::Memory;
use crate::source::{Change, RepoPath, Revisions, Snapshot, diff};

/// What to compare, and the paths to look at.
pub(super) struct Compared {
    pub change: Change,
    pub only: Vec<RepoPath>,
}

const WORK_TREE: &str = "the work tree";

pub(super) fn compare(arguments: &CheckArguments, folder: &Path) -> Result<Compared, Error> {
    if let Some(head) = &arguments.head_dir {
        let change = folders(arguments.base_dir.as_deref(), head, arguments.all)?;
        let only = arguments.paths.iter().map(|path| relative(path, folder, head)).collect::<Result<_, _>>()?;
        return Ok(Compared { change, only });
    }
    let repository = Repository::discover(arguments.repo.as_deref().unwrap_or(folder))?;
    let change =
        if arguments.all { whole(&repository, arguments.head.as_deref())? } else { revisions(&repository, arguments)? };
    let root = repository.workdir().unwrap_or_default();
    let only = arguments.paths.iter().map(|path| relative(path, folder, &root)).collect::<Result<_, _>>()?;
    Ok(Compared { change, only })
}

/// Two folders; policy from the base one.
fn folders(base: Option<&Path>, head: &Path, all: bool) -> Result<Change, Error> {
    let name = |path: &Path| Some(path.display().to_string());
    let Some(base) = base else {
        if !all {
            return Err(Error::Usage {
                message: "--head-dir without --base-dir has nothing to compare with".to_owned(),
                help: "add --base-dir, or --all to check the whole folder".to_owned(),
            });
        }
        return Ok(Change {
            base: Box::new(Memory::default()),
            head: Box::new(Directory::new(head)?),
            policy: Box::new(Directory::new(head)?),
            paths: Vec::new(),
            revisions: Revisions { head: name(head), policy: name(head), ..Revisions::default() },
        });
    };
    let (old, new) = (Directory::new(base)?, Directory::new(head)?);
    let paths = diff(&old, &new)?;
    let revisions = Revisions { base: name(base), merge_base: name(base), head: name(head), policy: name(base) };
    Ok(Change { base: Box::new(old), head: Box::new(new), policy: Box::new(Directory::new(base)?), paths, revisions })
}

/// The whole tree at head, which is its own policy, with nothing as base.
fn whole(repository: &Repository, head: Option<&str>) -> Result<Change, Error> {
    let (head, policy, name): (Box<dyn Snapshot>, Box<dyn Snapshot>, String) = if let Some(revision) = head {
        let commit = repository.resolve(revision)?;
        (Box::new(repository.tree(commit)?), Box::new(repository.tree(commit)?), commit.to_string())
    } else {
        let root = work_tree(repository)?;
        (Box::new(Directory::new(&root)?), Box::new(Directory::new(&root)?), WORK_TREE.to_owned())
    };
    let revisions = Revisions { head: Some(name.clone()), policy: Some(name), ..Revisions::default() };
    Ok(Change { base: Box::new(Memory::default()), head, policy, paths: Vec::new(), revisions })
}

/// From the merge base with the target branch to a commit, or to the work tree.
fn revisions(repository: &Repository, arguments: &CheckArguments) -> Result<Change, Error> {
    let base = base(repository, arguments.base.as_deref())?;
    let policy = Box::new(repository.tree(base)?);
    let named = |merge_base: CommitId, head: String| Revisions {
        base: Some(base.to_string()),
        merge_base: Some(merge_base.to_string()),
        head: Some(head),
        policy: Some(base.to_string()),
    };
    if let Some(revision) = &arguments.head {
        let head = repository.resolve(revision)?;
        let merge_base = repository.merge_base(base, head)?;
        let paths = repository.changed_paths(merge_base, head)?;
        return Ok(Change {
            base: Box::new(repository.tree(merge_base)?),
            head: Box::new(repository.tree(head)?),
            policy,
            paths,
            revisions: named(merge_base, head.to_string()),
        });
    }
    let root = work_tree(repository)?;
    let merge_base = repository.merge_base(base, repository.head_commit()?)?;
    let (old, new) = (repository.tree(merge_base)?, Directory::new(&root)?);
    let paths = diff(&old, &new)?;
    let revisions = named(merge_base, WORK_TREE.to_owned());
    Ok(Change { base: Box::new(old), head: Box::new(new), policy, paths, revisions })
}

fn base(repository: &Repository, revision: Option<&str>) -> Result<CommitId, Error> {
    if let Some(revision) = revision {
        return Ok(repository.resolve(revision)?);
    }
    repository.default_base().map(|(_, commit)| commit).ok_or_else(|| Error::Usage {
        message: "there is no upstream/HEAD, origin/HEAD, main or master to compare with".to_owned(),
        help: "name the target branch with --base".to_owned(),
    })
}

fn work_tree(repository: &Repository) -> Result<PathBuf, Error> {
    repository.workdir().ok_or_else(|| Error::Usage {
        message: "this repository has no work tree".to_owned(),
        help: "name the commit to check with --head".to_owned(),
    })
}

/// A path as the caller names it, from where they stand, as a path from `root`; from elsewhere than inside `root` it
/// is taken from there.
fn relative(path: &Path, folder: &Path, root: &Path) -> Result<RepoPath, Error> {
    let root = normal(&folder.join(root));
    let start = if folder.starts_with(&root) { folder } else { &root };
    let absolute = normal(&start.join(path));
    let inside = absolute.strip_prefix(&root).map_err(|_| Error::Usage {
        message: format!("{:?} is not inside the repository", path.display().to_string()),
        help: "name files or folders of the repository".to_owned(),
    })?;
    let segments: Vec<&OsStr> = inside.iter().collect();
    Ok(segments.into_iter().fold(RepoPath::root(), |path, segment| path.join(segment.as_bytes())))
}

/// `.` and `..` taken out by their words alone: links are not looked at.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;
    use crate::source::RepoPath;

    #[test]
    fn paths_are_taken_from_where_the_caller_stands() {
        let kep = RepoPath::from("keps/sig-node/1-x/kep.yaml");
        for (path, folder) in [
            ("keps/sig-node/1-x/kep.yaml", "/repo"),
            ("1-x/kep.yaml", "/repo/keps/sig-node"),
            ("../sig-node/1-x/./kep.yaml", "/repo/keps/sig-apps"),
            ("/repo/keps/sig-node/1-x/kep.yaml", "/elsewhere"),
            ("keps/sig-node/1-x/kep.yaml", "/elsewhere"),
        ] {
            assert_eq!(
                relative(Path::new(path), Path::new(folder), Path::new("/repo")).unwrap(),
                kep,
                "{path} {folder}"
            );
        }
        assert!(relative(Path::new("/etc/passwd"), Path::new("/repo"), Path::new("/repo")).is_err());
        assert!(relative(Path::new("../x"), Path::new("/repo"), Path::new("/repo")).is_err());
    }
}
