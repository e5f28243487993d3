//! `kepgate review`: what changed in a KEP since its production readiness was approved.

use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use crate::change::{lost_prr_file, unlisted, unread_prr_file};
use crate::check::{Settings, read_config, read_profile};
use crate::cli::{Moment, ReviewArguments, ReviewFormat, Since};
use crate::error::{Error, SourceError};
use crate::github::api::blame;
use crate::github::{ApiError, Client, ObjectId, Repository as GitHubRepository};
use crate::kep::{Kep, Stage};
use crate::project::Profile;
use crate::review::{Approval, Approvals, KepVersion, NotCompared, Point, Question, Recorded, Review, Template};
use crate::review::{add_blame, add_commits, compare_with_target, directory, json, markdown, named, text};
use crate::session::checkout::Checkout;
use crate::session::page::Page;
use crate::session::{Environment, clock, gap, kep_tree, pulls, revise};
use crate::source::git::{CommitId, Repository};
use crate::source::github::{Asked, find as find_pull_request};
use crate::source::{Revisions, Snapshot};
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The review, and why it is incomplete.
pub(super) fn page(arguments: &ReviewArguments, environment: &Environment) -> Result<Page, Error> {
    let (review, gap) = match arguments.pull_request {
        Some(number) => of_pull_request(number, arguments, environment)?,
        None => of_repository(arguments, environment)?,
    };
    let page = Page::new(&arguments.output, ReviewFormat::Text, environment, |format| {
        Ok(match format {
            ReviewFormat::Text => text(&review),
            ReviewFormat::Markdown => markdown(&review),
            ReviewFormat::Json => json(&review),
        })
    })?;
    Ok(page.with_gap(gap))
}

type Reviewed = (Review, Option<Error>);

/// Compares the work tree or a commit with an earlier commit.
fn of_repository(arguments: &ReviewArguments, environment: &Environment) -> Result<Reviewed, Error> {
    let folder = kep_tree::folder(arguments.repo_path.as_deref(), environment);
    let root = kep_tree::work_tree(&folder).unwrap_or(folder);
    let tree = kep_tree::open(&root, arguments.head.as_deref())?;
    let repository = Repository::discover(&root)?;
    let tip = arguments.head.as_deref().map_or_else(|| repository.head_commit(), |head| repository.resolve(head))?;
    let policy = policy(&root, arguments.head.as_deref(), environment)?;
    let profile = profile(policy.as_ref())?;
    let checkout = Checkout::at(&root, &environment.folder);
    let dir = find(tree.as_ref(), &profile, &arguments.kep, &checkout)?;
    let now = KepVersion::read(tree.as_ref(), &dir, &profile)?.ok_or_else(|| unreadable(&arguments.kep))?;
    let mut approvals = named(&now.state);
    let unknown = add_commits(&mut approvals, &now.state, &repository, (tip, &profile)).err();
    let (since, gap) = match arguments.since.as_ref().unwrap_or(&Since::Stage(None)) {
        Since::Stage(stage) => {
            unknown.map_or(Ok(()), Err)?;
            let since = since_stage(*stage, &approvals.stages, &now);
            (since.map_err(|error| gap::instead_of(unreviewed(&profile, error), &unread_approvals(&now)))?, None)
        }
        Since::Time(moment) => {
            require_past(*moment, clock::now(None, environment)?)?;
            let commit = repository.commit_at(tip, moment.0.as_second())?;
            ((commit, format!("the last commit up to {}", written(*moment))), unknown)
        }
        Since::Revision(revision) => ((resolve_since(&repository, revision)?, quote(revision)), unknown),
    };
    let is_committed = arguments.head.is_some() || repository.workdir().is_none();
    let until = if is_committed {
        point(&repository, tip, String::new())?
    } else {
        Point { commit: None, time: None, what: "the work tree".to_owned() }
    };
    let before = repository.tree(since.0)?;
    let points = (point(&repository, since.0, since.1)?, until);
    let trees = Trees { before: &before, policy: policy.as_ref(), profile: &profile };
    let (review, missing) = trees.review(&now, approvals, points)?;
    Ok((review, gap.map(Error::from).or(missing).or_else(|| gap::incomplete(&unread_approvals(&now)))))
}

/// The errors for approvers that may be in a file that cannot be read.
fn unread_approvals(version: &KepVersion) -> Vec<SourceError> {
    let state = &version.state;
    let unread = lost_prr_file(state).map(unread_prr_file);
    // Without the fields of the KEP, its production-readiness file is unknown.
    let is_unknown = state.prr_file_path().is_none() && !version.has_all_fields();
    let unknown = is_unknown.then(|| {
        SourceError::unavailable(
            format!("the metadata in {} cannot be read", quote(&state.dir.to_string())),
            "fix it first; `kepgate check` lists the errors",
        )
    });
    unread.into_iter().chain(unknown).collect()
}

fn resolve_since(repository: &Repository, revision: &str) -> Result<CommitId, Error> {
    repository.resolve(revision).map_err(|error| match error {
        SourceError::Usage { message, .. } => Error::usage(
            message,
            "specify a stage, a date such as 2025-10-31, or a branch, tag or commit of this repository",
        ),
        error @ SourceError::Unavailable { .. } => error.into(),
    })
}

/// The moment as a person writes it: a day alone means its end.
fn written(moment: Moment) -> String {
    let time = moment.0.to_zoned(TimeZone::UTC);
    let is_end_of_day = time.time() == civil::time(23, 59, 59, 0);
    if is_end_of_day { time.date().to_string() } else { moment.0.to_string() }
}

/// Refuses days after today, of which nothing is known.
fn require_past(moment: Moment, now: Timestamp) -> Result<(), Error> {
    let [day, today] = [moment.0, now].map(|time| time.to_zoned(TimeZone::UTC).date());
    if day <= today {
        return Ok(());
    }
    Err(Error::usage(format!("--since {day} is in the future"), format!("specify a date up to today, {today} in UTC")))
}

/// Compares a pull request with its target branch.
fn of_pull_request(number: u64, arguments: &ReviewArguments, environment: &Environment) -> Result<Reviewed, Error> {
    let (repository, token) = (arguments.repository.as_ref(), arguments.token_file.as_deref());
    let (client, repository) = pulls::client(repository, environment.web.as_ref(), token, environment)?;
    let client = Rc::new(client);
    let asked = Asked { repository: &repository, number, head: None, policy: Settings::default().policy_files() };
    let change = find_pull_request(&client, &asked)?.change(&mut Revisions::default())?;
    let profile = profile(change.policy.as_ref())?;
    let checkout = Checkout::remote(&environment.folder);
    let dir = find(change.head.as_ref(), &profile, &arguments.kep, &checkout)?;
    let now = KepVersion::read(change.head.as_ref(), &dir, &profile)?.ok_or_else(|| unreadable(&arguments.kep))?;
    let mut approvals = named(&now.state);
    let before = KepVersion::read_former(change.base.as_ref(), &now, &profile)?;
    compare_with_target(&mut approvals, before.as_ref().map(|before| &before.state));
    let versions = [Some(&now), before.as_ref()].into_iter().flatten();
    let unread = versions.map(unread_approvals).find(|unread| !unread.is_empty()).unwrap_or_default();
    let target = change.revisions.merge_base.as_deref().and_then(ObjectId::parse);
    let gap = match (before, target) {
        // Only GraphQL says who wrote a line, and it needs a token.
        (Some(before), Some(target)) if client.is_authenticated() => {
            add_dates(&mut approvals, &before, (&client, &repository, &target)).err()
        }
        _ => None,
    };
    let point = |commit: Option<String>, what: String| Point { commit, time: None, what };
    let points = (
        point(change.revisions.merge_base.clone(), format!("the target branch of pull request #{number}")),
        point(change.revisions.head.clone(), format!("pull request #{number}")),
    );
    let trees = Trees { before: change.base.as_ref(), policy: change.policy.as_ref(), profile: &profile };
    let (review, missing) = trees.review(&now, approvals, points)?;
    Ok((review, gap.map(Error::from).or(missing).or_else(|| gap::incomplete(&unread))))
}

/// Adds when the target branch recorded the approvers.
fn add_dates(
    approvals: &mut Approvals,
    before: &KepVersion,
    (client, repository, target): (&Client, &GitHubRepository, &ObjectId),
) -> Result<(), ApiError> {
    let is_recorded = approvals.stages.iter().any(|approval| approval.is_proposed == Some(false));
    let Some(path) = before.state.prr_file_path().filter(|_| is_recorded) else { return Ok(()) };
    let lines = blame::get(client, repository, target, &path.to_string())?;
    add_blame(approvals, |stage| before.approver_line(stage), &lines);
    Ok(())
}

/// Finds the directory of a KEP. If there may be KEPs that were not read, it is unknown that there is none.
fn find(tree: &dyn Snapshot, profile: &Arc<Profile>, name: &str, checkout: &Checkout) -> Result<RepoPath, Error> {
    directory(tree, profile, name, |path| checkout.path(path))
        .map_err(|error| gap::instead_of(error, &unlisted(tree, profile)))
}

/// What the newer version is compared with.
struct Trees<'a> {
    before: &'a dyn Snapshot,
    policy: &'a dyn Snapshot,
    profile: &'a Arc<Profile>,
}

impl Trees<'_> {
    fn review(&self, now: &KepVersion, approvals: Approvals, points: (Point, Point)) -> Result<Reviewed, Error> {
        let before = KepVersion::read_former(self.before, now, self.profile)?;
        let former = Template::read(self.before, self.profile)?;
        let current = Template::read(self.policy, self.profile)?;
        let has_reviews = self.profile.layout.prr_root.is_some();
        let without_template = (current.is_none() && has_reviews).then(|| {
            let path = self.profile.layout.template_readme();
            let why = format!("the target branch has no README template with headings at {path}");
            (why, "restore the template, or name it in `project.template` of .github/kepgate.yaml")
        });
        let unread = now
            .unread_answers(before.as_ref())
            .map(|why| (why, "compare versions whose README is a regular UTF-8 file of at most 1 MiB"));
        let (answers, help) = unread.or(without_template).unzip();
        let gap = answers
            .as_ref()
            .zip(help)
            .map(|(why, help)| Error::fetch(format!("the answers were not compared: {why}"), help.to_owned()));
        let malformed = |noun: &str| format!("kep.yaml of the {noun} version is not valid YAML");
        let fields = match &before {
            _ if !now.has_all_fields() => Some(malformed("newer")),
            Some(before) if !before.has_all_fields() => Some(malformed("older")),
            _ => None,
        };
        let of_fields = fields.as_ref().map(|why| {
            Error::fetch(
                format!("the fields were not compared: {why}"),
                "compare versions whose kep.yaml is valid; `kepgate check` lists the errors",
            )
        });
        let gap = gap.or(of_fields);
        let question = Question {
            before: before.as_ref(),
            after: now,
            templates: (former.as_ref(), current.as_ref()),
            approvals,
            points,
            not_compared: NotCompared { answers, fields },
        };
        Ok((question.review(), gap))
    }
}

/// The tree that the template and the configuration come from: the target branch, if there is one.
fn policy(root: &std::path::Path, head: Option<&str>, environment: &Environment) -> Result<Box<dyn Snapshot>, Error> {
    let target = revise::target(root, environment);
    match revise::target_tip(target.as_ref())? {
        Some((target, tip)) => Ok(Box::new(target.tree(tip)?)),
        None => kep_tree::open(root, head),
    }
}

fn profile(policy: &dyn Snapshot) -> Result<Arc<Profile>, Error> {
    let config = read_config(policy, &Settings::default().config)?;
    read_profile(policy, &config)
}

/// The commit that recorded the approver of `wanted`. Without it, that of the current stage, or else the last one that
/// recorded an approver.
fn since_stage(wanted: Option<Stage>, approvals: &[Approval], now: &KepVersion) -> Result<(CommitId, String), Error> {
    let stage = wanted.or_else(|| now.state.kep().and_then(Kep::target_stage));
    let recorded = |approval: &'_ Approval| approval.recorded;
    let current = approvals.iter().find(|it| Some(it.stage) == stage && it.recorded.is_some());
    let last = || {
        let recorded = approvals.iter().filter(|it| recorded(it).is_some());
        recorded.max_by_key(|it| it.recorded.map(|Recorded { time, .. }| time))
    };
    let found = current
        .or_else(|| last().filter(|_| wanted.is_none()))
        .and_then(|approval| Some((approval, approval.recorded?)));
    let Some((approval, recorded)) = found else {
        return Err(Error::usage(
            match wanted {
                Some(stage) => format!("no production readiness approver for {stage} is on record for this KEP"),
                None => "no production readiness approver is on record for this KEP".to_owned(),
            },
            "specify what to compare with: a commit or a date with --since",
        ));
    };
    Ok((recorded.commit, format!("which records {} for {}", approval.approver, approval.stage)))
}

/// Says that the project has no approvals at all, if that is why none was found.
fn unreviewed(profile: &Profile, error: Error) -> Error {
    if profile.has_reviews() {
        return error;
    }
    Error::usage(
        "this project does not review production readiness, so no approval was recorded",
        "specify what to compare with: a commit or a date with --since",
    )
}

fn point(repository: &Repository, commit: CommitId, what: String) -> Result<Point, Error> {
    let time = Timestamp::from_second(repository.time(commit)?).ok();
    Ok(Point { commit: Some(commit.to_string()), time, what })
}

fn unreadable(name: &str) -> Error {
    Error::usage(
        format!("the KEP that matches {} has no metadata that can be read", quote(name)),
        "fix it first; `kepgate check` lists the errors",
    )
}
