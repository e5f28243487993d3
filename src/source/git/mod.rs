//! Trees from a git repository, read straight from its object store.
//!
//! Only commits, trees and blobs are looked at: never the work tree, never the configuration of the user or the
//! system, and no program is started, so that a checkout of an untrusted change can be read safely. (`user` reads one
//! setting, if the command line asks for it. For links, `remote_url` reads the addresses of the repository's remotes.)

mod changes;
mod dates;
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
    fmt,
    path::{Path, PathBuf},
    rc::Rc,
};

use gix::bstr::BStr;

use super::{ChangedPath, Opened, SourceError, directory::quoted};
use crate::text::wording::quote;
pub use dates::CommitDates;
use tables::Tables;
pub use tree::GitTree;
pub(crate) use user::github_user_in;
pub use walk::{BlobId, FileChange, Step, Walk, Walked};
pub use walk_cache::WalkCache;

/// Settings that override the repository's own configuration.
const OVERRIDES: [&str; 4] = [
    // A repository of another owner may otherwise allocate 16 MiB at once, and one 20 MiB blob fails the whole diff.
    "gitoxide.objects.allocLimit=64m",
    // Blobs that kepgate would not read (`MAX_FILE_BYTES`) need not be compared line by line for renames either.
    "core.bigFileThreshold=1m",
    // A commit id has to mean the commit that it hashes, not a replacement from `refs/replace/`.
    "core.useReplaceRefs=false",
    // An abbreviated hash is only looked up among commits, because nothing else is needed.
    "core.disambiguate=committish",
];

/// The candidates for the target branch: a display name, and the full name of the reference.
const DEFAULT_BASES: [(&str, &str); 4] = [
    ("upstream/HEAD", "refs/remotes/upstream/HEAD"),
    ("origin/HEAD", "refs/remotes/origin/HEAD"),
    ("main", "refs/heads/main"),
    ("master", "refs/heads/master"),
];

/// The help for history that a shallow clone does not have.
const FETCH_MORE: &str =
    "fetch more history, e.g. with `git fetch --unshallow`, or with `fetch-depth: 0` for actions/checkout";

/// The remedy for objects that should be there and are not.
const FETCH_OBJECTS: &str = "clone the repository again without `--filter`, or check it for damage with `git fsck`";

/// The id of a commit. It is displayed as the full hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(gix::ObjectId);

impl CommitId {
    /// Parses a full commit id of 40 hexadecimal digits, whether or not the commit exists.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        gix::ObjectId::from_hex(text.as_bytes()).ok().map(Self)
    }

    /// True if it is 40 zeros, which mean no commit.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// Its first twelve digits, for a sentence.
    #[must_use]
    pub fn short(self) -> String {
        self.0.to_hex_with_len(12).to_string()
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// A git repository on disk, bare or not, complete or shallow, anyone who owns it.
pub struct Repository {
    store: Rc<gix::Repository>,
    tables: Rc<Tables>,
}

impl Repository {
    /// Opens the repository that `start` is in: `start` itself or the nearest folder above that is one.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if there is none, [`SourceError::Unavailable`] if it cannot be opened.
    pub fn discover(start: &Path) -> Result<Self, SourceError> {
        // Looking first tells "no repository" from "a repository that does not open", which gix's error does not.
        gix::discover::upwards(start).map_err(|_| {
            usage(
                format!("no git repository at {} or above it", quoted(start)),
                "specify a repository with --repo, or compare two directories with --base-dir and --head-dir",
            )
        })?;
        // Trust still depends on the owner, but it changes nothing because nothing is allowed.
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

    /// The commit that `revision` names: a hash, a branch, a tag, `HEAD~2` and the like.
    ///
    /// Ranges, exclusions (`^main`), paths (`HEAD:keps`) and searches (`:/text`) name no commit and are refused.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if it names no commit, [`SourceError::Unavailable`] if it names one that this
    /// shallow clone does not have.
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
        // A commit that should be here and is not is not a mistake of the caller.
        let start = revision.split_once(['^', '~', '@']).map_or(revision, |(start, _)| start);
        if !revision.contains(':') && self.tip(start)?.is_some() && start != revision {
            self.lookup(start).map_or(Ok(()), |start| self.require_history(start))?;
        }
        Err(usage(
            format!("{} is not a commit in this repository", quote(revision)),
            "specify a branch, tag or commit hash that exists in this repository, or fetch it first",
        ))
    }

    /// The branch that changes most likely go to, with the name it was found under:
    /// `upstream/HEAD`, `origin/HEAD`, `main`, `master`, whichever exists first.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if the branch exists but its commit cannot be read: another branch would not do.
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
        // `origin/HEAD` often points to a branch that was renamed since.
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

    /// Fails if a commit in the history of `start` is missing, so that `start~3` may exist elsewhere.
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

    /// The parents that `commit` names, in order; a shallow clone may lack them.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if `commit` itself can't be read.
    pub fn parents(&self, commit: CommitId) -> Result<Vec<CommitId>, SourceError> {
        Ok(self.commit(commit)?.parents.into_iter().map(CommitId).collect())
    }

    /// The newest commit on the first-parent line of `tip`, which a target branch's merges make, that was there at
    /// `time`, in seconds since 1970 UTC.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if the history begins later, [`SourceError::Unavailable`] if a commit can't be read, as
    /// in a shallow clone.
    pub fn commit_at(&self, tip: CommitId, time: i64) -> Result<CommitId, SourceError> {
        let mut at = tip;
        // A commit with an impossible date is the last resort.
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

    /// When the commits were written that lead from the target branch to `head`. They are not read before that matters.
    #[must_use]
    pub fn opened(&self, target: CommitId, head: CommitId) -> Opened {
        Opened::Commits(CommitDates::between(self, target, head))
    }

    /// True if the history of `later` certainly contains `earlier`. A commit is its own ancestor.
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
    /// A change of content, of mode or of kind counts. Files are paired as renames at 50 % similarity where that could
    /// be determined, and otherwise are a deletion and an addition. Copies are additions.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if a commit or a tree is missing or damaged.
    pub fn changed_paths(&self, base: CommitId, head: CommitId) -> Result<Vec<ChangedPath>, SourceError> {
        changes::changed_paths(self, self.commit(base)?.tree, self.commit(head)?.tree)
    }

    /// The commit that a well-formed `revision` names.
    fn lookup(&self, revision: &str) -> Option<CommitId> {
        // `:` would be a path or a search, `{/` a search, `..` a range, and `-` an option to any git that this is ever
        // handed on to.
        let names_one_object = !revision.is_empty()
            && !revision.starts_with(['-', '^'])
            && !revision.contains([':', '\0'])
            && !revision.contains("..")
            && !revision.contains("{/");
        if !names_one_object {
            return None;
        }
        // A full hash needs no search for the objects that start with it.
        if let Ok(id) = gix::ObjectId::from_hex(revision.as_bytes())
            && let Ok(commit) = self.store.find_commit(id)
        {
            return Some(CommitId(commit.id));
        }
        // Peeling inside the expression rejects anything but a single commit, such as the suffixes `^@` and `^!`.
        let peeled = format!("{revision}^{{commit}}");
        let id = self.store.rev_parse_single(<&BStr>::from(peeled.as_str())).ok()?;
        // A full hash is taken at its word when parsed, so see that the commit is there.
        self.store.find_commit(id).ok().map(|commit| CommitId(commit.id))
    }

    /// True if `revision` is a full hash, or goes up (`HEAD^`, `main~3`) from a commit that is here: then it names
    /// something that a shallow clone may lack, which is not a mistake of the caller.
    fn lies_beyond_the_clone(&self, revision: &str) -> bool {
        let is_full_hash = |text: &str| gix::ObjectId::from_hex(text.as_bytes()).is_ok();
        match revision.split_once(['^', '~']) {
            Some((start, _)) => is_full_hash(start) || self.lookup(start).is_some(),
            None => is_full_hash(revision),
        }
    }

    /// The data of a commit that kepgate needs.
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

/// The part of a commit that matters here.
struct CommitHeader {
    tree: gix::ObjectId,
    parents: Vec<gix::ObjectId>,
    /// When it was committed, in seconds since 1970 UTC.
    time: i64,
}

/// Reads only the repository's own configuration, which [`OVERRIDES`] take precedence over.
fn options() -> gix::open::Options {
    gix::open::Options::isolated().config_overrides(OVERRIDES)
}

fn usage(message: impl Into<String>, help: impl Into<String>) -> SourceError {
    SourceError::usage(message, help)
}

fn unavailable(message: impl Into<String>, help: impl Into<String>) -> SourceError {
    SourceError::unavailable(message, help)
}

/// The text of an error of gix's on one line: it may quote names from the repository as they are.
fn one_line(error: &gix::Error) -> String {
    error.to_string().replace(char::is_control, " ")
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
