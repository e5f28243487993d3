//! Open pull requests for lists, read from GitHub or from a file.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Environment;
use super::progress::ProgressLine;
use crate::cli::PullsArguments;
use crate::error::Error;
use crate::github::{Client, Repository};
use crate::project::{Layout, Web, layout};
use crate::text::local_file::read_local;
use crate::text::wording::quote;
use crate::tracking::pulls::{OpenPull, OpenPulls};

/// The format version of the file.
const SCHEMA: &str = "kepgate-pull-requests/1";
/// The maximum size of a file of saved pull requests, in bytes.
const MAX_SAVED: u64 = 64 * 1024 * 1024;

/// Saved pull requests.
#[derive(Serialize, Deserialize)]
struct Saved {
    schema: String,
    repository: String,
    /// The root of all KEPs, unless it is that of Kubernetes. Files outside it are not saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    pull_requests: Vec<OpenPull>,
}

/// The address of `repository` on the web.
pub(crate) fn web(repository: &Repository, environment: &Environment) -> Web {
    let server = environment.web.as_ref().map_or("https://github.com", |web| web.server.as_str()).to_owned();
    Web { server, repository: repository.to_string() }
}

/// Connects to GitHub, and determines the repository to read from: `repository`, or else `usual`.
pub(crate) fn client(
    repository: Option<&Repository>,
    usual: Option<&Web>,
    token: Option<&Path>,
    environment: &Environment,
) -> Result<(Client, Repository), Error> {
    let repository = match (repository, usual) {
        (Some(repository), _) => repository.clone(),
        (None, Some(web)) => web.repository.parse().map_err(|help| {
            Error::usage(
                format!("GITHUB_REPOSITORY is {}, which is not in the form OWNER/NAME", quote(&web.repository)),
                help,
            )
        })?,
        (None, None) => {
            return Err(Error::usage(
                "the repository on GitHub is not known",
                "specify it with --repository OWNER/NAME",
            ));
        }
    };
    let mut settings = environment.github.clone();
    if let Some(file) = token {
        settings = settings.with_token_file(&environment.folder.join(file))?;
    }
    Ok((Client::new(&settings)?, repository))
}

/// The open pull requests, if the command line requests them. If GitHub cannot be reached, the list is empty and
/// [`OpenPulls::failures`] says why.
pub(crate) fn open(
    arguments: &PullsArguments,
    usual: Option<&Web>,
    layout: &Layout,
    environment: &Environment,
    log: &mut dyn Write,
) -> Result<OpenPulls, Error> {
    if let Some(file) = &arguments.pull_requests_from {
        return saved(&environment.folder.join(file), layout);
    }
    if !arguments.include_prs {
        return Ok(OpenPulls::default());
    }
    let (client, repository) =
        client(arguments.repository.as_ref(), usual, arguments.token_file.as_deref(), environment)?;
    let mut progress = ProgressLine::new("pull requests", environment).writing_to(log);
    let pulls = match OpenPulls::fetch(&client, &repository, layout, &mut progress) {
        Ok(pulls) => pulls,
        Err(failure) => return Ok(OpenPulls { failures: vec![failure], ..OpenPulls::default() }),
    };
    if let Some(file) = &arguments.save_pull_requests {
        save(&environment.folder.join(file), &repository, &pulls)?;
    }
    Ok(pulls)
}

fn saved(file: &Path, layout: &Layout) -> Result<OpenPulls, Error> {
    let fault = |what: String| {
        Error::usage(
            format!("--pull-requests-from {}: {what}", quote(&file.display().to_string())),
            "specify a file that was written with --save-pull-requests",
        )
    };
    let text = read_local(file, MAX_SAVED).map_err(|error| fault("it cannot be read".to_owned()).caused_by(error))?;
    let saved: Saved =
        serde_json::from_str(&text).map_err(|error| fault(format!("line {} is not a valid entry", error.line())))?;
    if saved.schema != SCHEMA {
        return Err(fault(format!("its schema is {}, not {}", quote(&saved.schema), quote(SCHEMA))));
    }
    let root = root_of(layout);
    if saved.root != root {
        let [its, own] = [saved.root, root].map(|root| quote(&root.unwrap_or_else(|| layout::KEPS.to_owned())));
        return Err(fault(format!("its pull requests were saved for KEPs in {its}, but the KEPs are in {own}")));
    }
    let repository = saved.repository.parse().map_err(fault)?;
    let (repository, layout) = (Some(repository), layout.clone());
    Ok(OpenPulls { repository, pulls: saved.pull_requests, layout, ..OpenPulls::default() })
}

/// The root of all KEPs, unless it is that of Kubernetes.
fn root_of(layout: &Layout) -> Option<String> {
    Some(layout.root.to_string()).filter(|root| root != layout::KEPS)
}

fn save(file: &Path, repository: &Repository, pulls: &OpenPulls) -> Result<(), Error> {
    let saved = Saved {
        schema: SCHEMA.to_owned(),
        repository: repository.to_string(),
        root: root_of(&pulls.layout),
        pull_requests: pulls.pulls.clone(),
    };
    let text = serde_json::to_string_pretty(&saved).map_err(std::io::Error::from);
    text.and_then(|text| std::fs::write(file, text + "\n")).map_err(|error| {
        Error::internal(
            format!("could not write {}", quote(&file.display().to_string())),
            "free some space, or specify another file",
        )
        .caused_by(error)
    })
}

/// Logs which pull requests have unreadable metadata, because a list cannot show what they change.
pub(crate) fn say_unreadable(numbers: &[u64], log: &mut dyn Write) {
    if !numbers.is_empty() {
        let numbers: Vec<_> = numbers.iter().map(|number| format!("#{number}")).collect();
        // If the log cannot be written, the list is still complete.
        let _ = writeln!(log, "kepgate: the metadata in these pull requests cannot be read: {}", numbers.join(", "));
    }
}
