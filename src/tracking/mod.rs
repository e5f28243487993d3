//! Data that rules need and no file contains: tracking issues, reviews, the release schedule. It is fetched before the
//! rules run.
//!
//! If data could not be fetched, the rules that need it are unchecked; they never pass.

pub mod github;
pub mod issue;
pub mod pulls;
pub mod review;
pub mod shadows;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use crate::error::SourceError;
use crate::github::Repository;
use crate::kep::KepNumber;
use crate::kubernetes::KubernetesLists;
use crate::text::RepoPath;
pub use issue::{Issue, Tracking};
pub use review::{Consent, Reviews};

/// The service where KEPs are tracked and changes are reviewed.
pub trait Tracker: fmt::Debug {
    /// Fetches the issue or pull request with each of these numbers.
    ///
    /// # Errors
    /// [`SourceError`] if any of them could not be fetched.
    fn issues(&self, numbers: &BTreeSet<KepNumber>) -> Result<BTreeMap<KepNumber, Tracking>, SourceError>;

    /// Fetches the reviews of the change. `prr_files` are its production-readiness files with their content at head.
    ///
    /// # Errors
    /// [`SourceError`] if they could not be fetched, or the change is not a pull request.
    fn reviews(&self, prr_files: &BTreeMap<RepoPath, &str>) -> Result<Reviews, SourceError>;

    /// Fetches the feature gates and metrics of Kubernetes from the newest release branch of `repository`.
    ///
    /// # Errors
    /// [`SourceError`] if they could not be fetched.
    fn kubernetes_lists(&self, repository: &Repository) -> Result<KubernetesLists, SourceError>;
}

/// The availability of a tracker.
#[derive(Debug, Clone, Default)]
pub enum Asking {
    /// No tracker was configured.
    #[default]
    Unasked,
    /// The user does not want network access.
    Offline,
    /// Use this tracker.
    Of(Rc<dyn Tracker>),
}
