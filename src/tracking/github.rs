//! Implements the tracker for GitHub.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use super::review::{Statement, Verdict};
use super::{Issue, Reviews, Tracker, Tracking};
use crate::error::SourceError;
use crate::github::api::files;
use crate::github::api::issues::{self, IssueOrPullRequest, MAX_PER_QUERY};
use crate::github::api::reviews::{self, Remark};
use crate::github::{Client, ObjectId, Repository};
use crate::kep::KepNumber;
use crate::kubernetes::{KubernetesLists, Revision};
use crate::source::blob_id;
use crate::text::RepoPath;

/// The maximum number of pairs of an approved commit and a file to compare.
const MAX_COMPARED: usize = 100;

/// The issues of a repository and the reviews of one of its pull requests.
pub struct GitHub {
    client: Rc<Client>,
    repository: Repository,
    pull_request: Option<u64>,
}

impl fmt::Debug for GitHub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GitHub({}, {:?})", self.repository, self.pull_request)
    }
}

impl GitHub {
    /// The tracker for `repository`. `pull_request` is set if the change is a pull request.
    #[must_use]
    pub fn new(client: Rc<Client>, repository: Repository, pull_request: Option<u64>) -> Self {
        Self { client, repository, pull_request }
    }

    /// Marks the files in `prr_files` that are the same at an approved commit as at head.
    fn compare_approved(&self, reviews: &mut Reviews, prr_files: &BTreeMap<RepoPath, &str>) -> Result<(), SourceError> {
        // Without a full commit id, the approval cannot be verified and counts as outdated.
        let commits: Vec<_> = reviews.approved_commits().into_iter().filter_map(ObjectId::parse).collect();
        let locations: Vec<_> = commits
            .iter()
            .flat_map(|commit| prr_files.keys().map(move |path| (commit, path)))
            .take(MAX_COMPARED)
            .collect();
        if locations.is_empty() {
            return Ok(());
        }
        let ids = files::object_ids(&self.client, &self.repository, &locations)?;
        for ((commit, path), id) in locations.iter().zip(ids) {
            let head = prr_files.get(*path).and_then(|text| blob_id(text.as_bytes()));
            if let (Some(head), Some(id)) = (head, id)
                && id.is(&head)
            {
                reviews.mark_unchanged(commit.as_str(), path);
            }
        }
        Ok(())
    }
}

impl From<Option<IssueOrPullRequest>> for Tracking {
    fn from(found: Option<IssueOrPullRequest>) -> Self {
        match found {
            None => Self::Nothing,
            Some(IssueOrPullRequest::PullRequest) => Self::PullRequest,
            Some(IssueOrPullRequest::Issue(issues::Issue { is_open, milestone, labels })) => {
                Self::Issue(Issue { is_open, milestone, labels })
            }
        }
    }
}

impl From<Remark> for Statement {
    fn from(remark: Remark) -> Self {
        let Remark { author, body, created_at, review } = remark;
        let review = review.map(|review| {
            let commit = review.commit.map(|commit| commit.to_string()).unwrap_or_default();
            (Verdict::parse(&review.state), commit)
        });
        Self { at: created_at, author, body, review }
    }
}

impl Tracker for GitHub {
    fn issues(&self, numbers: &BTreeSet<KepNumber>) -> Result<BTreeMap<KepNumber, Tracking>, SourceError> {
        let numbers: Vec<_> = numbers.iter().copied().collect();
        let mut tracking = BTreeMap::new();
        for chunk in numbers.chunks(MAX_PER_QUERY) {
            let plain: Vec<_> = chunk.iter().map(|number| number.get()).collect();
            let found = issues::fetch(&self.client, &self.repository, &plain)?;
            tracking.extend(chunk.iter().copied().zip(found.into_iter().map(Tracking::from)));
        }
        Ok(tracking)
    }

    fn reviews(&self, prr_files: &BTreeMap<RepoPath, &str>) -> Result<Reviews, SourceError> {
        let Some(number) = self.pull_request else {
            return Err(SourceError::unavailable(
                "reviews cannot be read because the pull request is unknown",
                "specify the pull request with --pull-request",
            ));
        };
        let remarks = reviews::fetch(&self.client, &self.repository, number)?;
        let mut reviews = Reviews::from_statements(remarks.into_iter().map(Statement::from).collect());
        self.compare_approved(&mut reviews, prr_files)?;
        Ok(reviews)
    }

    fn kubernetes_lists(&self, repository: &Repository) -> Result<KubernetesLists, SourceError> {
        let revision = Revision::find(&self.client, repository, None)?;
        Ok(revision.fetch(&self.client, repository, None)?)
    }
}
