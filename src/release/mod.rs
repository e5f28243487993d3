//! Releases: when they freeze and come out, and who may be late.

mod board;
pub mod calendar;
pub mod exceptions;
pub(crate) mod ics;
pub mod release_page;
pub mod schedule;

pub use calendar::{Calendar, Deadline, Phase};
pub use exceptions::{Exception, Exceptions, Ruling};
pub use schedule::Schedule;
