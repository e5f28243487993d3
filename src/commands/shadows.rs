//! `kepgate shadows`: the reviews of a prospective production-readiness approver.

use std::io::Write;

use super::query::render;
use crate::change::Survey;
use crate::check::{ConfigSource, read_config, read_profile};
use crate::cli::{ListFormat, ShadowsArguments};
use crate::error::Error;
use crate::escape::url_path;
use crate::project::Web;
use crate::query::pull_requests;
use crate::query::pull_requests::Touch;
use crate::query::shadows::COLUMNS;
use crate::report::list::{Cell, Table};
use crate::session::me::Me;
use crate::session::page::Page;
use crate::session::progress::ProgressLine;
use crate::session::remotes::Remotes;
use crate::session::{Environment, gap, kep_tree, pulls};
use crate::text::Files;
use crate::tracking::shadows::Shadows;

/// The reviews, and what could not be fetched.
pub(super) fn page(
    arguments: &ShadowsArguments,
    environment: &Environment,
    log: &mut dyn Write,
) -> Result<Page, Error> {
    let (mut table, gap) = table(arguments, environment, log)?;
    table.sort(&arguments.sort);
    let page = Page::new(&arguments.output, ListFormat::Text, environment, |format| {
        if table.is_empty() && matches!(format, ListFormat::Text | ListFormat::Markdown) {
            return Ok("no shadow reviews were found\n".to_owned());
        }
        render(&table, format, environment)
    })?;
    Ok(page.with_gap(gap))
}

fn table(
    arguments: &ShadowsArguments,
    environment: &Environment,
    log: &mut dyn Write,
) -> Result<(Table, Option<Error>), Error> {
    // Files that a pull request does not touch are the same as in the tree, if there is one.
    let tree = kep_tree::open_or_empty(arguments.repo_path.as_deref(), environment)?;
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(tree.as_ref(), &config)?;
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let usual = Remotes::of(&folder, environment).of_pull_requests(&profile);
    let token = arguments.token_file.as_deref();
    let (client, repository) = pulls::client(arguments.repository.as_ref(), usual.as_ref(), token, environment)?;
    let mut me = Me::new(&arguments.me, &folder, environment);
    me.token_file = token;
    let reviewer = arguments.reviewer.as_deref().map(|reviewer| me.resolve(reviewer)).transpose()?;
    let reviewer = reviewer.as_deref().map(crate::kep::handle::folded);
    let mut progress = ProgressLine::new("pull requests", environment).writing_to(log);
    let mut found = Shadows::fetch(&client, &repository, &profile.layout, reviewer.as_deref(), &mut progress)?;
    let mut files = Files::default();
    let mut survey = Survey::read(tree.as_ref(), config.groups, &profile, &mut files);
    found.failures.append(&mut survey.failures);
    found.failures.append(&mut survey.obstacles);
    let touches = pull_requests::touches(&survey, &found.pulls.pulls, &mut files)?;
    let web = pulls::web(&repository, environment);
    let mut table = Table::new(COLUMNS);
    for shadow in &found.shadows {
        let mut own: Vec<_> = touches.iter().filter(|touch| touch.pull.number == shadow.number).map(Some).collect();
        if own.is_empty() {
            own.push(None);
        }
        for touch in own {
            table.push(vec![
                Cell::text(shadow.date.clone()),
                Cell::Text(format!("@{}", shadow.reviewer)),
                Cell::Reference { number: shadow.number, url: link(&web, shadow.number) },
                touch.and_then(|touch| profile.layout.number(touch.dir())).map_or(Cell::Empty, number),
                touch.map(Touch::step).map_or(Cell::Empty, Cell::text),
                Cell::Text(shadow.outcome.clone()),
                Cell::text(shadow.title.clone()),
                Cell::Link(link(&web, shadow.number)),
            ]);
        }
    }
    Ok((table, gap::incomplete(&found.failures)))
}

fn number(number: crate::kep::KepNumber) -> Cell {
    Cell::Number(number.get().into())
}

fn link(web: &Web, number: u64) -> String {
    format!("{}/{}/pull/{number}", web.server, url_path(web.repository.as_bytes()))
}
