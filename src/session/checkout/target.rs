//! Decides what a check compares: from the arguments and the event to trees of files.

use std::path::Path;

use super::Checkout;
use super::commits::{CommitRange, Selection, select};
use crate::cli::CheckArguments;
use crate::error::Error;
use crate::event::{Comparison, Event, PullRequest};
use crate::source::directory::Directory;
use crate::source::git::{CommitId, Repository};
use crate::source::memory::Memory;
use crate::source::{Change, Opened, Revisions, Snapshot, diff};

const WORK_TREE: &str = "the work tree";

/// What to compare, according to the arguments and the event.
pub(crate) enum Target<'a> {
    /// Two folders. The base folder provides the policy.
    Folders { base: &'a Path, head: &'a Path },
    /// All files of a folder, which provides its own policy.
    Folder(&'a Path),
    /// The event's commits, unless the command line replaces an end.
    Event { repository: &'a Repository, event: &'a Event, ends: Ends<'a>, all: bool },
    /// All files of a commit, or of the work tree if `head` is `None`.
    WholeTree { repository: &'a Repository, head: Option<&'a str> },
    /// The change since the merge base with the target branch. Its last commit is `ends.head`, or the work tree.
    Changes { repository: &'a Repository, ends: Ends<'a> },
}

/// The revisions on the command line.
#[derive(Clone, Copy)]
pub(crate) struct Ends<'a> {
    base: Option<&'a str>,
    head: Option<&'a str>,
}

/// A comparison that is ready to be checked.
pub(crate) struct Resolved {
    pub(crate) change: Change,
    /// When the change was proposed.
    pub(crate) opened: Opened,
    /// A description of what is compared, unless the command line already says it.
    pub(crate) summary: Option<String>,
}

/// Why a comparison could not be resolved, and the revisions that were known by then, for the report.
pub(crate) struct Unresolved {
    pub(crate) error: Error,
    /// Boxed so that results stay small.
    pub(crate) revisions: Box<Revisions>,
}

impl<E: Into<Error>> From<E> for Unresolved {
    fn from(error: E) -> Self {
        Self { error: error.into(), revisions: Box::default() }
    }
}

/// Adds the known revisions to an error.
pub(crate) trait WithRevisions<T> {
    fn with_revisions(self, revisions: &Revisions) -> Result<T, Unresolved>;
}

impl<T, E: Into<Error>> WithRevisions<T> for Result<T, E> {
    fn with_revisions(self, revisions: &Revisions) -> Result<T, Unresolved> {
        self.map_err(|error| Unresolved { error: error.into(), revisions: Box::new(revisions.clone()) })
    }
}

impl<'a> Target<'a> {
    /// Chooses what to compare; `event` is `None` if the command line alone decides.
    pub(crate) fn new(
        arguments: &'a CheckArguments,
        event: Option<&'a Event>,
        checkout: &'a Checkout,
    ) -> Result<Self, Unresolved> {
        let ends = Ends { base: arguments.base.as_deref(), head: arguments.head.as_deref() };
        let Some(repository) = &checkout.repository else { return Self::of_folders(arguments) };
        Ok(match event {
            Some(event) => Self::Event { repository, event, ends, all: arguments.all },
            None if arguments.all => Self::WholeTree { repository, head: ends.head },
            None => Self::Changes { repository, ends },
        })
    }

    /// The change since the merge base with the target branch, up to `head` or the work tree.
    pub(crate) fn since_target(repository: &'a Repository, head: Option<&'a str>) -> Self {
        Self::Changes { repository, ends: Ends { base: None, head } }
    }

    fn of_folders(arguments: &'a CheckArguments) -> Result<Self, Unresolved> {
        match (&arguments.base_dir, &arguments.head_dir) {
            (Some(base), Some(head)) => Ok(Self::Folders { base, head }),
            (None, Some(head)) if arguments.all => Ok(Self::Folder(head)),
            (_, head) => {
                let head = head.as_deref().map(name);
                Err(nothing_to_compare()).with_revisions(&Revisions { head, ..Revisions::default() })
            }
        }
    }

    /// Opens both trees and lists the paths that differ.
    pub(crate) fn resolve(&self) -> Result<Resolved, Unresolved> {
        let unannounced = |change| Resolved { change, opened: Opened::Unknown, summary: None };
        match *self {
            Self::Folders { base, head } => folders(base, head).map(unannounced),
            Self::Folder(folder) => whole_folder(folder).map(unannounced),
            Self::WholeTree { repository, head } => whole_tree(repository, head).map(unannounced),
            Self::Changes { repository, ends } => {
                changes(repository, ends).map(|(change, opened)| Resolved { opened, ..unannounced(change) })
            }
            Self::Event { repository, event, ends, all } => {
                let selection = ends.replace(repository, select(repository, &event.comparison)?)?;
                let resolved = resolve_event(repository, &event.description, &selection, all)?;
                Ok(Resolved { opened: opened(repository, event, &selection), ..resolved })
            }
        }
    }
}

/// Determines when the event's change was proposed: from the event for a pull request, otherwise from its commits.
fn opened(repository: &Repository, event: &Event, selection: &Selection) -> Opened {
    match (&event.comparison, selection) {
        (Comparison::PullRequest(PullRequest { opened: opened @ Opened::At(_), .. }), _) => opened.clone(),
        (_, Selection::Range(range)) => repository.opened(range.policy, range.head),
        (_, Selection::Tree(_) | Selection::Nothing) => Opened::Unknown,
    }
}

impl Ends<'_> {
    /// Replaces the ends that the command line names.
    fn replace(self, repository: &Repository, selection: Selection) -> Result<Selection, Error> {
        let resolve = |end: Option<&str>| end.map(|end| repository.resolve(end)).transpose();
        let (base, head) = (resolve(self.base)?, resolve(self.head)?);
        Ok(match (selection, base, head) {
            (selection, None, None) => selection,
            (Selection::Tree(_) | Selection::Nothing, None, Some(head)) => Selection::Tree(head),
            (Selection::Nothing, Some(_), None) => Selection::Nothing,
            (Selection::Tree(commit), Some(base), head) => range(repository, base, head.unwrap_or(commit))?,
            (Selection::Range(commits), base, head) => {
                range(repository, base.unwrap_or(commits.policy), head.unwrap_or(commits.head))?
            }
            (Selection::Nothing, Some(base), Some(head)) => range(repository, base, head)?,
        })
    }
}

fn range(repository: &Repository, policy: CommitId, head: CommitId) -> Result<Selection, Error> {
    let merge_base = repository.merge_base(policy, head)?;
    Ok(Selection::Range(CommitRange { policy, merge_base, head, head_name: "the commit" }))
}

/// Opens only commits, never the work tree, which can contain untrusted files.
fn resolve_event(
    repository: &Repository,
    event: &str,
    selection: &Selection,
    all: bool,
) -> Result<Resolved, Unresolved> {
    match selection {
        Selection::Range(range) if all => whole_range(repository, event, range),
        Selection::Range(range) => change_of_range(repository, event, range),
        Selection::Tree(commit) => Ok(Resolved {
            change: whole_tree(repository, Some(&commit.to_string()))?,
            opened: Opened::Unknown,
            summary: Some(format!("{event}: the whole tree at {}", commit.short())),
        }),
        Selection::Nothing => Ok(Resolved {
            change: without_base(Box::new(Memory::default()), Box::new(Memory::default()), Revisions::default()),
            opened: Opened::Unknown,
            summary: Some(format!("{event} that deletes a branch: nothing to check")),
        }),
    }
}

fn change_of_range(repository: &Repository, event: &str, range: &CommitRange) -> Result<Resolved, Unresolved> {
    let CommitRange { policy, merge_base, head, head_name } = *range;
    let revisions = Revisions {
        base: Some(policy.to_string()),
        base_name: None,
        merge_base: Some(merge_base.to_string()),
        head: Some(head.to_string()),
        policy: Some(policy.to_string()),
    };
    let change = commits(repository, range, &revisions).with_revisions(&revisions)?;
    let (policy, merge_base, head) = (policy.short(), merge_base.short(), head.short());
    let since = if merge_base == policy { String::new() } else { format!(", since {merge_base}") };
    let summary = Some(format!("{event}: {head_name} {head} against {policy}{since}"));
    Ok(Resolved { change, opened: Opened::Unknown, summary })
}

/// All files of the head, under the policy of the target branch.
fn whole_range(repository: &Repository, event: &str, range: &CommitRange) -> Result<Resolved, Unresolved> {
    let CommitRange { policy, head, head_name, .. } = *range;
    let revisions = Revisions {
        base: Some(policy.to_string()),
        base_name: None,
        merge_base: None,
        head: Some(head.to_string()),
        policy: Some(policy.to_string()),
    };
    let policy_tree = repository.tree(policy).with_revisions(&revisions)?;
    let head_tree = repository.tree(head).with_revisions(&revisions)?;
    let summary = format!("{event}: all of {head_name} {}, under the policy of {}", head.short(), policy.short());
    let change = without_base(Box::new(head_tree), Box::new(policy_tree), revisions);
    Ok(Resolved { change, opened: Opened::Unknown, summary: Some(summary) })
}

/// The change since the merge base, to a commit or to the work tree.
fn changes(repository: &Repository, ends: Ends<'_>) -> Result<(Change, Opened), Unresolved> {
    let (base_name, policy) = target_tip(repository, ends.base)?;
    let tip = Some(policy.to_string());
    let mut revisions =
        Revisions { base: tip.clone(), base_name: Some(base_name), policy: tip, ..Revisions::default() };
    let Some(head) = ends.head else {
        let files = repository.work_tree().with_revisions(&revisions)?;
        let head = repository.head_commit().with_revisions(&revisions)?;
        revisions.head = Some(WORK_TREE.to_owned());
        let merge_base = repository.merge_base(policy, head).with_revisions(&revisions)?;
        revisions.merge_base = Some(merge_base.to_string());
        let change = uncommitted(repository, [policy, merge_base], files, &revisions).with_revisions(&revisions)?;
        return Ok((change, repository.opened(policy, head)));
    };
    let head = repository.resolve(head).with_revisions(&revisions)?;
    revisions.head = Some(head.to_string());
    let merge_base = repository.merge_base(policy, head).with_revisions(&revisions)?;
    revisions.merge_base = Some(merge_base.to_string());
    let range = CommitRange { policy, merge_base, head, head_name: "the commit" };
    let change = commits(repository, &range, &revisions).with_revisions(&revisions)?;
    Ok((change, repository.opened(policy, head)))
}

fn commits(repository: &Repository, range: &CommitRange, revisions: &Revisions) -> Result<Change, Error> {
    Ok(Change {
        policy: Box::new(repository.tree(range.policy)?),
        head: Box::new(repository.tree(range.head)?),
        paths: repository.changed_paths(range.merge_base, range.head)?,
        base: Box::new(repository.tree(range.merge_base)?),
        revisions: revisions.clone(),
    })
}

/// The change from the merge base to the files in the work tree.
fn uncommitted(
    repository: &Repository,
    [policy, merge_base]: [CommitId; 2],
    head: Box<dyn Snapshot>,
    revisions: &Revisions,
) -> Result<Change, Error> {
    let base = repository.tree(merge_base)?;
    let paths = diff(&base, head.as_ref())?;
    let policy = Box::new(repository.tree(policy)?);
    Ok(Change { base: Box::new(base), head, policy, paths, revisions: revisions.clone() })
}

fn folders(base: &Path, head: &Path) -> Result<Change, Unresolved> {
    let revisions = Revisions {
        base: Some(name(base)),
        base_name: None,
        merge_base: Some(name(base)),
        head: Some(name(head)),
        policy: Some(name(base)),
    };
    let open = || {
        let (old, new, policy) = (Directory::new(base)?, Directory::new(head)?, Directory::new(base)?);
        let paths = diff(&old, &new)?;
        let revisions = revisions.clone();
        Ok::<_, Error>(Change { base: Box::new(old), head: Box::new(new), policy: Box::new(policy), paths, revisions })
    };
    // Until both folders are open, neither is known to exist.
    let known = Revisions { head: Some(name(head)), ..Revisions::default() };
    open().with_revisions(&known)
}

fn whole_folder(folder: &Path) -> Result<Change, Unresolved> {
    let revisions = Revisions { head: Some(name(folder)), policy: Some(name(folder)), ..Revisions::default() };
    let head = Directory::new(folder).with_revisions(&revisions)?;
    let policy = Directory::new(folder).with_revisions(&revisions)?;
    Ok(without_base(Box::new(head), Box::new(policy), revisions))
}

/// All files of a commit or of the work tree, which provides its own policy.
fn whole_tree(repository: &Repository, head: Option<&str>) -> Result<Change, Unresolved> {
    let Some(revision) = head else {
        let name = || Some(WORK_TREE.to_owned());
        let revisions = Revisions { head: name(), policy: name(), ..Revisions::default() };
        return Ok(without_base(repository.work_tree()?, repository.work_tree()?, revisions));
    };
    let commit = repository.resolve(revision)?;
    let (head, policy) = (Some(commit.to_string()), Some(commit.to_string()));
    let revisions = Revisions { head, policy, ..Revisions::default() };
    let head = repository.tree(commit).with_revisions(&revisions)?;
    let policy = repository.tree(commit).with_revisions(&revisions)?;
    Ok(without_base(Box::new(head), Box::new(policy), revisions))
}

/// A comparison with an empty tree: every finding is new.
fn without_base(head: Box<dyn Snapshot>, policy: Box<dyn Snapshot>, revisions: Revisions) -> Change {
    Change { base: Box::new(Memory::default()), head, policy, paths: Vec::new(), revisions }
}

fn nothing_to_compare() -> Error {
    Error::usage("--head-dir needs a folder to compare with", "add --base-dir, or --all to check the whole folder")
}

/// The name and the tip of the target branch.
fn target_tip(repository: &Repository, revision: Option<&str>) -> Result<(String, CommitId), Error> {
    if let Some(revision) = revision {
        return Ok((revision.to_owned(), repository.resolve(revision)?));
    }
    repository.default_base()?.ok_or_else(|| {
        Error::usage(
            "cannot find a branch to compare with: tried upstream/HEAD, origin/HEAD, main and master",
            "specify the target branch with --base",
        )
    })
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
