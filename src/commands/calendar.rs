//! `kepgate calendar`: when releases freeze and come out.

use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use crate::check::{ConfigSource, Settings, read_config, read_profile};
use crate::cli::{CalendarArguments, CalendarCommand, CalendarFormat};
use crate::config::Config;
use crate::error::Error;
use crate::kep::Milestone;
use crate::project::{Profile, Releases};
use crate::release::{Deadline, Phase, Schedule, did_you_mean, ics, release_page};
use crate::report::list::{Cell, Column, Holds, Table, wrap};
use crate::session::page::Page;
use crate::session::{Environment, clock, files, kep_tree};

pub(super) fn page(arguments: &CalendarArguments, environment: &Environment) -> Result<Page, Error> {
    match &arguments.command {
        Some(CalendarCommand::Import { page }) => {
            let entry = import(page, environment)?;
            Page::new(&[], CalendarFormat::Yaml, environment, |_| Ok(entry.clone()))
        }
        None => show(arguments, environment),
    }
}

/// The entry of the calendar that a page of SIG Release makes.
fn import(page: &std::path::Path, environment: &Environment) -> Result<String, Error> {
    let text = files::named_file(page, "calendar import", environment)?;
    let (_, calendar) = release_page::read(&text).map_err(|fault| {
        Error::usage(
            format!(
                "{}{}: {}",
                page.display(),
                fault.line.map(|line| format!(":{line}")).unwrap_or_default(),
                fault.message
            ),
            "write the entry by hand; `kepgate calendar --output yaml` shows the format",
        )
    })?;
    Ok(calendar.to_yaml())
}

/// The columns of the calendar.
pub(super) const COLUMNS: [Column; 6] = [
    Column::new("release", "Release", Holds::Word, "The release."),
    Column::new(
        "prr-freeze",
        "Production Readiness Freeze",
        Holds::Word,
        "The end of the Production Readiness Freeze in UTC, such as `2026-02-05T12:00:00Z`; null if it is unknown.",
    ),
    Column::new("enhancements-freeze", "Enhancements Freeze", Holds::Word, "The end of the Enhancements Freeze."),
    Column::new("code-freeze", "Code Freeze", Holds::Word, "The end of the Code Freeze."),
    Column::new("out", "Out", Holds::Word, "The day on which the release comes out, such as `2026-04-22`."),
    Column::new(
        "next",
        "Next",
        Holds::Text,
        "The next of these dates: `prr-freeze`, `enhancements-freeze`, `code-freeze` or `release`; null once the release is out.",
    ),
];

/// Keeps a date on one line; readers see a space.
const NO_BREAK: char = '\u{a0}';

fn show(arguments: &CalendarArguments, environment: &Environment) -> Result<Page, Error> {
    let (config, profile) = project(arguments, environment)?;
    let now = clock::now(arguments.now, environment)?;
    // The configuration does not name the project.
    let project = if profile.releases == Releases::Own { "" } else { "Kubernetes" };
    let schedule = Settings { now: Some(now), ..Settings::default() }.schedule(&config, &profile);
    let releases = match arguments.release {
        Some(release) if schedule.calendar.releases().contains(&release) => vec![release],
        Some(release) => return Err(unknown(release, profile.releases, &schedule.calendar.releases())),
        None => schedule.calendar.releases(),
    };
    let view = View { schedule: &schedule, has_reviews: profile.has_reviews() };
    Page::new(&arguments.output, CalendarFormat::Text, environment, |format| {
        Ok(match format {
            CalendarFormat::Text if releases.is_empty() => format!("{}\n", without_dates(profile.releases)),
            CalendarFormat::Text => view.text(&releases, environment.width()),
            CalendarFormat::Json => view.for_machines(&releases).json(),
            CalendarFormat::Yaml => releases.iter().map(|release| schedule.calendar.entry(*release)).collect(),
            CalendarFormat::Ics => ics::render(&schedule.calendar, &releases, project, now),
        })
    })
}

/// The dates of releases that a project has.
struct View<'a> {
    schedule: &'a Schedule,
    /// The project has a Production Readiness Freeze.
    has_reviews: bool,
}

impl View<'_> {
    fn phases(&self) -> impl Iterator<Item = Phase> + Clone {
        let has_reviews = self.has_reviews;
        Phase::ALL.into_iter().filter(move |phase| has_reviews || *phase != Phase::PrrFreeze)
    }

    /// The table. On a narrow terminal, the next date moves below it, or each date gets a line of its own. No date is
    /// ever left out or cut.
    fn text(&self, releases: &[Milestone], width: usize) -> String {
        let fits = |text: &String| text.lines().all(|line| line.width() <= width);
        let [.., next_date] = COLUMNS;
        let tables = || {
            let next = releases.iter().map(|release| (release, self.next(*release)));
            let next = next.filter(|(_, next)| !next.is_empty()).map(|(release, next)| format!("{release}: {next}\n"));
            let next: String = next.collect();
            let gap = if next.is_empty() { "" } else { "\n" };
            format!("{}{gap}{next}", self.table(releases).without(next_date.key).text(None))
        };
        let complete = Some(self.table(releases).text(None)).filter(fits);
        let table = complete.or_else(|| Some(tables()).filter(fits));
        let table = table.map(|table| format!("{table}{}", self.renamed(releases)));
        table.unwrap_or_else(|| self.lines(releases, width))
    }

    fn table(&self, releases: &[Milestone]) -> Table {
        let mut table = Table::new(COLUMNS);
        for release in releases.iter().copied() {
            let date = |phase| Cell::text(shown(self.schedule, release, phase));
            let [prr, enhancements, code, out] = Phase::ALL.map(date);
            let next = Cell::text(self.next(release));
            table.push(vec![Cell::Text(release.to_string()), prr, enhancements, code, out, next]);
        }
        let [_, prr_freeze, ..] = COLUMNS;
        if self.has_reviews { table } else { table.without(prr_freeze.key) }
    }

    /// Says that a freeze in the heading has another name in later releases.
    fn renamed(&self, releases: &[Milestone]) -> String {
        let [_, column, ..] = COLUMNS;
        let is_renamed = |release: &&Milestone| Phase::PrrFreeze.name(**release) != column.heading;
        let later = releases.iter().filter(|_| self.has_reviews).find(is_renamed);
        let note = |release: &Milestone| {
            let name = Phase::PrrFreeze.name(*release);
            let of = if releases.len() == 1 { format!("of {release}") } else { format!("from {release} on") };
            format!("\nThe {} {of} is called {name}.\n", column.heading)
        };
        later.map(note).unwrap_or_default()
    }

    /// Each release with a line for each of its dates, and what is next.
    fn lines(&self, releases: &[Milestone], width: usize) -> String {
        let mut text = String::new();
        for release in releases.iter().copied() {
            let dates = self.phases().map(|phase| {
                let name = if phase == Phase::Release { "Out" } else { phase.name(release) };
                format!("  {name}: {}", shown(self.schedule, release, phase).replace(' ', &NO_BREAK.to_string()))
            });
            let next = Some(self.next(release)).filter(|next| !next.is_empty()).map(|next| format!("  Next: {next}"));
            let lines = dates.chain(next).map(|line| format!("{}\n", wrap(&line, width, "    ")));
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{release}\n{}", lines.collect::<String>()));
        }
        text.replace(NO_BREAK, " ")
    }

    /// The table for other programs, which always has all columns.
    fn for_machines(&self, releases: &[Milestone]) -> Table {
        let mut table = Table::new(COLUMNS);
        for release in releases.iter().copied() {
            let date = |phase| {
                let written =
                    |date: Deadline| if phase == Phase::Release { date.written() } else { date.end().to_string() };
                self.schedule.date(release, phase).map_or(Cell::Empty, |date| Cell::Text(written(date)))
            };
            let [prr, enhancements, code, out] = Phase::ALL.map(date);
            let next = self.next_phase(release).map_or(Cell::Empty, |phase| Cell::text(phase.key()));
            table.push(vec![Cell::Text(release.to_string()), prr, enhancements, code, out, next]);
        }
        table
    }

    /// The next phase of a release, preferably one with a date; `None` once the release is out.
    fn next_phase(&self, release: Milestone) -> Option<Phase> {
        let mut coming = self.phases().filter(|phase| self.schedule.has_passed(release, *phase) != Some(true));
        let dated = coming.clone().find(|phase| self.schedule.date(release, *phase).is_some());
        dated.or_else(|| coming.next())
    }

    /// The next phase of a release and its date, if known. Empty once the release is out.
    fn next(&self, release: Milestone) -> String {
        let Some(phase) = self.next_phase(release) else { return String::new() };
        match self.schedule.time_left(release, phase) {
            Some(left) if left.as_hours() >= 48 => format!("{} in {} days", phase.name(release), left.as_hours() / 24),
            Some(left) => format!("{} in {} hours", phase.name(release), left.as_hours()),
            None => format!("{}: date unknown", phase.name(release)),
        }
    }
}

/// A date for people.
fn shown(schedule: &Schedule, release: Milestone, phase: Phase) -> String {
    schedule.date(release, phase).map_or_else(|| "unknown".to_owned(), |date| date.to_string())
}

/// The error for a release that is not in the calendar.
fn unknown(release: Milestone, releases: Releases, known: &[Milestone]) -> Error {
    let near = did_you_mean(release, known);
    let help = match releases {
        Releases::Kubernetes => {
            "read its page with `kepgate calendar import README.md`, and add the entry to `calendar` in \
             .github/kepgate.yaml"
        }
        Releases::Own => "add its dates to `calendar` in .github/kepgate.yaml",
        Releases::None => "the project has no release dates: see `project.releases` in docs/configuration.md",
    };
    Error::usage(format!("the calendar has no dates for {release}"), format!("{near}{help}"))
}

/// What a project without dates sees instead of a table.
const fn without_dates(releases: Releases) -> &'static str {
    match releases {
        Releases::Kubernetes | Releases::Own => {
            "the calendar is empty: add the dates of your releases to `calendar` in .github/kepgate.yaml"
        }
        Releases::None => {
            "the project has no release dates; to add them, set `releases: own` below `project` in \
             .github/kepgate.yaml, and the dates below `calendar`"
        }
    }
}

/// The configuration of the repository, which may extend the calendar, and the profile, which says whose releases they
/// are. Kubernetes' calendar can be shown outside a repository.
fn project(arguments: &CalendarArguments, environment: &Environment) -> Result<(Config, Arc<Profile>), Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let tree = match kep_tree::open(&folder, None) {
        Ok(tree) => tree,
        Err(Error::Usage { .. }) if arguments.repo_path.is_none() && environment.enhancements.is_none() => {
            return Ok((Config::default(), Arc::default()));
        }
        Err(error) => return Err(error),
    };
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(tree.as_ref(), &config)?;
    Ok((config, profile))
}
