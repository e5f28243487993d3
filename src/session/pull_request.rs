//! GitHub for a check: reads the change of a pull request, issues and reviews, and publishes the result.

use std::io::Write;
use std::rc::Rc;

use super::Environment;
use super::checkout::{Resolved, Unresolved};
use crate::check::Settings;
use crate::check::result::Report;
use crate::cli::CheckArguments;
use crate::error::Error;
use crate::escape::log_lines;
use crate::event::{Comparison, Event};
use crate::github::{ApiError, Client, Repository};
use crate::publish::{Place, check_run, comment, suggest};
use crate::source::Revisions;
use crate::source::github::{Asked, PullRequest, find};
use crate::source::memory::Memory;
use crate::text::wording::quote;
use crate::tracking::Asking;
use crate::tracking::github::GitHub;

/// A repository on GitHub, and the pull request to check.
pub(crate) struct GitHubContext {
    client: Rc<Client>,
    repository: Repository,
    pull: Option<SelectedPull>,
    publishers: Vec<Publisher>,
}

/// Writes a report to the pull request.
type Publisher = fn(&Place<'_>, &Report) -> Result<(), ApiError>;

/// The pull request that the command line or the event names.
struct SelectedPull {
    number: u64,
    /// The last commit, from the event or from GitHub's answer.
    head: Option<String>,
    /// True if the checkout must not or cannot be used.
    is_remote: bool,
    /// A description of the event; `None` if the command line names the pull request.
    event: Option<String>,
}

impl GitHubContext {
    /// Connects to GitHub if the command line names a pull request or a repository, if the event requires the API, or
    /// if a step of GitHub Actions has a token; else returns `None`.
    ///
    /// # Errors
    /// [`Error`] if GitHub is needed, but the command line or the environment is wrong.
    pub(crate) fn new(
        arguments: &CheckArguments,
        environment: &Environment,
        event: Option<&Event>,
    ) -> Result<Option<Self>, Error> {
        let pull = SelectedPull::new(arguments, event);
        let publishers = publishers(arguments);
        let is_named = arguments.pull_request.is_some() || arguments.repository.is_some() || !publishers.is_empty();
        let is_remote = pull.as_ref().is_some_and(|pull| pull.is_remote);
        let has_token = environment.runner.is_github() && environment.github.token.is_some();
        if arguments.offline || !(is_named || is_remote || has_token) {
            return Ok(None);
        }
        let repository = repository(arguments, environment, is_named)?;
        let mut settings = environment.github.clone();
        if let Some(file) = &arguments.token_file {
            settings = settings.with_token_file(&environment.folder.join(file))?;
        }
        let client = Rc::new(Client::new(&settings)?);
        Ok(Some(Self { client, repository, pull, publishers }))
    }

    /// True if the change has to be read over the API.
    pub(crate) fn requires_api(&self) -> bool {
        self.pull.as_ref().is_some_and(|pull| pull.is_remote)
    }

    /// True if the change can be read over the API when the checkout does not have its commits.
    pub(crate) fn can_replace_checkout(&self) -> bool {
        self.pull.is_some() && self.client.is_authenticated()
    }

    /// Reads the pull request over the API.
    pub(crate) fn resolve(&mut self, settings: &Settings) -> Result<Resolved, Unresolved> {
        let Some(pull) = &mut self.pull else { return Err(no_pull_request().into()) };
        let policy = settings.policy_files();
        let asked = Asked { repository: &self.repository, number: pull.number, head: pull.head.clone(), policy };
        let found = find(&self.client, &asked)?;
        pull.head = Some(found.pull.head.to_string());
        let all = settings.scope.all;
        let summary = pull.event.as_ref().map(|event| summary(event, &found.pull, all));
        let opened = found.pull.opened.clone();
        let mut revisions = Revisions::default();
        let mut change = found
            .change(&mut revisions)
            .map_err(|error| Unresolved { error: error.into(), revisions: Box::new(revisions) })?;
        if all {
            change.base = Box::new(Memory::default());
            change.paths = Vec::new();
            change.revisions.merge_base = None;
        }
        Ok(Resolved { change, opened, summary })
    }

    /// Publishes the report as requested on the command line. A failure is only logged, because the report is also
    /// written elsewhere.
    pub(crate) fn publish(&self, report: &Report, log: &mut dyn Write) {
        if self.publishers.is_empty() {
            return;
        }
        let published = self.place().map_err(str::to_owned).and_then(|place| {
            // A token that lacks one permission often lacks the others, so stop after the first failure, with one
            // notice.
            self.publishers
                .iter()
                .try_for_each(|publish| publish(&place, report))
                .map_err(|error| format!("{}: {}", error.message(), error.help()))
        });
        if let Err(why) = published {
            // If the log cannot be written either, the exit status remains.
            let _ = writeln!(log, "kepgate: notice: could not publish to the pull request: {}", log_lines(&why));
        }
    }

    fn place(&self) -> Result<Place<'_>, &'static str> {
        let pull = self.pull.as_ref().ok_or("the run does not belong to a pull request")?;
        let head = pull.head.as_ref().ok_or("the pull request could not be read")?;
        if !self.client.is_authenticated() {
            return Err("GITHUB_TOKEN is not set");
        }
        Ok(Place { client: &self.client, repository: &self.repository, number: pull.number, head })
    }

    /// The source of tracking issues and, with a pull request, of reviews.
    pub(crate) fn asking(&self) -> Asking {
        let number = self.pull.as_ref().map(|pull| pull.number);
        Asking::Of(Rc::new(GitHub::new(Rc::clone(&self.client), self.repository.clone(), number)))
    }
}

impl SelectedPull {
    fn new(arguments: &CheckArguments, event: Option<&Event>) -> Option<Self> {
        if let Some(number) = arguments.pull_request {
            return Some(Self { number, head: None, is_remote: true, event: None });
        }
        let event = event?;
        let (number, head, is_remote) = match &event.comparison {
            Comparison::PullRequestTarget(pull) => (pull.number, pull.head, true),
            Comparison::PullRequest(pull) => (pull.number, pull.head, false),
            Comparison::Merged { pulls, .. } => match pulls.as_slice() {
                [(number, head)] => (*number, *head, false),
                _ => return None,
            },
            _ => return None,
        };
        Some(Self { number, head: Some(head.to_string()), is_remote, event: Some(event.description.clone()) })
    }
}

fn publishers(arguments: &CheckArguments) -> Vec<Publisher> {
    let all: [(bool, Publisher); 3] = [
        (arguments.comment, comment::write),
        (arguments.check_run, check_run::write),
        (arguments.suggest, suggest::write),
    ];
    all.into_iter().filter(|(is_enabled, _)| *is_enabled).map(|(_, publisher)| publisher).collect()
}

fn repository(arguments: &CheckArguments, environment: &Environment, is_named: bool) -> Result<Repository, Error> {
    match (&arguments.repository, &environment.web) {
        (Some(repository), _) => Ok(repository.clone()),
        (None, Some(web)) => web.repository.parse().map_err(|help| {
            Error::usage(format!("GITHUB_REPOSITORY is {}, which is not a repository", quote(&web.repository)), help)
        }),
        // The event requires the API, so the command line is not wrong.
        (None, None) if !is_named => Err(Error::fetch(
            "GITHUB_REPOSITORY is not set, so the repository of the pull request is unknown",
            "run kepgate as a step of GitHub Actions, or specify --repository OWNER/NAME",
        )),
        (None, None) => {
            Err(Error::usage("the repository of the pull request is unknown", "specify --repository OWNER/NAME"))
        }
    }
}

fn summary(event: &str, pull: &PullRequest, all: bool) -> String {
    let short = |commit: &str| commit.get(..7).unwrap_or(commit).to_owned();
    let head_name = if pull.merged.is_some() { "the merge commit" } else { "its tip" };
    let all = if all { "all of " } else { "" };
    let (head, tip) = (short(pull.tree_commit().as_str()), short(pull.tip.as_str()));
    format!("{event}: {all}{head_name} {head} against {tip}, the target branch, over the API")
}

fn no_pull_request() -> Error {
    Error::internal("the pull request to read is unknown", "specify it with --pull-request")
}
