//! What is asked of GitHub, and whether anything is.

use std::cell::OnceCell;
use std::io::Write;
use std::rc::Rc;

use super::Environment;
use super::compare::follows_event;
use crate::check::Settings;
use crate::check::result::Report;
use crate::cli::CheckArguments;
use crate::error::Error;
use crate::escape::log_lines;
use crate::event::Comparison;
use crate::github::{ApiError, Client, Repository};
use crate::publish::{Place, check_run, comment, suggest};
use crate::source::github::{Asked, PullRequest, find};
use crate::source::memory::Memory;
use crate::source::{Change, Revisions};
use crate::tracking::Asking;
use crate::tracking::github::GitHub;

/// GitHub, and what is asked of it.
pub(crate) struct Remote {
    client: Rc<Client>,
    repository: Repository,
    pull: Option<Pull>,
    /// The last commit of the pull request, once GitHub has told it.
    head: OnceCell<String>,
}

/// A way to answer on a pull request.
type Way = fn(&Place<'_>, &Report) -> Result<(), ApiError>;

/// A pull request that somebody has named.
struct Pull {
    number: u64,
    /// The commit of it that an event is about.
    head: Option<String>,
    /// Whether it is read over the API whatever is checked out.
    is_remote: bool,
    /// What names it, when that is no person.
    event: Option<String>,
}

/// GitHub, where somebody says that it is to be asked: a pull request or a repository is named, the event is of a kind
/// that is read over the API alone, or a token is there in a step of GitHub Actions.
///
/// # Errors
/// When it is to be asked and cannot be, since the command line or the environment is wrong.
pub(crate) fn remote(arguments: &CheckArguments, environment: &Environment) -> Result<Option<Remote>, Error> {
    let pull = pull(arguments, environment)?;
    let replies = arguments.comment || arguments.check_run || arguments.suggest;
    let is_named = arguments.pull_request.is_some() || arguments.repository.is_some() || replies;
    let is_remote = pull.as_ref().is_some_and(|pull| pull.is_remote);
    let has_token = environment.started.is_github() && environment.github.token.is_some();
    if arguments.offline || !(is_named || is_remote || has_token) {
        return Ok(None);
    }
    let repository = match (&arguments.repository, &environment.web) {
        (Some(repository), _) => repository.clone(),
        (None, Some(web)) => web.repository.parse().map_err(|help| Error::Usage {
            message: format!("GITHUB_REPOSITORY is {:?}, which is no repository", web.repository),
            help,
        })?,
        // What an event lacks is nobody's slip.
        (None, None) if !is_named => {
            return Err(Error::Fetch {
                message: "GITHUB_REPOSITORY does not say which repository the pull request is of".to_owned(),
                help: "run it as a step of GitHub Actions, or name the repository with --repository".to_owned(),
            });
        }
        (None, None) => {
            return Err(Error::Usage {
                message: "no repository is named that the pull request could be of".to_owned(),
                help: "name it with --repository OWNER/NAME".to_owned(),
            });
        }
    };
    let mut settings = environment.github.clone();
    if let Some(file) = &arguments.token_file {
        settings = settings.with_token_file(&environment.folder.join(file))?;
    }
    let client = Rc::new(Client::new(&settings)?);
    Ok(Some(Remote { client, repository, pull, head: OnceCell::new() }))
}

/// The pull request that the command line or the event names.
fn pull(arguments: &CheckArguments, environment: &Environment) -> Result<Option<Pull>, Error> {
    if let Some(number) = arguments.pull_request {
        return Ok(Some(Pull { number, head: None, is_remote: true, event: None }));
    }
    if !follows_event(arguments, &environment.started) {
        return Ok(None);
    }
    Ok(match environment.started.comparison()? {
        Some((Comparison::OverApi(pull), event)) => {
            Some(Pull { number: pull.number, head: Some(pull.head.to_string()), is_remote: true, event: Some(event) })
        }
        Some((Comparison::PullRequest(pull), event)) => {
            Some(Pull { number: pull.number, head: Some(pull.head.to_string()), is_remote: false, event: Some(event) })
        }
        Some((Comparison::Merged { pulls, .. }, event)) => match pulls.as_slice() {
            [(number, head)] => {
                Some(Pull { number: *number, head: Some(head.to_string()), is_remote: false, event: Some(event) })
            }
            _ => None,
        },
        _ => None,
    })
}

impl Remote {
    /// Whether the change is read over the API, and not from what is checked out.
    pub(crate) fn holds_change(&self) -> bool {
        self.pull.as_ref().is_some_and(|pull| pull.is_remote)
    }

    /// Whether the change could be read over the API where the checkout does not hold it.
    pub(crate) fn can_stand_in(&self) -> bool {
        self.pull.is_some() && self.client.is_authenticated()
    }

    /// The change, and a sentence on it where no person has asked for it.
    pub(crate) fn compare(
        &self,
        settings: &Settings,
        revisions: &mut Revisions,
    ) -> Result<(Change, Option<String>), Error> {
        let Some(pull) = &self.pull else { return Err(nothing_named()) };
        let policy = settings.policy_files();
        let asked = Asked { repository: &self.repository, number: pull.number, head: pull.head.clone(), policy };
        let found = find(&self.client, &asked)?;
        let _ = self.head.set(found.pull.head.clone());
        let sentence = pull.event.as_ref().map(|event| sentence(event, &found.pull, settings.scope.all));
        let mut change = found.change(revisions)?;
        if settings.scope.all {
            change.base = Box::new(Memory::default());
            change.paths = Vec::new();
            change.revisions.merge_base = None;
        }
        Ok((change, sentence))
    }

    /// Answers on the pull request in the ways that are asked for. What cannot be written costs a line in the log.
    pub(crate) fn reply(&self, arguments: &CheckArguments, report: &Report, log: &mut dyn Write) {
        let asked = [arguments.comment, arguments.check_run, arguments.suggest];
        if !asked.contains(&true) {
            return;
        }
        let done = self.place().map_err(str::to_owned).and_then(|place| {
            let plainly = |error: ApiError| format!("{error}: {}", error.help());
            let ways: [Way; 3] = [comment::keep, check_run::write, suggest::write];
            // A token that may not write one may well not write the others: one notice is enough.
            let mut ways = ways.into_iter().zip(asked).filter(|(_, is_asked)| *is_asked);
            ways.try_for_each(|(write, _)| write(&place, report).map_err(plainly))
        });
        if let Err(why) = done {
            // Where not even the log can be written, the exit status has to do.
            let _ = writeln!(log, "kepgate: notice: nothing more is written on the pull request: {}", log_lines(&why));
        }
    }

    fn place(&self) -> Result<Place<'_>, &'static str> {
        let pull = self.pull.as_ref().ok_or("there is no pull request")?;
        let head = self.head.get().or(pull.head.as_ref()).ok_or("the pull request could not be read")?;
        if !self.client.is_authenticated() {
            return Err("there is no token (GITHUB_TOKEN)");
        }
        Ok(Place { client: &self.client, repository: &self.repository, number: pull.number, head })
    }

    /// Asks about tracking issues, and about reviews where there is a pull request.
    pub(crate) fn asking(&self) -> Asking {
        let number = self.pull.as_ref().map(|pull| pull.number);
        Asking::Of(Rc::new(GitHub::new(Rc::clone(&self.client), self.repository.clone(), number)))
    }
}

fn sentence(event: &str, pull: &PullRequest, all: bool) -> String {
    let short = |commit: &str| commit.get(..7).unwrap_or(commit).to_owned();
    let what = if pull.merged.is_some() { "the merge commit" } else { "its tip" };
    let all = if all { "all of " } else { "" };
    let (head, tip) = (short(pull.tree_commit()), short(&pull.tip));
    format!("{event}: {all}{what} {head} against {tip}, the target branch, over the API")
}

fn nothing_named() -> Error {
    Error::Internal { message: "no pull request is named".to_owned(), help: "name one with --pull-request".to_owned() }
}
