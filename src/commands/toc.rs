//! `kepgate toc`: prints, writes or checks tables of contents.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use crate::check::{ConfigSource, read_config};
use crate::cli::TocArguments;
use crate::error::Error;
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::project::{TableOfContents, layout};
use crate::session::{Environment, kep_tree, output};
use crate::source::directory::{Directory, Rewrite};
use crate::source::{Content, Kind, Snapshot as _};
use crate::syntax::toc;
use crate::syntax::toc::{Anchors, Place};
use crate::text::RepoPath;
use crate::text::wording::quote;

/// How many levels of folders are searched for Markdown files.
const MAX_FOLDERS: usize = 32;

/// A Markdown file, and the folder to read it from without following links.
struct File {
    folder: PathBuf,
    path: RepoPath,
    /// The path as the command line names it, or below the folder that it names.
    name: PathBuf,
}

pub(super) fn run(
    arguments: &TocArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let exceptions = exceptions(&environment.folder)?;
    let contents = table_of_contents(environment)?;
    if arguments.check && contents == Some(TableOfContents::None) {
        return output::print("this project has no tables of contents: `project.table-of-contents` is `none`\n", out);
    }
    let anchors = contents.map_or_else(Anchors::default, TableOfContents::anchors);
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
            // An error does not stop the others.
            let ended = run_on_file(arguments, anchors, &file, out);
            status = status.max(ended.unwrap_or_else(|error| output::fail(&error, environment, log)));
        }
    }
    Ok(status)
}

fn run_on_file(
    arguments: &TocArguments,
    anchors: Anchors,
    file: &File,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let (status, text) = if arguments.write {
        write(file, anchors)
    } else if arguments.check {
        check(file, anchors)
    } else {
        print(file, anchors)
    }?;
    Ok(output::print(&log_lines(&text), out)?.max(status))
}

/// Says whether the table is missing or out of date.
fn check(file: &File, anchors: Anchors) -> Result<(ExitStatus, String), Error> {
    let text = read(file)?;
    let what = match toc::place(&text) {
        Place::Table(table)
            if toc::is_current(&text.as_str()[table], &toc::entries_with(&text, table.end, anchors)) =>
        {
            return Ok((ExitStatus::Clean, String::new()));
        }
        Place::Table(_) => "the table of contents is out of date".to_owned(),
        Place::Absent | Place::Broken(_) => {
            format!("`{}` followed by `{}` is missing", toc::OPENING, toc::CLOSING)
        }
    };
    Ok((ExitStatus::Findings, format!("{}: {what}\n", file.name())))
}

/// Prints the table that the file should have.
fn print(file: &File, anchors: Anchors) -> Result<(ExitStatus, String), Error> {
    let text = read(file)?;
    let from = match toc::place(&text) {
        Place::Table(table) => table.end,
        Place::Absent | Place::Broken(_) => 0,
    };
    let entries = toc::entries_with(&text, from, anchors);
    Ok((ExitStatus::Clean, entries.into_iter().flat_map(|entry| [entry.line, "\n".to_owned()]).collect()))
}

/// Updates the table if it is out of date.
fn write(file: &File, anchors: Anchors) -> Result<(ExitStatus, String), Error> {
    let text = read(file)?;
    let Place::Table(table) = toc::place(&text) else {
        return Err(Error::usage(
            format!("{} has no `{}` followed by `{}`", quote(&file.name()), toc::OPENING, toc::CLOSING),
            format!("add both where the table belongs, or list the file in {}", layout::WITHOUT_TOC),
        ));
    };
    let new = toc::written_with(&text, table, anchors);
    if new == text {
        return Ok((ExitStatus::Clean, String::new()));
    }
    let rewrite = Rewrite { path: &file.path, old: Some(text.as_bytes()), new: new.as_bytes() };
    Directory::new(&file.folder)?.write(&[rewrite])?;
    Ok((ExitStatus::Clean, format!("{}: updated the table of contents\n", file.name())))
}

fn read(file: &File) -> Result<String, Error> {
    let fault = |what: &str| {
        Error::usage(format!("{} {what}", quote(&file.name())), "specify UTF-8 Markdown files of at most 1 MiB")
    };
    match Directory::new(&file.folder)?.read(&file.path)? {
        Content::Absent => Err(fault("does not exist")),
        Content::Irregular(_) => Err(fault("is not a regular file, or is too large")),
        Content::Bytes(bytes) => String::from_utf8(bytes).map_err(|_| fault("is not UTF-8")),
    }
}

/// The tables of contents that the configuration of the project around the current folder asks for, if there is one.
fn table_of_contents(environment: &Environment) -> Result<Option<TableOfContents>, Error> {
    let Ok(tree) = kep_tree::open(&kep_tree::folder(None, environment), None) else { return Ok(None) };
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    Ok(config.project.table_of_contents)
}

/// Reads which files need no table, if `folder` is the root of a repository that lists them.
fn exceptions(folder: &Path) -> Result<BTreeSet<PathBuf>, Error> {
    match Directory::new(folder)?.read(&RepoPath::from(layout::WITHOUT_TOC))? {
        Content::Bytes(bytes) => {
            let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            Ok(lines.filter_map(|line| Some(folder.join(gix::path::from_byte_slice(line).ok()?))).collect())
        }
        Content::Absent | Content::Irregular(_) => Ok(BTreeSet::new()),
    }
}

/// The file at `path`, or the Markdown files below the folder there.
fn files(folder: &Path, path: &Path, exceptions: &BTreeSet<PathBuf>) -> Result<Vec<File>, Error> {
    let place = folder.join(path);
    if !place.is_dir() {
        let is_plain = matches!(path.components().next_back(), Some(Component::Normal(_)));
        let name = place.file_name().filter(|_| is_plain).and_then(|name| gix::path::os_str_into_bstr(name).ok());
        let parent = place.parent().unwrap_or(folder).to_owned();
        let inside = RepoPath::root().join(name.unwrap_or_default());
        return Ok(vec![File { folder: parent, path: inside, name: path.to_owned() }]);
    }
    let directory = Directory::new(&place)?;
    let mut found = Vec::new();
    let mut folders = vec![(RepoPath::root(), MAX_FOLDERS)];
    while let Some((next, depth)) = folders.pop() {
        for entry in directory.list(&next)? {
            match entry.kind {
                Kind::Folder if depth == 0 => {
                    return Err(Error::fetch(
                        format!("{} is nested too deeply to be searched", quote(&entry.path.to_string())),
                        "specify a folder below it",
                    ));
                }
                Kind::Folder => folders.push((entry.path, depth - 1)),
                Kind::File if entry.path.name().ends_with(b".md") => {
                    let name = below(path, &entry.path);
                    found.push(File { folder: place.clone(), path: entry.path, name });
                }
                _ => {}
            }
        }
    }
    found.retain(|file| !exceptions.contains(&file.on_disk()));
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The path below `folder`, as the system writes it.
fn below(folder: &Path, path: &RepoPath) -> PathBuf {
    // Only Windows has names that cannot be converted, and none of them exists there.
    path.segments().fold(folder.to_owned(), |place, segment| {
        gix::path::from_bstr(segment).map_or_else(|_| place.join(segment.to_string()), |name| place.join(name))
    })
}

impl File {
    fn on_disk(&self) -> PathBuf {
        below(&self.folder, &self.path)
    }

    fn name(&self) -> String {
        self.name.display().to_string()
    }
}
