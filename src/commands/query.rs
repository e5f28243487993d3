//! `kepgate query`: which KEPs there are, and who has how many to review.

use std::io::Write;

use crate::change::{KepState, Survey};
use crate::check::{ConfigSource, Settings, read_config, read_profile};
use crate::cli::{By, ListFormat, QueryArguments};
use crate::error::Error;
use crate::kep::{Kep, Status};
use crate::project::{Origin, Profile, Web};
use crate::query::pull_requests;
use crate::query::pull_requests::{Entry, Touch};
use crate::query::{Filter, columns, load};
use crate::report::list::{Cell, Table};
use crate::session::me::Me;
use crate::session::page::Page;
use crate::session::remotes::Remotes;
use crate::session::{Environment, gap, kep_tree, pulls};
use crate::text::Files;
use crate::text::wording::quote;

/// The matching KEPs, and what could not be read.
pub(super) fn page(arguments: &QueryArguments, environment: &Environment, log: &mut dyn Write) -> Result<Page, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let tree = kep_tree::open(&folder, arguments.head.as_deref())?;
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(tree.as_ref(), &config)?;
    let calendar = Settings::default().schedule(&config, &profile).calendar.releases();
    let mut files = Files::default();
    let mut survey = Survey::read(tree.as_ref(), config.groups, &profile, &mut files);
    let mut me = Me::new(&arguments.me, &folder, environment);
    me.token_file = arguments.pulls.token_file.as_deref();
    let filter = arguments.filter().replace_me(|| me.handle())?;
    filter.validate(&survey).map_err(|error| gap::instead(error, &survey))?;
    let remotes = Remotes::of(&folder, environment);
    let usual = remotes.of_pull_requests(&profile);
    let mut pulls = pulls::open(&arguments.pulls, usual.as_ref(), &profile.layout, environment, log)?;
    survey.failures.append(&mut pulls.failures);
    let touches = pull_requests::touches(&survey, &pulls.pulls, &mut files)?;
    pulls::say_unreadable(&pull_requests::unreadable(&touches), log);
    let proposed: Vec<_> = touches.iter().filter_map(Touch::after).collect();
    filter.validate_targets(&survey, &calendar, &proposed).map_err(|error| gap::instead(error, &survey))?;
    let mut entries = pull_requests::entries(&survey, &touches, &filter);
    columns::sort(&mut entries, &arguments.sort, |entry| entry.record);
    let named = arguments.pulls.repository.as_ref().map(|repository| pulls::web(repository, environment));
    let list = List {
        entries: &entries,
        arguments,
        environment,
        web: named.as_ref().or(remotes.of_files()),
        pulls: pulls.repository.as_ref().map(|repository| pulls::web(repository, environment)),
        profile: &profile,
        has_keps: !survey.keps.is_empty() || !survey.unread.is_empty(),
    };
    let page = match arguments.by {
        Some(By::Approver) => Page::new(&arguments.output, ListFormat::Text, environment, |format| {
            by_approver(&entries, &survey, &filter, (format, environment))
        })?,
        None => {
            Page::new(&arguments.output, ListFormat::Text, environment, |format| list.render(format, &filter, log))?
        }
    };
    survey.require_fields(&filter.people());
    Ok(page.with_gap(gap::of_survey(&survey)))
}

/// The KEPs to list.
struct List<'a> {
    entries: &'a [Entry<'a>],
    arguments: &'a QueryArguments,
    environment: &'a Environment,
    /// Where the KEPs are on the web.
    web: Option<&'a Web>,
    /// The source of pull requests, if they are shown.
    pulls: Option<Web>,
    profile: &'a Profile,
    /// True if the project has KEPs, whether they match or not.
    has_keps: bool,
}

/// Says where KEPs were looked for.
fn without_keps(profile: &Profile) -> String {
    let root = quote(&profile.layout.root.to_string());
    let hint = if profile.origin == Origin::Configured {
        ""
    } else {
        "\nif they are in another folder, `kepgate init` proposes a configuration"
    };
    format!("there are no KEPs in {root}{hint}")
}

impl List<'_> {
    fn render(&self, format: ListFormat, filter: &Filter, log: &mut dyn Write) -> Result<String, Error> {
        let table = self.table(format)?;
        if table.is_empty() && is_for_reading(format) {
            let reads_pulls = self.arguments.pulls.include_prs || self.arguments.pulls.pull_requests_from.is_some();
            let nothing = if self.has_keps { filter.nothing(reads_pulls) } else { without_keps(self.profile) };
            return Ok(format!("{}\n", crate::escape::log_lines(&nothing)));
        }
        if format != ListFormat::Text {
            return render(&table, format, self.environment);
        }
        let width = self.width();
        let table = self.without_constants(table, filter, width);
        let left_out = table.left_out(width);
        // The link is only a shortcut: the usual columns lack it in most terminals.
        let is_worth_saying = left_out.iter().any(|heading| *heading != columns::LINK);
        let is_asked = !self.arguments.columns.is_empty() && !left_out.is_empty();
        if is_asked || (is_worth_saying && self.environment.columns.is_some()) {
            let way =
                if self.arguments.columns.is_empty() { "choose columns with --columns" } else { "use --output csv" };
            // If the log cannot be written, the list is still complete.
            let _ = writeln!(log, "kepgate: no room for {}; {way}, or make the terminal wider", left_out.join(", "));
        }
        Ok(table.text(width))
    }

    /// Where the usual columns do not fit, those go first in which the filter gives every KEP the same value.
    fn without_constants(&self, mut table: Table, filter: &Filter, width: Option<usize>) -> Table {
        let fixed = if self.arguments.columns.is_empty() { filter.fixed_columns() } else { Vec::new() };
        for key in fixed {
            let is_narrow = table.left_out(width).iter().any(|heading| *heading != columns::LINK);
            if is_narrow && table.is_constant(key) {
                table = table.without(key);
            }
        }
        table
    }

    /// Columns that were asked for are not left out where nothing limits the width.
    fn width(&self) -> Option<usize> {
        let is_named = !self.arguments.columns.is_empty();
        self.environment.columns.or_else(|| (!is_named).then(|| self.environment.width()))
    }

    fn table(&self, format: ListFormat) -> Result<Table, Error> {
        let arguments = self.arguments;
        let shows_pulls = arguments.pulls.include_prs || self.pulls.is_some();
        let usual = || if is_nested(format) { columns::keys() } else { columns::USUAL.to_vec() };
        let mut keys: Vec<&str> = match arguments.columns.as_slice() {
            [] => usual().into_iter().chain(shows_pulls.then_some(columns::PULL_REQUESTS.key)).collect(),
            keys => keys.to_vec(),
        };
        if keys.contains(&columns::PULL_REQUESTS.key) && !shows_pulls {
            return Err(Error::usage(
                format!("the column {} needs data from GitHub", columns::PULL_REQUESTS.key),
                "add --include-prs or --pull-requests-from FILE",
            ));
        }
        let is_empty = |key: &&str| {
            let is_sig = *key == "owning-sig" && !self.profile.has_sigs;
            is_sig || self.entries.iter().all(|entry| self.cell(entry, key, format).is_empty())
        };
        // A project may not have reviews, for example. A list without rows still has its columns.
        let is_left_out = is_for_reading(format) && arguments.columns.is_empty() && !self.entries.is_empty();
        keys.retain(|key| !is_left_out || !is_empty(key));
        let own = keys.iter().map(|key| columns::find(key));
        let names = own.map(|own| own.map_or(columns::PULL_REQUESTS, |own| own.column));
        let mut table = Table::new(names.collect::<Vec<_>>());
        for entry in self.entries {
            table.push(keys.iter().map(|key| self.cell(entry, key, format)).collect());
        }
        Ok(table)
    }

    fn cell(&self, entry: &Entry<'_>, key: &str, format: ListFormat) -> Cell {
        let Some(own) = columns::find(key) else {
            let web = self.pulls.as_ref();
            return web.map_or(Cell::Empty, |web| pull_requests::cell(&entry.open, web, is_nested(format)));
        };
        match own.cell(entry.record, self.web) {
            // People recognize a KEP without a title by its directory.
            Cell::Empty if key == "title" && is_for_reading(format) => Cell::text(entry.record.dir.name().to_string()),
            cell => cell,
        }
    }
}

/// True for the formats that people read; the others always have the same columns.
const fn is_for_reading(format: ListFormat) -> bool {
    matches!(format, ListFormat::Text | ListFormat::Markdown)
}

/// True for the formats that nest tables.
const fn is_nested(format: ListFormat) -> bool {
    matches!(format, ListFormat::Json | ListFormat::Yaml)
}

/// A KEP counts for the approver that the tree names and, if requested, for the one that a pull request names. A closed
/// KEP is not counted, unless the filter asks for its status.
fn by_approver(
    entries: &[Entry<'_>],
    survey: &Survey,
    filter: &Filter,
    (format, environment): (ListFormat, &Environment),
) -> Result<String, Error> {
    let policy = &survey.policy;
    let counts = |record: &&KepState| {
        let status = record.kep().and_then(Kep::known_status);
        !filter.statuses.is_empty() || !status.is_some_and(Status::is_closed)
    };
    let meant = entries.iter().map(|entry| {
        let merged = Some(entry.record).filter(|record| filter.matches(record, policy));
        let open = entry.open.iter().filter(|touch| touch.matches(filter, policy)).filter_map(|touch| touch.after());
        merged.into_iter().chain(open).filter(counts).collect()
    });
    let loads = load::by_approver(&meant.collect::<Vec<_>>(), policy);
    if loads.is_empty() && is_for_reading(format) {
        return Ok("there are no approvers: OWNERS_ALIASES lists none, and no matching KEP names one\n".to_owned());
    }
    let table = render(&load::table(&loads, is_nested(format)), format, environment)?;
    let merged: Vec<_> = entries.iter().map(|entry| entry.record).filter(|it| filter.matches(it, policy)).collect();
    let is_of_release = !filter.milestones.is_empty() && filter.statuses.is_empty();
    let note = match load::implemented(&merged) {
        number if number > 0 && is_of_release && is_for_reading(format) => format!("\n{}\n", load::left_out(number)),
        _ => String::new(),
    };
    Ok(match load::chart(&loads) {
        Some(chart) if format == ListFormat::Markdown => format!("{chart}\n{table}{note}"),
        _ => format!("{table}{note}"),
    })
}

pub(super) fn render(table: &Table, format: ListFormat, environment: &Environment) -> Result<String, Error> {
    Ok(match format {
        ListFormat::Text => table.text(Some(environment.width())),
        ListFormat::Json => table.json(),
        ListFormat::Yaml => table.yaml()?,
        ListFormat::Csv => table.csv()?,
        ListFormat::Markdown => table.markdown(),
    })
}
