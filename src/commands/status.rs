//! `kepgate status`: one KEP on one screen.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use crate::change::{DECISIVE_FIELDS, Scope, Survey};
use crate::change::{lost_fields_of, lost_prr_file, unread_fields, unread_metadata, unread_prr_file};
use crate::check::result::Report;
use crate::check::triage::Triaged;
use crate::check::{Settings, check, lists_of, read_config, read_lists, read_profile};
use crate::cli::{StatusArguments, StatusFormat};
use crate::error::{Error, SourceError};
use crate::exit::ExitStatus;
use crate::kep::Kep;
use crate::questionnaire::Readme;
use crate::questionnaire::template::Outline;
use crate::readiness::sweep::{self, Lag, Laggard};
use crate::readiness::{Checked, assess};
use crate::rule::Need;
use crate::session::checkout::{Checkout, Resolved, Target};
use crate::session::page::Page;
use crate::session::{Environment, clock, gap, kep_tree, plan, revise};
use crate::source::{Change, Content, Snapshot};
use crate::status::{KepStatus, Missed, Outdated, Sources, json, markdown, text};
use crate::text::wording::quote;
use crate::text::{Files, RepoPath, Side, SourceFile};

/// The status, and why it is incomplete.
pub(super) fn page(arguments: &StatusArguments, environment: &Environment) -> Result<Page, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let root = kep_tree::work_tree(&folder).unwrap_or(folder);
    let checkout = Checkout::at(&root, &environment.folder);
    let change = change(&root, arguments, environment)?;
    let lists = plan::lists(arguments.kubernetes_lists.as_deref(), &checkout)?;
    let now = clock::now(arguments.now, environment)?;
    let settings = Settings { now: Some(now), lists, ..Settings::default() };
    let config = read_config(change.policy.as_ref(), &settings.config)?;
    let profile = read_profile(change.policy.as_ref(), &config)?;
    let mut files = Files::default();
    let survey = Survey::read(change.head.as_ref(), config.groups.clone(), &profile, &mut files);
    let state = kep_tree::find(&survey, &arguments.kep, |path| checkout.path(path))?;
    let lists = read_lists(change.policy.as_ref(), &settings.lists, &config)?;
    let schedule = settings.schedule(&config, &profile);
    let scope = Scope { all: true, only: vec![state.dir.clone()] };
    let settings = Settings { scope, ..settings };
    let report = check(&change, &settings, Instant::now());
    let Report { outcome, unchecked, error, .. } = report;
    let (Some(mut outcome), Some(kep)) = (outcome, state.kep()) else { return Err(error.unwrap_or_else(unknown)) };
    let checked = Checked { outcome: &outcome, unchecked: &unchecked, config: &config };
    let missed = kep.latest().and_then(|release| assess(checked, &schedule, release, now).missed_freeze(&state.dir));
    let missed = missed.map(|(freeze, criteria)| Missed { freeze, criteria });
    let mut compared = Compared::new(&root, arguments, environment, &settings);
    outcome.findings = compared.combine(outcome.findings);
    let lists = lists.as_ref().map(lists_of).transpose()?;
    // The others are findings as well.
    let is_new = |it: &Laggard| !matches!(it.lag, Lag::Unclear | Lag::StillProvisional);
    let outdated = sweep::outdated(state, &survey, &schedule, lists).into_iter().filter(is_new);
    let outdated: Vec<_> = outdated.map(|it| Outdated { lag: it.lag.key(), what: it.what }).collect();
    let (readme, unread) = readme(
        change.head.as_ref(),
        (profile.layout.readme_of(&state.dir), kep),
        outcome.policy.outline(),
        &mut files,
    )?;
    let status = KepStatus::new(Sources {
        kep,
        state,
        readme: readme.as_ref(),
        policy: &outcome.policy,
        findings: &outcome.findings,
        unchecked: &unchecked,
        not_compared: compared.obstacle.as_deref(),
        schedule: &schedule,
        lists,
        web: environment.web.as_ref(),
        missed: missed.as_ref(),
        outdated: &outdated,
    });
    let page = Page::new(&arguments.output, StatusFormat::Text, environment, |format| {
        Ok(match format {
            StatusFormat::Text => text(&status, environment.width()),
            StatusFormat::Markdown => markdown(&status),
            StatusFormat::Json => json(&status),
        })
    })?;
    let lost_fields = unread_fields(&state.dir, &lost_fields_of(state, &DECISIVE_FIELDS), &profile.layout);
    let lost_more = kep.has_lost_content().then(|| unread_metadata(&state.dir, &profile.layout));
    let lost: Vec<_> = lost_fields.or(lost_more).into_iter().chain(lost_prr_file(state).map(unread_prr_file)).collect();
    let gap = error.or_else(|| gap::incomplete(&survey.failures)).or(unread).or(compared.gap);
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

/// What the comparison with the target branch adds to the status.
#[derive(Default)]
struct Compared {
    /// Every finding of `kepgate check` about the KEP, if it differs from the target branch.
    findings: Option<Vec<Triaged>>,
    /// Why the KEP was not compared.
    obstacle: Option<String>,
    gap: Option<Error>,
}

impl Compared {
    /// Compares the KEP as `kepgate check` does.
    fn new(root: &Path, arguments: &StatusArguments, environment: &Environment, settings: &Settings) -> Self {
        let Some(repository) = revise::target(root, environment) else {
            return Self { obstacle: Some("no target branch was found".to_owned()), ..Self::default() };
        };
        let resolved = match Target::since_target(&repository, arguments.head.as_deref()).resolve() {
            Ok(resolved) => resolved,
            Err(unresolved) => return Self::without(unresolved.error),
        };
        let Resolved { change, opened, .. } = resolved;
        let scope = Scope { all: false, ..settings.scope.clone() };
        let settings = Settings { scope, opened, strict: true, ..settings.clone() };
        let Report { outcome, error, .. } = check(&change, &settings, Instant::now());
        let Some(outcome) = outcome else { return Self::without(error.unwrap_or_else(unknown)) };
        let is_changed = settings.scope.only.iter().any(|dir| !outcome.unchanged.contains(dir));
        Self { findings: is_changed.then_some(outcome.findings), obstacle: None, gap: error }
    }

    /// Without a comparison. If something could not be read, the status is incomplete, too.
    fn without(error: Error) -> Self {
        let obstacle = Some(error.describe());
        Self { findings: None, obstacle, gap: Some(error).filter(|error| error.status() == ExitStatus::Unchecked) }
    }

    /// The findings of the comparison, with those of the whole tree that it does not look for.
    fn combine(&mut self, of_tree: Vec<Triaged>) -> Vec<Triaged> {
        let Some(mut findings) = self.findings.take() else { return of_tree };
        let known: BTreeSet<_> = findings.iter().map(|triaged| triaged.finding.identity()).collect();
        // A change that does not affect the README is checked without it.
        let is_extra = |triaged: &Triaged| {
            let needs = triaged.finding.rule.needs;
            needs.contains(&Need::Readme) || needs.contains(&Need::WholeTree)
        };
        findings.extend(of_tree.into_iter().filter(|it| is_extra(it) && !known.contains(&it.finding.identity())));
        findings
    }
}

/// The README, compared with the template, and why it was not read.
fn readme(
    tree: &dyn Snapshot,
    (path, kep): (RepoPath, &Kep),
    outline: Option<&Outline>,
    files: &mut Files,
) -> Result<(Option<Readme>, Option<Error>), SourceError> {
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
