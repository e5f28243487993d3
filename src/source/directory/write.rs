//! Writes files to a folder on disk, either all of them or none.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Directory, quoted};
use crate::error::SourceError;
use crate::source::{Kind, RepoPath, Snapshot as _};
use crate::text::temporary::Temporary;

/// A file to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rewrite<'a> {
    /// Its path.
    pub(crate) path: &'a RepoPath,
    /// Its bytes now; `None` if it does not exist.
    pub(crate) old: Option<&'a [u8]>,
    /// Its bytes afterwards.
    pub(crate) new: &'a [u8],
}

/// A file that is ready to be moved into place, and what is needed to undo that.
struct Staged {
    place: PathBuf,
    new: Temporary,
    /// The content to restore; `None` if the file is new.
    old: Option<Temporary>,
}

/// A file that was moved into place.
struct Written {
    place: PathBuf,
    old: Option<Temporary>,
}

/// Folders that were created. When this is dropped, those that are still empty are removed.
#[derive(Default)]
struct NewFolders(Vec<PathBuf>);

impl Directory {
    /// Writes the files, each atomically. If one cannot be written, none are. Missing parent folders are created.
    /// Existing files keep their permissions, and links are never followed.
    ///
    /// # Errors
    /// [`SourceError`] if a file is read-only or not a regular file, if a new file already exists, or if one cannot be
    /// written.
    pub(crate) fn write(&self, files: &[Rewrite<'_>]) -> Result<(), SourceError> {
        // This is dropped last, after the temporary files in the folders.
        let mut folders = NewFolders::default();
        let staged = files.iter().map(|file| self.stage(file, &mut folders)).collect::<Result<Vec<_>, _>>()?;
        let mut written = Vec::new();
        for file in staged {
            let place = file.place.clone();
            match file.put_in_place() {
                Ok(done) => written.push(done),
                Err(error) => {
                    // If undoing fails, the first error is still the one to report.
                    let kept: Vec<_> = written.into_iter().rev().filter_map(Written::undo).collect();
                    return Err(half_written(unwritable(&place, error), &kept));
                }
            }
        }
        Ok(())
    }

    /// Writes temporary files with the new and the old content, but does not touch the file itself.
    fn stage(&self, file: &Rewrite<'_>, folders: &mut NewFolders) -> Result<Staged, SourceError> {
        let Rewrite { path, old, new } = *file;
        let refused = |why: &str| unwritable(&self.root.join(path.to_string()), io::Error::other(why));
        let (place, permissions) = match (self.find(path)?, old) {
            (Some((place, Kind::File, metadata)), Some(_)) => (place, Some(metadata.permissions())),
            (None, None) => {
                self.create_parents(path, folders)?;
                (self.place(path).ok_or_else(|| refused("it would lead elsewhere"))?, None)
            }
            _ => return Err(refused("it is not a regular file")),
        };
        if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
            return Err(read_only(&place));
        }
        let write = |bytes| Temporary::beside(&place, bytes, permissions.clone());
        let (new, old) = (write(new), old.map(write).transpose());
        let (new, old) = new.and_then(|new| Ok((new, old?))).map_err(|error| unwritable(&place, error))?;
        Ok(Staged { place, new, old })
    }

    /// Creates the folders above `path` that do not exist yet.
    fn create_parents(&self, path: &RepoPath, folders: &mut NewFolders) -> Result<(), SourceError> {
        let refused = |why: &str| unwritable(&self.root.join(path.to_string()), io::Error::other(why));
        let mut parents = Vec::new();
        let mut above = path.parent();
        while let Some(folder) = above {
            above = folder.parent();
            parents.push(folder);
        }
        for folder in parents.iter().rev() {
            match self.kind(folder)? {
                Some(Kind::Folder) => {}
                None => {
                    let place = self.place(folder).ok_or_else(|| refused("it would lead elsewhere"))?;
                    fs::create_dir(&place).map_err(|error| unwritable(&place, error))?;
                    folders.0.push(place);
                }
                Some(_) => return Err(refused("a parent is not a folder")),
            }
        }
        Ok(())
    }
}

impl Staged {
    fn put_in_place(self) -> io::Result<Written> {
        let Self { place, new, old } = self;
        if old.is_none() {
            // A move would replace a file that somebody created in the meantime.
            File::create_new(&place)?;
        }
        let written = Written { place, old };
        match new.move_to(&written.place) {
            Ok(()) => Ok(written),
            Err(error) => {
                if written.old.is_none() {
                    // Remove the empty file that was just created. The first error is the one to report.
                    let _ = fs::remove_file(&written.place);
                }
                Err(error)
            }
        }
    }
}

impl Written {
    /// Restores the previous state. Returns the path if that fails.
    fn undo(self) -> Option<PathBuf> {
        let undone = match self.old {
            Some(old) => old.move_to(&self.place),
            None => fs::remove_file(&self.place),
        };
        undone.is_err().then_some(self.place)
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // This fails for a folder that is not empty, which is then in use.
            let _ = fs::remove_dir(folder);
        }
    }
}

fn read_only(place: &Path) -> SourceError {
    SourceError::usage(
        format!("{} is read-only, so nothing was written", quoted(place)),
        "make it writable, for example with `chmod u+w`, then try again",
    )
}

fn unwritable(place: &Path, error: io::Error) -> SourceError {
    SourceError::unavailable(
        format!("{} could not be written", quoted(place)),
        "make it and its folder writable for the user who runs kepgate, then try again",
    )
    .caused_by(error)
}

/// The error, plus the files that could not be restored although others were not written.
fn half_written(error: SourceError, kept: &[PathBuf]) -> SourceError {
    if kept.is_empty() {
        return error;
    }
    let kept: Vec<_> = kept.iter().map(|place| quoted(place)).collect();
    SourceError::unavailable(error.describe(), format!("restore {}, which could not be undone", kept.join(", ")))
}
