//! `kepgate lists`: digests of Kubernetes' own lists of feature gates and metrics.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::{FetchArguments, ListsCommand};
use crate::error::{Error, SourceError};
use crate::exit::ExitStatus;
use crate::github::Client;
use crate::kep::Milestone;
use crate::kubernetes::{FEATURE_GATES_PATH, GateStage, KubernetesLists, METRICS_PATH, Parts, Revision, WRITE_LISTS};
use crate::release::{Calendar, Schedule};
use crate::session::output::print;
use crate::session::{Environment, clock, files};
use crate::source::git::Repository;
use crate::source::{Content, Snapshot as _};
use crate::text::RepoPath;
use crate::text::wording::{count, quote};

const IMPORT_HELP: &str =
    "specify a clone of kubernetes/kubernetes, or its versioned_feature_list.yaml and documentation-list.yaml";

pub(super) fn run(
    command: &ListsCommand,
    environment: &Environment,
    out: &mut dyn std::io::Write,
) -> anyhow::Result<ExitStatus> {
    match command {
        ListsCommand::Import { paths, head, release, to } => {
            let lists = import(paths, head.as_deref(), *release, environment)?;
            write(&lists, to.as_deref(), environment, out)
        }
        ListsCommand::Fetch(arguments) => match fetch(arguments, environment)? {
            Some(lists) => write(&lists, arguments.to.as_deref(), environment, out),
            None => Ok(ExitStatus::Clean),
        },
        ListsCommand::Show { file } => print(&show(file, environment)?, out),
    }
}

/// Writes the digest to a file or to standard output.
fn write(
    lists: &KubernetesLists,
    output: Option<&Path>,
    environment: &Environment,
    out: &mut dyn std::io::Write,
) -> anyhow::Result<ExitStatus> {
    let Some(file) = output else { return print(&lists.to_yaml(), out) };
    files::write_report(&environment.folder.join(file), &lists.to_yaml(), !environment.runner.is_local())
        .with_context(|| format!("could not write {}", file.display()))?;
    Ok(ExitStatus::Clean)
}

/// The lists from GitHub; `None` if the digest in the output file is of the same commit and release.
fn fetch(arguments: &FetchArguments, environment: &Environment) -> Result<Option<KubernetesLists>, Error> {
    let FetchArguments { head, release, repository, token_file, to } = arguments;
    let mut settings = environment.github.clone();
    if let Some(file) = token_file {
        settings = settings.with_token_file(&environment.folder.join(file))?;
    }
    let client = Client::new(&settings).map_err(SourceError::from)?;
    let revision = Revision::find(&client, repository, head.as_deref())?;
    let existing = to.as_ref().and_then(|file| std::fs::read_to_string(environment.folder.join(file)).ok());
    let existing = existing.and_then(|text| KubernetesLists::parse(&text).ok());
    let is_current = existing.is_some_and(|lists| {
        lists.commit.as_deref() == Some(revision.commit.as_str())
            && release.is_none_or(|release| release == lists.kubernetes)
    });
    if is_current { Ok(None) } else { Ok(Some(revision.fetch(&client, repository, *release)?)) }
}

fn import(
    paths: &[PathBuf],
    revision: Option<&str>,
    release: Option<Milestone>,
    environment: &Environment,
) -> Result<KubernetesLists, Error> {
    let mut parts = Parts::default();
    match paths {
        [folder] if environment.folder.join(folder).is_dir() => {
            let files = if revision.is_none() { files_of(&environment.folder.join(folder)) } else { None };
            if let Some(files) = files {
                return import(&files, revision, release, environment);
            }
            let (commit, date) = add_clone(&mut parts, &environment.folder.join(folder), revision)?;
            Ok(join(parts, release)?.of_commit(commit, date))
        }
        _ if revision.is_some() => Err(usage("--head requires a clone".to_owned())),
        files => {
            for file in files {
                add(&mut parts, &file.display().to_string(), &files::named_file(file, "lists import", environment)?)?;
            }
            join(parts, release)
        }
    }
}

/// Both lists of a folder that is not a clone: an unpacked archive of kubernetes/kubernetes, or a folder with only the lists.
fn files_of(folder: &Path) -> Option<[PathBuf; 2]> {
    if folder.join(".git").exists() {
        return None;
    }
    let lists = [FEATURE_GATES_PATH, METRICS_PATH].map(Path::new);
    let names = lists.map(|list| list.file_name().map_or(list, Path::new));
    let files = [lists, names].map(|files| files.map(|file| folder.join(file)));
    files.into_iter().find(|files| files.iter().all(|file| file.is_file()))
}

/// Reads both lists from a commit. Returns the commit and its date in UTC.
fn add_clone(parts: &mut Parts, folder: &Path, revision: Option<&str>) -> Result<(String, Date), Error> {
    let repository = Repository::discover(folder).map_err(|error| match error {
        SourceError::Usage { message, .. } => usage(message),
        error @ SourceError::Unavailable { .. } => error.into(),
    })?;
    let commit = repository.resolve(revision.unwrap_or("HEAD"))?;
    let tree = repository.tree(commit)?;
    for path in [FEATURE_GATES_PATH, METRICS_PATH] {
        match tree.read(&RepoPath::from(path))? {
            Content::Bytes(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| usage(format!("{} is not UTF-8", quote(path))))?;
                add(parts, path, &text)?;
            }
            _ => return Err(usage(format!("the commit {} has no readable file {}", commit.short(), quote(path)))),
        }
    }
    let time = Timestamp::from_second(repository.time(commit)?).unwrap_or_default();
    Ok((commit.to_string(), time.to_zoned(TimeZone::UTC).date()))
}

fn add(parts: &mut Parts, name: &str, text: &str) -> Result<(), Error> {
    parts.add(text).map_err(|fault| usage(format!("{name}: {fault}")))
}

fn join(parts: Parts, release: Option<Milestone>) -> Result<KubernetesLists, Error> {
    parts.join(release).map_err(|fault| usage(fault.to_string()))
}

fn usage(message: String) -> Error {
    Error::usage(message, IMPORT_HELP)
}

/// What the digest has, and how old it is.
fn show(file: &Path, environment: &Environment) -> Result<String, Error> {
    let text = files::named_file(file, "lists show", environment)?;
    let lists = KubernetesLists::parse(&text)
        .map_err(|fault| Error::usage(format!("{}: {fault}", file.display()), WRITE_LISTS))?;
    let schedule =
        Schedule { calendar: Calendar::built_in(), now: Some(clock::now(None, environment)?), ..Schedule::default() };
    let mut page = format!("Kubernetes {}", lists.kubernetes);
    if let Some(commit) = &lists.commit {
        page.push_str(&format!(", commit {}", commit.get(..12).unwrap_or(commit)));
    }
    if let Some(date) = lists.date {
        page.push_str(&format!(" of {date}"));
    }
    page.push_str(&format!("\n{}: {}\n", count(lists.feature_gates.len(), "feature gate"), by_stage(&lists)));
    page.push_str(&format!("{}\n", count(lists.metrics.len(), "metric")));
    let newer = schedule.calendar.releases().into_iter().filter(|release| *release > lists.kubernetes);
    if let Some(newest) = newer.filter(|release| schedule.is_out(*release) == Some(true)).max() {
        page.push_str(&format!("{newest} is out; get its lists with `kepgate lists fetch`\n"));
    }
    Ok(page)
}

/// `70 Alpha, 60 Beta, 90 GA`
fn by_stage(lists: &KubernetesLists) -> String {
    let mut counts: BTreeMap<GateStage, usize> = BTreeMap::new();
    for (stage, _) in lists.feature_gates.values().filter_map(|gate| gate.stage_in(lists.kubernetes)) {
        *counts.entry(stage).or_default() += 1;
    }
    let words: Vec<_> = counts.into_iter().map(|(stage, number)| format!("{number} {}", stage.word())).collect();
    words.join(", ")
}
