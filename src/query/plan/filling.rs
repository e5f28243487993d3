//! How releases filled up before their Enhancements Freeze, from the history of the repository.

use jiff::{SignedDuration, Timestamp};

use crate::history::{History, Version};
use crate::kep::{Milestone, Status};
use crate::release::{Calendar, Phase};

/// The days before the freeze on which KEPs are counted.
pub(crate) const DAYS: [i64; 8] = [28, 21, 14, 7, 3, 2, 1, 0];

/// The number of releases before the planned one.
const EARLIER: usize = 3;

/// How a release filled up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filling {
    /// The release.
    pub(crate) release: Milestone,
    /// When its Enhancements Freeze was, or is.
    pub(crate) freeze: Timestamp,
    /// The number of KEPs for it that name an approver, for each of [`DAYS`]; `None` for a day that is still to come.
    pub(crate) named: [Option<u32>; DAYS.len()],
}

/// The three releases before `release` and this one, as far as the calendar knows their freezes.
#[must_use]
pub(crate) fn releases(calendar: &Calendar, release: Milestone) -> Vec<(Milestone, Timestamp)> {
    let dated = calendar.releases().into_iter().filter(|other| *other <= release);
    let dated = dated.filter_map(|other| Some((other, calendar.date(other, Phase::EnhancementsFreeze)?.end())));
    let mut dated: Vec<_> = dated.collect();
    let is_known = dated.last().is_some_and(|(last, _)| *last == release);
    let kept = EARLIER + usize::from(is_known);
    dated.drain(..dated.len().saturating_sub(kept));
    dated
}

/// The first time that [`fill`] looks at.
#[must_use]
pub(crate) fn start(releases: &[(Milestone, Timestamp)]) -> Option<Timestamp> {
    let first = releases.iter().map(|(_, freeze)| *freeze).min()?;
    days_before(first, DAYS[0])
}

/// Counts the KEPs of each release, as far as `now` has come.
#[must_use]
pub(crate) fn fill(history: &History, releases: &[(Milestone, Timestamp)], now: Timestamp) -> Vec<Filling> {
    let fill = |(release, freeze): &(Milestone, Timestamp)| {
        let end = history.known_until(*freeze, now);
        let named = DAYS.map(|days| {
            let time = days_before(*freeze, days).filter(|time| *time <= end)?;
            let versions = history.keps.iter().filter_map(|kep| kep.version_at(time));
            u32::try_from(versions.filter(|version| names_approver(history, version, (*release, time))).count()).ok()
        });
        Filling { release: *release, freeze: *freeze, named }
    };
    releases.iter().map(fill).collect()
}

fn days_before(freeze: Timestamp, days: i64) -> Option<Timestamp> {
    freeze.checked_sub(SignedDuration::from_hours(24 * days)).ok()
}

/// True if the KEP is for the release and names somebody for its stage who could approve it at that time.
fn names_approver(history: &History, version: &Version, (release, time): (Milestone, Timestamp)) -> bool {
    let Some(metadata) = &version.metadata else { return false };
    let is_for = metadata.latest == Some(release) && !metadata.known_status.is_some_and(Status::is_closed);
    is_for && metadata.stage.is_some_and(|stage| history.is_approved_at(version, stage, time))
}
