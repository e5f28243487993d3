//! The files of a work tree, including those that a sparse checkout leaves out, and submodules.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::index::entry::{Flags, Mode};

use super::{FETCH_OBJECTS, GitTree, Repository, unavailable};
use crate::error::SourceError;
use crate::source::directory::Directory;
use crate::source::{Content, Entry, Irregular, Kind, Snapshot};
use crate::text::RepoPath;

/// A folder on disk, plus the files of the index that a sparse checkout leaves out. What is on disk takes precedence,
/// except for submodules, which look like empty folders if they are not checked out.
struct SparseWorkTree {
    directory: Directory,
    /// A tree for reading objects.
    objects: GitTree,
    /// The files that are left out, and all submodules.
    files: BTreeMap<RepoPath, (Kind, ObjectId)>,
    /// The folders that contain them, and their entries.
    folders: BTreeMap<RepoPath, BTreeMap<RepoPath, Entry>>,
    /// The folders that a sparse index does not expand.
    trees: Vec<(RepoPath, GitTree)>,
}

impl Repository {
    /// The files of the work tree as git sees them: those on disk and, from the index, those that a sparse checkout
    /// leaves out (`git sparse-checkout`, the flag `skip-worktree`). Submodules are reported as such, even if they are
    /// not checked out.
    ///
    /// # Errors
    /// [`SourceError`] if the repository is bare, or if the folder or the index cannot be read.
    pub fn work_tree(&self) -> Result<Box<dyn Snapshot>, SourceError> {
        let folder = self.workdir().ok_or_else(|| {
            SourceError::usage("this repository has no work tree", "specify the commit to check with --head")
        })?;
        let directory = Directory::new(folder)?;
        let index = self
            .store
            .index_or_empty()
            .map_err(|error| unavailable("the git index could not be read", FETCH_OBJECTS).caused_by(error))?;
        let left_out: Vec<_> = index
            .entries()
            .iter()
            .filter(|entry| entry.flags.contains(Flags::SKIP_WORKTREE) || entry.mode == Mode::COMMIT)
            .map(|entry| (RepoPath::new(entry.path(&index)), entry.mode, entry.id))
            .collect();
        if left_out.is_empty() {
            return Ok(Box::new(directory));
        }
        let objects = self.tree(self.head_commit()?)?;
        let mut tree =
            SparseWorkTree { directory, objects, files: BTreeMap::new(), folders: BTreeMap::new(), trees: Vec::new() };
        for (path, mode, id) in left_out {
            tree.add(self, &path, mode, id)?;
        }
        Ok(Box::new(tree))
    }
}

impl SparseWorkTree {
    fn add(&mut self, repository: &Repository, path: &RepoPath, mode: Mode, id: ObjectId) -> Result<(), SourceError> {
        let kind = match mode {
            Mode::DIR => Kind::Folder,
            Mode::SYMLINK => Kind::Symlink,
            Mode::COMMIT => Kind::Submodule,
            _ => Kind::File,
        };
        // In a sparse index, the path of a folder ends with a slash.
        let path = path.segments().fold(RepoPath::root(), |path, segment| path.join(segment));
        if kind == Kind::Folder {
            self.trees.push((path.clone(), GitTree::open(repository.store.clone(), repository.tables.clone(), id)?));
        } else {
            self.files.insert(path.clone(), (kind, id));
        }
        let mut child = Entry { path, kind, id: Some(id.as_bytes().to_vec()) };
        while let Some(parent) = child.path.parent() {
            let siblings = self.folders.entry(parent.clone()).or_default();
            if siblings.insert(child.path.clone(), child).is_some() {
                break;
            }
            // The id of a folder is unknown, because there may be other files on disk.
            child = Entry { path: parent, kind: Kind::Folder, id: None };
        }
        Ok(())
    }

    /// The submodule at or above `path`.
    fn submodule(&self, path: &RepoPath) -> Option<RepoPath> {
        let is_submodule = |path: &RepoPath| matches!(self.files.get(path), Some((Kind::Submodule, _)));
        std::iter::successors(Some(path.clone()), RepoPath::parent).find(is_submodule)
    }

    /// The unexpanded folder that contains `path`, its tree, and the rest of the path.
    fn tree_of(&self, path: &RepoPath) -> Option<(&RepoPath, &GitTree, RepoPath)> {
        let (root, tree) = self.trees.iter().find(|(root, _)| path.is_within(root))?;
        let inner = path.segments().skip(root.segments().count());
        Some((root, tree, inner.fold(RepoPath::root(), |path, segment| path.join(segment))))
    }

    fn left_out(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        let Some((root, tree, inner)) = self.tree_of(path) else {
            return Ok(self.folders.get(path).into_iter().flat_map(BTreeMap::values).cloned().collect());
        };
        let mut entries = tree.list(&inner)?;
        for entry in &mut entries {
            entry.path = entry.path.segments().fold(root.clone(), |path, segment| path.join(segment));
        }
        Ok(entries)
    }
}

impl Snapshot for SparseWorkTree {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        if let Some(submodule) = self.submodule(path) {
            let is_inside = submodule != *path;
            return Ok(if is_inside { Content::Absent } else { Content::Irregular(Irregular::Submodule) });
        }
        let on_disk = self.directory.read_up_to(path, limit)?;
        if on_disk != Content::Absent {
            return Ok(on_disk);
        }
        if let Some((_, tree, inner)) = self.tree_of(path) {
            return tree.read_up_to(&inner, limit);
        }
        match self.files.get(path) {
            Some((Kind::File, id)) => self.objects.read_blob(*id, path, limit),
            Some((Kind::Symlink, _)) => Ok(Content::Irregular(Irregular::Symlink)),
            Some((Kind::Submodule, _)) => Ok(Content::Irregular(Irregular::Submodule)),
            Some((Kind::Folder, _)) => Ok(Content::Irregular(Irregular::Folder)),
            None if self.folders.contains_key(path) => Ok(Content::Irregular(Irregular::Folder)),
            None => Ok(Content::Absent),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        if self.submodule(path).is_some() {
            return Ok(Vec::new());
        }
        let left_out = self.left_out(path)?;
        let submodules: Vec<_> = left_out.iter().filter(|entry| entry.kind == Kind::Submodule).cloned().collect();
        let entries = left_out.into_iter().chain(self.directory.list(path)?).chain(submodules);
        let entries: BTreeMap<_, _> = entries.map(|entry| (entry.path.clone(), entry)).collect();
        Ok(entries.into_values().collect())
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        if let Some(submodule) = self.submodule(path) {
            return Ok((submodule == *path).then_some(Kind::Submodule));
        }
        if let Some(kind) = self.directory.kind(path)? {
            return Ok(Some(kind));
        }
        if let Some((_, tree, inner)) = self.tree_of(path) {
            return tree.kind(&inner);
        }
        let file = self.files.get(path).map(|(kind, _)| *kind);
        Ok(file.or_else(|| self.folders.contains_key(path).then_some(Kind::Folder)))
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        if self.submodule(path).is_some() {
            return Ok(None);
        }
        if self.directory.kind(path)?.is_some() {
            return self.directory.size(path);
        }
        if let Some((_, tree, inner)) = self.tree_of(path) {
            return tree.size(&inner);
        }
        let file = self.files.get(path).filter(|(kind, _)| *kind == Kind::File);
        file.map(|(_, id)| self.objects.blob_size(*id, path)).transpose()
    }

    fn blob_ids(&self, path: &RepoPath) -> Result<Vec<Vec<u8>>, SourceError> {
        self.directory.blob_ids(path)
    }
}

#[cfg(test)]
mod tests {
    use crate::source::git::fixture::Fixture;
    use crate::source::{Content, Kind, diff};

    /// Two KEPs, only the first of which is checked out.
    fn sparse(options: &[&str]) -> Fixture {
        let fixture = Fixture::new();
        for path in ["keps/sig-a/1-a/kep.yaml", "keps/sig-b/2-b/kep.yaml", "keps/sig-b/2-b/README.md"] {
            fixture.write(path, format!("{path}\n"));
        }
        fixture.commit();
        fixture.git(&[&["sparse-checkout", "set"], options, &["keps/sig-a"]].concat());
        assert!(!fixture.path().join("keps/sig-b").exists());
        fixture
    }

    #[test]
    fn files_that_are_not_checked_out_are_read_from_the_index() {
        for options in [&["--cone"][..], &["--cone", "--sparse-index"], &["--no-cone"]] {
            let fixture = sparse(options);
            let repository = fixture.open();
            let (head, work) = (repository.tree(fixture.head()).unwrap(), repository.work_tree().unwrap());
            assert_eq!(diff(&head, work.as_ref()).unwrap(), [], "{options:?}");
            let path = "keps/sig-b/2-b/kep.yaml".into();
            assert_eq!(work.read(&path).unwrap(), Content::Bytes(b"keps/sig-b/2-b/kep.yaml\n".to_vec()));
            assert_eq!(work.kind(&path).unwrap(), Some(Kind::File));
            assert_eq!(work.kind(&"keps/sig-b/2-b".into()).unwrap(), Some(Kind::Folder));
            assert_eq!(work.size(&path).unwrap(), Some(24));
            let names: Vec<_> = work.list(&"keps".into()).unwrap().iter().map(|entry| entry.path.to_string()).collect();
            assert_eq!(names, ["keps/sig-a", "keps/sig-b"], "{options:?}");
            assert_eq!(work.list(&"keps/sig-b/2-b".into()).unwrap().len(), 2);
            assert_eq!(work.read(&"keps/sig-b/3-c".into()).unwrap(), Content::Absent);
        }
    }

    #[test]
    fn a_submodule_that_is_not_checked_out_is_no_empty_folder() {
        let fixture = Fixture::new();
        fixture.write("keps/sig-a/1-a/kep.yaml", "title: A\n");
        fixture.commit();
        let commit = fixture.head().to_string();
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},keps/sig-b")]);
        std::fs::create_dir(fixture.path().join("keps/sig-b")).unwrap();
        for inside in ["", "keps/sig-b/2-b.yaml"] {
            if !inside.is_empty() {
                fixture.write(inside, "checked out\n");
            }
            let work = fixture.open().work_tree().unwrap();
            assert_eq!(work.kind(&"keps/sig-b".into()).unwrap(), Some(Kind::Submodule));
            assert_eq!(work.kind(&"keps/sig-b/2-b.yaml".into()).unwrap(), None);
            assert_eq!(work.read(&"keps/sig-b/2-b.yaml".into()).unwrap(), Content::Absent);
            let kinds: Vec<_> = work.list(&"keps".into()).unwrap().iter().map(|entry| entry.kind).collect();
            assert_eq!(kinds, [Kind::Folder, Kind::Submodule], "{inside}");
            assert_eq!(work.list(&"keps/sig-b".into()).unwrap(), []);
        }
    }

    #[test]
    fn a_change_in_a_sparse_checkout_is_a_change() {
        let fixture = sparse(&["--cone"]);
        fixture.write("keps/sig-a/1-a/kep.yaml", "edited\n");
        fixture.write("keps/sig-b/2-b/kep.yaml", "on disk after all\n");
        let repository = fixture.open();
        let (head, work) = (repository.tree(fixture.head()).unwrap(), repository.work_tree().unwrap());
        let changed: Vec<_> = diff(&head, work.as_ref()).unwrap().into_iter().filter_map(|path| path.head).collect();
        assert_eq!(changed, ["keps/sig-a/1-a/kep.yaml".into(), "keps/sig-b/2-b/kep.yaml".into()]);
    }

    #[test]
    fn a_deleted_file_is_not_one_that_is_left_out() {
        let fixture = sparse(&["--cone"]);
        std::fs::remove_file(fixture.path().join("keps/sig-a/1-a/kep.yaml")).unwrap();
        let repository = fixture.open();
        let (head, work) = (repository.tree(fixture.head()).unwrap(), repository.work_tree().unwrap());
        assert_eq!(diff(&head, work.as_ref()).unwrap().len(), 1);
    }
}
