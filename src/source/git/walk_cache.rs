//! Keeps in a file what commits changed, so that later walks only compare the trees of newer commits.

use std::collections::HashMap;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use super::CommitId;
use super::file_change::{BlobId, FileChange};
use crate::text::RepoPath;

/// The beginning of the file, before the version number.
const NAME: &str = "kepgate-history-";
/// Must be increased when the meaning of the file changes.
const VERSION: u32 = 1;

/// What each commit on a line changed below some folders, compared with its first parent.
///
/// A commit never changes, so an entry stays valid as long as the folders are the same.
#[derive(Debug, Default)]
pub struct WalkCache {
    /// The folders that were walked, in the same order.
    folders: Vec<RepoPath>,
    changes: HashMap<CommitId, Vec<FileChange>>,
    is_changed: bool,
}

/// The full hash of a commit, with each path and the hash of its content.
type StoredCommit = (String, Vec<(String, Option<String>)>);

/// The content of the file, after its first line.
#[derive(Serialize, Deserialize)]
struct Stored {
    folders: Vec<String>,
    /// The full hash of each commit, with the path and content hash of each file.
    commits: Vec<StoredCommit>,
}

impl WalkCache {
    /// True if any version of kepgate wrote `text`. The rest of it may be damaged.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.starts_with(NAME)
    }

    /// Parses the text of a file; `None` if it is damaged or has another version.
    ///
    /// The checksum detects damage, but not manipulation: whoever can write the file decides what the history says.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once('\n')?;
        if first != header(rest)? {
            return None;
        }
        let stored: Stored = serde_json::from_str(rest).ok()?;
        let folders = stored.folders.iter().map(|path| RepoPath::from(path.as_str())).collect();
        let changes = stored.commits.into_iter().map(to_entry).collect::<Option<_>>()?;
        Some(Self { folders, changes, is_changed: false })
    }

    /// The text of the file; `None` if nothing has changed since it was read.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        if !self.is_changed {
            return None;
        }
        let mut commits: Vec<_> = self.changes.iter().filter_map(from_entry).collect();
        commits.sort_unstable();
        let folders = self.folders.iter().map(as_text).collect::<Option<_>>()?;
        let rest = serde_json::to_string(&Stored { folders, commits }).ok()?;
        Some(format!("{}\n{rest}", header(&rest)?))
    }

    /// Drops all entries if they are for other folders.
    pub(super) fn prepare(&mut self, folders: &[RepoPath]) {
        if self.folders != folders {
            *self = Self { folders: folders.to_vec(), changes: HashMap::new(), is_changed: true };
        }
    }

    /// Drops all entries.
    pub(super) fn clear(&mut self) {
        self.changes.clear();
        self.is_changed = true;
    }

    /// The cached changes of `commit`.
    pub(super) fn get(&self, commit: CommitId) -> Option<&[FileChange]> {
        self.changes.get(&commit).map(Vec::as_slice)
    }

    /// Caches the changes of `commit`.
    pub(super) fn insert(&mut self, commit: CommitId, changes: Vec<FileChange>) {
        self.changes.insert(commit, changes);
        self.is_changed = true;
    }
}

/// The first line of the file.
fn header(rest: &str) -> Option<String> {
    BlobId::of(rest.as_bytes()).map(|checksum| format!("{NAME}{VERSION} {checksum}"))
}

fn as_text(path: &RepoPath) -> Option<String> {
    std::str::from_utf8(path.as_bytes()).ok().map(str::to_owned)
}

/// `None` for a commit with a path that is not UTF-8. It is not cached, so each walk compares it again.
fn from_entry((commit, changes): (&CommitId, &Vec<FileChange>)) -> Option<StoredCommit> {
    let stored = |change: &FileChange| Some((as_text(&change.path)?, change.blob.map(|blob| blob.to_string())));
    Some((commit.to_string(), changes.iter().map(stored).collect::<Option<_>>()?))
}

fn to_entry((commit, changes): StoredCommit) -> Option<(CommitId, Vec<FileChange>)> {
    let change = |(path, blob): (String, Option<String>)| {
        let blob = match blob {
            Some(hex) => Some(BlobId::from_id(ObjectId::from_hex(hex.as_bytes()).ok()?)),
            None => None,
        };
        Some(FileChange { path: RepoPath::from(path.as_str()), blob })
    };
    Some((CommitId::from_hex(&commit)?, changes.into_iter().map(change).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::{BlobId, FileChange, WalkCache};
    use crate::source::git::fixture::Fixture;
    use crate::source::git::{Step, Walk};
    use crate::text::RepoPath;

    fn walk(fixture: &Fixture, folder: &str, cache: Option<&mut WalkCache>) -> Vec<Step> {
        let mut steps = Vec::new();
        let paths = [RepoPath::from(folder)];
        let walk = Walk { tip: fixture.head(), paths: &paths, since: None, cache };
        fixture.open().walk(walk, &mut |step| steps.push(step)).unwrap();
        steps
    }

    fn stored_and_read(cache: &WalkCache) -> WalkCache {
        WalkCache::read(&cache.to_text().unwrap()).unwrap()
    }

    /// Three commits, the second of which changes nothing below `keps`.
    fn history() -> Fixture {
        let fixture = Fixture::new();
        fixture.write("keps/a", "1\n");
        fixture.commit();
        fixture.write("README.md", "1\n");
        fixture.commit();
        fixture.write("keps/b", "1\n");
        fixture.git(&["rm", "--quiet", "keps/a"]);
        fixture.commit();
        fixture
    }

    #[test]
    fn a_cache_does_not_change_the_steps() {
        let fixture = history();
        let mut cache = WalkCache::default();
        assert_eq!(walk(&fixture, "keps", Some(&mut cache)), walk(&fixture, "keps", None));
        let mut cache = stored_and_read(&cache);
        fixture.write("keps/b", "2\n");
        fixture.commit();
        let steps = walk(&fixture, "keps", Some(&mut cache));
        assert_eq!(steps, walk(&fixture, "keps", None));
        assert_eq!(steps.len(), 3);
    }

    #[test]
    fn only_new_commits_are_compared() {
        let fixture = history();
        let mut cache = WalkCache::default();
        walk(&fixture, "keps", Some(&mut cache));
        let mut cache = stored_and_read(&cache);
        walk(&fixture, "keps", Some(&mut cache));
        assert_eq!(cache.to_text(), None);
    }

    #[test]
    fn a_cache_of_another_repository_is_dropped() {
        let fixture = history();
        let mut cache = WalkCache::default();
        walk(&fixture, "keps", Some(&mut cache));
        let mut cache = stored_and_read(&cache);
        let change = FileChange { path: RepoPath::from("keps/b"), blob: BlobId::of(b"nowhere") };
        cache.insert(fixture.head(), vec![change]);
        assert_eq!(walk(&fixture, "keps", Some(&mut cache)), walk(&fixture, "keps", None));
        assert!(cache.to_text().is_some());
    }

    #[test]
    fn another_folder_needs_another_cache() {
        let fixture = history();
        let mut cache = WalkCache::default();
        walk(&fixture, "keps", Some(&mut cache));
        assert_eq!(walk(&fixture, "README.md", Some(&mut cache)), walk(&fixture, "README.md", None));
    }

    #[test]
    fn a_damaged_file_is_no_cache() {
        let fixture = history();
        let mut cache = WalkCache::default();
        walk(&fixture, "keps", Some(&mut cache));
        let text = cache.to_text().unwrap();
        assert!(WalkCache::read(&text).is_some());
        assert!(WalkCache::read(&text.replace("keps/b", "keps/c")).is_none());
        assert!(WalkCache::read(&text[..text.len() - 1]).is_none());
        assert!(WalkCache::read(&text.replacen("history-1", "history-2", 1)).is_none());
        assert!(WalkCache::read("").is_none());
    }
}
