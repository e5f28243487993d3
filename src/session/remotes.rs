//! The repository on GitHub that a tree belongs to.

use std::path::Path;

use super::Environment;
use crate::project::{Profile, Web};
use crate::source::git::Repository;

/// The repository on GitHub that a tree belongs to, according to the environment and the remotes of the clone.
#[derive(Debug, Default)]
pub(crate) struct Remotes {
    /// `GITHUB_REPOSITORY`.
    event: Option<Web>,
    upstream: Option<Web>,
    origin: Option<Web>,
}

impl Remotes {
    /// Reads the remotes of the repository around `folder`, if there is one.
    pub(crate) fn of(folder: &Path, environment: &Environment) -> Self {
        let repository = Repository::discover(folder).ok();
        let remote = |name: &str| Web::of_remote(&repository.as_ref()?.remote_url(name)?);
        Self { event: environment.web.clone(), upstream: remote("upstream"), origin: remote("origin") }
    }

    /// The repository with the files of the tree.
    pub(crate) fn of_files(&self) -> Option<&Web> {
        self.event.as_ref().or(self.upstream.as_ref()).or(self.origin.as_ref())
    }

    /// The repository where pull requests are opened. A clone of Kubernetes' KEPs without a remote `upstream` is
    /// most likely that of a fork, so its pull requests are in kubernetes/enhancements.
    pub(crate) fn of_pull_requests(&self, profile: &Profile) -> Option<Web> {
        let named = self.event.as_ref().or(self.upstream.as_ref());
        if profile.dialect.is_kubernetes {
            let usual =
                || Web { server: "https://github.com".to_owned(), repository: "kubernetes/enhancements".to_owned() };
            return Some(named.cloned().unwrap_or_else(usual));
        }
        named.or(self.origin.as_ref()).cloned()
    }
}
