//! `kepgate query`: which KEPs there are, and who has how many to review.

use std::io::Write;

use super::output::say;
use super::{Environment, whole, written};
use crate::check::{ConfigSource, read_config};
use crate::cli::{By, ListFormat, QueryArguments};
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::query::{columns, load};
use crate::report::table::Table;
use crate::source::RepoPath;
use crate::text::Files;
use crate::work::{Record, Survey};

pub(super) fn run(
    arguments: &QueryArguments,
    environment: &Environment,
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> ExitStatus {
    let (page, gap) = match page(arguments, environment) {
        Ok(found) => found,
        Err(error) => return say(&error, log),
    };
    let status = written(out.write_all(page.as_bytes()).and_then(|()| out.flush()), log);
    gap.map_or(status, |error| status.max(say(&error, log)))
}

/// What was found, and what could not be looked at.
fn page(arguments: &QueryArguments, environment: &Environment) -> Result<(String, Option<Error>), Error> {
    let folder = whole::folder(arguments.repo_path.as_deref(), environment);
    let tree = whole::tree(&folder, arguments.head.as_deref())?;
    let groups = read_config(tree.as_ref(), &ConfigSource::Usual)?.groups;
    let mut survey = Survey::read(tree.as_ref(), groups, &mut Files::default());
    let filter = arguments.filter();
    filter.validate(&survey)?;
    let mut keps: Vec<_> = survey.keps.iter().filter(|record| filter.holds(record, &survey.policy)).collect();
    columns::sort(&mut keps, &arguments.sort);
    let page = match arguments.by {
        Some(By::Approver) => by_approver(&keps, &survey, arguments.output),
        None => render(&listed(&keps, arguments, environment), arguments.output),
    };
    Ok((page, gap(&mut survey)))
}

fn listed(keps: &[&Record], arguments: &QueryArguments, environment: &Environment) -> Table {
    let is_for_machines = matches!(arguments.output, ListFormat::Json | ListFormat::Yaml);
    let columns: Vec<_> = match arguments.columns.as_slice() {
        [] if is_for_machines => columns::ALL.iter().collect(),
        [] => columns::USUAL.iter().filter_map(|key| columns::find(key)).collect(),
        keys => keys.iter().filter_map(|key| columns::find(key)).collect(),
    };
    let mut table = Table::new(columns.iter().map(|column| column.column).collect::<Vec<_>>());
    for record in keps {
        table.push(columns.iter().map(|column| column.cell(record, environment.web.as_ref())).collect());
    }
    table
}

fn by_approver(keps: &[&Record], survey: &Survey, format: ListFormat) -> String {
    let loads = load::by_approver(keps, &survey.policy);
    let table = render(&load::table(&loads), format);
    match load::chart(&loads) {
        Some(chart) if format == ListFormat::Markdown => format!("{chart}\n{table}"),
        _ => table,
    }
}

fn render(table: &Table, format: ListFormat) -> String {
    match format {
        ListFormat::Table => table.text(),
        ListFormat::Json => table.json(),
        ListFormat::Yaml => table.yaml(),
        ListFormat::Csv => table.csv(),
        ListFormat::Markdown => table.markdown(),
    }
}

/// What keeps the list from being complete: what is not there to be read must not look as if it were not meant.
pub(super) fn gap(survey: &mut Survey) -> Option<Error> {
    if let Some(failure) = survey.failures.drain(..).next() {
        let failure = Error::from(failure);
        let help = failure.help().to_owned();
        return Some(Error::Fetch { message: format!("the list is not complete: {failure}"), help });
    }
    unread(&survey.unread)
}

/// The error for KEPs that cannot be read.
pub(super) fn unread(dirs: &[RepoPath]) -> Option<Error> {
    let first = dirs.first()?;
    let more = dirs.len() - 1;
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    Some(Error::Fetch {
        message: format!("the list is not complete: {:?}{rest} cannot be read", first.to_string()),
        help: "`kepgate check --all` says what is wrong there".to_owned(),
    })
}
