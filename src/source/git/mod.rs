//! Reads trees directly from the object store of a git repository.
//!
//! No program is started, and the configuration of the user and the system is ignored, so a checkout of an untrusted
//! change can be read safely. Only `work_tree` reads anything besides commits, trees and blobs. The repository's own
//! configuration is read for remote URLs and, if the command line asks for it, the user's handle.

mod changes;
mod commit_id;
mod dates;
mod file_change;
#[cfg(test)]
pub(crate) mod fixture;
mod history;
mod tables;
mod times;
mod tree;
mod user;
mod walk;
mod walk_cache;
mod work_tree;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    rc::Rc,
};

use gix::bstr::BStr;

use super::{ChangedPath, Opened, SourceError, directory::quoted};
use crate::text::wording::quote;
pub use commit_id::CommitId;
pub use dates::CommitDates;
pub use file_change::{BlobId, FileChange};
use tables::Tables;
pub use tree::GitTree;
pub(crate) use user::github_user_in;
pub use walk::{Step, Walk, Walked};
pub use walk_cache::WalkCache;

/// Settings that override the repository's own configuration.
const OVERRIDES: [&str; 4] = [
    // If somebody else owns the repository, gix limits allocations, and a single 20 MiB blob would fail the whole diff.
    "gitoxide.objects.allocLimit=64m",
    // Blobs that are too large for kepgate (`MAX_FILE_BYTES`) do not have to be compared line by line for renames
    // either.
    "core.bigFileThreshold=1m",
    // A commit id must mean the commit with that hash, not a replacement from `refs/replace/`.
    "core.useReplaceRefs=false",
    // Abbreviated hashes are only resolved to commits, because nothing else is needed.
    "core.disambiguate=committish",
];

/// The candidates for the target branch: the name to display, and the full name of the reference.
const DEFAULT_BASES: [(&str, &str); 4] = [
    ("upstream/HEAD", "refs/remotes/upstream/HEAD"),
    ("origin/HEAD", "refs/remotes/origin/HEAD"),
    ("main", "refs/heads/main"),
    ("master", "refs/heads/master"),
];

/// The help for history that a shallow clone does not have.
const FETCH_MORE: &str =
    "fetch more history, e.g. with `git fetch --unshallow`, or with `fetch-depth: 0` for actions/checkout";

/// The help for objects that are missing although they should exist.
const FETCH_OBJECTS: &str = "clone the repository again without `--filter`, or check it for damage with `git fsck`";

/// A git repository on disk: bare or not, complete or shallow, no matter who owns it.
pub struct Repository {
    store: Rc<gix::Repository>,
    tables: Rc<Tables>,
}

impl Repository {
    /// Opens the repository that contains `start`: the nearest one at or above it.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if there is none, [`SourceError::Unavailable`] if it cannot be opened.
    pub fn discover(start: &Path) -> Result<Self, SourceError> {
        // This check tells a missing repository from one that cannot be opened. gix's error does not.
        gix::discover::upwards(start).map_err(|_| {
            usage(
                format!("no git repository at {} or above it", quoted(start)),
                "specify a repository with --repo, or compare two directories with --base-dir and --head-dir",
            )
        })?;
        // gix still determines trust from the owner, but the options are the same for both levels.
        let trust = gix::sec::trust::Mapping { full: options(), reduced: options() };
        let store = gix::ThreadSafeRepository::discover_opts(start, gix::discover::upwards::Options::default(), trust)
            .map_err(|error| {
                unavailable(
                    format!("the git repository at {} could not be opened", quoted(start)),
                    "check that `git status` works there; kepgate does not support SHA-256 and reftable repositories",
                )
                .caused_by(error)
            })?;
        Ok(Self { store: Rc::new(store.to_thread_local()), tables: Rc::default() })
    }

    /// The commit that `revision` names: a hash, a branch, a tag, `HEAD~2` and so on.
    ///
    /// Ranges, exclusions (`^main`), paths (`HEAD:keps`) and searches (`:/text`) are rejected because they do not name
    /// a commit.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if it does not name a commit, [`SourceError::Unavailable`] if it names one that this
    /// shallow clone lacks.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, SourceError> {
        if let Some(commit) = self.lookup(revision) {
            return Ok(commit);
        }
        if self.is_shallow() && self.lies_beyond_the_clone(revision) {
            return Err(unavailable(
                format!("the commit {} is not in this shallow clone", quote(revision)),
                FETCH_MORE,
            ));
        }
        // If the commit should be available but is missing, that is not the caller's mistake.
        let start = revision.split_once(['^', '~', '@']).map_or(revision, |(start, _)| start);
        if !revision.contains(':') && self.tip(start)?.is_some() && start != revision {
            self.lookup(start).map_or(Ok(()), |start| self.require_history(start))?;
        }
        Err(usage(
            format!("{} is not a commit in this repository", quote(revision)),
            "specify a branch, tag or commit hash that exists in this repository, or fetch it first",
        ))
    }

    /// The most likely target branch, with the name that it was found by: the first of `upstream/HEAD`, `origin/HEAD`,
    /// `main` and `master` that exists.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if the branch exists, but its commit cannot be read. It is not replaced by another
    /// branch.
    pub fn default_base(&self) -> Result<Option<(String, CommitId)>, SourceError> {
        for (name, reference) in DEFAULT_BASES {
            if let Some(commit) = self.tip(reference)? {
                return Ok(Some((name.to_owned(), commit)));
            }
        }
        Ok(None)
    }

    /// The commit that a reference points to; `None` if there is no such reference, or if it does not name a commit.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if the object that it points to is missing or damaged.
    fn tip(&self, name: &str) -> Result<Option<CommitId>, SourceError> {
        let Ok(Some(mut reference)) = self.store.try_find_reference(name) else { return Ok(None) };
        if let Ok(commit) = reference.clone().peel_to_commit() {
            return Ok(Some(CommitId(commit.id)));
        }
        // `origin/HEAD` often points to a branch that has since been renamed.
        while let Some(next) = reference.follow() {
            let Ok(next) = next else { return Ok(None) };
            reference = next;
        }
        let Some(id) = reference.try_id() else { return Ok(None) };
        match self.store.find_header(id) {
            Ok(_) => Ok(None),
            Err(_) => self.commit(CommitId(id.detach())).map(|_| None),
        }
    }

    /// Fails if a commit in the history of `start` is missing. Then `start~3` may exist elsewhere.
    fn require_history(&self, start: CommitId) -> Result<(), SourceError> {
        let (mut seen, mut open) = (HashSet::from([start]), vec![start]);
        while let Some(commit) = open.pop() {
            open.extend(self.parents(commit)?.into_iter().filter(|parent| seen.insert(*parent)));
        }
        Ok(())
    }

    /// The commit of `HEAD`.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if there is no commit yet, [`SourceError::Unavailable`] if it cannot be read.
    pub fn head_commit(&self) -> Result<CommitId, SourceError> {
        self.store.head_commit().map(|commit| CommitId(commit.id)).map_err(|error| match self.store.head() {
            Ok(head) if head.is_unborn() => {
                usage("this repository has no commits yet", "create a commit first, or specify a revision")
            }
            _ => unavailable("HEAD could not be read", FETCH_OBJECTS).caused_by(error),
        })
    }

    /// The folder that the repository is checked out in; `None` if it is bare.
    #[must_use]
    pub fn workdir(&self) -> Option<PathBuf> {
        self.store.workdir().map(Path::to_owned)
    }

    /// The URL of a remote, from the configuration of the repository.
    #[must_use]
    pub fn remote_url(&self, name: &str) -> Option<String> {
        let url = self.store.config_snapshot().string(format!("remote.{name}.url").as_str())?;
        String::from_utf8(url.to_vec()).ok()
    }

    /// True if the clone is shallow (`--depth`), or if that is unknown.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.store.is_shallow().unwrap_or(true)
    }

    /// The parents of `commit`, in order. A shallow clone may lack them.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if `commit` itself can't be read.
    pub fn parents(&self, commit: CommitId) -> Result<Vec<CommitId>, SourceError> {
        Ok(self.commit(commit)?.parents.into_iter().map(CommitId).collect())
    }

    /// The newest commit that was on the target branch `tip` at `time`, in seconds since 1970 UTC. Only the
    /// first-parent line counts, because merges into a branch extend that line.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if the history begins later, [`SourceError::Unavailable`] if a commit can't be read, as
    /// in a shallow clone.
    pub fn commit_at(&self, tip: CommitId, time: i64) -> Result<CommitId, SourceError> {
        let mut at = tip;
        // A commit with an impossible date is only used if there is no other.
        let mut doubtful = None;
        loop {
            let header = self.commit(at)?;
            if header.time <= time && times::is_possible(header.time) {
                return Ok(at);
            }
            doubtful = doubtful.or(Some(at).filter(|_| header.time <= time));
            let Some(parent) = header.parents.first() else { break };
            at = CommitId(*parent);
        }
        doubtful.ok_or_else(|| {
            usage(format!("the history of {tip} starts after that time"), "specify a later time or another commit")
        })
    }

    /// The time of a commit, in seconds since 1970 UTC.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if the commit could not be read.
    pub fn time(&self, commit: CommitId) -> Result<i64, SourceError> {
        Ok(self.commit(commit)?.time)
    }

    /// The merge base of `base` and `head`, so that the diff from it contains only the changes of `head`.
    ///
    /// In a shallow clone, it is returned only if the complete history would certainly give the same result.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if the two have no common history, [`SourceError::Unavailable`] if the clone
    /// has too little of it.
    pub fn merge_base(&self, base: CommitId, head: CommitId) -> Result<CommitId, SourceError> {
        history::merge_base(self, base, head)
    }

    /// The dates of the commits that lead from the target branch to `head`. They are only read if they are needed.
    #[must_use]
    pub fn opened(&self, target: CommitId, head: CommitId) -> Opened {
        Opened::Commits(CommitDates::between(self, target, head))
    }

    /// True if the history of `later` is known to contain `earlier`. A commit is its own ancestor.
    #[must_use]
    pub fn is_ancestor(&self, earlier: CommitId, later: CommitId) -> bool {
        self.merge_base(earlier, later).is_ok_and(|base| base == earlier)
    }

    /// The files of `commit`.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if the commit or its tree is missing or damaged.
    pub fn tree(&self, commit: CommitId) -> Result<GitTree, SourceError> {
        GitTree::open(Rc::clone(&self.store), Rc::clone(&self.tables), self.commit(commit)?.tree)
    }

    /// The sorted differences between the trees of two commits: files, symbolic links and submodules, never folders.
    ///
    /// Changes of content, mode or kind count. Files with at least 50 % similarity are paired as renames if possible;
    /// otherwise, a rename is a deletion and an addition. Copies are additions.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if a commit or a tree is missing or damaged.
    pub fn changed_paths(&self, base: CommitId, head: CommitId) -> Result<Vec<ChangedPath>, SourceError> {
        changes::changed_paths(self, self.commit(base)?.tree, self.commit(head)?.tree)
    }

    /// The commit that a well-formed `revision` names.
    fn lookup(&self, revision: &str) -> Option<CommitId> {
        // `:` introduces a path or a search, `{/` a search, `..` a range, and `-` an option, in case the revision is
        // ever passed to git.
        let names_one_object = !revision.is_empty()
            && !revision.starts_with(['-', '^'])
            && !revision.contains([':', '\0'])
            && !revision.contains("..")
            && !revision.contains("{/");
        if !names_one_object {
            return None;
        }
        // For a full hash, there is no need to search for objects that start with it.
        if let Ok(id) = gix::ObjectId::from_hex(revision.as_bytes())
            && let Ok(commit) = self.store.find_commit(id)
        {
            return Some(CommitId(commit.id));
        }
        // Peeling in the expression rejects anything that is not a single commit, such as the suffixes `^@` and `^!`.
        let peeled = format!("{revision}^{{commit}}");
        let id = self.store.rev_parse_single(<&BStr>::from(peeled.as_str())).ok()?;
        // Parsing does not check that a full hash exists, so look up the commit.
        self.store.find_commit(id).ok().map(|commit| CommitId(commit.id))
    }

    /// True if `revision` is a full hash, or an ancestor (`HEAD^`, `main~3`) of a full hash or of an available commit.
    /// A shallow clone may lack what it names, which is not the caller's mistake.
    fn lies_beyond_the_clone(&self, revision: &str) -> bool {
        let is_full_hash = |text: &str| gix::ObjectId::from_hex(text.as_bytes()).is_ok();
        match revision.split_once(['^', '~']) {
            Some((start, _)) => is_full_hash(start) || self.lookup(start).is_some(),
            None => is_full_hash(revision),
        }
    }

    /// The data of a commit that kepgate uses.
    fn commit(&self, commit: CommitId) -> Result<CommitHeader, SourceError> {
        let read = || -> gix::Result<Option<CommitHeader>> {
            let Some(object) = self.store.try_find_object(commit.0)? else {
                return Ok(None);
            };
            let decoded = object.try_to_commit_ref()?;
            let time = decoded.time()?.seconds;
            Ok(Some(CommitHeader { tree: decoded.tree(), parents: decoded.parents().collect(), time }))
        };
        match read() {
            Ok(Some(header)) => Ok(header),
            Ok(None) if self.is_shallow() => {
                Err(unavailable(format!("the commit {commit} is not in this shallow clone"), FETCH_MORE))
            }
            Ok(None) => Err(unavailable(format!("the commit {commit} is not in this repository"), FETCH_OBJECTS)),
            Err(error) => {
                Err(unavailable(format!("the commit {commit} could not be read"), FETCH_OBJECTS).caused_by(error))
            }
        }
    }
}

/// The part of a commit that kepgate uses.
struct CommitHeader {
    tree: gix::ObjectId,
    parents: Vec<gix::ObjectId>,
    /// When it was committed, in seconds since 1970 UTC.
    time: i64,
}

/// Reads only the repository's own configuration, which [`OVERRIDES`] takes precedence over.
fn options() -> gix::open::Options {
    gix::open::Options::isolated().config_overrides(OVERRIDES)
}

fn usage(message: impl Into<String>, help: impl Into<String>) -> SourceError {
    SourceError::usage(message, help)
}

fn unavailable(message: impl Into<String>, help: impl Into<String>) -> SourceError {
    SourceError::unavailable(message, help)
}

/// The text of a gix error on one line. It may quote names from the repository unescaped.
fn one_line(error: &gix::Error) -> String {
    error.to_string().replace(char::is_control, " ")
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
