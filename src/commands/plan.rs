//! `kepgate query --by approver --plan`: how to even out the production readiness reviews of a release.

use std::path::Path;

use crate::change::{KepState, Survey};
use crate::check::{ConfigSource, Settings, read_config, read_profile};
use crate::cli::{ListFormat, QueryArguments};
use crate::error::Error;
use crate::history;
use crate::kep::Milestone;
use crate::query::load;
use crate::query::plan::filling::{self, Filling};
use crate::query::plan::report::Planned;
use crate::query::plan::{Options, Review, plan};
use crate::query::without_reviews;
use crate::release::{Phase, Schedule};
use crate::session::me::Me;
use crate::session::page::Page;
use crate::session::{Environment, clock, gap, kep_tree};
use crate::source::git::Repository;
use crate::text::Files;

/// The plan, and what could not be read.
pub(super) fn page(arguments: &QueryArguments, environment: &Environment) -> Result<Page, Error> {
    let [Some(release)] = arguments.release.as_slice() else {
        return Err(Error::usage("--plan needs one release", "specify it, as in --release v1.36"));
    };
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let tree = kep_tree::open(&folder, arguments.head.as_deref())?;
    let config = read_config(tree.as_ref(), &ConfigSource::Usual)?;
    let profile = read_profile(tree.as_ref(), &config)?;
    if !profile.has_reviews() {
        return Err(without_reviews("--plan"));
    }
    let now = clock::now(None, environment)?;
    let schedule = Settings { now: Some(now), ..Settings::default() }.schedule(&config, &profile);
    let calendar = &schedule.calendar;
    let survey = Survey::read(tree.as_ref(), config.groups, &profile, &mut Files::default());
    let me = Me::new(&arguments.me, &folder, environment);
    let filter = arguments.filter().replace_me(|| me.handle())?;
    let valid = filter.validate(&survey);
    let valid = valid.and_then(|()| filter.validate_targets(&survey, &calendar.releases(), &[]));
    valid.map_err(|error| gap::instead(error, &survey))?;
    let Some(approvers) = survey.policy.approvers() else {
        let group = &survey.policy.groups.approvers;
        let error = Error::configuration(
            format!("OWNERS_ALIASES has no group `{group}`, so there is nobody to plan for"),
            "add the group, or set its name in .github/kepgate.yaml",
        );
        let unread = survey.failures.iter().chain(&survey.obstacles).chain(&survey.lost_approvals);
        return Err(gap::instead_of(error, unread));
    };
    let meant: Vec<&KepState> = survey.keps.iter().filter(|record| filter.matches(record, &survey.policy)).collect();
    let implemented = load::implemented(&meant);
    let open = meant.into_iter().filter(|record| !record.is_closed());
    let reviews: Vec<_> = open.filter_map(|record| Review::of(record, *release)).collect();
    let frozen = schedule.date(*release, Phase::EnhancementsFreeze);
    let frozen = frozen.filter(|_| schedule.is_frozen(*release) == Some(true));
    let is_out = schedule.is_out(*release) == Some(true);
    let options = Options { reassign: arguments.reassign, is_over: is_out || frozen.is_some() };
    let plan = plan(&reviews, &approvers, &survey.policy.emeritus(), options);
    let (filling, history_gap) = match fill(&folder, arguments.head.as_deref(), &survey, (&schedule, *release)) {
        Ok(filling) => (filling, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let planned = Planned { release: *release, is_out, frozen, plan, implemented, filling };
    let page = Page::new(&arguments.output, ListFormat::Text, environment, |format| {
        Ok(match format {
            ListFormat::Text => planned.text(environment.width()),
            ListFormat::Markdown => planned.markdown(),
            ListFormat::Json => planned.json(),
            ListFormat::Yaml => planned.yaml()?,
            ListFormat::Csv => planned.csv()?,
        })
    })?;
    Ok(page.with_gap(gap::of_survey(&survey).or(history_gap)))
}

/// How the last releases filled up, from the history of the repository around `folder`.
fn fill(
    folder: &Path,
    head: Option<&str>,
    survey: &Survey,
    (schedule, release): (&Schedule, Milestone),
) -> Result<Vec<Filling>, Error> {
    let incomplete = |error: Error| {
        Error::fetch(
            "how earlier releases filled up is unknown",
            "use a clone with its history; `git fetch --unshallow` completes a shallow one",
        )
        .caused_by(error)
    };
    let releases = filling::releases(&schedule.calendar, release);
    let walk = || {
        let repository = Repository::discover(folder)?;
        let head = head.map_or_else(|| repository.head_commit(), |revision| repository.resolve(revision))?;
        let groups = [&survey.policy.groups.approvers, &survey.policy.groups.emeritus].map(String::as_str);
        let line = history::Line { repository: &repository, head, since: filling::start(&releases) };
        history::walk(line, &survey.policy.profile, &groups, None)
    };
    let history = walk().map_err(|error| incomplete(error.into()))?;
    Ok(filling::fill(&history, &releases, schedule.now.unwrap_or(history.end)))
}
