//! The dates of releases and their freezes: the built-in calendar, and entries in the same format that extend it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::kep::{Entries, Milestone, Text};
use crate::text::Span;
use crate::text::wording::quote;

/// The dates of Kubernetes releases, as written by `calendar import`.
const BUILT_IN: &str = include_str!("calendar.yaml");

/// The dates of a release, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// By this date, the questionnaires must be answered.
    PrrFreeze,
    /// After this date, a change for the release needs an exception to be merged.
    EnhancementsFreeze,
    /// After this date, features that are not implemented have to wait for another release.
    CodeFreeze,
    /// The release comes out.
    Release,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 4] = [Self::PrrFreeze, Self::EnhancementsFreeze, Self::CodeFreeze, Self::Release];

    /// The key in a calendar file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PrrFreeze => "prr-freeze",
            Self::EnhancementsFreeze => "enhancements-freeze",
            Self::CodeFreeze => "code-freeze",
            Self::Release => "release",
        }
    }

    /// Its name in `release`. The first freeze has a different name from v1.38 on.
    #[must_use]
    pub fn name(self, release: Milestone) -> &'static str {
        match self {
            Self::PrrFreeze if release >= RENAMED && release.may_be_kubernetes() => "KEP Readiness Deadline",
            Self::PrrFreeze => "Production Readiness Freeze",
            Self::EnhancementsFreeze => "Enhancements Freeze",
            Self::CodeFreeze => "Code Freeze",
            Self::Release => "release",
        }
    }
}

/// The first release in which the Production Readiness Freeze is called KEP Readiness Deadline.
const RENAMED: Milestone = Milestone::new(1, 38);

const KEYS: &[&str] = &["prr-freeze", "enhancements-freeze", "code-freeze", "release"];

/// A date in the calendar: an instant, or a day, which ends when it is over everywhere on Earth (UTC-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    end: Timestamp,
    day: Option<Date>,
}

impl Deadline {
    /// Parses `2025-10-17` or `2025-10-17T12:00Z`. Seconds and other offsets are accepted, but a time needs an offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains(':') {
            return Some(Self::at(text.parse().ok()?));
        }
        Self::on(text.parse().ok()?)
    }

    /// A deadline at this instant.
    #[must_use]
    pub const fn at(end: Timestamp) -> Self {
        Self { end, day: None }
    }

    /// The end of this day anywhere on Earth, which is 12:00 UTC on the next day; `None` if that is out of range.
    #[must_use]
    pub fn on(day: Date) -> Option<Self> {
        let end = day.tomorrow().ok()?.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Self { end, day: Some(day) })
    }

    /// When the deadline is over.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// The day, if no time is given.
    #[must_use]
    pub(crate) const fn day(self) -> Option<Date> {
        self.day
    }

    /// `Friday, 17 October 2025, 12:00 UTC`, or just a day: `Thursday, 12 June 2025 (AoE)`.
    #[must_use]
    pub(crate) fn in_words(self) -> String {
        match self.day {
            Some(day) => day.strftime("%A, %-d %B %Y (AoE)").to_string(),
            None => self.end.strftime("%A, %-d %B %Y, %H:%M UTC").to_string(),
        }
    }

    /// The deadline in the format that [`Deadline::parse`] reads.
    #[must_use]
    pub fn written(self) -> String {
        match self.day {
            Some(day) => day.to_string(),
            None => self.end.strftime("%Y-%m-%dT%H:%MZ").to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for Deadline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("{} is not a date", quote(&text))))
    }
}

/// `2025-10-17 12:00 UTC`, or just a day: `2025-06-12 (AoE)`.
impl fmt::Display for Deadline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            Some(day) => write!(formatter, "{day} (AoE)"),
            None => write!(formatter, "{}", self.end.strftime("%Y-%m-%d %H:%M UTC")),
        }
    }
}

/// The known dates of releases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<(Milestone, Phase), Deadline>);

impl Calendar {
    /// Kubernetes' calendar from v1.26 on, as known when this program was built.
    #[must_use]
    pub fn built_in() -> Self {
        // A test checks that it is valid.
        Self::from_yaml(BUILT_IN).unwrap_or_default()
    }

    /// Reads a calendar without keeping spans for messages.
    fn from_yaml(text: &str) -> Result<Self, serde_yaml::Error> {
        let mut calendar = Self::default();
        for (release, dates) in serde_yaml::from_str::<BTreeMap<Milestone, BTreeMap<Phase, Deadline>>>(text)? {
            for (phase, deadline) in dates {
                calendar.set(release, phase, deadline);
            }
        }
        Ok(calendar)
    }

    /// Creates a calendar from these entries and adds their faults to `faults`.
    pub(crate) fn validated(entries: &[Entry], faults: &mut Vec<CalendarFault>) -> Self {
        let mut calendar = Self::default();
        for entry in entries {
            let Some(release) = Milestone::parse(&entry.name).filter(|release| !release.is_exempt()) else {
                let message = format!("{} is not a release", quote(&entry.name));
                faults.push(CalendarFault { span: entry.key, message, help: "write it as v1.39" });
                continue;
            };
            for (phase, text) in Phase::ALL.into_iter().zip(&entry.dates) {
                let Some((text, span)) = text.value() else { continue };
                match Deadline::parse(text) {
                    Some(deadline) => calendar.set(release, phase, deadline),
                    None => faults.push(CalendarFault {
                        span,
                        message: format!("`{}` is {}, which is not a date", phase.key(), quote(text)),
                        help: "write it as 2025-10-17T12:00Z in UTC, or as 2025-10-17 for the end of that day \
                               anywhere on Earth",
                    }),
                }
            }
        }
        calendar
    }

    /// Adds or replaces a date.
    pub fn set(&mut self, release: Milestone, phase: Phase, deadline: Deadline) {
        self.0.insert((release, phase), deadline);
    }

    /// Adds the dates of `other`, which replace existing ones.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// True if `other` contains all of its dates.
    #[must_use]
    pub fn is_part_of(&self, other: &Self) -> bool {
        self.0.iter().all(|(phase, deadline)| other.0.get(phase) == Some(deadline))
    }

    /// The releases of which it has a date that `other` does not have.
    pub(crate) fn releases_beyond(&self, other: &Self) -> impl Iterator<Item = Milestone> {
        self.0.keys().filter(|phase| !other.0.contains_key(phase)).map(|(release, _)| *release)
    }

    /// The date of `phase` of `release`, if it is known.
    #[must_use]
    pub fn date(&self, release: Milestone, phase: Phase) -> Option<Deadline> {
        self.0.get(&(release, phase)).copied()
    }

    /// The releases with a known date, in order.
    #[must_use]
    pub fn releases(&self) -> Vec<Milestone> {
        let mut releases: Vec<_> = self.0.keys().map(|(release, _)| *release).collect();
        releases.dedup();
        releases
    }

    /// True if `phase` of `release` has passed at `now`. If its date is unknown, a later phase that has passed or an
    /// earlier phase that has not can decide, because phases are in order.
    #[must_use]
    pub fn has_passed(&self, release: Milestone, phase: Phase, now: Timestamp) -> Option<bool> {
        let point = (release, phase);
        let is_over = |deadline: &Deadline| deadline.end <= now;
        if let Some(deadline) = self.0.get(&point) {
            return Some(is_over(deadline));
        }
        let later = self.0.iter().filter(|(other, _)| **other > point).any(|(_, deadline)| is_over(deadline));
        let earlier = self.0.iter().filter(|(other, _)| **other < point).any(|(_, deadline)| !is_over(deadline));
        match (later, earlier) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// The time from `now` until `phase` of `release`; negative if it has passed.
    #[must_use]
    pub fn time_left(&self, release: Milestone, phase: Phase, now: Timestamp) -> Option<SignedDuration> {
        self.date(release, phase).map(|deadline| deadline.end.duration_since(now))
    }

    /// The calendar as YAML, in the format in which it is read.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        self.releases().into_iter().map(|release| self.entry(release)).collect()
    }

    /// The part of [`Calendar::to_yaml`] for one release.
    #[must_use]
    pub fn entry(&self, release: Milestone) -> String {
        let mut text = format!("{release}:\n");
        for phase in Phase::ALL {
            if let Some(deadline) = self.date(release, phase) {
                text.push_str(&format!("  {}: {}\n", phase.key(), deadline.written()));
            }
        }
        text
    }
}

/// A fault in an entry of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalendarFault {
    /// Its location.
    pub(crate) span: Span,
    /// The message.
    pub(crate) message: String,
    /// The help.
    pub(crate) help: &'static str,
}

/// The entry of a release, as written.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    name: String,
    key: Span,
    dates: [Text; 4],
}

/// Decodes the entries of a calendar. Each key is a release, with a mapping of its dates.
pub(crate) fn lower(entries: &mut Entries<'_>) -> Vec<Entry> {
    let lowered = entries.named_mappings(|entries| {
        let dates = Phase::ALL.map(|phase| entries.text(phase.key()));
        entries.finish(KEYS);
        dates
    });
    lowered.into_iter().map(|(name, key, dates)| Entry { name, key, dates }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Deadline, Phase, lower};
    use crate::kep::{Entries, Milestone};

    fn release(minor: u32) -> Milestone {
        Milestone::new(1, minor)
    }

    #[test]
    fn the_built_in_calendar_is_valid() {
        let calendar = Calendar::from_yaml(super::BUILT_IN).unwrap();
        assert_eq!(calendar.releases(), (26..=38).map(release).collect::<Vec<_>>());
        // The dates are in order. Code freezes are known up to v1.35, the other dates for all releases.
        let dates: Vec<_> = calendar.0.values().map(|deadline| deadline.end()).collect();
        assert_eq!(dates.len(), 13 * 3 + 10);
        assert!(dates.is_sorted());
        let (_, entries) = super::BUILT_IN.split_once("\n\n").unwrap();
        assert_eq!(calendar.to_yaml(), entries);
    }

    #[test]
    fn a_date_without_time_ends_anywhere_on_earth() {
        let day = Deadline::parse("2025-06-12").unwrap();
        assert_eq!(day.end().to_string(), "2025-06-13T12:00:00Z");
        assert_eq!(day.to_string(), "2025-06-12 (AoE)");
        let instant = Deadline::parse("2025-10-17T12:00Z").unwrap();
        assert_eq!(instant.to_string(), "2025-10-17 12:00 UTC");
        assert_eq!(day.in_words(), "Thursday, 12 June 2025 (AoE)");
        assert_eq!(instant.in_words(), "Friday, 17 October 2025, 12:00 UTC");
        assert_eq!(Deadline::parse("2025-10-17T00:00-12:00"), Some(instant));
        for text in ["", "2025-10-17T12:00", "2025-02-30", "17.10.2025", "soon", "9999-12-31"] {
            assert_eq!(Deadline::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn known_dates_decide_about_unknown_ones() {
        let calendar = Calendar::from_yaml(
            "v1.35: {prr-freeze: 2025-10-10T12:00Z, enhancements-freeze: 2025-10-17T12:00Z}\nv1.36: {prr-freeze: 2026-02-05T12:00Z}\n",
        )
        .unwrap();
        let passed = |minor, phase, now: &str| calendar.has_passed(release(minor), phase, now.parse().unwrap());
        assert_eq!(passed(35, Phase::EnhancementsFreeze, "2025-10-17T11:59:59Z"), Some(false));
        assert_eq!(passed(35, Phase::EnhancementsFreeze, "2025-10-17T12:00:00Z"), Some(true));
        // Nothing is known about v1.34, which came before, or about the date of v1.35.
        assert_eq!(passed(34, Phase::EnhancementsFreeze, "2025-10-11T00:00:00Z"), Some(true));
        assert_eq!(passed(34, Phase::EnhancementsFreeze, "2025-10-01T00:00:00Z"), None);
        assert_eq!(passed(35, Phase::Release, "2025-10-11T00:00:00Z"), Some(false));
        assert_eq!(passed(35, Phase::Release, "2025-12-01T00:00:00Z"), None);
        assert_eq!(passed(35, Phase::Release, "2026-02-06T00:00:00Z"), Some(true));
        // Nothing is known about v1.37, which comes later.
        assert_eq!(passed(37, Phase::PrrFreeze, "2026-02-01T00:00:00Z"), Some(false));
        assert_eq!(passed(37, Phase::PrrFreeze, "2026-03-01T00:00:00Z"), None);
    }

    #[test]
    fn faults_point_to_the_invalid_value() {
        let text = "v1.39: {release: soon}\nnext:\n  release: 2027-04-01\n\"0.0\": {}\n";
        let document = crate::syntax::yaml::read(text);
        let mut faults = Vec::new();
        Calendar::validated(&lower(&mut Entries::of_document(&document, &mut Vec::new())), &mut faults);
        let places: Vec<_> = faults.iter().map(|fault| (&text[fault.span], fault.message.as_str())).collect();
        assert_eq!(
            places,
            [
                ("soon", "`release` is `soon`, which is not a date"),
                ("next", "`next` is not a release"),
                ("\"0.0\"", "`0.0` is not a release"),
            ]
        );
    }
}
