//! `kepgate status`: one KEP on one screen.

use std::path::Path;
use std::time::Instant;

use crate::change::{DECISIVE_FIELDS, KepState, Scope, Survey};
use crate::change::{lost_fields_of, lost_prr_file, unread_fields, unread_prr_file};
use crate::check::result::Report;
use crate::check::{Settings, check, lists_of, read_config, read_lists, read_profile};
use crate::cli::{StatusArguments, StatusFormat};
use crate::error::{Error, SourceError};
use crate::kep::Kep;
use crate::project::layout;
use crate::questionnaire::Readme;
use crate::questionnaire::template::Outline;
use crate::session::checkout::Checkout;
use crate::session::page::Page;
use crate::session::{Environment, clock, gap, kep_tree, plan, revise};
use crate::source::{Change, Content, Snapshot};
use crate::status::{KepStatus, Sources, json, markdown, text};
use crate::text::wording::quote;
use crate::text::{Files, Side, SourceFile};

/// The status, and why it is incomplete.
pub(super) fn page(arguments: &StatusArguments, environment: &Environment) -> Result<Page, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let root = kep_tree::work_tree(&folder).unwrap_or(folder);
    let checkout = Checkout::at(&root, &environment.folder);
    let change = change(&root, arguments, environment)?;
    let lists = plan::lists(arguments.kubernetes_lists.as_deref(), &checkout)?;
    let now = Some(clock::now(arguments.now, environment)?);
    let settings = Settings { now, lists, ..Settings::default() };
    let config = read_config(change.policy.as_ref(), &settings.config)?;
    let profile = read_profile(change.policy.as_ref(), &config)?;
    let mut files = Files::default();
    let survey = Survey::read(change.head.as_ref(), config.groups.clone(), &profile, &mut files);
    let state = kep_tree::find(&survey, &arguments.kep, |path| checkout.path(path))?;
    let lists = read_lists(change.policy.as_ref(), &settings.lists, &config)?;
    let schedule = settings.schedule(&config, &profile);
    let scope = Scope { all: true, only: vec![state.dir.clone()] };
    let report = check(&change, &Settings { scope, ..settings }, Instant::now());
    let Report { outcome, unchecked, error, .. } = report;
    let (Some(outcome), Some(kep)) = (outcome, state.kep()) else { return Err(error.unwrap_or_else(unknown)) };
    let (readme, unread) = readme(change.head.as_ref(), (state, kep), outcome.policy.outline(), &mut files)?;
    let status = KepStatus::new(Sources {
        kep,
        state,
        readme: readme.as_ref(),
        policy: &outcome.policy,
        findings: &outcome.findings,
        unchecked: &unchecked,
        schedule: &schedule,
        lists: lists.as_ref().map(lists_of).transpose()?,
        web: environment.web.as_ref(),
    });
    let page = Page::new(&arguments.output, StatusFormat::Text, environment, |format| {
        Ok(match format {
            StatusFormat::Text => text(&status, environment.width()),
            StatusFormat::Markdown => markdown(&status),
            StatusFormat::Json => json(&status),
        })
    })?;
    let lost_fields = unread_fields(&state.dir, &lost_fields_of(state, &DECISIVE_FIELDS), &profile.layout);
    let lost: Vec<_> = lost_fields.into_iter().chain(lost_prr_file(state).map(unread_prr_file)).collect();
    let gap = error.or_else(|| gap::incomplete(&survey.failures)).or(unread);
    Ok(page.with_gap(gap.or_else(|| gap::incomplete(&lost))))
}

/// The tree as a change that adds everything. The target branch provides the policy, if there is one.
fn change(root: &Path, arguments: &StatusArguments, environment: &Environment) -> Result<Change, Error> {
    let mut change = kep_tree::open_as_change(root, arguments.head.as_deref())?;
    let target = revise::target(root, environment);
    if let Some((target, tip)) = revise::target_tip(target.as_ref())? {
        change.policy = Box::new(target.tree(tip)?);
    }
    Ok(change)
}

/// The README, compared with the template, and why it was not read.
fn readme(
    tree: &dyn Snapshot,
    (state, kep): (&KepState, &Kep),
    outline: Option<&Outline>,
    files: &mut Files,
) -> Result<(Option<Readme>, Option<Error>), SourceError> {
    let path = state.dir.join(layout::README);
    let text = match tree.read(&path)? {
        Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
        Content::Absent => return Ok((None, None)),
        Content::Irregular(_) => None,
    };
    let Some(text) = text else {
        let error = Error::fetch(
            format!("the answers are unknown: {} cannot be read", quote(&path.to_string())),
            "make it a regular UTF-8 file of at most 1 MiB",
        );
        return Ok((None, Some(error)));
    };
    let file = files.add(SourceFile::new(Side::Head, path, text.as_str()));
    Ok((Some(Readme::read(file, &kep.dialect.markdown(files[file].text()), outline)), None))
}

fn unknown() -> Error {
    Error::internal("the KEP could not be checked", "run `kepgate check` with its number to find out why")
}
