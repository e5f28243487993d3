//! A pull request as GitHub has it, read over its API: no clone, no checkout, and not a byte of it on disk.
//!
//! Everything but the first question is asked by commit ids, so that a head that moves meanwhile changes nothing: what
//! is checked is what the first answer named. What a file holds is taken only when it hashes to the id that its tree
//! lists.

mod blobs;
mod listing;
mod pull;
mod tree;

use std::rc::Rc;

use super::{Change, ChangedPath, RepoPath, Revisions, SourceError, diff};
use crate::github::{Client, Repository};
use blobs::Blobs;
pub use pull::PullRequest;
use serde::Deserialize;
use tree::{CommitTree, Known};

/// More files than this GitHub does not list.
const MAX_FILES: usize = 3_000;

/// Where a rename is worth looking for.
const KEPS: &str = "keps";

/// What is asked for.
pub struct Asked<'a> {
    /// Where the pull request is.
    pub repository: &'a Repository,
    /// Its number.
    pub number: u64,
    /// The commit of it to check, where an event names one; else its last.
    pub head: Option<String>,
    /// The files of the target branch that are going to be read, so that they come along with the first answer; others
    /// can be read all the same.
    pub policy: Vec<RepoPath>,
}

/// A pull request that was found, and what its answer told beside.
pub struct Found {
    /// The pull request.
    pub pull: PullRequest,
    client: Rc<Client>,
    repository: Repository,
    known: Known,
    blobs: Rc<Blobs>,
}

/// The pull request that is asked for.
///
/// # Errors
/// [`SourceError`] when there is none, or it could not be had.
pub fn find(client: &Rc<Client>, asked: &Asked<'_>) -> Result<Found, SourceError> {
    let blobs = Rc::new(Blobs::new(Rc::clone(client), asked.repository.clone()));
    let (pull, known) = PullRequest::ask(client, asked, &blobs)?;
    Ok(Found { pull, client: Rc::clone(client), repository: asked.repository.clone(), known, blobs })
}

impl Found {
    /// What it changes; in `revisions` what is compared, as far as it comes.
    ///
    /// Where GitHub has merged the pull request by way of trial, the merged tree is the head, so that collisions with
    /// what was merged meanwhile are seen; base is the commit that it was merged into. Else they are the head of the
    /// pull request and the commit where it left the target branch. Policy is the target branch's tip in either case.
    ///
    /// # Errors
    /// [`SourceError`] when anything could not be had, or is so large that GitHub gives a part of it alone.
    pub fn change(self, revisions: &mut Revisions) -> Result<Change, SourceError> {
        let Self { pull, client, repository, known, blobs } = self;
        revisions.base = Some(pull.tip.clone());
        revisions.policy = Some(pull.tip.clone());
        revisions.head = Some(pull.tree_commit().to_owned());
        if pull.changed_files > MAX_FILES {
            return Err(SourceError::Unavailable {
                message: format!(
                    "pull request {} changes {} files, of which GitHub lists {MAX_FILES} at most",
                    pull.number, pull.changed_files
                ),
                help: "check it from a clone instead, with --base and --head".to_owned(),
            });
        }
        let base_commit = match &pull.merged {
            Some(merged) => merged.into.clone(),
            None => merge_base(&client, &repository, &pull)?,
        };
        revisions.merge_base = Some(base_commit.clone());
        let base = CommitTree::listed(&base_commit, &blobs)?;
        let head = CommitTree::listed(pull.tree_commit(), &blobs)?;
        let policy = if base_commit == pull.tip { base.clone() } else { CommitTree::known(&pull.tip, known, &blobs) };
        let mut paths = diff(&base, &head)?;
        if may_rename_a_kep(&paths) {
            pair_renames(&client, &repository, pull.number, &mut paths)?;
        }
        let revisions = revisions.clone();
        Ok(Change { base: Box::new(base), head: Box::new(head), policy: Box::new(policy), paths, revisions })
    }
}

/// Where the pull request left the target branch.
fn merge_base(client: &Client, repository: &Repository, pull: &PullRequest) -> Result<String, SourceError> {
    #[derive(Deserialize)]
    struct Comparison {
        merge_base_commit: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        sha: String,
    }
    let what = format!("the merge base of pull request {}", pull.number);
    let path = repository.path(&format!("compare/{}...{}?per_page=1", pull.tip, pull.head));
    let comparison: Comparison = client.get(&what, &path)?;
    Ok(pull::commit_id(&what, comparison.merge_base_commit.sha)?)
}

/// Whether a file below `keps/` is gone and another one is new.
fn may_rename_a_kep(paths: &[ChangedPath]) -> bool {
    let is_kep = |path: &&RepoPath| path.is_within(&KEPS.into());
    let gone = paths.iter().any(|path| path.head.is_none() && path.base.iter().any(|base| is_kep(&base)));
    gone && paths.iter().any(|path| path.base.is_none() && path.head.iter().any(|head| is_kep(&head)))
}

/// Makes one path of two where GitHub says that one file became the other. The trees have the last word on what there
/// is: a pair that they do not know, of a head that moved meanwhile, is let be.
fn pair_renames(
    client: &Client,
    repository: &Repository,
    number: u64,
    paths: &mut Vec<ChangedPath>,
) -> Result<(), SourceError> {
    #[derive(Deserialize)]
    struct File {
        filename: String,
        status: String,
        previous_filename: Option<String>,
    }
    let what = format!("the files of pull request {number}");
    let path = repository.path(&format!("pulls/{number}/files"));
    let files = client.get_all::<File>(&what, &path, MAX_FILES)?;
    for file in files.items.iter().filter(|file| file.status == "renamed") {
        let Some(previous) = &file.previous_filename else { continue };
        let (old, new) = (RepoPath::from(previous.as_str()), RepoPath::from(file.filename.as_str()));
        let gone = paths.iter().position(|path| path.head.is_none() && path.base.as_ref() == Some(&old));
        let added = paths.iter().position(|path| path.base.is_none() && path.head.as_ref() == Some(&new));
        if let (Some(gone), Some(added)) = (gone, added) {
            let renamed = ChangedPath { base: Some(old), head: Some(new) };
            paths.remove(gone.max(added));
            paths.remove(gone.min(added));
            paths.push(renamed);
        }
    }
    paths.sort();
    Ok(())
}
