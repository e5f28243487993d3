//! What rules need to know that no file of the change tells, fetched or computed before they run.
//!
//! A fact that could not be had is absent, and the rules behind it are unchecked: never passed.

pub mod github;
pub mod issue;
pub mod pulls;
pub mod review;
pub mod shadows;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use crate::error::SourceError;
use crate::kep::KepNumber;
use crate::text::RepoPath;
pub use issue::{Issue, Tracking};
pub use review::{Consent, Reviews};

/// Who is asked for facts that are in no file: where KEPs are tracked and changes are reviewed.
pub trait Tracker: fmt::Debug {
    /// What stands under each of these numbers.
    ///
    /// # Errors
    /// [`SourceError`] when one of them could not be found out.
    fn issues(&self, numbers: &BTreeSet<KepNumber>) -> Result<BTreeMap<KepNumber, Tracking>, SourceError>;

    /// What was said on the change. `approvals` are its production-readiness files, as they stand at its head.
    ///
    /// # Errors
    /// [`SourceError`] when it could not be found out, or there is nothing that reviews could be of.
    fn reviews(&self, approvals: &BTreeMap<RepoPath, &str>) -> Result<Reviews, SourceError>;
}

/// Whether somebody is asked.
#[derive(Debug, Clone, Default)]
pub enum Asking {
    /// Nobody said that anybody should be.
    #[default]
    Unasked,
    /// Somebody said that nobody should be.
    Offline,
    /// This one.
    Of(Rc<dyn Tracker>),
}
