//! Reads local files from the command line within a limit, because a device such as `/dev/zero` has no end.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Why a local file could not be read as text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalFileError {
    /// The system could not open or read it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is a named pipe: nobody may ever write to it.
    #[error("it is a named pipe")]
    NamedPipe,
    /// It is larger than the limit.
    #[error("it is larger than {} MiB", .limit / (1024 * 1024))]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It is not UTF-8 text.
    #[error("it is not UTF-8")]
    NotUtf8(#[from] std::string::FromUtf8Error),
}

/// The text of a local file of at most `limit` bytes.
///
/// # Errors
/// [`LocalFileError`] if the file cannot be read, is larger, or is not UTF-8.
pub(crate) fn read_local(path: &Path, limit: u64) -> Result<String, LocalFileError> {
    if is_named_pipe(path) {
        return Err(LocalFileError::NamedPipe);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(LocalFileError::TooLarge { limit });
    }
    Ok(String::from_utf8(bytes)?)
}

/// True if there is a named pipe at `path`. A shell's own pipes, such as `/dev/stdin` and `/dev/fd/63`, have a writer.
#[cfg(unix)]
fn is_named_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let is_of_shell = ["/dev/stdin", "/dev/fd", "/proc"].iter().any(|folder| path.starts_with(folder));
    !is_of_shell && std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
const fn is_named_pipe(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;

    use super::{LocalFileError, read_local};

    const LIMIT: u64 = 1024 * 1024;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"abc").unwrap();
        assert_eq!(read_local(file.path(), 3).unwrap(), "abc");
        assert!(matches!(read_local(file.path(), 2), Err(LocalFileError::TooLarge { limit: 2 })));
        file.write_all(b"\xff").unwrap();
        assert_eq!(read_local(file.path(), LIMIT).unwrap_err().to_string(), "it is not UTF-8");
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, link] = ["pipe", "link"].map(|name| folder.path().join(name));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [&pipe, &link] {
            assert_eq!(read_local(path, LIMIT).unwrap_err().to_string(), "it is a named pipe");
        }
    }

    #[test]
    fn an_endless_device_is_an_error() {
        let error = read_local(Path::new("/dev/zero"), LIMIT).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 1 MiB");
    }
}
