//! A folder on disk, either one of two folders to compare, or a work tree to compare with a commit.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs::{self, File, FileType, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
};

use gix::bstr::{BStr, ByteSlice};

use super::{Content, Entry, Irregular, Kind, MAX_HASHED_BYTES, RepoPath, Snapshot, SourceError, content};
use crate::text::wording::quote;

mod write;

pub(crate) use write::Rewrite;

/// The files below a folder on disk, tracked by git or not.
///
/// Symbolic links below that folder are never followed, `.git` is never read, and a path with `.` or `..` does not
/// exist. A folder that contains `.git` counts as a submodule. Anything other than a file, folder or link (such as a
/// pipe or a device) counts as absent, because opening it could block forever.
pub struct Directory {
    root: PathBuf,
    /// Folders that are known not to be links, and neither are their parents. Without this, most of the time for
    /// reading a whole tree would be spent on checking them again for every file.
    folders: RefCell<HashSet<RepoPath>>,
}

impl Directory {
    /// The tree below the folder `root`. `root` itself may be a link, because the caller chose it.
    ///
    /// # Errors
    /// [`SourceError::Usage`] if the folder does not exist.
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let root = root.into();
        match fs::metadata(&root) {
            Ok(found) if found.is_dir() => Ok(Self { root, folders: RefCell::default() }),
            Ok(_) => Err(no_folder(&root, "is not a folder")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(no_folder(&root, "does not exist")),
            Err(error) => Err(no_folder(&root, "cannot be accessed").caused_by(error)),
        }
    }

    /// Resolves `path` on disk and checks every folder on the way, so that no link is followed.
    fn find(&self, path: &RepoPath) -> Result<Option<(PathBuf, Kind, Metadata)>, SourceError> {
        let Some(parent) = path.parent() else {
            let metadata = fs::metadata(&self.root).map_err(|error| unreadable(&self.root, error))?;
            return Ok(Some((self.root.clone(), Kind::Folder, metadata)));
        };
        if !self.is_folder(&parent)? {
            return Ok(None);
        }
        let Some(place) = self.place(path) else { return Ok(None) };
        let metadata = match fs::symlink_metadata(&place) {
            Ok(metadata) => metadata,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(unreadable(&place, error)),
        };
        Ok(kind_at(&place, metadata.file_type())?.map(|kind| (place, kind, metadata)))
    }

    /// True if `path` is a folder and not a link.
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

    /// The location of `path` on disk; `None` if it would be outside the root or inside `.git`.
    fn place(&self, path: &RepoPath) -> Option<PathBuf> {
        let mut place = self.root.clone();
        for segment in path.segments() {
            place.push(plain_name(segment)?);
        }
        Some(place)
    }
}

impl Snapshot for Directory {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        let Some((place, kind, metadata)) = self.find(path)? else {
            return Ok(Content::Absent);
        };
        match kind {
            Kind::File if metadata.len() > limit => Ok(Content::Irregular(Irregular::TooLarge(metadata.len()))),
            Kind::File => read_bounded(&place, metadata.len(), limit),
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
        for entry in fs::read_dir(&place).map_err(|error| unreadable(&place, error))? {
            let entry = entry.map_err(|error| unreadable(&place, error))?;
            let name = entry.file_name();
            let Ok(name) = gix::path::os_str_into_bstr(&name) else {
                continue;
            };
            if plain_name(name).is_none() {
                continue;
            }
            let file_type = entry.file_type().map_err(|error| unreadable(&entry.path(), error))?;
            if let Some(kind) = kind_at(&entry.path(), file_type)? {
                let path = path.join(name);
                if kind == Kind::Folder {
                    self.folders.borrow_mut().insert(path.clone());
                }
                entries.push(Entry { path, kind, id: None });
            }
        }
        entries.sort_unstable_by(|left, right| left.path.cmp(&right.path));
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
                content::blob_ids(&place, metadata.len()).map_err(|error| unreadable(&place, error))
            }
            Some((place, Kind::Symlink, _)) => Ok(link_id(&place)?.into_iter().collect()),
            _ => Ok(Vec::new()),
        }
    }
}

/// The id that git gives to the symbolic link at `place`. It is computed from the target path, which is not followed.
#[allow(clippy::disallowed_methods, reason = "the target is only hashed")]
fn link_id(place: &Path) -> Result<Option<Vec<u8>>, SourceError> {
    let target = fs::read_link(place).map_err(|error| unreadable(place, error))?;
    let target = gix::path::into_bstr(target).map(gix::path::to_unix_separators_on_windows).ok();
    let id = target.and_then(|target| super::blob_id(target.as_ref()));
    Ok(id.map(|id| id.as_bytes().to_vec()))
}

/// The kind of the entry at `place`; `None` for a pipe, a socket or a device.
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
        Err(error) => Err(unreadable(place, error)),
    }
}

/// Reads a regular file that had `size` bytes. It may have grown, so at most one byte past `limit` is read.
fn read_bounded(place: &Path, size: u64, limit: u64) -> Result<Content, SourceError> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    let file = match File::open(place) {
        Ok(file) => file,
        Err(error) if is_absence(&error) => return Ok(Content::Absent),
        Err(error) => return Err(unreadable(place, error)),
    };
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(place, error))?;
    let length = bytes.len() as u64;
    if length > limit {
        return Ok(Content::Irregular(Irregular::TooLarge(length)));
    }
    Ok(Content::Bytes(bytes))
}

/// Returns the name as a path of the operating system, unless it is `..`, `.` or `.git`.
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

/// The path for a message.
pub(super) fn quoted(path: &Path) -> String {
    quote(&path.display().to_string())
}

fn no_folder(root: &Path, why: &str) -> SourceError {
    SourceError::usage(
        format!("the folder {} {why}", quoted(root)),
        "specify a checkout of the repository that contains `keps`",
    )
}

fn unreadable(place: &Path, error: io::Error) -> SourceError {
    SourceError::unavailable(
        format!("{} could not be read", quoted(place)),
        "make it readable for the user who runs kepgate, then try again",
    )
    .caused_by(error)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
