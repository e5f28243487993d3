//! Files that the command line names.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Environment;
use crate::cli::ExceptionsArgument;
use crate::error::Error;
use crate::kep::Milestone;
use crate::kep::sigs::Sigs;
use crate::release::Exceptions;
use crate::source::MAX_FILE_BYTES;
use crate::text::local_file::read_local;
use crate::text::temporary::Temporary;
use crate::text::wording::quote;

const EXCEPTIONS_HELP: &str = "specify a releases/release-1.N/exceptions.yaml of kubernetes/sig-release, v1.25 or later, or an export of the view \
     Exception Requests of the project board";

/// Reads `--exceptions`. `release` applies to files that do not name their release.
pub(crate) fn exceptions(
    arguments: &[ExceptionsArgument],
    release: Option<Milestone>,
    environment: &Environment,
) -> Result<Exceptions, Error> {
    let mut exceptions = Exceptions::default();
    for argument in arguments {
        let name = argument.file.display();
        let release = argument.release.or(release).ok_or_else(|| {
            Error::usage(
                format!("--exceptions {name} does not name its release"),
                format!("put the release in front, as in --exceptions v1.36={name}"),
            )
        })?;
        let text = named_file(&argument.file, "--exceptions", environment)?;
        exceptions
            .add(release, &text)
            .map_err(|error| Error::usage(format!("--exceptions {name}"), EXCEPTIONS_HELP).caused_by(error))?;
    }
    Ok(exceptions)
}

/// Reads a UTF-8 file of at most 1 MiB. Errors refer to the argument as `option`.
pub(crate) fn named_file(file: &Path, option: &str, environment: &Environment) -> Result<String, Error> {
    read_local(&environment.folder.join(file), MAX_FILE_BYTES).map_err(|error| {
        Error::usage(format!("{option} {}", file.display()), "specify a UTF-8 text file of at most 1 MiB")
            .caused_by(error)
    })
}

/// Creates the folder for files that kepgate writes. It may exist, but must be empty so that nothing is overwritten.
pub(crate) fn new_folder(folder: &Path, option: &str, environment: &Environment) -> Result<PathBuf, Error> {
    let path = environment.folder.join(folder);
    reject_linked_folder(&path, option)?;
    let create = || {
        if !environment.runner.is_local() {
            reject_links(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        Ok::<_, std::io::Error>(std::fs::read_dir(&path)?.next().is_none())
    };
    let usage = |message: String, help: &str| Error::usage(message, help.to_owned());
    match create() {
        Ok(true) => Ok(path),
        Ok(false) => Err(usage(
            format!("{option} {}: the directory is not empty, and nothing in it is overwritten", folder.display()),
            "specify a new directory, or remove this one first",
        )),
        Err(error) => {
            let message = format!("{option} {}", folder.display());
            Err(usage(message, "specify a directory that can be created").caused_by(error))
        }
    }
}

/// Rejects a folder that is a link, because somebody else may have chosen its target.
pub(crate) fn reject_linked_folder(folder: &Path, option: &str) -> Result<(), Error> {
    // A path with a trailing slash would refer to the target of the link.
    let folder: PathBuf = folder.components().collect();
    if !folder.is_symlink() {
        return Ok(());
    }
    Err(Error::usage(
        format!("{option}: {} is a symbolic link", quote(&folder.display().to_string())),
        "specify the directory that it points to",
    ))
}

/// Writes a file that replaces whatever is at `path`. If that is a link, a hard link, a pipe or a device, its target
/// stays as it is.
pub(crate) fn replace(path: &Path, content: &str) -> io::Result<()> {
    Temporary::beside(path, content.as_bytes(), None)?.move_to(path)
}

/// Fails if any part of the path is a symbolic link, which the change could use to overwrite another file.
fn reject_links(file: &Path) -> io::Result<()> {
    let mut prefix = PathBuf::new();
    for part in file {
        prefix.push(part);
        if prefix.is_symlink() {
            return Err(io::Error::other("its path has a symbolic link, which is not followed in CI"));
        }
    }
    Ok(())
}

/// Writes a report to a file. `rejects_links` is set if the change that is checked may have put links in its path.
pub(crate) fn write_report(file: &Path, content: &str, rejects_links: bool) -> io::Result<()> {
    create_report(file, rejects_links)?.write_all(content.as_bytes())
}

/// Creates the file for a report, or empties the one that is there.
pub(crate) fn create_report(file: &Path, rejects_links: bool) -> io::Result<File> {
    if rejects_links {
        reject_links(file)?;
    }
    File::create(file)
}

/// Reads `--sigs`: the groups of the project.
pub(crate) fn sigs(path: Option<&Path>, environment: &Environment) -> Result<Sigs, Error> {
    let mut sigs = Sigs::default();
    let Some(path) = path else { return Ok(sigs) };
    let text = named_file(path, "--sigs", environment)?;
    sigs.add_community(&text).map_err(|what| {
        Error::usage(format!("--sigs {}: {what}", path.display()), "specify the sigs.yaml of kubernetes/community")
    })?;
    Ok(sigs)
}
