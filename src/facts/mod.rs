//! What rules need to know that no file of the change tells, fetched or computed before they run.
//!
//! A fact that could not be had is absent, and the rules behind it are unchecked: never passed.

pub mod calendar;
pub mod exceptions;
pub mod release_page;
pub mod schedule;

pub use calendar::{Calendar, Deadline, Phase};
pub use exceptions::{Exception, Exceptions, Ruling};
pub use schedule::Schedule;

/// Everything that is handed to the rules beside the change and the policy.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// When releases freeze and come out, and what time it is.
    pub schedule: Schedule,
}
