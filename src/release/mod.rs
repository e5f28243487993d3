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

use crate::kep::Milestone;
use crate::text::nearest::nearest;

/// How many releases after the newest known one somebody may be planning for.
const PLANNED_AHEAD: u32 = 6;

/// How many of the newest known releases somebody may mean.
const RECENT: usize = 6;

/// `did you mean v1.36? ` for a release such as v1.63, which is years after those that are `known`, in order; empty if
/// none of the last ones is near. Of equally near ones, the newest is meant.
#[must_use]
pub(crate) fn did_you_mean(release: Milestone, known: &[Milestone]) -> String {
    let is_plausible = known.last().is_none_or(|newest| release <= newest.after(PLANNED_AHEAD));
    let recent = known.iter().rev().take(RECENT).filter(|_| !is_plausible);
    let names: Vec<_> = recent.map(ToString::to_string).collect();
    let near = nearest(&release.to_string(), names.iter().map(String::as_str));
    near.map(|near| format!("did you mean {near}? ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;
    use crate::kep::Milestone;

    #[test]
    fn swapped_digits_mean_the_newest_near_release() {
        let known: Vec<_> = (30..=38).map(|minor| Milestone::new(1, minor)).collect();
        assert_eq!(did_you_mean(Milestone::new(1, 63), &known), "did you mean v1.36? ");
        assert_eq!(did_you_mean(Milestone::new(1, 355), &known), "did you mean v1.35? ");
        for other in [Milestone::new(1, 39), Milestone::new(1, 3), Milestone::new(1, 99), Milestone::new(7, 99)] {
            assert_eq!(did_you_mean(other, &known), "", "{other}");
        }
        assert_eq!(did_you_mean(Milestone::new(1, 63), &[]), "");
    }
}
