//! From the command line to the two trees that are compared, and the one whose policy holds.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::commits::{Commits, Found, find};
use crate::cli::CheckArguments;
use crate::error::Error;
use crate::event::Started;
use crate::source::directory::Directory;
use crate::source::git::{CommitId, Repository};
use crate::source::memory::Memory;
use crate::source::{Change, Revisions, Snapshot, diff};
use crate::text::RepoPath;

/// What the trees are taken from, and where its paths begin.
pub(crate) struct Root {
    repository: Option<Repository>,
    /// The folder on disk that head is, or the repository's work tree; empty for a bare repository.
    folder: PathBuf,
    /// Where the caller stands.
    caller: PathBuf,
}

const WORK_TREE: &str = "the work tree";

pub(crate) fn root(arguments: &CheckArguments, caller: &Path) -> Result<Root, Error> {
    let caller = caller.to_owned();
    if let Some(head) = &arguments.head_dir {
        return Ok(Root { repository: None, folder: normal(&caller.join(head)), caller });
    }
    let repository = Repository::discover(&caller.join(arguments.repo.as_deref().unwrap_or(Path::new(""))))?;
    let folder = repository.workdir().map(|folder| normal(&caller.join(folder))).unwrap_or_default();
    Ok(Root { repository: Some(repository), folder, caller })
}

impl Root {
    /// A work tree whose commits do not matter.
    pub(crate) fn at(folder: &Path, caller: &Path) -> Self {
        Self { repository: None, folder: normal(folder), caller: caller.to_owned() }
    }

    /// The root of a repository that is not on disk.
    pub(crate) fn elsewhere(caller: &Path) -> Self {
        Self { repository: None, folder: PathBuf::new(), caller: caller.to_owned() }
    }

    /// The folder on disk that holds head's files, when it is a work tree or a folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Paths as the caller names them, as paths from the root.
    pub(crate) fn paths(&self, paths: &[PathBuf]) -> Result<Vec<RepoPath>, Error> {
        paths.iter().map(|path| self.path(path)).collect()
    }

    /// A path as the caller names it, from where they stand, as a path from the root; from elsewhere than inside the
    /// root it is taken from there.
    pub(crate) fn path(&self, path: &Path) -> Result<RepoPath, Error> {
        let absolute = self.on_disk(path);
        let inside = absolute.strip_prefix(&self.folder).map_err(|_| Error::Usage {
            message: format!("{:?} is not inside the repository", path.display().to_string()),
            help: "name files or folders of the repository".to_owned(),
        })?;
        let segments: Vec<&OsStr> = inside.iter().collect();
        Ok(segments.into_iter().fold(RepoPath::root(), |path, segment| path.join(segment.as_bytes())))
    }

    /// Whether it is an absolute path that leads outside.
    pub(crate) fn is_outside(&self, path: &Path) -> bool {
        let is_inside = !self.folder.as_os_str().is_empty() && normal(path).starts_with(&self.folder);
        path.is_absolute() && !is_inside
    }

    /// A file that the caller names, from where they stand, whatever the repository.
    pub(crate) fn named(&self, path: &Path) -> PathBuf {
        self.caller.join(path)
    }

    /// Where a path of the tree that the caller names stands on disk.
    fn on_disk(&self, path: &Path) -> PathBuf {
        let is_bare = self.folder.as_os_str().is_empty();
        let is_inside = !is_bare && self.caller.starts_with(&self.folder);
        normal(&if is_inside { &self.caller } else { &self.folder }.join(path))
    }

    /// The trees, and in `revisions` what they are, as far as it comes; and a sentence on what was chosen where nobody
    /// has asked for it in words.
    pub(crate) fn compare(
        &self,
        arguments: &CheckArguments,
        started: &Started,
        revisions: &mut Revisions,
    ) -> Result<(Change, Option<String>), Error> {
        let by_hand = |change: Result<Change, Error>| change.map(|change| (change, None));
        let asked = if follows_event(arguments, started) { started.comparison()? } else { None };
        match (&self.repository, asked) {
            (None, _) => by_hand(folders(arguments, revisions)),
            (Some(repository), Some((comparison, event))) => {
                match with_named_ends(repository, find(repository, &comparison)?, arguments)? {
                    Found::Change(commits) => by_event(repository, &commits, &event, arguments.all, revisions),
                    Found::Tree(commit) => {
                        let change = whole(repository, Some(&commit.to_string()), revisions)?;
                        Ok((change, Some(format!("{event}: the whole tree at {}", commit.short()))))
                    }
                    Found::Nothing => {
                        let nothing = || Box::new(Memory::default());
                        let sentence = format!("{event} that deletes a branch: nothing to check");
                        Ok((alone(nothing(), nothing(), revisions), Some(sentence)))
                    }
                }
            }
            (Some(repository), None) if arguments.all => {
                by_hand(whole(repository, arguments.head.as_deref(), revisions))
            }
            (Some(repository), None) => by_hand(self.commits(repository, arguments, revisions)),
        }
    }

    /// From the merge base with the target branch to a commit, or to the work tree.
    fn commits(
        &self,
        repository: &Repository,
        arguments: &CheckArguments,
        revisions: &mut Revisions,
    ) -> Result<Change, Error> {
        let base = base(repository, arguments.base.as_deref())?;
        revisions.base = Some(base.to_string());
        revisions.policy = Some(base.to_string());
        let tip = if let Some(revision) = &arguments.head {
            repository.resolve(revision)?
        } else {
            has_work_tree(repository)?;
            repository.head_commit()?
        };
        let is_commit = arguments.head.is_some();
        revisions.head = Some(if is_commit { tip.to_string() } else { WORK_TREE.to_owned() });
        let merge_base = repository.merge_base(base, tip)?;
        revisions.merge_base = Some(merge_base.to_string());
        let old = repository.tree(merge_base)?;
        let (head, paths): (Box<dyn Snapshot>, _) = if is_commit {
            (Box::new(repository.tree(tip)?), repository.changed_paths(merge_base, tip)?)
        } else {
            let head = Directory::new(&self.folder)?;
            let paths = diff(&old, &head)?;
            (Box::new(head), paths)
        };
        let policy = Box::new(repository.tree(base)?);
        Ok(Change { base: Box::new(old), head, policy, paths, revisions: revisions.clone() })
    }
}

/// Whether what started the run has a say in what is compared: not where somebody has said it all.
pub(crate) fn follows_event(arguments: &CheckArguments, started: &Started) -> bool {
    let CheckArguments { base, head, base_dir, head_dir, fix, .. } = arguments;
    let is_said = (base.is_some() && head.is_some()) || base_dir.is_some() || head_dir.is_some() || *fix;
    !matches!(started, Started::ByHand) && !is_said
}

/// Where the change is a stranger's that is not to be read from the checkout, nobody can name commits of it.
pub(crate) fn sees_no_trap(arguments: &CheckArguments, started: &Started) -> Result<(), Error> {
    if started.keeps_change_out() && (arguments.base.is_some() || arguments.head.is_some()) {
        return Err(Error::Usage {
            message: "`base` and `head` name commits of the checkout, and pull_request_target has none to be read"
                .to_owned(),
            help: "leave both out: the event says what to compare".to_owned(),
        });
    }
    Ok(())
}

/// What the event says, with the ends that somebody has named in their place.
fn with_named_ends(repository: &Repository, found: Found, arguments: &CheckArguments) -> Result<Found, Error> {
    let [base, head] = [&arguments.base, &arguments.head].map(|end| end.as_deref());
    let [base, head] =
        [base.map(|end| repository.resolve(end)).transpose()?, head.map(|end| repository.resolve(end)).transpose()?];
    Ok(match (found, base, head) {
        (found, None, None) => found,
        (Found::Tree(_) | Found::Nothing, None, Some(head)) => Found::Tree(head),
        (Found::Nothing, Some(_), None) => Found::Nothing,
        (Found::Tree(commit), Some(base), head) => change(repository, base, head.unwrap_or(commit))?,
        (Found::Change(commits), base, head) => {
            change(repository, base.unwrap_or(commits.policy), head.unwrap_or(commits.head))?
        }
        (Found::Nothing, Some(base), Some(head)) => change(repository, base, head)?,
    })
}

fn change(repository: &Repository, policy: CommitId, head: CommitId) -> Result<Found, Error> {
    let start = repository.merge_base(policy, head)?;
    Ok(Found::Change(Commits { policy, start, head, what: "the commit" }))
}

/// What the event says: commits alone, never the work tree, which may be a stranger's. The policy of a check of `all`
/// is the target branch's, too.
fn by_event(
    repository: &Repository,
    commits: &Commits,
    event: &str,
    all: bool,
    revisions: &mut Revisions,
) -> Result<(Change, Option<String>), Error> {
    let Commits { policy, start, head, what } = commits;
    *revisions = Revisions {
        base: Some(policy.to_string()),
        merge_base: (!all).then(|| start.to_string()),
        head: Some(head.to_string()),
        policy: Some(policy.to_string()),
    };
    let tip = Box::new(repository.tree(*policy)?);
    let new = Box::new(repository.tree(*head)?);
    let (policy, since, head) = (policy.short(), start.short(), head.short());
    if all {
        return Ok((
            alone(new, tip, revisions),
            Some(format!("{event}: all of {what} {head}, under the policy of {policy}")),
        ));
    }
    let since = if since == policy { String::new() } else { format!(", since {since}") };
    let sentence = format!("{event}: {what} {head} against {policy}{since}");
    let paths = repository.changed_paths(commits.start, commits.head)?;
    let old = Box::new(repository.tree(*start)?);
    Ok((Change { base: old, head: new, policy: tip, paths, revisions: revisions.clone() }, Some(sentence)))
}

/// Two folders, policy from the base one; or one folder as a whole, its own policy.
fn folders(arguments: &CheckArguments, revisions: &mut Revisions) -> Result<Change, Error> {
    let Some(head) = &arguments.head_dir else { return Err(nothing_to_compare()) };
    let name = |path: &Path| Some(path.display().to_string());
    revisions.head = name(head);
    if let Some(base) = &arguments.base_dir {
        let (old, new) = (Directory::new(base)?, Directory::new(head)?);
        let paths = diff(&old, &new)?;
        *revisions = Revisions { base: name(base), merge_base: name(base), head: name(head), policy: name(base) };
        let policy = Box::new(Directory::new(base)?);
        return Ok(Change { base: Box::new(old), head: Box::new(new), policy, paths, revisions: revisions.clone() });
    }
    if !arguments.all {
        return Err(nothing_to_compare());
    }
    revisions.policy = name(head);
    Ok(alone(Box::new(Directory::new(head)?), Box::new(Directory::new(head)?), revisions))
}

fn nothing_to_compare() -> Error {
    Error::Usage {
        message: "--head-dir without --base-dir has nothing to compare with".to_owned(),
        help: "add --base-dir, or --all to check the whole folder".to_owned(),
    }
}

/// The whole tree at head, which is its own policy, with nothing as base.
fn whole(repository: &Repository, head: Option<&str>, revisions: &mut Revisions) -> Result<Change, Error> {
    if let Some(revision) = head {
        let commit = repository.resolve(revision)?;
        revisions.head = Some(commit.to_string());
        revisions.policy = Some(commit.to_string());
        return Ok(alone(Box::new(repository.tree(commit)?), Box::new(repository.tree(commit)?), revisions));
    }
    let root = has_work_tree(repository)?;
    revisions.head = Some(WORK_TREE.to_owned());
    revisions.policy = Some(WORK_TREE.to_owned());
    Ok(alone(Box::new(Directory::new(&root)?), Box::new(Directory::new(&root)?), revisions))
}

fn alone(head: Box<dyn Snapshot>, policy: Box<dyn Snapshot>, revisions: &Revisions) -> Change {
    Change { base: Box::new(Memory::default()), head, policy, paths: Vec::new(), revisions: revisions.clone() }
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

fn has_work_tree(repository: &Repository) -> Result<PathBuf, Error> {
    repository.workdir().ok_or_else(|| Error::Usage {
        message: "this repository has no work tree".to_owned(),
        help: "name the commit to check with --head".to_owned(),
    })
}

/// `.` and `..` taken out by their words alone: links are not looked at.
pub(crate) fn normal(path: &Path) -> PathBuf {
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

    use super::Root;
    use crate::text::RepoPath;

    fn root(caller: &str) -> Root {
        Root { repository: None, folder: "/repo".into(), caller: caller.into() }
    }

    #[test]
    fn paths_are_taken_from_where_the_caller_stands() {
        let kep = RepoPath::from("keps/sig-node/1-x/kep.yaml");
        for (path, caller) in [
            ("keps/sig-node/1-x/kep.yaml", "/repo"),
            ("1-x/kep.yaml", "/repo/keps/sig-node"),
            ("../sig-node/1-x/./kep.yaml", "/repo/keps/sig-apps"),
            ("/repo/keps/sig-node/1-x/kep.yaml", "/elsewhere"),
            ("keps/sig-node/1-x/kep.yaml", "/elsewhere"),
        ] {
            assert_eq!(root(caller).path(Path::new(path)).unwrap(), kep, "{path} {caller}");
        }
        assert!(root("/repo").path(Path::new("/etc/passwd")).is_err());
        assert!(root("/repo").path(Path::new("../x")).is_err());
    }

    #[test]
    fn only_an_absolute_path_leads_outside() {
        assert!(root("/repo").is_outside(Path::new("/etc/kepgate.yaml")));
        assert!(!root("/repo").is_outside(Path::new("/repo/x/../kepgate.yaml")));
        assert!(!root("/repo").is_outside(Path::new("../kepgate.yaml")));
    }
}
