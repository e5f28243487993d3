//! `kepgate query`: which KEPs there are, and who has how many to review.

use std::io::Write;

use crate::change::Survey;
use crate::check::{ConfigSource, read_config, read_profile};
use crate::cli::{By, ListFormat, QueryArguments};
use crate::error::Error;
use crate::error::SourceError;
use crate::project::Web;
use crate::query::pull_requests;
use crate::query::pull_requests::Entry;
use crate::query::{Filter, columns, load};
use crate::report::list::{Cell, Table};
use crate::session::output::Page;
use crate::session::{Environment, kep_tree, pulls};
use crate::text::Files;
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The matching KEPs, and what could not be read.
pub(super) fn page(arguments: &QueryArguments, environment: &Environment, log: &mut dyn Write) -> Result<Page, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let tree = kep_tree::open(&folder, arguments.head.as_deref())?;
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(tree.as_ref(), &config)?;
    let mut files = Files::default();
    let mut survey = Survey::read(tree.as_ref(), config.groups, &profile, &mut files);
    let filter = arguments.filter();
    filter.validate(&survey)?;
    let mut pulls = pulls::open(&arguments.pulls, &profile.layout, environment, log)?;
    survey.failures.append(&mut pulls.failures);
    let touches = pull_requests::touches(&survey, &pulls.pulls, &mut files)?;
    pulls::say_unreadable(&pull_requests::unreadable(&touches), log);
    let mut entries = pull_requests::entries(&survey, &touches, &filter);
    columns::sort(&mut entries, &arguments.sort, |entry| entry.record);
    let text = match arguments.by {
        Some(By::Approver) => by_approver(&entries, &survey, &filter, arguments.output)?,
        None => {
            let web = pulls.repository.as_ref().map(|repository| pulls::web(repository, environment));
            render(&listed(&entries, arguments, environment, web.as_ref())?, arguments.output)?
        }
    };
    Ok(Page { text, gap: gap(&mut survey) })
}

/// `pulls` is the source of pull requests, if they are shown.
fn listed(
    entries: &[Entry<'_>],
    arguments: &QueryArguments,
    environment: &Environment,
    pulls: Option<&Web>,
) -> Result<Table, Error> {
    let is_for_machines = matches!(arguments.output, ListFormat::Json | ListFormat::Yaml);
    let usual = || if is_for_machines { columns::keys() } else { columns::USUAL.to_vec() };
    let keys: Vec<&str> = match arguments.columns.as_slice() {
        [] => usual().into_iter().chain(pulls.map(|_| columns::PULL_REQUESTS.key)).collect(),
        keys => keys.iter().map(String::as_str).collect(),
    };
    if keys.contains(&columns::PULL_REQUESTS.key) && pulls.is_none() {
        return Err(Error::Usage {
            message: format!("the column {} needs data from GitHub", columns::PULL_REQUESTS.key),
            help: "add --include-prs or --pull-requests-from FILE".to_owned(),
        });
    }
    let own = keys.iter().map(|key| columns::find(key));
    let mut table =
        Table::new(own.clone().map(|own| own.map_or(columns::PULL_REQUESTS, |own| own.column)).collect::<Vec<_>>());
    for entry in entries {
        let cell = |own: Option<&columns::KepColumn>| match own {
            Some(own) => own.cell(entry.record, environment.web.as_ref()),
            None => pulls.map_or(Cell::Empty, |web| pull_requests::cell(&entry.open, web, is_for_machines)),
        };
        table.push(own.clone().map(cell).collect());
    }
    Ok(table)
}

/// A KEP counts for the approver that the tree names and, if requested, for the one that a pull request names.
fn by_approver(entries: &[Entry<'_>], survey: &Survey, filter: &Filter, format: ListFormat) -> Result<String, Error> {
    let policy = &survey.policy;
    let meant = entries.iter().map(|entry| {
        let merged = Some(entry.record).filter(|record| filter.matches(record, policy));
        let open = entry.open.iter().filter(|touch| touch.matches(filter, policy)).filter_map(|touch| touch.after());
        merged.into_iter().chain(open).collect()
    });
    let loads = load::by_approver(&meant.collect::<Vec<_>>(), policy);
    let table = render(&load::table(&loads), format)?;
    Ok(match load::chart(&loads) {
        Some(chart) if format == ListFormat::Markdown => format!("{chart}\n{table}"),
        _ => table,
    })
}

pub(super) fn render(table: &Table, format: ListFormat) -> Result<String, Error> {
    Ok(match format {
        ListFormat::Table => table.text(),
        ListFormat::Json => table.json(),
        ListFormat::Yaml => table.yaml()?,
        ListFormat::Csv => table.csv()?,
        ListFormat::Markdown => table.markdown(),
    })
}

/// Returns why the list is incomplete. A KEP that cannot be read must not look like one that does not match.
pub(super) fn gap(survey: &mut Survey) -> Option<Error> {
    if let Some(error) = incomplete(&mut survey.failures) {
        return Some(error);
    }
    unread(&survey.unread)
}

/// The error for KEPs that cannot be read.
pub(super) fn unread(dirs: &[RepoPath]) -> Option<Error> {
    let first = dirs.first()?;
    let more = dirs.len() - 1;
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    Some(Error::Fetch {
        message: format!("the list is incomplete: {}{rest} cannot be read", quote(&first.to_string())),
        help: "run `kepgate check --all` to see what is wrong".to_owned(),
    })
}

/// Returns an error for the first item that could not be fetched, with the number of others.
pub(super) fn incomplete(failures: &mut Vec<SourceError>) -> Option<Error> {
    let more = failures.len().saturating_sub(1);
    let first = Error::from(failures.drain(..).next()?);
    let rest = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    let help = first.help().to_owned();
    Some(Error::Fetch { message: format!("the list is incomplete: {first}{rest}"), help })
}
