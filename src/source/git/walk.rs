//! Walks the commits on a branch, and finds what each changed below certain folders.

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::diff::tree::{Recorder, State, recorder};
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryMode;

use super::file_change::{BlobId, FileChange};
use super::tables::{Cached, Tables, damaged, missing};
use super::times;
use super::walk_cache::WalkCache;
use super::{CommitId, FETCH_OBJECTS, Repository, one_line, unavailable};
use crate::error::SourceError;
use crate::source::{Content, Irregular, Kind, MAX_FILE_BYTES};
use crate::text::RepoPath;

/// The maximum size of the folders to cache between commits, in bytes. Most commits share nearly all of them.
const MAX_CACHED_BYTES: usize = 64 * 1024 * 1024;

/// A commit on the first-parent line of a branch, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The commit.
    pub commit: CommitId,
    /// When it was committed, in seconds since 1970 UTC, and never earlier than the step before it.
    pub time: i64,
    /// The files that differ from the first parent, sorted by path. In the first step, these are all files.
    pub changes: Vec<FileChange>,
}

/// The commits to walk, and the paths to look at.
#[derive(Debug)]
pub struct Walk<'a> {
    /// The last commit of the first-parent line.
    pub tip: CommitId,
    /// The files and folders to look at.
    pub paths: &'a [RepoPath],
    /// In seconds since 1970 UTC. The line starts at the newest commit that is not later. The step of that commit has
    /// all files, like that of a root commit.
    pub since: Option<i64>,
    /// What earlier walks found. It affects how long the walk takes, but not what it finds.
    pub cache: Option<&'a mut WalkCache>,
}

impl<'a> Walk<'a> {
    /// A walk from the first commit on, without a cache.
    #[must_use]
    pub fn to(tip: CommitId, paths: &'a [RepoPath]) -> Self {
        Self { tip, paths, since: None, cache: None }
    }
}

/// A line of commits that was walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walked {
    /// The number of commits, including those that changed nothing of interest.
    pub commits: usize,
    /// The time of the last commit, in seconds since 1970 UTC.
    pub end: i64,
}

/// What a commit has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct At {
    folder: Option<ObjectId>,
    file: Option<ObjectId>,
}

/// The commits of a first-parent line, oldest first, with their trees.
pub(super) struct Line {
    commits: Vec<(CommitId, i64, ObjectId)>,
}

impl Repository {
    /// Calls `visit` for each commit on the first-parent line that changed something at or below the paths, oldest
    /// first.
    ///
    /// The order does not depend on dates. A date that does not fit is replaced with that of a neighbor.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if a commit or a folder is missing, as in a shallow clone.
    pub fn walk(&self, walk: Walk<'_>, visit: &mut dyn FnMut(Step)) -> Result<Walked, SourceError> {
        let line = Line::ending_in(self, walk.tip, walk.since)?;
        let mut cache = walk.cache;
        if let Some(cache) = &mut cache {
            cache.prepare(walk.paths);
        }
        let tables = Tables::default();
        let mut before: Option<ObjectId> = None;
        for (commit, time, tree) in &line.commits {
            // The first commit is compared with an empty tree, even if it has a parent.
            let known = cache.as_mut().filter(|_| before.is_some()).and_then(|cache| self.cached(cache, *commit));
            let changes = if let Some(changes) = known {
                changes
            } else {
                let changes = self.changes_below(&tables, (before, *tree), walk.paths)?;
                if let Some(cache) = cache.as_mut().filter(|_| before.is_some()) {
                    cache.insert(*commit, changes.clone());
                }
                changes
            };
            if !changes.is_empty() {
                visit(Step { commit: *commit, time: *time, changes });
            }
            before = Some(*tree);
            tables.forget_beyond(MAX_CACHED_BYTES);
        }
        let end = line.commits.last().map_or(0, |(_, time, _)| *time);
        Ok(Walked { commits: line.commits.len(), end })
    }

    /// What `cache` has of a commit. If the repository does not have one of the files, the cache is of another one, and is
    /// emptied.
    fn cached(&self, cache: &mut WalkCache, commit: CommitId) -> Option<Vec<FileChange>> {
        let changes = cache.get(commit)?.to_vec();
        if changes.iter().filter_map(|change| change.blob).all(|blob| self.store.has_object(blob.id())) {
            return Some(changes);
        }
        cache.clear();
        None
    }

    /// The sorted differences at or below `paths` between two trees.
    fn changes_below(
        &self,
        tables: &Tables,
        (before, after): (Option<ObjectId>, ObjectId),
        paths: &[RepoPath],
    ) -> Result<Vec<FileChange>, SourceError> {
        let mut changes = Vec::new();
        for path in paths {
            let old = before.map_or(Ok(At::default()), |tree| self.at(tables, tree, path))?;
            let new = self.at(tables, after, path)?;
            if old.folder != new.folder {
                changes.extend(self.changes(tables, (old.folder, new.folder), path)?);
            }
            if old.file != new.file {
                changes.push(FileChange { path: path.clone(), blob: new.file.map(BlobId::from_id) });
            }
        }
        // A path may be inside another one.
        changes.sort_unstable();
        changes.dedup();
        Ok(changes)
    }

    /// Reads a file's content; `path` is only for messages.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] if it is missing or damaged.
    pub fn read_blob(&self, blob: BlobId, path: &RepoPath) -> Result<Content, SourceError> {
        let header = self
            .store
            .try_find_header(blob.id())
            .map_err(|error| damaged("file", path, &one_line(&error)))?
            .ok_or_else(|| missing("file", path, blob.id()))?;
        if header.size() > MAX_FILE_BYTES {
            return Ok(Content::Irregular(Irregular::TooLarge(header.size())));
        }
        let object = self.store.find_blob(blob.id()).map_err(|error| damaged("file", path, &one_line(&error)))?;
        Ok(Content::Bytes(object.data.as_slice().to_vec()))
    }

    fn at(&self, tables: &Tables, root: ObjectId, path: &RepoPath) -> Result<At, SourceError> {
        let (mut at, mut walked) = (At { folder: Some(root), file: None }, RepoPath::root());
        for segment in path.segments() {
            let Some(folder) = at.folder else { return Ok(At::default()) };
            let node = tables.folder(&self.store, folder, &walked)?.find(segment);
            let of_kind = |kind| node.filter(|node| node.kind == kind).map(|node| node.id);
            at = At { folder: of_kind(Kind::Folder), file: of_kind(Kind::File) };
            walked = walked.join(segment);
        }
        Ok(at)
    }

    /// The files that differ between two states of `folder`.
    fn changes(
        &self,
        tables: &Tables,
        (old, new): (Option<ObjectId>, Option<ObjectId>),
        folder: &RepoPath,
    ) -> Result<Vec<FileChange>, SourceError> {
        let read = |id: Option<ObjectId>| match id {
            Some(id) => tables.data(&self.store, id, folder).map(|data| data.to_vec()),
            None => Ok(Vec::new()),
        };
        let (old, new) = (read(old)?, read(new)?);
        let mut recorder = Recorder::default();
        let hash = self.store.object_hash();
        gix::diff::tree(
            TreeRefIter::from_bytes(&old, hash),
            TreeRefIter::from_bytes(&new, hash),
            State::default(),
            Cached { store: &self.store, tables },
            &mut recorder,
        )
        .map_err(|error| {
            unavailable("the trees of two commits could not be compared", FETCH_OBJECTS).caused_by(error)
        })?;
        Ok(recorder.records.iter().filter_map(|change| to_change(change, folder)).collect())
    }
}

/// The change to a file; `None` for a folder, because the changes in it are listed separately.
fn to_change(change: &recorder::Change, folder: &RepoPath) -> Option<FileChange> {
    let (path, mode, oid) = match change {
        recorder::Change::Addition { path, entry_mode, oid, .. }
        | recorder::Change::Modification { path, entry_mode, oid, .. } => (path, *entry_mode, Some(*oid)),
        recorder::Change::Deletion { path, entry_mode, .. } => (path, *entry_mode, None),
    };
    let path = folder.join(path.as_bytes());
    match (mode.is_tree(), change) {
        // A file was replaced by a folder.
        (true, recorder::Change::Modification { previous_entry_mode, .. }) if !previous_entry_mode.is_tree() => {
            Some(FileChange { path, blob: None })
        }
        (true, _) => None,
        (false, _) => Some(FileChange { path, blob: oid.filter(|_| is_file(mode)).map(BlobId::from_id) }),
    }
}

fn is_file(mode: EntryMode) -> bool {
    mode.is_blob()
}

impl Line {
    fn ending_in(repository: &Repository, tip: CommitId, since: Option<i64>) -> Result<Self, SourceError> {
        let mut commits = Vec::new();
        let mut at = Some(tip);
        while let Some(commit) = at {
            let header = repository.commit(commit)?;
            commits.push((commit, header.time, header.tree));
            let is_start = since.is_some_and(|since| header.time <= since && times::is_possible(header.time));
            at = header.parents.first().filter(|_| !is_start).copied().map(CommitId);
        }
        commits.reverse();
        let times: Vec<_> = commits.iter().map(|(_, time, _)| *time).collect();
        for ((_, time, _), ordered) in commits.iter_mut().zip(times::in_order(&times)) {
            *time = ordered;
        }
        Ok(Self { commits })
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, Walk};
    use crate::error::SourceError;
    use crate::source::Content;
    use crate::source::git::Repository;
    use crate::source::git::fixture::Fixture;

    fn steps(repository: &Repository, fixture: &Fixture, since: Option<i64>) -> Vec<Step> {
        let mut steps = Vec::new();
        let paths = ["keps".into()];
        let walk = Walk { since, ..Walk::to(fixture.head(), &paths) };
        repository.walk(walk, &mut |step| steps.push(step)).unwrap();
        steps
    }

    fn paths(step: &Step) -> Vec<(String, bool)> {
        step.changes.iter().map(|change| (change.path.to_string(), change.blob.is_some())).collect()
    }

    #[test]
    fn each_commit_has_what_it_changed_below_the_folder() {
        let fixture = Fixture::new();
        fixture.write("keps/sig-node/1-a/kep.yaml", "1\n");
        fixture.write("README.md", "1\n");
        let first = fixture.commit();
        fixture.write("README.md", "2\n");
        fixture.commit();
        fixture.git(&["mv", "keps/sig-node", "keps/sig-apps"]);
        let third = fixture.commit();
        let repository = fixture.open();
        let steps = steps(&repository, &fixture, None);
        assert_eq!(steps.iter().map(|step| step.commit).collect::<Vec<_>>(), [first, third]);
        assert!(steps[0].time < steps[1].time);
        assert_eq!(paths(&steps[0]), [("keps/sig-node/1-a/kep.yaml".to_owned(), true)]);
        let moved = [("keps/sig-apps/1-a/kep.yaml".to_owned(), true), ("keps/sig-node/1-a/kep.yaml".to_owned(), false)];
        assert_eq!(paths(&steps[1]), moved);
        let change = &steps[0].changes[0];
        let content = repository.read_blob(change.blob.unwrap(), &change.path).unwrap();
        assert_eq!(content, Content::Bytes(b"1\n".to_vec()));
    }

    #[test]
    fn a_path_may_be_a_file() {
        let fixture = Fixture::new();
        fixture.write("OWNERS", "1\n");
        fixture.commit();
        fixture.write("keps/a", "1\n");
        fixture.commit();
        fixture.write("OWNERS", "2\n");
        fixture.commit();
        fixture.git(&["rm", "--quiet", "OWNERS"]);
        fixture.commit();
        let mut steps = Vec::new();
        let owners = ["OWNERS".into()];
        let walk = Walk::to(fixture.head(), &owners);
        fixture.open().walk(walk, &mut |step| steps.push(paths(&step))).unwrap();
        let [there, gone] = [true, false].map(|is_there| vec![("OWNERS".to_owned(), is_there)]);
        assert_eq!(steps, [there.clone(), there, gone]);
    }

    #[test]
    fn with_since_the_first_step_has_all_files() {
        let fixture = Fixture::new();
        fixture.write("keps/a", "1\n");
        fixture.commit();
        fixture.write("keps/b", "1\n");
        let second = fixture.commit();
        fixture.write("keps/a", "2\n");
        fixture.commit();
        let repository = fixture.open();
        let steps = steps(&repository, &fixture, Some(repository.time(second).unwrap()));
        let shown: Vec<_> = steps.iter().map(paths).collect();
        let [a, b] = [("keps/a".to_owned(), true), ("keps/b".to_owned(), true)];
        assert_eq!(shown, [vec![a.clone(), b], vec![a]]);
    }

    #[test]
    fn a_merged_branch_is_one_step() {
        let fixture = Fixture::new();
        fixture.commit_index();
        fixture.git(&["switch", "--quiet", "--create", "topic"]);
        for content in ["1\n", "2\n"] {
            fixture.write("keps/a", content);
            fixture.commit();
        }
        fixture.git(&["switch", "--quiet", "main"]);
        fixture.git(&["merge", "--quiet", "--no-ff", "--message=.", "topic"]);
        let steps = steps(&fixture.open(), &fixture, None);
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].commit, fixture.head());
    }

    #[test]
    fn a_shallow_clone_is_an_error_with_a_remedy() {
        let fixture = Fixture::new();
        fixture.write("keps/a", "1\n");
        fixture.commit();
        fixture.write("keps/a", "2\n");
        fixture.commit();
        let shallow = fixture.clone_with(&["--depth=1"]);
        let error = shallow.open().walk(Walk::to(fixture.head(), &["keps".into()]), &mut |_| ()).unwrap_err();
        assert!(matches!(error, SourceError::Unavailable { .. }), "{error}");
        assert!(error.help().contains("git fetch --unshallow"), "{}", error.help());
    }
}
