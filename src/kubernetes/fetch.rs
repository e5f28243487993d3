//! Fetches the two lists from GitHub.

use jiff::civil::Date;

use super::import::{ImportFault, Parts};
use super::{FEATURE_GATES_PATH, KubernetesLists, METRICS_PATH};
use crate::error::{Error, SourceError};
use crate::github::api::commits::{self, DatedCommit};
use crate::github::api::files;
use crate::github::{ApiError, Client, ObjectId, Repository};
use crate::kep::Milestone;
use crate::source::MAX_FILE_BYTES;
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The prefix of the names of release branches.
const RELEASE_BRANCH: &str = "release-";

/// Why the lists could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// A request failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The repository has no release branches.
    #[error("the repository {0} has no branch like `release-1.36`")]
    NoRelease(Repository),
    /// A file is not a list of feature gates or metrics.
    #[error("{} at {revision}: {fault}", quote(path))]
    Import {
        /// The path of the file.
        path: &'static str,
        /// The branch, tag or commit.
        revision: String,
        /// What is wrong with it.
        fault: ImportFault,
    },
}

/// A commit with lists.
#[derive(Debug)]
pub(crate) struct Revision {
    /// The name of the branch or tag, or the commit as the user wrote it.
    pub(crate) name: String,
    /// The commit.
    pub(crate) commit: ObjectId,
    /// The day of the commit, in UTC.
    pub(crate) date: Date,
}

impl Revision {
    /// Finds a branch, a tag or a commit; without a name, the newest release branch.
    ///
    /// # Errors
    /// [`FetchError`]
    pub(crate) fn find(client: &Client, repository: &Repository, name: Option<&str>) -> Result<Self, FetchError> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => newest_branch(client, repository)?,
        };
        let what = format!("{} of {repository}", quote(&name));
        let DatedCommit { id, date } = commits::resolve(client, repository, &what, &name)?;
        Ok(Self { name, commit: id, date })
    }

    /// Fetches the lists of this commit. They describe `release`, else the release that the branch or tag is named
    /// after, else the newest release in which a feature gate changed.
    ///
    /// # Errors
    /// [`FetchError`]
    pub(crate) fn fetch(
        &self,
        client: &Client,
        repository: &Repository,
        release: Option<Milestone>,
    ) -> Result<KubernetesLists, FetchError> {
        let paths = [FEATURE_GATES_PATH, METRICS_PATH];
        let limit = usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX);
        let locations = paths.map(RepoPath::from);
        let texts = files::contents(client, repository, &self.commit, &locations, limit)?;
        let mut parts = Parts::default();
        let fault = |path, fault| FetchError::Import { path, revision: self.name.clone(), fault };
        for (path, bytes) in paths.into_iter().zip(texts) {
            let text = String::from_utf8(bytes).map_err(|_| fault(path, ImportFault::NotUtf8))?;
            parts.add(&text).map_err(|error| fault(path, error))?;
        }
        let lists = parts.join(release.or_else(|| named_release(&self.name)));
        let lists = lists.map_err(|error| fault(FEATURE_GATES_PATH, error))?;
        Ok(lists.of_commit(self.commit.to_string(), self.date))
    }
}

/// The release branch with the highest version.
fn newest_branch(client: &Client, repository: &Repository) -> Result<String, FetchError> {
    let what = format!("the release branches of {repository}");
    let branches = commits::branches(client, repository, &what, RELEASE_BRANCH)?;
    let releases = branches.into_iter().filter(|branch| branch.starts_with(RELEASE_BRANCH));
    let newest = releases.filter_map(|branch| Some((named_release(&branch)?, branch))).max();
    newest.map(|(_, branch)| branch).ok_or_else(|| FetchError::NoRelease(repository.clone()))
}

/// The release that a branch or a tag is named after: `release-1.36`, `v1.36.0`. Other names, such as that of a branch
/// for a patch release, do not name one.
fn named_release(name: &str) -> Option<Milestone> {
    let version = name.strip_prefix(RELEASE_BRANCH).or_else(|| name.strip_prefix('v'))?;
    Milestone::parse(version)
}

impl From<FetchError> for SourceError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Api(error) => error.into(),
            error => Self::unavailable(
                error.to_string(),
                "specify a branch or tag of kubernetes/kubernetes that has the lists",
            ),
        }
    }
}

impl From<FetchError> for Error {
    fn from(error: FetchError) -> Self {
        SourceError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::named_release;
    use crate::kep::Milestone;

    #[test]
    fn branches_and_tags_name_a_release() {
        for name in ["release-1.36", "v1.36.0", "v1.36"] {
            assert_eq!(named_release(name), Some(Milestone::new(1, 36)), "{name}");
        }
        for name in ["master", "release-0.4-rc", "v1.36.0-rc.1", "1.36", "feature-1.36", "0123456789abcdef"] {
            assert_eq!(named_release(name), None, "{name}");
        }
    }
}
