//! A folder on disk: two of them to compare, or a work tree against a commit.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs::{self, File, FileType, Metadata},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use gix::bstr::{BStr, ByteSlice};

use super::{
    Content, Entry, Irregular, Kind, MAX_FILE_BYTES, MAX_HASHED_BYTES, RepoPath, Snapshot, SourceError, content,
};

/// The files below a folder on disk, tracked by git or not.
///
/// Symbolic links below that folder are never followed, `.git` is never read, and a path with `.` or `..` does not
/// exist. A folder that contains a `.git` counts as a submodule. Anything but a file, folder or link (a pipe, a device)
/// counts as absent, because opening it could block forever.
pub struct Directory {
    root: PathBuf,
    /// Folders that are known to be plain, including their parents. Checking them again for every file would be most of
    /// the work of reading a whole tree.
    folders: RefCell<HashSet<RepoPath>>,
}

impl Directory {
    /// The tree below the folder `root`, which may itself be a link because the caller chose it.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if the folder does not exist.
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let root = root.into();
        match fs::metadata(&root) {
            Ok(found) if found.is_dir() => Ok(Self { root, folders: RefCell::default() }),
            Ok(_) => Err(no_folder(&root, "is not a folder")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(no_folder(&root, "does not exist")),
            Err(error) => Err(no_folder(&root, &format!("cannot be accessed ({error})"))),
        }
    }

    /// Resolves `path` on disk and checks every folder on the way, so that no link is followed.
    fn find(&self, path: &RepoPath) -> Result<Option<(PathBuf, Kind, Metadata)>, SourceError> {
        let Some(parent) = path.parent() else {
            let metadata = fs::metadata(&self.root).map_err(|error| unreadable(&self.root, &error))?;
            return Ok(Some((self.root.clone(), Kind::Folder, metadata)));
        };
        if !self.is_folder(&parent)? {
            return Ok(None);
        }
        let Some(place) = self.place(path) else { return Ok(None) };
        let metadata = match fs::symlink_metadata(&place) {
            Ok(metadata) => metadata,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(unreadable(&place, &error)),
        };
        Ok(kind_at(&place, metadata.file_type())?.map(|kind| (place, kind, metadata)))
    }

    /// True if `path` is a plain folder.
    fn is_folder(&self, path: &RepoPath) -> Result<bool, SourceError> {
        if self.folders.borrow().contains(path) {
            return Ok(true);
        }
        let is_folder = matches!(self.find(path)?, Some((_, Kind::Folder, _)));
        if is_folder {
            self.folders.borrow_mut().insert(path.clone());
        }
        Ok(is_folder)
    }

    /// Where `path` would be on disk; `None` if it would lead elsewhere.
    fn place(&self, path: &RepoPath) -> Option<PathBuf> {
        let mut place = self.root.clone();
        for segment in path.segments() {
            place.push(plain_name(segment)?);
        }
        Some(place)
    }
}

impl Directory {
    /// Replaces the regular file at `path` with `bytes` atomically: a reader sees the old content or the new one.
    /// Its permissions stay; a link in its place is never followed.
    ///
    /// # Errors
    /// [`SourceError`] if it is not a regular file, or if it cannot be written.
    pub fn replace(&self, path: &RepoPath, bytes: &[u8]) -> Result<(), SourceError> {
        let Some((place, Kind::File, metadata)) = self.find(path)? else {
            return Err(unreadable(&self.root, &io::Error::other("it is not a regular file")));
        };
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(".kepgate-new");
        let beside = place.with_file_name(name);
        let write = || -> io::Result<()> {
            // A file of that name is another run's, or a trap: it is not opened.
            let mut file = File::create_new(&beside)?;
            file.write_all(bytes)?;
            file.set_permissions(metadata.permissions())?;
            fs::rename(&beside, &place)
        };
        write().map_err(|error| unreadable(&place, &error))
    }
}

impl Directory {
    /// Creates a file and its missing parent folders.
    ///
    /// # Errors
    /// [`SourceError`] if the path exists, if a parent is not a folder (links are never followed), or if it
    /// cannot be written.
    pub fn create(&self, path: &RepoPath, bytes: &[u8]) -> Result<(), SourceError> {
        let refused = |why: &str| unreadable(&self.root.join(path.to_string()), &io::Error::other(why));
        let place = self.place(path).ok_or_else(|| refused("it would lead elsewhere"))?;
        let mut folders = Vec::new();
        let mut above = path.parent();
        while let Some(folder) = above {
            above = folder.parent();
            folders.push(folder);
        }
        for folder in folders.iter().rev() {
            match self.kind(folder)? {
                Some(Kind::Folder) => {}
                None => {
                    let place = self.place(folder).ok_or_else(|| refused("it would lead elsewhere"))?;
                    fs::create_dir(&place).map_err(|error| unreadable(&place, &error))?;
                }
                Some(_) => return Err(refused("a parent is not a folder")),
            }
        }
        let write = || File::create_new(&place)?.write_all(bytes);
        write().map_err(|error| unreadable(&place, &error))
    }
}

impl Snapshot for Directory {
    fn read(&self, path: &RepoPath) -> Result<Content, SourceError> {
        let Some((place, kind, metadata)) = self.find(path)? else {
            return Ok(Content::Absent);
        };
        match kind {
            Kind::File if metadata.len() > MAX_FILE_BYTES => {
                Ok(Content::Irregular(Irregular::TooLarge(metadata.len())))
            }
            Kind::File => read_bounded(&place, metadata.len()),
            Kind::Folder => Ok(Content::Irregular(Irregular::Folder)),
            Kind::Symlink => Ok(Content::Irregular(Irregular::Symlink)),
            Kind::Submodule => Ok(Content::Irregular(Irregular::Submodule)),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        let Some(place) = self.place(path) else { return Ok(Vec::new()) };
        if !self.is_folder(path)? {
            return Ok(Vec::new());
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(&place).map_err(|error| unreadable(&place, &error))? {
            let entry = entry.map_err(|error| unreadable(&place, &error))?;
            let name = entry.file_name();
            let Ok(name) = gix::path::os_str_into_bstr(&name) else {
                continue;
            };
            if plain_name(name).is_none() {
                continue;
            }
            let file_type = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            if let Some(kind) = kind_at(&entry.path(), file_type)? {
                let path = path.join(name);
                if kind == Kind::Folder {
                    self.folders.borrow_mut().insert(path.clone());
                }
                entries.push(Entry { path, kind, id: None });
            }
        }
        entries.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(entries)
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        Ok(self.find(path)?.map(|(_, kind, _)| kind))
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        let found = self.find(path)?.filter(|(_, kind, _)| *kind == Kind::File);
        Ok(found.map(|(_, _, metadata)| metadata.len()))
    }

    fn blob_ids(&self, path: &RepoPath) -> Result<Vec<Vec<u8>>, SourceError> {
        match self.find(path)? {
            Some((place, Kind::File, metadata)) if metadata.len() <= MAX_HASHED_BYTES => {
                content::blob_ids(&place, metadata.len()).map_err(|error| unreadable(&place, &error))
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// Returns the kind of `place` in a tree; `None` for a pipe, a socket or a device.
fn kind_at(place: &Path, file_type: FileType) -> Result<Option<Kind>, SourceError> {
    if file_type.is_symlink() {
        return Ok(Some(Kind::Symlink));
    }
    if file_type.is_file() {
        return Ok(Some(Kind::File));
    }
    if !file_type.is_dir() {
        return Ok(None);
    }
    match fs::symlink_metadata(place.join(".git")) {
        Ok(_) => Ok(Some(Kind::Submodule)),
        Err(error) if is_absence(&error) => Ok(Some(Kind::Folder)),
        Err(error) => Err(unreadable(place, &error)),
    }
}

/// Reads a regular file that had `size` bytes. It may have grown since, so at most one byte past the limit is read.
fn read_bounded(place: &Path, size: u64) -> Result<Content, SourceError> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    let file = match File::open(place) {
        Ok(file) => file,
        Err(error) if is_absence(&error) => return Ok(Content::Absent),
        Err(error) => return Err(unreadable(place, &error)),
    };
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(place, &error))?;
    let length = bytes.len() as u64;
    if length > MAX_FILE_BYTES {
        return Ok(Content::Irregular(Irregular::TooLarge(length)));
    }
    Ok(Content::Bytes(bytes))
}

/// Returns the name for the operating system, unless it is `..`, `.` or `.git`.
fn plain_name(segment: &BStr) -> Option<PathBuf> {
    let is_refused = segment == "."
        || segment == ".."
        || segment.eq_ignore_ascii_case(b".git")
        || segment.contains_str("/")
        || segment.contains_str("\0");
    if is_refused {
        return None;
    }
    gix::path::from_bstr(segment).ok().map(std::borrow::Cow::into_owned)
}

/// True if the error only means that the path does not exist.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename)
}

/// The path for a message, in quotes and escaped.
pub(super) fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

fn no_folder(root: &Path, why: &str) -> SourceError {
    SourceError::Usage {
        message: format!("the folder {} {why}", quoted(root)),
        help: "specify a checkout of the repository that contains `keps`".to_owned(),
    }
}

fn unreadable(place: &Path, error: &io::Error) -> SourceError {
    SourceError::Unavailable {
        message: format!("{} could not be read: {error}", quoted(place)),
        help: "make it readable for the user who runs kepgate, then try again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use tempfile::TempDir;

    use super::Directory;
    use crate::error::SourceError;
    use crate::source::{Content, Irregular, Kind, Snapshot};
    use crate::text::RepoPath;

    fn folder(files: &[(&str, &str)]) -> (TempDir, Directory) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let place = folder.path().join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
        let directory = Directory::new(folder.path()).unwrap();
        (folder, directory)
    }

    fn names(directory: &Directory, path: &str) -> Vec<(String, Kind)> {
        let entries = directory.list(&path.into()).unwrap();
        entries.into_iter().map(|entry| (entry.path.to_string(), entry.kind)).collect()
    }

    #[test]
    fn files_are_read_and_listed() {
        let (_folder, directory) = folder(&[
            ("keps/sig-node/1-a/kep.yaml", "title: A\n"),
            ("keps/sig-node.md", ""),
            (".git/HEAD", "ref: refs/heads/main\n"),
        ]);
        let kep = RepoPath::from("keps/sig-node/1-a/kep.yaml");
        assert_eq!(directory.read(&kep).unwrap(), Content::Bytes(b"title: A\n".to_vec()));
        assert_eq!(directory.kind(&kep).unwrap(), Some(Kind::File));
        assert_eq!(directory.size(&kep).unwrap(), Some(9));
        assert_eq!(directory.size(&"keps".into()).unwrap(), None);
        assert_eq!(directory.kind(&RepoPath::root()).unwrap(), Some(Kind::Folder));
        assert_eq!(directory.read(&"keps".into()).unwrap(), Content::Irregular(Irregular::Folder));
        assert_eq!(names(&directory, ""), [("keps".to_owned(), Kind::Folder)]);
        assert_eq!(
            names(&directory, "keps"),
            [("keps/sig-node".to_owned(), Kind::Folder), ("keps/sig-node.md".to_owned(), Kind::File)]
        );
        assert_eq!(names(&directory, "keps/sig-node.md"), []);
        assert_eq!(names(&directory, "nope"), []);
    }

    #[test]
    fn a_path_cannot_leave_the_folder_or_enter_git() {
        let (folder, _) = folder(&[("inside/keps/a", ""), ("secret", "s"), ("inside/.git/config", "s")]);
        let directory = Directory::new(folder.path().join("inside")).unwrap();
        for path in
            ["../secret", "keps/../../secret", "keps/./a", "keps/a/b", ".git", ".git/config", ".GIT/config", "a\0b"]
        {
            assert_eq!(directory.read(&path.into()).unwrap(), Content::Absent, "{path:?}");
            assert_eq!(directory.kind(&path.into()).unwrap(), None, "{path:?}");
        }
        assert_eq!(names(&directory, ".."), []);
        assert_eq!(names(&directory, ".git"), []);
        let too_long = "n".repeat(300);
        assert_eq!(directory.read(&too_long.as_str().into()).unwrap(), Content::Absent);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_listed_but_never_followed() {
        use std::os::unix::fs::symlink;
        let (folder, directory) = folder(&[("keps/sig-node/kep.yaml", ""), ("elsewhere/passwd", "root\n")]);
        symlink(folder.path().join("elsewhere"), folder.path().join("keps/x")).unwrap();
        symlink("sig-node/kep.yaml", folder.path().join("keps/kep.yaml")).unwrap();
        symlink("/nowhere", folder.path().join("keps/dangling")).unwrap();
        for link in ["keps/x", "keps/kep.yaml", "keps/dangling"] {
            assert_eq!(directory.read(&link.into()).unwrap(), Content::Irregular(Irregular::Symlink));
            assert_eq!(directory.kind(&link.into()).unwrap(), Some(Kind::Symlink));
            assert_eq!(directory.size(&link.into()).unwrap(), None);
            assert_eq!(names(&directory, link), []);
        }
        assert_eq!(directory.read(&"keps/x/passwd".into()).unwrap(), Content::Absent);
        assert_eq!(directory.kind(&"keps/x/passwd".into()).unwrap(), None);
        assert_eq!(
            names(&directory, "keps"),
            [
                ("keps/dangling".to_owned(), Kind::Symlink),
                ("keps/kep.yaml".to_owned(), Kind::Symlink),
                ("keps/sig-node".to_owned(), Kind::Folder),
                ("keps/x".to_owned(), Kind::Symlink),
            ]
        );
    }

    /// Opening either would block the test forever.
    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_socket_counts_as_absent() {
        let (folder, directory) = folder(&[("keps/a", "")]);
        let pipe = std::process::Command::new("mkfifo").arg(folder.path().join("keps/pipe")).status().unwrap();
        assert!(pipe.success());
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("keps/socket")).unwrap();
        assert_eq!(directory.read(&"keps/pipe".into()).unwrap(), Content::Absent);
        assert_eq!(directory.read(&"keps/socket".into()).unwrap(), Content::Absent);
        assert_eq!(names(&directory, "keps"), [("keps/a".to_owned(), Kind::File)]);
    }

    #[test]
    fn a_file_over_the_limit_reports_its_size() {
        let (_folder, directory) = folder(&[("a", &"a".repeat(1_048_576)), ("b", &"b".repeat(1_048_577))]);
        assert!(matches!(directory.read(&"a".into()).unwrap(), Content::Bytes(bytes) if bytes.len() == 1_048_576));
        assert_eq!(directory.read(&"b".into()).unwrap(), Content::Irregular(Irregular::TooLarge(1_048_577)));
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_cut_off() {
        let (folder, _) = folder(&[("a", &"a".repeat(3_000_000))]);
        // As if the size had been looked at when it was small.
        let content = super::read_bounded(&folder.path().join("a"), 1).unwrap();
        assert_eq!(content, Content::Irregular(Irregular::TooLarge(1_048_577)));
    }

    #[test]
    fn a_checkout_of_another_repository_is_a_submodule() {
        let (_folder, directory) = folder(&[("keps/module/.git", "gitdir: elsewhere\n"), ("keps/module/kep.yaml", "")]);
        assert_eq!(names(&directory, "keps"), [("keps/module".to_owned(), Kind::Submodule)]);
        assert_eq!(directory.read(&"keps/module".into()).unwrap(), Content::Irregular(Irregular::Submodule));
        assert_eq!(directory.read(&"keps/module/kep.yaml".into()).unwrap(), Content::Absent);
        assert_eq!(names(&directory, "keps/module"), []);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf8_are_found() {
        use std::os::unix::ffi::OsStrExt;
        let (folder, directory) = folder(&[]);
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "a").unwrap();
        let path = RepoPath::new(b"caf\xe9");
        assert_eq!(directory.list(&RepoPath::root()).unwrap()[0].path, path);
        assert_eq!(directory.read(&path).unwrap(), Content::Bytes(b"a".to_vec()));
    }

    #[test]
    fn an_invalid_folder_is_named() {
        let (folder, _) = folder(&[("file", "")]);
        for (name, why) in [("nope", "does not exist"), ("file", "is not a folder")] {
            let Err(error) = Directory::new(folder.path().join(name)) else { panic!("{name} was taken") };
            assert!(matches!(error, SourceError::Usage { .. }));
            assert!(error.to_string().contains(&format!("{name}\" {why}")), "{error}");
        }
        assert_eq!(super::quoted(Path::new("a\nb")), r#""a\nb""#);
    }
}
