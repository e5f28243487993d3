//! `kepgate toc`: tables of contents, printed, written or checked.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use crate::cli::TocArguments;
use crate::error::Error;
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::project::layout;
use crate::session::output::written;
use crate::session::{Environment, output};
use crate::source::directory::Directory;
use crate::source::{Content, Kind, Snapshot as _};
use crate::syntax::toc;
use crate::syntax::toc::Place;
use crate::text::RepoPath;

/// How deep below a folder Markdown files are looked for.
const MAX_FOLDERS: usize = 32;

/// A Markdown file, and the folder that it is reached from: no link is followed on the way.
struct File {
    folder: PathBuf,
    path: RepoPath,
}

pub(super) fn run(
    arguments: &TocArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> ExitStatus {
    let exceptions = match exceptions(&environment.folder) {
        Ok(exceptions) => exceptions,
        Err(error) => return output::say(&error, log),
    };
    let mut status = ExitStatus::Clean;
    for path in &arguments.paths {
        let files = match files(&environment.folder, path, &exceptions) {
            Ok(files) => files,
            Err(error) => {
                status = status.max(output::say(&error, log));
                continue;
            }
        };
        for file in files {
            status = status.max(one(arguments, &file, out, log));
        }
    }
    status
}

/// One file, whatever becomes of the others.
fn one(arguments: &TocArguments, file: &File, out: &mut dyn Write, log: &mut dyn Write) -> ExitStatus {
    let mut line = String::new();
    let result = if arguments.write {
        write(file, &mut line)
    } else if arguments.check {
        check(file, &mut line)
    } else {
        print(file, &mut line)
    };
    let status = result.unwrap_or_else(|error| output::say(&error, log));
    status.max(written(out.write_all(log_lines(&line).as_bytes()), log))
}

fn check(file: &File, says: &mut String) -> Result<ExitStatus, Error> {
    let text = read(file)?;
    let what = match toc::place(&text) {
        Place::Table(table) if toc::is_current(&text.as_str()[table], &toc::entries(&text, table.end)) => {
            return Ok(ExitStatus::Clean);
        }
        Place::Table(_) => "the table of contents is not current".to_owned(),
        Place::Absent | Place::Broken(_) => {
            format!("there is no `{}` with a `{}` behind it", toc::OPENING, toc::CLOSING)
        }
    };
    says.push_str(&format!("{}: {what}\n", file.name()));
    Ok(ExitStatus::Findings)
}

/// Prints the table that the file should have.
fn print(file: &File, says: &mut String) -> Result<ExitStatus, Error> {
    let text = read(file)?;
    let from = match toc::place(&text) {
        Place::Table(table) => table.end,
        Place::Absent | Place::Broken(_) => 0,
    };
    for entry in toc::entries(&text, from) {
        says.push_str(&format!("{}\n", entry.line));
    }
    Ok(ExitStatus::Clean)
}

/// Writes the table that the file should have, where it has another.
fn write(file: &File, says: &mut String) -> Result<ExitStatus, Error> {
    let text = read(file)?;
    let Place::Table(table) = toc::place(&text) else {
        return Err(Error::Usage {
            message: format!("{:?} has no `{}` with a `{}` behind it", file.name(), toc::OPENING, toc::CLOSING),
            help: format!("put them where the table belongs, or list the file in {}", layout::WITHOUT_TOC),
        });
    };
    let new = toc::written(&text, table);
    if new != text {
        Directory::new(&file.folder)?.replace(&file.path, new.as_bytes())?;
        says.push_str(&format!("{}: the table of contents was written\n", file.name()));
    }
    Ok(ExitStatus::Clean)
}

fn read(file: &File) -> Result<String, Error> {
    let fault = |what: &str| Error::Usage {
        message: format!("{:?} {what}", file.name()),
        help: "name Markdown files of UTF-8 text, of at most 1 MiB".to_owned(),
    };
    match Directory::new(&file.folder)?.read(&file.path)? {
        Content::Absent => Err(fault("is not there")),
        Content::Irregular(_) => Err(fault("is no regular file, or too large")),
        Content::Bytes(bytes) => String::from_utf8(bytes).map_err(|_| fault("is not UTF-8")),
    }
}

/// The files that need no table, as paths from `folder`, when it is the root of a repository that lists them.
fn exceptions(folder: &Path) -> Result<BTreeSet<PathBuf>, Error> {
    match Directory::new(folder)?.read(&RepoPath::from(layout::WITHOUT_TOC))? {
        Content::Bytes(bytes) => {
            let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            Ok(lines.map(|line| folder.join(std::ffi::OsStr::from_bytes(line))).collect())
        }
        Content::Absent | Content::Irregular(_) => Ok(BTreeSet::new()),
    }
}

/// The file at `path`, or the Markdown files below the folder there.
fn files(folder: &Path, path: &Path, exceptions: &BTreeSet<PathBuf>) -> Result<Vec<File>, Error> {
    let place = folder.join(path);
    if !place.is_dir() {
        let is_plain = matches!(path.components().next_back(), Some(Component::Normal(_)));
        let name = place.file_name().filter(|_| is_plain).map(std::ffi::OsStr::as_bytes).unwrap_or_default();
        let parent = place.parent().unwrap_or(folder).to_owned();
        return Ok(vec![File { folder: parent, path: RepoPath::root().join(name) }]);
    }
    let directory = Directory::new(&place)?;
    let mut found = Vec::new();
    let mut folders = vec![(RepoPath::root(), MAX_FOLDERS)];
    while let Some((next, depth)) = folders.pop() {
        for entry in directory.list(&next)? {
            match entry.kind {
                Kind::Folder if depth == 0 => {
                    return Err(Error::Fetch {
                        message: format!("{:?} is nested too deep to be looked into", entry.path.to_string()),
                        help: "name a folder further in".to_owned(),
                    });
                }
                Kind::Folder => folders.push((entry.path, depth - 1)),
                Kind::File if entry.path.name().ends_with(b".md") => {
                    found.push(File { folder: place.clone(), path: entry.path });
                }
                _ => {}
            }
        }
    }
    found.retain(|file| !exceptions.contains(&file.on_disk()));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

impl File {
    fn on_disk(&self) -> PathBuf {
        self.path
            .segments()
            .fold(self.folder.clone(), |place, segment| place.join(std::ffi::OsStr::from_bytes(segment)))
    }

    fn name(&self) -> String {
        self.on_disk().display().to_string()
    }
}
