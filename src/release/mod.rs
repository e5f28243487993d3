//! Releases: their dates, and the exceptions to their freezes.

mod board;
pub mod calendar;
mod exception;
pub mod exceptions;
pub(crate) mod ics;
pub mod release_page;
pub mod schedule;

pub use calendar::{Calendar, Deadline, Phase};
pub use exception::{Exception, ExceptionsError, Ruling};
pub use exceptions::Exceptions;
pub use schedule::Schedule;
