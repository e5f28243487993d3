//! `kepgate readiness`: the state of a release's KEPs and, with `--sweep`, KEPs with outdated metadata.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use regex::bytes::Regex;

use crate::change::{Scope, Survey, unlisted, unread_fields, unread_metadata, unread_prr_file, unread_readme};
use crate::check::result::{Outcome, Report};
use crate::check::summary::KepSummary;
use crate::check::{ConfigSource, ListsSource, Settings, check, lists_of, read_config, read_lists, read_profile};
use crate::cli::{ReadinessArguments, ReadinessFormat};
use crate::config::Config;
use crate::error::{Error, SourceError};
use crate::escape::log_lines;
use crate::kep::Milestone;
use crate::project::{Profile, Releases};
use crate::query::check_sigs;
use crate::readiness::packets::{BOARD, Template, packets};
use crate::readiness::report::{csv, json, markdown, text};
use crate::readiness::{Checked, Readiness, Tracked, assess, by_kep, sweep, unmerged};
use crate::release::{Exceptions, Schedule, did_you_mean};
use crate::report::list::wrap;
use crate::session::page::Page;
use crate::session::progress::ProgressLine;
use crate::session::remotes::Remotes;
use crate::session::{Environment, clock, files, gap, kep_tree, pulls};
use crate::source::Change;
use crate::source::git::Repository;
use crate::text::Files;
use crate::text::wording::count;
use crate::tracking::Tracker as _;
use crate::tracking::github::GitHub;
use crate::tracking::pulls::OpenPulls;

/// The tree to check, and the current time.
struct Subject {
    change: Change,
    now: Timestamp,
}

/// The result, and what is unknown.
pub(super) fn page(
    arguments: &ReadinessArguments,
    environment: &Environment,
    log: &mut dyn Write,
) -> Result<Page, Error> {
    let subject = subject(arguments, environment)?;
    let config = read_config(subject.change.policy.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(subject.change.policy.as_ref(), &config)?;
    refuse_built_in_packets(arguments, &profile)?;
    match arguments.release {
        Some(release) => {
            let exceptions = files::exceptions(&arguments.exceptions, Some(release), environment)?;
            let lists = lists_source(arguments, environment);
            let (mut readiness, revision, gap) =
                of_release(&subject, (&config, &profile), release, (exceptions, lists, &arguments.sig))?;
            let incomplete_data = if arguments.online {
                add_github_data(&mut readiness, &profile, arguments, environment, log)?
            } else {
                None
            };
            readiness.keep_sigs(&arguments.sig);
            let commit = revision.as_deref();
            let page = Page::new(&arguments.output, ReadinessFormat::Text, environment, |format| {
                Ok(match format {
                    ReadinessFormat::Text => text(&readiness, commit, arguments.all, environment.width()),
                    ReadinessFormat::Markdown => markdown(&readiness, commit),
                    ReadinessFormat::Json => json(&readiness, commit),
                    ReadinessFormat::Csv => csv(&readiness)?,
                })
            })?;
            let packets = packet_files(&readiness, arguments, environment)?;
            let page = page.with_files(packets, written(&readiness, arguments));
            Ok(page.with_gap(gap.or(incomplete_data)))
        }
        None => of_all(&subject, (&config, &profile), arguments, environment),
    }
}

/// `wrote 80 comments and board.csv to packets`
fn written(readiness: &Readiness, arguments: &ReadinessArguments) -> String {
    let folder = arguments.packets.as_deref().unwrap_or(Path::new(""));
    format!("wrote {} and {BOARD} to {}", count(readiness.keps.len(), "comment"), folder.display())
}

/// Refuses to write the comments of Kubernetes' release team for another project.
fn refuse_built_in_packets(arguments: &ReadinessArguments, profile: &Profile) -> Result<(), Error> {
    let is_built_in = arguments.packets.is_some() && arguments.packet_template.is_none();
    if !is_built_in || profile.releases == Releases::Kubernetes {
        return Ok(());
    }
    Err(Error::usage(
        "--packets: the built-in comment is that of Kubernetes' release team",
        "pass your own comment with --packet-template FILE",
    ))
}

/// The files for `--packets`, in a directory that exists and is empty.
fn packet_files(
    readiness: &Readiness,
    arguments: &ReadinessArguments,
    environment: &Environment,
) -> Result<Vec<(PathBuf, String)>, Error> {
    let Some(folder) = &arguments.packets else { return Ok(Vec::new()) };
    let text = arguments.packet_template.as_deref().map(|file| {
        let text = files::named_file(file, "--packet-template", environment)?;
        Ok::<_, Error>((file.display().to_string(), text))
    });
    let text = text.transpose()?;
    let template = text.as_ref().map_or(Template::BUILT_IN, |(name, text)| Template { name, text });
    let packets = packets(readiness, template)?;
    let folder = files::new_folder(folder, "--packets", environment)?;
    Ok(packets.into_iter().map(|(name, text)| (folder.join(name), text)).collect())
}

fn subject(arguments: &ReadinessArguments, environment: &Environment) -> Result<Subject, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let now = clock::now(arguments.at, environment)?;
    let head = arguments.head.as_deref();
    if arguments.at.is_none() && head.is_none() {
        return Ok(Subject { change: kep_tree::open_as_change(&folder, None)?, now });
    }
    let repository = Repository::discover(&folder)?;
    let tip = head.map_or_else(|| repository.head_commit(), |revision| repository.resolve(revision))?;
    let commit = match arguments.at {
        Some(moment) => repository.commit_at(tip, moment.0.as_second())?,
        None => tip,
    };
    Ok(Subject { change: kep_tree::open_as_change(&folder, Some(&commit.to_string()))?, now })
}

/// Adds the data from GitHub and returns what could not be fetched, which stays unknown.
fn add_github_data(
    readiness: &mut Readiness,
    profile: &Profile,
    arguments: &ReadinessArguments,
    environment: &Environment,
    log: &mut dyn Write,
) -> Result<Option<Error>, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let usual = Remotes::of(&folder, environment).of_pull_requests(profile);
    let token = arguments.token_file.as_deref();
    let (client, repository) = pulls::client(arguments.repository.as_ref(), usual.as_ref(), token, environment)?;
    let client = Rc::new(client);
    let github = GitHub::new(Rc::clone(&client), repository.clone(), None);
    let issues = github.issues(&readiness.numbers());
    let mut progress = ProgressLine::new("pull requests", environment).writing_to(log);
    let open = OpenPulls::fetch(&client, &repository, &profile.layout, &mut progress);
    let mut failures = Vec::new();
    let mut tracked = Tracked::default();
    match issues {
        Ok(issues) => tracked.issues = Some(issues),
        Err(failure) => failures.push(failure),
    }
    match open {
        Ok(open) if open.failures.is_empty() => {
            tracked.pulls = Some(by_kep(&open));
            tracked.proposed = Some(unmerged(&open, profile, readiness.release));
        }
        // A partial list cannot show that nothing is open.
        Ok(mut open) => failures.append(&mut open.failures),
        Err(failure) => failures.push(failure),
    }
    readiness.take(&tracked);
    Ok(gap::incomplete(&failures))
}

/// The KEPs of one release, their commit, and the read errors.
fn of_release(
    subject: &Subject,
    (config, profile): (&Config, &Profile),
    release: Milestone,
    (exceptions, lists, sigs): (Exceptions, ListsSource, &[Regex]),
) -> Result<(Readiness, Option<String>, Option<Error>), Error> {
    let scope = Scope { all: true, only: Vec::new() };
    let settings =
        Settings { scope, now: Some(subject.now), exceptions, lists, release: Some(release), ..Settings::default() };
    let schedule = settings.schedule(config, profile);
    let Report { outcome, unchecked, error, revisions, .. } = check(&subject.change, &settings, Instant::now());
    let Some(outcome) = outcome else {
        return Err(error.unwrap_or_else(|| {
            Error::internal("the tree could not be checked", "run `kepgate check --all` to find out why")
        }));
    };
    let checked = Checked { outcome: &outcome, unchecked: &unchecked, config };
    let mut readiness = assess(checked, &schedule, release, subject.now);
    let mut unread = unlisted(subject.change.head.as_ref(), profile);
    unread.extend(lost_values(&outcome, &readiness, profile));
    let gap = error.or(gap::incomplete(&unread)).or_else(|| gap::unread(&readiness.unread));
    if gap.is_none() {
        require_known(&readiness, &schedule)?;
        let keps = outcome.keps.iter().filter_map(|kep| kep.head());
        check_sigs(sigs, keps.map(|kep| kep.sig.as_str()))?;
    }
    readiness.keep_sigs(sigs);
    Ok((readiness, revisions.head, gap))
}

/// What was not read of metadata, and of the other files of the release's KEPs. A field that was lost may be the release.
fn lost_values(outcome: &Outcome, readiness: &Readiness, profile: &Profile) -> Vec<SourceError> {
    let is_candidate = |kep: &KepSummary| readiness.keps.iter().any(|it| it.dir.as_ref() == Some(&kep.dir));
    let mut lost = Vec::new();
    for kep in outcome.keps.iter().filter_map(|kep| kep.head()) {
        let lost_fields = unread_fields(&kep.dir, &kep.lost_fields, &profile.layout);
        let lost_more = lost_fields.is_none() && kep.has_lost_content && is_candidate(kep);
        lost.extend(lost_fields);
        lost.extend(lost_more.then(|| unread_metadata(&kep.dir, &profile.layout)));
        if is_candidate(kep) {
            lost.extend(kep.prr_path.as_ref().filter(|_| kep.has_unread_prr_file).map(unread_prr_file));
            lost.extend(kep.has_unread_readme().then(|| unread_readme(&profile.layout.readme_of(&kep.dir))));
        }
    }
    lost
}

/// Rejects a release that no KEP targets and the calendar does not have.
pub(super) fn require_known(readiness: &Readiness, schedule: &Schedule) -> Result<(), Error> {
    let is_unknown = readiness.keps.is_empty() && readiness.freezes.iter().all(|(_, date, _)| date.is_none());
    if !is_unknown || !readiness.unread.is_empty() {
        return Ok(());
    }
    let known = schedule.calendar.releases();
    let near = did_you_mean(readiness.release, &known);
    let known: Vec<_> = known.iter().rev().take(10).map(ToString::to_string).collect();
    let help = match known.as_slice() {
        [] => "`kepgate query` shows the milestones of all KEPs".to_owned(),
        known => format!("{near}the latest known releases are {}", known.join(", ")),
    };
    let message = format!("--release: no KEP targets {}, and it is not in the calendar", readiness.release);
    Err(Error::usage(message, help))
}

/// Where the feature gates and metrics of Kubernetes are.
fn lists_source(arguments: &ReadinessArguments, environment: &Environment) -> ListsSource {
    let file = arguments.kubernetes_lists.as_ref();
    file.map_or(ListsSource::Configured, |file| ListsSource::Disk(environment.folder.join(file)))
}

/// KEPs of all releases with outdated metadata.
fn of_all(
    subject: &Subject,
    (config, profile): (&Config, &Arc<Profile>),
    arguments: &ReadinessArguments,
    environment: &Environment,
) -> Result<Page, Error> {
    let source = lists_source(arguments, environment);
    let digest = read_lists(subject.change.policy.as_ref(), &source, config)?;
    let lists = digest.as_ref().map(lists_of).transpose()?;
    let settings = Settings { now: Some(subject.now), ..Settings::default() };
    let schedule = settings.schedule(config, profile);
    let survey = Survey::read(subject.change.head.as_ref(), config.groups.clone(), profile, &mut Files::default());
    let found = sweep::sweep(&survey, &schedule, lists);
    let gap = gap::of_survey(&survey);
    if gap.is_none() {
        check_sigs(&arguments.sig, survey.keps.iter().map(|record| record.owning_sig(&profile.layout)))?;
    }
    let found = found.of_sigs(&arguments.sig);
    let mut table = found.table();
    table.sort(&arguments.sort);
    let [lags, sigs] = found.totals();
    let for_people = || if profile.has_sigs { table.clone() } else { table.clone().without("sig") };
    let unbroken = |text: &str| text.replace(sweep::NO_BREAK, " ");
    let page = Page::new(&arguments.output, ReadinessFormat::Text, environment, |format| {
        Ok(match format {
            ReadinessFormat::Text | ReadinessFormat::Markdown if table.is_empty() => format!("{lags}\n"),
            ReadinessFormat::Text => {
                let width = environment.width();
                let lines = [lags.clone(), format!("  {sigs}")].into_iter().filter(|line| !line.trim().is_empty());
                let lines = lines.map(|line| format!("{}\n", unbroken(&wrap(&line, width, "  "))));
                let mut totals = String::new();
                totals.extend(lines);
                format!("{}\n{}", log_lines(&totals), for_people().text(Some(width)))
            }
            ReadinessFormat::Markdown => format!("{}\n\n{}", unbroken(&lags), for_people().markdown()),
            ReadinessFormat::Json => table.json(),
            ReadinessFormat::Csv => table.csv()?,
        })
    })?;
    let unknown = found.unknown.first().map(|release| {
        Error::fetch(
            format!("the list is incomplete: the calendar does not say whether {release} is frozen or out"),
            "add its dates to `calendar` in .github/kepgate.yaml",
        )
    });
    Ok(page.with_gap(gap.or(unknown)))
}
