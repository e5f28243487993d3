//! `kepgate init`: proposes a configuration for the repository, and shows what a check finds with it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use crate::authoring::{Proposal, Revision};
use crate::change::Scope;
use crate::check::result::Report;
use crate::check::{Settings, check};
use crate::cli::InitArguments;
use crate::config;
use crate::error::{Error, SourceError};
use crate::escape::log_lines;
use crate::exit::ExitStatus;
use crate::project::layout;
use crate::project::search::search;
use crate::report::text::{self, Detail};
use crate::session::output::print;
use crate::session::revise::write;
use crate::session::{Environment, clock};
use crate::source::directory::Directory;
use crate::source::git::Repository;
use crate::source::memory::Memory;
use crate::source::overlay::{Edits, Overlay};
use crate::source::{Change, Revisions, Snapshot};
use crate::text::RepoPath;
use crate::text::wording::quote;

pub(super) fn run(
    arguments: &InitArguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let folder = root(arguments, environment);
    let disk = Directory::new(&folder)?;
    let path = RepoPath::from(config::PATH);
    let exists = disk.kind(&path)?.is_some();
    if arguments.write && exists {
        return Err(Error::usage(
            format!("{} already exists", quote(config::PATH)),
            "run `kepgate init` without --write, and copy what you need",
        )
        .into());
    }
    let Some(proposal) = Proposal::of(&disk)? else { return Err(without_keps(&folder, &disk)?.into()) };
    let file = proposal.render();
    let report = checked(&folder, &file, environment)?;
    if arguments.write {
        write(&disk, &[Revision { path, old: None, new: file.clone().into_bytes() }])?;
    }
    let options = text::Options {
        color: environment.shows_color,
        detail: Detail::Statistics,
        guarded: environment.runner.is_github(),
    };
    let heading = format!("\n# What `kepgate check --all` finds with {}:\n\n", config::PATH);
    let next = match (arguments.write, exists) {
        (true, _) => format!("{} was written: commit it to the target branch, where kepgate reads it", config::PATH),
        (false, false) => format!("nothing was written: `kepgate init --write` creates {}", config::PATH),
        (false, true) => format!("{} exists, but the proposal ignores it: copy what you need", config::PATH),
    };
    let all = match report.findings().len() {
        0 => "",
        _ if exists => "",
        _ if arguments.write => "; `kepgate check --all` shows each finding",
        _ => "; then `kepgate check --all` shows each finding",
    };
    let page = format!("{}{heading}{}\n{next}{all}\n", log_lines(&file), text::render(&report, options));
    // Findings are what the command is about, so they are not a failure.
    let status = if report.error.is_some() { report.exit() } else { ExitStatus::Clean };
    Ok(print(&page, out)?.max(status))
}

/// The error for a folder without KEPs that kepgate can read.
fn without_keps(folder: &Path, disk: &Directory) -> Result<Error, SourceError> {
    let mut message = format!("no KEP was found in {}", quote(&folder.display().to_string()));
    if let Some(path) = search(disk, layout::METADATA)?.unread.first() {
        message.push_str(&format!(", but {} looks like one that is not Markdown", quote(&path.to_string())));
    }
    Ok(Error::usage(
        message,
        "kepgate looks for `kep.yaml`, for `metadata.yaml` in numbered folders, and for Markdown files that begin with \
         a title and authors between `---` lines; text without such metadata cannot be checked. If your metadata is in \
         other files, name them in .github/kepgate.yaml: \
         https://github.com/kepgate/kepgate/blob/main/docs/projects.md",
    ))
}

/// The root of the repository: the folder that is named, or the work tree around the current one.
fn root(arguments: &InitArguments, environment: &Environment) -> PathBuf {
    if let Some(folder) = &arguments.repo_path {
        return environment.folder.join(folder);
    }
    let repository = Repository::discover(&environment.folder).ok();
    repository.and_then(|repository| repository.workdir()).unwrap_or_else(|| environment.folder.clone())
}

/// The findings in the whole tree with this configuration.
fn checked(folder: &Path, file: &str, environment: &Environment) -> Result<Report, Error> {
    let tree = || -> Result<Box<dyn Snapshot>, Error> {
        let edits = Edits::default();
        edits.borrow_mut().insert(RepoPath::from(config::PATH), file.as_bytes().to_vec());
        Ok(Box::new(Overlay::new(Box::new(Directory::new(folder)?), Rc::clone(&edits))))
    };
    let change = Change {
        base: Box::new(Memory::default()),
        head: tree()?,
        policy: tree()?,
        paths: Vec::new(),
        revisions: Revisions { head: Some("the work tree".to_owned()), ..Revisions::default() },
    };
    let scope = Scope { all: true, only: Vec::new() };
    let settings = Settings { scope, now: Some(clock::now(None, environment)?), ..Settings::default() };
    Ok(check(&change, &settings, Instant::now()))
}
