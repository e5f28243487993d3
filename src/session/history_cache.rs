//! A cache file for what each commit changed.

use std::io;
use std::path::{Path, PathBuf};

use super::Environment;
use super::files::replace;
use crate::error::Error;
use crate::source::git::WalkCache;
use crate::text::local_file::{LocalFileError, read_local};

/// The maximum size of a cache that is read, in bytes. All of kubernetes/enhancements takes 1 MB.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A cache and its path.
pub(crate) struct HistoryCache {
    path: PathBuf,
    /// What earlier runs found out, and what this one adds.
    pub(crate) walked: WalkCache,
}

impl HistoryCache {
    /// Reads a cache of a site that is written to `site`. If it does not exist, is damaged, too large or from another version of kepgate, it is empty.
    ///
    /// # Errors
    /// [`Error`] if something else is at its path: a folder, a pipe, or a file that kepgate did not write.
    pub(crate) fn open(file: &Path, site: &Path, environment: &Environment) -> Result<Self, Error> {
        let path = environment.folder.join(file);
        let place = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if path.parent().is_some_and(|folder| place(folder).starts_with(place(site))) {
            return Err(Error::usage(
                format!("--cache {} is in the folder of the site", file.display()),
                "specify a file in another folder, which is not published",
            ));
        }
        let empty = Self { path: path.clone(), walked: WalkCache::default() };
        match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(empty),
            Err(error) => return Err(Self::unusable(file).caused_by(error)),
            Ok(metadata) if !metadata.is_file() => return Err(Self::unusable(file)),
            Ok(_) => {}
        }
        match read_local(&path, MAX_BYTES) {
            Ok(text) if WalkCache::is_one(&text) => {
                Ok(Self { walked: WalkCache::read(&text).unwrap_or_default(), ..empty })
            }
            Ok(text) if text.is_empty() => Ok(empty),
            Ok(_) | Err(LocalFileError::NotUtf8(_) | LocalFileError::NamedPipe) => Err(Self::unusable(file)),
            Err(LocalFileError::TooLarge { .. }) => Ok(empty),
            Err(error @ LocalFileError::Io(_)) => Err(Self::unusable(file).caused_by(error)),
        }
    }

    /// Writes the cache if this run has added anything.
    ///
    /// # Errors
    /// [`Error`] if the file cannot be written.
    pub(crate) fn save(&self) -> Result<(), Error> {
        let Some(text) = self.walked.to_text() else { return Ok(()) };
        replace(&self.path, &text).map_err(|error| {
            let name = self.path.display();
            Error::internal(format!("could not write the cache {name}"), "specify a file in a writable folder")
                .caused_by(error)
        })
    }

    fn unusable(file: &Path) -> Error {
        Error::usage(
            format!("--cache {} is not a cache that kepgate wrote", file.display()),
            "specify a new file, or one that an earlier run wrote",
        )
    }
}
