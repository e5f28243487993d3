//! The site of a tree in memory, for the fuzz target that looks for text of KEPs that is alive.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;

use super::{Reviews, Sources, render};
use crate::change::Survey;
use crate::check::result::Report;
use crate::check::{Settings, check, read_config, read_profile};
use crate::error::Error;
use crate::history::{History, OneVersion};
use crate::kep::Milestone;
use crate::project::Web;
use crate::readiness::{Checked, assess};
use crate::source::Change;
use crate::source::git::CommitId;
use crate::text::Files;

/// What a site of a tree is for.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The commit that made the tree.
    pub commit: CommitId,
    /// Its time, which is the current time, too.
    pub time: Timestamp,
    /// The current release.
    pub release: Milestone,
    /// The repository on the web.
    pub web: Option<&'a Web>,
}

/// The pages of the head of `change` as if one commit had made all of it.
///
/// # Errors
/// [`Error`] if the tree or its configuration could not be read.
pub fn render_tree(change: &Change, moment: Moment<'_>) -> Result<BTreeMap<String, String>, Error> {
    let mut settings = Settings { now: Some(moment.time), ..Settings::default() };
    settings.scope.all = true;
    let config = read_config(change.policy.as_ref(), &settings.config)?;
    let profile = read_profile(change.policy.as_ref(), &config)?;
    let schedule = settings.schedule(&config, &profile);
    let mut files = Files::default();
    let survey = Survey::read(change.head.as_ref(), config.groups.clone(), &profile, &mut files);
    let versions = survey.keps.iter().map(|state| OneVersion {
        dir: state.dir.clone(),
        number: state.number,
        kep: state.readable_kep(),
        prr: state.prr_file(),
    });
    let history = History::of_one_commit(moment.commit, moment.time, versions.collect());
    settings.release = Some(moment.release);
    let Report { outcome, unchecked, .. } = check(change, &settings, Instant::now());
    let Some(outcome) = outcome else { return Ok(BTreeMap::new()) };
    let checked = Checked { outcome: &outcome, unchecked: &unchecked, config: &config };
    let readiness = assess(checked, &schedule, moment.release, moment.time);
    Ok(render(Sources {
        outcome: &outcome,
        survey: &survey,
        history: &history,
        reviews: &Reviews::new(),
        schedule: &schedule,
        lists: None,
        readiness: Some(&readiness),
        web: moment.web,
        commit: moment.commit,
        now: moment.time,
        later: 0,
        base_url: Some("https://keps.example.org"),
    }))
}
