//! The current time, and the state of releases at that time.

use jiff::{SignedDuration, Timestamp};

use super::{Calendar, Deadline, Exception, Exceptions, PLANNED_AHEAD, Phase};
use crate::kep::{KepNumber, Milestone};
use crate::text::wording::count;

/// The calendar and the clock. `None` means that the answer is unknown.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    /// The dates of releases and their freezes.
    pub calendar: Calendar,
    /// The current time; `None` if it is unknown.
    pub now: Option<Timestamp>,
    /// The upcoming release from the configuration. All earlier ones are out.
    pub upcoming: Option<Milestone>,
    /// The exceptions to the freezes.
    pub exceptions: Exceptions,
    /// True if the releases are those of Kubernetes: the calendar does not tell anything about v0.9, and v2.0 is to come.
    pub is_of_kubernetes: bool,
}

impl Schedule {
    /// True if `phase` of `release` has passed.
    #[must_use]
    pub fn has_passed(&self, release: Milestone, phase: Phase) -> Option<bool> {
        if self.is_of_kubernetes && !release.may_be_kubernetes() && release < Milestone::PRR_REQUIRED {
            return None;
        }
        match self.upcoming {
            Some(upcoming) if phase == Phase::Release => return Some(release < upcoming),
            Some(upcoming) if release < upcoming => return Some(true),
            _ => {}
        }
        self.calendar.has_passed(release, phase, self.now?)
    }

    /// True if `release` is out. The upcoming release from the configuration is the first one that is not.
    #[must_use]
    pub fn is_out(&self, release: Milestone) -> Option<bool> {
        self.has_passed(release, Phase::Release)
    }

    /// True if the Enhancements Freeze of `release` has passed.
    #[must_use]
    pub fn is_frozen(&self, release: Milestone) -> Option<bool> {
        self.has_passed(release, Phase::EnhancementsFreeze)
    }

    /// True if the Code Freeze of `release` has passed, so that Kubernetes already contains what will be in the
    /// release.
    #[must_use]
    pub fn is_code_frozen(&self, release: Milestone) -> Option<bool> {
        self.has_passed(release, Phase::CodeFreeze)
    }

    /// The first release after `release` whose Enhancements Freeze is not known to have passed.
    #[must_use]
    pub fn next_open(&self, release: Milestone) -> Option<Milestone> {
        self.first_open(release.next())
    }

    /// The first release, starting with `release`, whose Enhancements Freeze is not known to have passed.
    #[must_use]
    pub fn first_open(&self, release: Milestone) -> Option<Milestone> {
        const MAX_RELEASES: usize = 100;
        let later = std::iter::successors(Some(release), |release| Some(release.next())).take(MAX_RELEASES);
        later.into_iter().find(|release| self.is_frozen(*release) != Some(true))
    }

    /// The release that is being worked on: the upcoming one of the configuration, or the first that is known not to be
    /// out.
    #[must_use]
    pub fn current(&self) -> Option<Milestone> {
        let is_coming = |release: &Milestone| self.is_out(*release) == Some(false);
        self.upcoming.or_else(|| self.calendar.releases().into_iter().find(is_coming))
    }

    /// The newest known release: the last one in the calendar, or the upcoming one from the configuration.
    #[must_use]
    pub fn newest(&self) -> Option<Milestone> {
        self.calendar.releases().last().copied().max(self.upcoming)
    }

    /// The newest known release, if `release` is so much later that nobody can be planning for it yet. If the calendar
    /// is out of date, releases that have probably come out since are taken into account.
    #[must_use]
    pub fn newest_long_before(&self, release: Milestone) -> Option<Milestone> {
        const DAYS_BETWEEN_RELEASES: i64 = 100;
        let newest = self.newest()?;
        let left = self.date(newest, Phase::Release).and_then(|date| Some(date.end().duration_since(self.now?)));
        let days_since = left.map_or(0, |left| (-left.as_hours() / 24).max(0));
        let since = u32::try_from(days_since / DAYS_BETWEEN_RELEASES).unwrap_or(u32::MAX);
        let last = newest.after(PLANNED_AHEAD.saturating_add(since));
        (release > last).then_some(newest)
    }

    /// The date of `phase` of `release`, if it is known.
    #[must_use]
    pub fn date(&self, release: Milestone, phase: Phase) -> Option<Deadline> {
        self.calendar.date(release, phase)
    }

    /// The time until `phase` of `release`; negative if it has passed.
    #[must_use]
    pub fn time_left(&self, release: Milestone, phase: Phase) -> Option<SignedDuration> {
        self.calendar.time_left(release, phase, self.now?)
    }

    /// `12 days left`, `30 hours left`, `passed 5 hours ago`, `passed 3 days ago`; `None` if the date or the current time
    /// is unknown.
    #[must_use]
    pub fn countdown(&self, release: Milestone, phase: Phase) -> Option<String> {
        let length = in_words(self.time_left(release, phase)?);
        Some(match self.has_passed(release, phase) {
            Some(true) => format!("passed {length} ago"),
            _ => format!("{length} left"),
        })
    }

    /// The KEP's request for an exception to a freeze of `release`, whatever the ruling.
    #[must_use]
    pub fn exception(&self, release: Milestone, kep: KepNumber) -> Option<&Exception> {
        self.exceptions.of(release, kep)
    }
}

/// `less than an hour`, `30 hours`, `12 days`: a length of time, rounded down, whatever its sign.
#[must_use]
pub(crate) fn in_words(time: SignedDuration) -> String {
    const DAY: u64 = 24;
    let hours = time.as_hours().unsigned_abs();
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    match hours {
        0 => "less than an hour".to_owned(),
        hours if hours < 2 * DAY => count(number(hours), "hour"),
        hours => count(number(hours / DAY), "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, Schedule};
    use crate::kep::Milestone;
    use crate::release::Calendar;

    const V34: Milestone = Milestone::new(1, 34);
    const V35: Milestone = Milestone::new(1, 35);
    const V36: Milestone = Milestone::new(1, 36);

    #[test]
    fn a_release_is_frozen_first_and_out_later() {
        let at = |now: &str| Schedule {
            calendar: Calendar::built_in(),
            now: Some(now.parse().unwrap()),
            ..Schedule::default()
        };
        let october = at("2025-10-17T12:00:00Z");
        assert_eq!([october.is_out(V34), october.is_out(V35)], [Some(true), Some(false)]);
        assert_eq!([october.is_frozen(V35), october.is_frozen(V36)], [Some(true), Some(false)]);
        let left = october.time_left(V36, Phase::EnhancementsFreeze).unwrap();
        assert_eq!(left.as_hours(), 118 * 24);
    }

    #[test]
    fn only_releases_far_in_the_future_are_implausible() {
        let at = |now: &str| Schedule { calendar: Calendar::built_in(), now: now.parse().ok(), ..Schedule::default() };
        let newest = Milestone::new(1, 38);
        for (now, minor, expected) in [
            ("2025-10-17T12:00:00Z", 44, None),
            ("2025-10-17T12:00:00Z", 45, Some(newest)),
            ("2025-10-17T12:00:00Z", 355, Some(newest)),
            ("", 99, Some(newest)),
            // Three years after the newest known release, there are probably about ten more.
            ("2029-12-16T12:00:00Z", 54, None),
            ("2029-12-16T12:00:00Z", 99, Some(newest)),
        ] {
            assert_eq!(at(now).newest_long_before(Milestone::new(1, minor)), expected, "v1.{minor} at {now}");
        }
        assert_eq!(at("").newest_long_before(Milestone::new(2, 1)), Some(newest));
        assert_eq!(Schedule::default().newest_long_before(Milestone::new(1, 99)), None);
        let upcoming = Some(Milestone::new(1, 60));
        assert_eq!(Schedule { upcoming, ..at("") }.newest_long_before(Milestone::new(1, 66)), None);
    }

    #[test]
    fn a_countdown_is_in_words() {
        let words = |now: &str| {
            let schedule = Schedule { calendar: Calendar::built_in(), now: now.parse().ok(), ..Schedule::default() };
            schedule.countdown(V36, Phase::EnhancementsFreeze)
        };
        for (now, expected) in [
            ("2025-10-17T12:00:00Z", "118 days left"),
            ("2026-02-11T06:00:00Z", "30 hours left"),
            ("2026-02-12T11:00:00Z", "1 hour left"),
            ("2026-02-12T11:30:00Z", "less than an hour left"),
            ("2026-02-12T13:00:00Z", "passed 1 hour ago"),
            ("2026-02-15T12:00:00Z", "passed 3 days ago"),
            ("2026-08-15T12:00:00Z", "passed 184 days ago"),
        ] {
            assert_eq!(words(now).as_deref(), Some(expected), "{now}");
        }
        assert_eq!(words(""), None);
    }

    #[test]
    fn the_configuration_takes_precedence() {
        let schedule = Schedule { upcoming: Some(V35), ..Schedule::default() };
        assert_eq!([schedule.is_out(V34), schedule.is_out(V35)], [Some(true), Some(false)]);
        assert_eq!([schedule.is_frozen(V34), schedule.is_frozen(V35)], [Some(true), None]);
    }

    #[test]
    fn without_the_current_time_everything_is_unknown() {
        let schedule = Schedule { calendar: Calendar::built_in(), ..Schedule::default() };
        assert_eq!([schedule.is_out(V34), schedule.is_frozen(V36)], [None, None]);
    }
}
