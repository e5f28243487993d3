//! Events of GitHub Actions, which are GitHub's webhook payloads.
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads>

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Comparison, Event, GitHubActions, PullRequest, commit, unreadable};
use crate::error::Error;
use crate::source::Opened;
use crate::source::git::CommitId;
use crate::text::wording::quote;

/// The largest event file that is read, in bytes. GitHub limits webhook payloads to 25 MB.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The fields that are read; all others are ignored.
#[derive(Deserialize)]
struct PullRequestEvent {
    pull_request: Option<PullRequestPayload>,
}

#[derive(Deserialize)]
struct MergeGroupEvent {
    merge_group: Option<MergeGroupPayload>,
}

#[derive(Deserialize)]
struct PushEvent {
    r#ref: Option<String>,
    before: Option<String>,
    after: Option<String>,
    repository: Option<RepositoryPayload>,
}

#[derive(Deserialize)]
struct PullRequestPayload {
    number: Option<u64>,
    created_at: Option<String>,
    base: Option<EndPayload>,
    head: Option<EndPayload>,
}

#[derive(Deserialize)]
struct EndPayload {
    r#ref: Option<String>,
    sha: Option<String>,
}

#[derive(Deserialize)]
struct MergeGroupPayload {
    base_sha: Option<String>,
    head_sha: Option<String>,
}

#[derive(Deserialize)]
struct RepositoryPayload {
    default_branch: Option<String>,
}

impl GitHubActions {
    pub(super) fn read_event(&self) -> Result<Event, Error> {
        let Some(name) = self.event_name.as_deref() else {
            return Err(unreadable("GITHUB_EVENT_NAME is not set"));
        };
        if self.has_prow_variables {
            return Err(unreadable(
                "both GITHUB_ACTIONS and JOB_SPEC or PULL_BASE_SHA are set, so the event is uncertain",
            ));
        }
        match name {
            "schedule" | "workflow_dispatch" | "repository_dispatch" => Ok(Event::new(Comparison::WholeTree, name)),
            "pull_request" | "pull_request_review" | "pull_request_review_comment" => {
                let pull = self.pull_request(self.payload()?)?;
                let description = format!("pull request #{}", pull.number);
                Ok(Event::new(Comparison::PullRequest(pull), description))
            }
            "pull_request_target" => {
                let pull = self.pull_request(self.payload()?)?;
                let description = format!("pull request #{}", pull.number);
                Ok(Event::new(Comparison::PullRequestTarget(pull), description))
            }
            "merge_group" => Ok(Event::new(merge_group(self.payload()?)?, "a merge group")),
            "push" => Ok(Event::new(push(self.payload()?)?, "a push")),
            other => Err(Error::usage(
                format!("events of type {} do not change files", quote(other)),
                "run on pull_request, merge_group, push, schedule or workflow_dispatch, or specify `base` and \
                       `head`"
                    .to_owned(),
            )),
        }
    }

    fn payload<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let Some(path) = self.event_path.as_deref() else {
            return Err(unreadable("GITHUB_EVENT_PATH is not set"));
        };
        let text = read(path).map_err(|error| unreadable("the event could not be read").caused_by(error))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(unreadable(format!("the event is larger than {MAX_BYTES} bytes")));
        }
        // serde_json's message contains a line and a column, but no text from the event.
        serde_json::from_slice(&text).map_err(|error| unreadable("the event is not valid").caused_by(error))
    }

    fn pull_request(&self, payload: PullRequestEvent) -> Result<PullRequest, Error> {
        let Some(pull) = payload.pull_request else {
            return Err(unreadable("the event has no `pull_request`"));
        };
        let Some(number) = pull.number else {
            return Err(unreadable("`pull_request.number` of the event is missing"));
        };
        let (base_branch, base) = pull.base.map_or((None, None), |end| (end.r#ref, end.sha));
        let head = pull.head.and_then(|end| end.sha);
        Ok(PullRequest {
            number,
            base_branch: base_branch.unwrap_or_default(),
            base: commit(base.as_deref(), "`pull_request.base.sha` of the event")?,
            head: commit(head.as_deref(), "`pull_request.head.sha` of the event")?,
            merge: self.commit.as_deref().and_then(CommitId::from_hex),
            opened: pull.created_at.as_deref().map_or(Opened::Unknown, Opened::parse),
            base_is_given: self.is_act,
        })
    }
}

/// Reads at most one byte more than [`MAX_BYTES`], so that the caller can detect a file that is too large.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    Ok(text)
}

fn merge_group(payload: MergeGroupEvent) -> Result<Comparison, Error> {
    let Some(group) = payload.merge_group else {
        return Err(unreadable("the event has no `merge_group`"));
    };
    Ok(Comparison::Range {
        base: commit(group.base_sha.as_deref(), "`merge_group.base_sha` of the event")?,
        head: commit(group.head_sha.as_deref(), "`merge_group.head_sha` of the event")?,
    })
}

/// A push to the default branch is compared with its former tip. On any other branch, the former tip may come from the
/// author of the push, so the default branch provides the policy.
fn push(payload: PushEvent) -> Result<Comparison, Error> {
    let before = commit(payload.before.as_deref(), "`before` of the event")?;
    let head = commit(payload.after.as_deref(), "`after` of the event")?;
    if head.is_null() {
        return Ok(Comparison::Nothing);
    }
    let Some(default_branch) = payload.repository.and_then(|repository| repository.default_branch) else {
        return Err(unreadable("`repository.default_branch` of the event is missing"));
    };
    let before = Some(before).filter(|before| !before.is_null());
    let is_default = payload.r#ref == Some(format!("refs/heads/{default_branch}"));
    Ok(match before {
        Some(base) if is_default => Comparison::Range { base, head },
        _ => Comparison::Branch { default_branch, before, head },
    })
}
