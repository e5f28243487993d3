//! Reads a pull request through GitHub's API, without a clone or a checkout, and without writing it to disk.
//!
//! Only the first request uses the number of the pull request. All others use commit ids from its answer, so a push in
//! between changes nothing. A list of paths is only used if it hashes to the tree of its commit, and content only if it
//! hashes to the id in its tree. Which tree belongs to a commit is not verified.

mod blobs;
mod listing;
mod pull;
mod tree;

use std::rc::Rc;

use super::{Change, ChangedPath, RepoPath, Revisions, SourceError, diff};
use crate::github::api::pulls::{self, FileStatus, MAX_FILES};
use crate::github::api::{commits, pull_request};
use crate::github::{ApiError, Client, ObjectId, Repository};
use crate::text::wording::quote;
use blobs::Blobs;
pub use listing::verified_paths;
pub use pull::{Merged, PullRequest};
use tree::CommitTree;

/// The folder in which renames are looked for.
const KEPS: &str = "keps";

/// Which pull request to fetch.
pub struct Asked<'a> {
    /// Its repository.
    pub repository: &'a Repository,
    /// Its number.
    pub number: u64,
    /// The commit to check, if an event names one; otherwise, the last one is checked.
    pub head: Option<String>,
    /// Files of the target branch to fetch in the same query. Other files can be read too, but need further requests.
    pub policy: Vec<RepoPath>,
}

/// A pull request, and the rest of GitHub's answer.
pub struct Found {
    /// The pull request.
    pub pull: PullRequest,
    client: Rc<Client>,
    repository: Repository,
    blobs: Rc<Blobs>,
}

/// Fetches a pull request.
///
/// # Errors
/// [`SourceError`] if it does not exist or could not be fetched.
pub fn find(client: &Rc<Client>, asked: &Asked<'_>) -> Result<Found, SourceError> {
    let Asked { repository, number, head, policy } = asked;
    let head = match head {
        Some(head) => Some(ObjectId::parse(head).ok_or_else(|| {
            SourceError::unavailable(
                format!("{} is not a full commit id", quote(head)),
                "check the head commit that the event names",
            )
        })?),
        None => None,
    };
    let wanted = pull_request::Wanted { number: *number, files: policy };
    let mut fetched = pull_request::fetch(client, repository, wanted)?;
    let trees = std::mem::take(&mut fetched.trees);
    let blobs = Rc::new(Blobs::new(Rc::clone(client), (*repository).clone(), trees));
    for file in &fetched.files {
        if let Some(blob) = &file.object {
            blobs.keep(&file.oid, blob)?;
        }
    }
    let pull = PullRequest::new(*number, head, fetched)?;
    Ok(Found { pull, client: Rc::clone(client), repository: (*repository).clone(), blobs })
}

impl Found {
    /// The change that the pull request makes. `revisions` is filled in as the commits become known, so that the report
    /// can name them even if this fails.
    ///
    /// If GitHub has created a test merge, its tree is the head, so that conflicts with recently merged changes are
    /// found, and the base is the commit that it merges into. Otherwise, the head is that of the pull request, and the
    /// base is its merge base with the target branch. The policy is always the tip of the target branch.
    ///
    /// # Errors
    /// [`SourceError`] if anything could not be fetched, or is so large that GitHub only returns a part of it.
    pub fn change(self, revisions: &mut Revisions) -> Result<Change, SourceError> {
        let Self { pull, client, repository, blobs } = self;
        revisions.base = Some(pull.tip.to_string());
        revisions.policy = Some(pull.tip.to_string());
        revisions.head = Some(pull.tree_commit().to_string());
        if pull.changed_files > MAX_FILES {
            return Err(SourceError::unavailable(
                format!(
                    "pull request {} changes {} files, but GitHub lists at most {MAX_FILES}",
                    pull.number, pull.changed_files
                ),
                "check from a clone instead, with --base and --head",
            ));
        }
        let base_commit = match &pull.merged {
            Some(merged) => merged.into.clone(),
            None => merge_base(&client, &repository, &pull)?,
        };
        revisions.merge_base = Some(base_commit.to_string());
        let base = CommitTree::listed(&base_commit, &blobs)?;
        let head = CommitTree::listed(pull.tree_commit(), &blobs)?;
        let policy = if base_commit == pull.tip { base.clone() } else { CommitTree::new(&pull.tip, &blobs) };
        let mut paths = diff(&base, &head)?;
        if may_rename_a_kep(&paths) {
            pair_renames(&client, &repository, pull.number, &mut paths)?;
        }
        let revisions = revisions.clone();
        Ok(Change { base: Box::new(base), head: Box::new(head), policy: Box::new(policy), paths, revisions })
    }
}

fn merge_base(client: &Client, repository: &Repository, pull: &PullRequest) -> Result<ObjectId, ApiError> {
    let what = format!("the merge base of pull request {}", pull.number);
    commits::merge_base(client, repository, &what, [&pull.tip, &pull.head])
}

/// True if a file below `keps/` was removed and another one was added.
fn may_rename_a_kep(paths: &[ChangedPath]) -> bool {
    let is_kep = |path: &&RepoPath| path.is_within(&KEPS.into());
    let removed = paths.iter().any(|path| path.head.is_none() && path.base.iter().any(|base| is_kep(&base)));
    removed && paths.iter().any(|path| path.base.is_none() && path.head.iter().any(|head| is_kep(&head)))
}

/// Joins a removed and an added path if GitHub says that the file was renamed. Renames that the trees do not contain
/// are ignored, because the head may have moved.
fn pair_renames(
    client: &Client,
    repository: &Repository,
    number: u64,
    paths: &mut Vec<ChangedPath>,
) -> Result<(), ApiError> {
    let files = pulls::files(client, repository, number)?;
    for file in files.items.iter().filter(|file| file.status == FileStatus::Renamed) {
        let Some(previous) = &file.previous_filename else { continue };
        let (old, new) = (RepoPath::from(previous.as_str()), RepoPath::from(file.filename.as_str()));
        let removed = paths.iter().position(|path| path.head.is_none() && path.base.as_ref() == Some(&old));
        let added = paths.iter().position(|path| path.base.is_none() && path.head.as_ref() == Some(&new));
        if let (Some(removed), Some(added)) = (removed, added) {
            let renamed = ChangedPath { base: Some(old), head: Some(new) };
            paths.remove(removed.max(added));
            paths.remove(removed.min(added));
            paths.push(renamed);
        }
    }
    paths.sort_unstable();
    Ok(())
}
