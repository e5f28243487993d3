//! `kepgate site`: a static site about every KEP.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::change::{Scope, Survey};
use crate::check::result::Report;
use crate::check::{ConfigSource, ListsSource, Settings, check, lists_of, read_config, read_lists, read_profile};
use crate::cli::SiteArguments;
use crate::config::Config;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::history;
use crate::kep::Milestone;
use crate::project::{Profile, Web};
use crate::readiness::{Checked, Readiness, assess};
use crate::release::Schedule;
use crate::session::history_cache::HistoryCache;
use crate::session::output::{print, say};
use crate::session::remotes::Remotes;
use crate::session::{Environment, clock, files, gap, kep_tree, pulls, site_folder};
use crate::site::{self, Sources, Trees, read_reviews, render};
use crate::source::Change;
use crate::source::git::{CommitId, Repository, WalkCache};
use crate::text::Files;
use crate::text::wording::{count, quote};

/// Writes the site.
pub(super) fn run(
    arguments: &SiteArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let folder = environment.folder.join(&arguments.to);
    site_folder::require_site_or_empty(&folder)?;
    let base_url = arguments.base_url.as_deref().map(base_url).transpose()?;
    let open = |file| HistoryCache::open(file, &folder, environment);
    let mut cache = arguments.cache.as_deref().map(open).transpose()?;
    let walked = cache.as_mut().map(|cache| &mut cache.walked);
    let Rendered { pages, gap, later } = pages(arguments, environment, base_url, walked)?;
    site_folder::write(&folder, &pages).map_err(|error| unwritable(&folder, error))?;
    if later > 0 {
        writeln!(log, "note: {} the time of the site\n  help: show an older commit with --head", site::later(later))?;
    }
    let status = print(&format!("wrote {} to {}\n", count(pages.len(), "file"), arguments.to.display()), out)?;
    let unsaved = cache.and_then(|cache| cache.save().err());
    Ok([gap, unsaved].into_iter().flatten().fold(status, |status, error| status.max(say(&error, log))))
}

/// The address without a slash at its end.
fn base_url(text: &str) -> Result<&str, Error> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !br#"<>"'`{}|\^"#.contains(&byte));
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if is_web && is_plain && !text.contains(['?', '#']) {
        return Ok(text.trim_end_matches('/'));
    }
    Err(Error::usage(
        format!("--base-url: {} is not the address of a site", quote(text)),
        "specify an address such as https://example.github.io/keps",
    ))
}

/// What is read before anything is rendered.
struct Tree {
    change: Change,
    config: Config,
    profile: Arc<Profile>,
    settings: Settings,
    schedule: Schedule,
    release: Option<Milestone>,
}

/// The files of the site.
struct Rendered {
    pages: BTreeMap<String, String>,
    /// Why they are incomplete.
    gap: Option<Error>,
    /// The number of commits that are newer than the time of the site.
    later: usize,
}

fn pages(
    arguments: &SiteArguments,
    environment: &Environment,
    base_url: Option<&str>,
    cache: Option<&mut WalkCache>,
) -> Result<Rendered, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let repository = Repository::discover(&folder)?;
    let commit = match &arguments.head {
        Some(revision) => repository.resolve(revision)?,
        None => repository.head_commit()?,
    };
    let tree = tree(arguments, environment, (&folder, commit))?;
    let groups = [&tree.config.groups.approvers, &tree.config.groups.emeritus].map(String::as_str);
    let line = history::Line { repository: &repository, head: commit, since: None };
    let mut history = history::walk(line, &tree.profile, &groups, cache)?;
    let now = tree.settings.now.unwrap_or(history.end);
    let later = history.end_by(now);
    let trees = Trees { repository: &repository, profile: &tree.profile, head: commit };
    let (reviews, unreviewed) =
        if tree.profile.has_reviews() { read_reviews(trees, &history) } else { Default::default() };
    let lists = read_lists(tree.change.policy.as_ref(), &tree.settings.lists, &tree.config)?;
    let lists = lists.as_ref().map(lists_of).transpose()?;
    let mut files = Files::default();
    let groups = tree.config.groups.clone();
    let survey = Survey::read(tree.change.head.as_ref(), groups, &tree.profile, &mut files);
    let Report { outcome, error, .. } = check(&tree.change, &tree.settings, Instant::now());
    let Some(outcome) = outcome else { return Err(error.unwrap_or_else(unknown)) };
    let gap = gap::of_survey(&survey).or(error).or(unreviewed.map(Error::from));
    let gap = gap.or_else(|| gap::of_readmes(&outcome, &tree.profile.layout));
    let readiness = tree.release.map(|release| readiness(&tree, release)).transpose()?;
    if let Some(readiness) = readiness.as_ref().filter(|_| arguments.release.is_some() && gap.is_none()) {
        super::readiness::require_known(readiness, &tree.schedule)?;
    }
    let pages = render(Sources {
        outcome: &outcome,
        survey: &survey,
        history: &history,
        reviews: &reviews,
        schedule: &tree.schedule,
        lists,
        readiness: readiness.as_ref(),
        web: web(arguments, &folder, environment).as_ref(),
        commit,
        now,
        later,
        base_url,
    });
    Ok(Rendered { pages, gap, later })
}

fn tree(
    arguments: &SiteArguments,
    environment: &Environment,
    (folder, commit): (&Path, CommitId),
) -> Result<Tree, Error> {
    let change = kep_tree::open_as_change(folder, Some(&commit.to_string()))?;
    let config = read_config(change.policy.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(change.policy.as_ref(), &config)?;
    let lists = arguments.kubernetes_lists.as_ref();
    let settings = Settings {
        scope: Scope { all: true, only: Vec::new() },
        now: Some(clock::now(arguments.now, environment)?),
        lists: lists.map_or(ListsSource::Configured, |file| ListsSource::Disk(environment.folder.join(file))),
        exceptions: files::exceptions(&arguments.exceptions, arguments.release, environment)?,
        ..Settings::default()
    };
    let schedule = settings.schedule(&config, &profile);
    let release = arguments.release.or_else(|| {
        let releases = schedule.calendar.releases();
        let upcoming = releases.iter().find(|release| schedule.is_out(**release) == Some(false));
        upcoming.or(releases.last()).copied()
    });
    Ok(Tree { change, config, profile, settings, schedule, release })
}

/// How far the KEPs of the release are. It is checked separately, because its READMEs are read even if a KEP is closed.
fn readiness(tree: &Tree, release: Milestone) -> Result<Readiness, Error> {
    let settings = Settings { release: Some(release), ..tree.settings.clone() };
    let Report { outcome, unchecked, error, .. } = check(&tree.change, &settings, Instant::now());
    let Some(outcome) = outcome else { return Err(error.unwrap_or_else(unknown)) };
    let checked = Checked { outcome: &outcome, unchecked: &unchecked, config: &tree.config };
    Ok(assess(checked, &tree.schedule, release, tree.schedule.now.unwrap_or_default()))
}

fn web(arguments: &SiteArguments, folder: &Path, environment: &Environment) -> Option<Web> {
    let named = arguments.repository.as_ref().map(|repository| pulls::web(repository, environment));
    named.or_else(|| Remotes::of(folder, environment).of_files().cloned())
}

fn unknown() -> Error {
    Error::internal("the tree could not be checked", "run `kepgate check --all` to find out why")
}

fn unwritable(folder: &Path, error: std::io::Error) -> Error {
    Error::internal(
        format!("could not write the site to {}", quote(&folder.display().to_string())),
        "write it to another folder",
    )
    .caused_by(error)
}
