//! The files that a check reads, and how the paths on the command line map to them.

mod commits;
mod target;

use std::path::{Component, Path, PathBuf};

use crate::cli::CheckArguments;
use crate::error::Error;
use crate::session::{Environment, kep_tree};
use crate::source::git::Repository;
use crate::text::RepoPath;
use crate::text::wording::quote;

pub(crate) use target::{Resolved, Target, Unresolved};

/// A repository or a folder, and the folder that relative paths start from.
pub(crate) struct Checkout {
    repository: Option<Repository>,
    /// The work tree or the folder to check; empty for a bare repository, or one that is not on disk.
    folder: PathBuf,
    /// The current folder of the caller.
    caller: PathBuf,
}

impl Checkout {
    /// Opens what the arguments name, or else the repository in `ENHANCEMENTS_PATH` or around the current folder.
    pub(crate) fn open(arguments: &CheckArguments, environment: &Environment) -> Result<Self, Error> {
        let caller = &environment.folder;
        if let Some(head) = &arguments.head_dir {
            return Ok(Self::at(&caller.join(head), caller));
        }
        let repository = Repository::discover(&kep_tree::folder(arguments.repo.as_deref(), environment))?;
        let folder = repository.workdir().map(|folder| normalize(&caller.join(folder))).unwrap_or_default();
        Ok(Self { repository: Some(repository), folder, caller: caller.to_owned() })
    }

    /// A folder, which may or may not be in a repository.
    pub(crate) fn at(folder: &Path, caller: &Path) -> Self {
        Self { repository: None, folder: normalize(folder), caller: caller.to_owned() }
    }

    /// A repository that is not on disk.
    pub(crate) fn remote(caller: &Path) -> Self {
        Self { repository: None, folder: PathBuf::new(), caller: caller.to_owned() }
    }

    /// The work tree or the folder to check.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Converts a path on the command line to a path from the root. Relative paths start from the current folder if it
    /// is inside the checkout, else from the root.
    pub(crate) fn path(&self, path: &Path) -> Result<RepoPath, Error> {
        let outside = || {
            Error::usage(
                format!("{} is not inside the repository", quote(&path.display().to_string())),
                "specify files or folders of the repository",
            )
        };
        let absolute = self.on_disk(path);
        let inside = absolute.strip_prefix(&self.folder).map_err(|_| outside())?;
        inside.iter().try_fold(RepoPath::root(), |path, segment| {
            gix::path::os_str_into_bstr(segment).map(|segment| path.join(segment)).map_err(|_| outside())
        })
    }

    /// True for an absolute path outside the checkout.
    pub(crate) fn is_outside(&self, path: &Path) -> bool {
        let is_inside = !self.folder.as_os_str().is_empty() && normalize(path).starts_with(&self.folder);
        path.is_absolute() && !is_inside
    }

    /// A file on the command line that does not have to be inside the checkout.
    pub(crate) fn local_file(&self, path: &Path) -> PathBuf {
        self.caller.join(path)
    }

    fn on_disk(&self, path: &Path) -> PathBuf {
        let is_bare = self.folder.as_os_str().is_empty();
        let is_inside = !is_bare && self.caller.starts_with(&self.folder);
        normalize(&if is_inside { &self.caller } else { &self.folder }.join(path))
    }
}

/// Removes `.` and `..` without following links.
pub(crate) fn normalize(path: &Path) -> PathBuf {
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

    use super::Checkout;
    use crate::text::RepoPath;

    fn checkout(caller: &str) -> Checkout {
        Checkout { repository: None, folder: "/repo".into(), caller: caller.into() }
    }

    #[test]
    fn relative_paths_start_from_the_current_folder_or_the_root() {
        let kep = RepoPath::from("keps/sig-node/1-x/kep.yaml");
        for (path, caller) in [
            ("keps/sig-node/1-x/kep.yaml", "/repo"),
            ("1-x/kep.yaml", "/repo/keps/sig-node"),
            ("../sig-node/1-x/./kep.yaml", "/repo/keps/sig-apps"),
            ("/repo/keps/sig-node/1-x/kep.yaml", "/elsewhere"),
            ("keps/sig-node/1-x/kep.yaml", "/elsewhere"),
        ] {
            assert_eq!(checkout(caller).path(Path::new(path)).unwrap(), kep, "{path} {caller}");
        }
        assert!(checkout("/repo").path(Path::new("/etc/passwd")).is_err());
        assert!(checkout("/repo").path(Path::new("../x")).is_err());
    }

    #[test]
    fn only_an_absolute_path_can_be_outside() {
        assert!(checkout("/repo").is_outside(Path::new("/etc/kepgate.yaml")));
        assert!(!checkout("/repo").is_outside(Path::new("/repo/x/../kepgate.yaml")));
        assert!(!checkout("/repo").is_outside(Path::new("../kepgate.yaml")));
    }
}
