//! Files that are written under another name first, so that nobody sees a partial file.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A complete file with a random name, in its target folder. It is removed when dropped, unless it was moved to its
/// target.
#[derive(Debug)]
pub(crate) struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Writes `bytes` to a new file in the folder of `place`. A file that an interrupted run left behind does not
    /// interfere, and nothing with the random name is followed or overwritten.
    ///
    /// # Errors
    /// [`io::Error`] if the folder is not writable, or if the system provides no random numbers.
    pub(crate) fn beside(place: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<Self> {
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let path = place.with_file_name(format!(".kepgate-{:016x}.tmp", u64::from_le_bytes(random)));
        let mut file = File::create_new(&path)?;
        let temporary = Self { path };
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.write_all(bytes)?;
        Ok(temporary)
    }

    /// Moves the file to `place`, replacing any file or link there.
    ///
    /// # Errors
    /// [`io::Error`] if the system cannot move it. The file is then removed.
    pub(crate) fn move_to(self, place: &Path) -> io::Result<()> {
        // After the move, dropping it removes nothing, because no file has the random name.
        fs::rename(&self.path, place)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It may have been moved. If it cannot be removed, it does no harm.
        let _ = fs::remove_file(&self.path);
    }
}
