//! What rules need to know that no file of the change tells, fetched or computed before they run.
//!
//! A fact that could not be had is absent, and the rules behind it are unchecked: never passed.

use crate::model::Milestone;

/// Everything that is handed to the rules beside the change and the policy.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The release that is being worked on; `None` when nothing tells.
    pub upcoming_release: Option<Milestone>,
}
