//! The differences between the trees of two commits.

use std::ops::ControlFlow;

use gix::{
    ObjectId,
    bstr::{BStr, ByteSlice},
    diff::tree::{Recorder, State, Visit, recorder, visit},
    object::tree::diff::ChangeDetached,
    objs::{TreeRefIter, tree::EntryMode},
};

use super::tables::Cached;
use super::{FETCH_OBJECTS, Repository, unavailable};
use crate::error::SourceError;
use crate::source::ChangedPath;
use crate::text::RepoPath;

/// The folder in which renames matter, as the beginning of a path.
const KEPS: &[u8] = b"keps/";

/// If the number of deleted files times the number of added files exceeds the square of this, only renames of unchanged
/// files are found, so that a change to thousands of files does not compare all of them with each other.
const RENAME_LIMIT: usize = 300;

/// The maximum memory for the list of changes, in bytes: more than 200,000 files.
const MAX_RECORDED_BYTES: usize = 64 * 1024 * 1024;

/// See [`super::Repository::changed_paths`].
pub(super) fn changed_paths(
    repository: &Repository,
    base: ObjectId,
    head: ObjectId,
) -> Result<Vec<ChangedPath>, SourceError> {
    let store = &repository.store;
    let read = |id: ObjectId| {
        store.find_tree(id).map_err(|error| {
            unavailable(format!("the tree {id} of a commit could not be read"), FETCH_OBJECTS).caused_by(error)
        })
    };
    let (base, head) = (read(base)?, read(head)?);
    let plain = plain_changes(&Cached { store, tables: &repository.tables }, &base, &head)?;
    // Finding renames reads contents and takes ten times as long as the plain diff, so it is only done if one could
    // matter.
    let mut paths = if may_rename_a_kep(&plain) {
        // It can fail where the plain diff does not (a blob is missing or too large), but renames are optional.
        changes_with_renames(store, &base, &head).unwrap_or_else(|_| to_paths(&plain))
    } else {
        to_paths(&plain)
    };
    paths.sort_unstable();
    Ok(paths)
}

fn plain_changes(
    objects: &Cached<'_>,
    base: &gix::Tree<'_>,
    head: &gix::Tree<'_>,
) -> Result<Vec<recorder::Change>, SourceError> {
    let mut recorder = BoundedRecorder::default();
    let compared = gix::diff::tree(
        TreeRefIter::from_bytes(&base.data, base.id.kind()),
        TreeRefIter::from_bytes(&head.data, head.id.kind()),
        State::default(),
        objects,
        &mut recorder,
    );
    if recorder.bytes > MAX_RECORDED_BYTES {
        return Err(unavailable("the change touches too many files to list them", "split the change"));
    }
    compared.map_err(|error| {
        unavailable("the trees of two commits could not be compared", FETCH_OBJECTS).caused_by(error)
    })?;
    Ok(recorder.changes.records)
}

/// Records changes until they take too much memory: a few objects can contain each other so often that there are more paths
/// than fit into memory.
#[derive(Default)]
struct BoundedRecorder {
    changes: Recorder,
    bytes: usize,
}

impl Visit for BoundedRecorder {
    fn pop_front_tracked_path_and_set_current(&mut self) {
        self.changes.pop_front_tracked_path_and_set_current();
    }

    fn push_back_tracked_path_component(&mut self, component: &BStr) {
        self.changes.push_back_tracked_path_component(component);
    }

    fn push_path_component(&mut self, component: &BStr) {
        self.changes.push_path_component(component);
    }

    fn pop_path_component(&mut self) {
        self.changes.pop_path_component();
    }

    fn visit(&mut self, change: visit::Change) -> visit::Action {
        self.bytes += size_of::<recorder::Change>() + self.changes.path().len();
        if self.bytes > MAX_RECORDED_BYTES { ControlFlow::Break(()) } else { self.changes.visit(change) }
    }
}

/// True if a file below `keps/` was deleted and another one was added.
fn may_rename_a_kep(changes: &[recorder::Change]) -> bool {
    let (mut deleted, mut added) = (false, false);
    for change in changes {
        match change {
            recorder::Change::Deletion { path, entry_mode, .. } => deleted |= is_kep_file(path.as_ref(), *entry_mode),
            recorder::Change::Addition { path, entry_mode, .. } => added |= is_kep_file(path.as_ref(), *entry_mode),
            recorder::Change::Modification { .. } => {}
        }
    }
    deleted && added
}

fn is_kep_file(path: &BStr, mode: EntryMode) -> bool {
    path.starts_with(KEPS) && !mode.is_tree()
}

fn to_paths(changes: &[recorder::Change]) -> Vec<ChangedPath> {
    changes
        .iter()
        .filter_map(|change| match change {
            recorder::Change::Addition { path, entry_mode, .. } => side(path.as_ref(), *entry_mode).map(added),
            recorder::Change::Deletion { path, entry_mode, .. } => side(path.as_ref(), *entry_mode).map(deleted),
            recorder::Change::Modification { path, entry_mode, .. } => side(path.as_ref(), *entry_mode).map(modified),
        })
        .collect()
}

fn changes_with_renames(
    store: &gix::Repository,
    base: &gix::Tree<'_>,
    head: &gix::Tree<'_>,
) -> gix::Result<Vec<ChangedPath>> {
    let renames = gix::diff::Rewrites { copies: None, percentage: Some(0.5), limit: RENAME_LIMIT, track_empty: false };
    let options = gix::diff::Options::default().with_rewrites(Some(renames));
    let changes = store.diff_tree_to_tree(base, head, options)?;
    Ok(changes.iter().filter_map(to_path).collect())
}

fn to_path(change: &ChangeDetached) -> Option<ChangedPath> {
    match change {
        ChangeDetached::Addition { location, entry_mode, .. } => side(location.as_ref(), *entry_mode).map(added),
        ChangeDetached::Deletion { location, entry_mode, .. } => side(location.as_ref(), *entry_mode).map(deleted),
        ChangeDetached::Modification { location, entry_mode, .. } => side(location.as_ref(), *entry_mode).map(modified),
        // If a whole folder moved, there is one rewrite for the folder and one for each file in it.
        ChangeDetached::Rewrite { source_location, source_entry_mode, location, entry_mode, .. } => Some(ChangedPath {
            base: Some(side(source_location.as_ref(), *source_entry_mode)?),
            head: Some(side(location.as_ref(), *entry_mode)?),
        }),
    }
}

/// The path on one side of a change; `None` for a folder, because the changes in it are listed separately.
fn side(path: &BStr, mode: EntryMode) -> Option<RepoPath> {
    (!mode.is_tree()).then(|| RepoPath::new(path.as_bytes()))
}

fn added(path: RepoPath) -> ChangedPath {
    ChangedPath { base: None, head: Some(path) }
}

fn deleted(path: RepoPath) -> ChangedPath {
    ChangedPath { base: Some(path), head: None }
}

fn modified(path: RepoPath) -> ChangedPath {
    ChangedPath { base: Some(path.clone()), head: Some(path) }
}

#[cfg(test)]
mod tests {
    use super::{added, deleted, modified};
    use crate::error::SourceError;
    use crate::source::ChangedPath;
    use crate::source::git::fixture::Fixture;
    use crate::source::git::tests::long_text;
    use crate::text::RepoPath;

    fn renamed(base: &str, head: &str) -> ChangedPath {
        ChangedPath { base: Some(base.into()), head: Some(head.into()) }
    }

    fn changes(fixture: &Fixture) -> Vec<ChangedPath> {
        let changes = fixture.open().changed_paths(fixture.id("HEAD^"), fixture.head()).unwrap();
        assert!(changes.is_sorted());
        changes
    }

    #[test]
    fn a_file_is_added_changed_or_deleted() {
        let fixture = Fixture::new();
        fixture.write("keps/kept", "1\n");
        fixture.write("keps/edited", "1\n");
        fixture.write("deleted", "1\n");
        fixture.commit();
        fixture.write("keps/edited", "2\n");
        fixture.write("keps/new/added", "1\n");
        fixture.git(&["rm", "--quiet", "deleted"]);
        fixture.commit();
        assert_eq!(
            changes(&fixture),
            [added("keps/new/added".into()), deleted("deleted".into()), modified("keps/edited".into())]
        );
    }

    #[test]
    fn a_kep_that_moves_with_an_edit_is_renamed() {
        let fixture = Fixture::new();
        fixture.write("keps/sig-node/1-a/kep.yaml", long_text("kep"));
        fixture.write("keps/sig-node/1-a/README.md", long_text("readme"));
        fixture.commit();
        fixture.git(&["mv", "keps/sig-node", "keps/sig-apps"]);
        fixture.write("keps/sig-apps/1-a/kep.yaml", format!("{}one more\n", long_text("kep")));
        fixture.commit();
        assert_eq!(
            changes(&fixture),
            [
                renamed("keps/sig-node/1-a/README.md", "keps/sig-apps/1-a/README.md"),
                renamed("keps/sig-node/1-a/kep.yaml", "keps/sig-apps/1-a/kep.yaml"),
            ]
        );
    }

    #[test]
    fn a_rewrite_is_not_a_rename() {
        let fixture = Fixture::new();
        fixture.write("keps/a", long_text("old"));
        fixture.commit();
        fixture.git(&["rm", "--quiet", "keps/a"]);
        fixture.write("keps/b", long_text("new"));
        fixture.commit();
        assert_eq!(changes(&fixture), [added("keps/b".into()), deleted("keps/a".into())]);
    }

    #[test]
    fn a_copy_is_added() {
        let fixture = Fixture::new();
        fixture.write("keps/a", long_text("a"));
        fixture.write("keps/gone", "something else\n");
        fixture.commit();
        fixture.write("keps/copy", long_text("a"));
        fixture.git(&["rm", "--quiet", "keps/gone"]);
        fixture.commit();
        assert_eq!(changes(&fixture), [added("keps/copy".into()), deleted("keps/gone".into())]);
    }

    #[test]
    fn a_large_blob_does_not_hide_a_rename() {
        let fixture = Fixture::new();
        fixture.write("keps/sig-node/1-a/kep.yaml", long_text("kep"));
        fixture.write("keps/old.svg", "<svg>\n".repeat(4 * 1024 * 1024));
        fixture.commit();
        fixture.git(&["mv", "keps/sig-node", "keps/sig-apps"]);
        fixture.git(&["mv", "keps/old.svg", "keps/new.svg"]);
        fixture.write("keps/sig-apps/1-a/kep.yaml", format!("{}one more\n", long_text("kep")));
        fixture.write("keps/new.svg", "<svg>\n".repeat(4 * 1024 * 1024 + 1));
        fixture.commit();
        assert_eq!(
            changes(&fixture),
            [
                added("keps/new.svg".into()),
                deleted("keps/old.svg".into()),
                renamed("keps/sig-node/1-a/kep.yaml", "keps/sig-apps/1-a/kep.yaml"),
            ]
        );
    }

    #[test]
    fn without_rename_detection_the_plain_diff_is_used() {
        let fixture = Fixture::new();
        fixture.write("keps/a", long_text("kep"));
        fixture.commit();
        let blob = fixture.git(&["rev-parse", "HEAD:keps/a"]);
        fixture.git(&["mv", "keps/a", "keps/b"]);
        fixture.write("keps/b", format!("{}one more\n", long_text("kep")));
        fixture.commit();
        fixture.remove_object(&blob);
        assert_eq!(changes(&fixture), [added("keps/b".into()), deleted("keps/a".into())]);
    }

    #[test]
    fn a_change_of_kind_or_mode_is_a_change() {
        let fixture = Fixture::new();
        for path in ["keps/executable", "keps/link", "keps/folder", "keps/module"] {
            fixture.write(path, "a\n");
        }
        fixture.commit();
        let blob = fixture.git(&["rev-parse", "HEAD:keps/link"]);
        let commit = fixture.head();
        for entry in [
            format!("100755,{blob},keps/executable"),
            format!("120000,{blob},keps/link"),
            format!("160000,{commit},keps/module"),
        ] {
            fixture.git(&["update-index", "--cacheinfo", &entry]);
        }
        fixture.git(&["rm", "--quiet", "--cached", "keps/folder"]);
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},keps/folder/file")]);
        fixture.commit_index();
        let modified = |path: &str| modified(path.into());
        let mut expected = vec![modified("keps/executable"), modified("keps/link"), modified("keps/module")];
        // The same content in another place is a rename.
        expected.push(renamed("keps/folder", "keps/folder/file"));
        expected.sort_unstable();
        assert_eq!(changes(&fixture), expected);
    }

    #[test]
    fn bytes_that_are_not_utf8_survive() {
        let fixture = Fixture::new();
        fixture.commit_index();
        let place = fixture.write("keps/placeholder", "a\n");
        let name = gix::path::from_byte_slice(b"caf\xe9.md").unwrap();
        std::fs::rename(&place, place.with_file_name(name)).unwrap();
        fixture.commit();
        assert_eq!(changes(&fixture), [added(RepoPath::new(b"keps/caf\xe9.md"))]);
    }

    #[test]
    fn a_missing_tree_is_an_error() {
        let fixture = Fixture::new();
        fixture.write("keps/a", "1\n");
        let base = fixture.commit();
        fixture.write("keps/a", "2\n");
        let head = fixture.commit();
        let tree = fixture.git(&["rev-parse", "HEAD:keps"]);
        fixture.remove_object(&tree);
        let error = fixture.open().changed_paths(base, head).unwrap_err();
        assert!(matches!(error, SourceError::Unavailable { .. }), "{error}");
    }

    #[test]
    fn a_change_with_too_many_files_is_an_error() {
        let fixture = Fixture::new();
        fixture.write("keps/a", "a\n");
        fixture.commit();
        let file = fixture.git(&["rev-parse", "HEAD:keps/a"]);
        let mut inside = ("100644", gix::ObjectId::from_hex(file.as_bytes()).unwrap());
        // Each folder contains the one before ten times: ten million files, of eight objects.
        for _ in 0..7 {
            let mut tree = Vec::new();
            for name in "abcdefghij".chars() {
                tree.extend(format!("{} {name}\0", inside.0).into_bytes());
                tree.extend(inside.1.as_bytes());
            }
            let place = fixture.write(".git/tree", tree);
            let id = fixture.git(&["hash-object", "-t", "tree", "-w", place.to_str().unwrap()]);
            inside = ("40000", gix::ObjectId::from_hex(id.as_bytes()).unwrap());
        }
        let commit = fixture.git(&["commit-tree", &inside.1.to_string(), "-p", "HEAD", "-m", "."]);
        fixture.git(&["update-ref", "HEAD", &commit]);
        let error = fixture.open().changed_paths(fixture.id("HEAD^"), fixture.head()).unwrap_err();
        assert_eq!(error.describe(), "the change touches too many files to list them");
    }
}
