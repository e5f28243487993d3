//! The calendar as iCalendar (RFC 5545), for calendar applications.

use icalendar::{Calendar as Document, Component as _, Event, Property};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Calendar, Deadline, Phase};
use crate::kep::Milestone;

/// Identifies the program that wrote a calendar.
const PRODUCT: &str = "-//kepgate//release calendar//EN";

/// The known dates of `releases` as a calendar with one event for each. `project` is written before each release and
/// may be empty. `stamp` is the time of writing. The same arguments always give the same text.
pub(crate) fn render(calendar: &Calendar, releases: &[Milestone], project: &str, stamp: Timestamp) -> String {
    let mut document = Document::empty();
    let name = match project {
        "" => "Freezes and releases".to_owned(),
        project => format!("{project} freezes and releases"),
    };
    for (key, value) in [("VERSION", "2.0"), ("PRODID", PRODUCT), ("CALSCALE", "GREGORIAN")] {
        document.append_property(Property::new(key, value));
    }
    document.name(&name);
    for release in releases.iter().copied() {
        let dated = Phase::ALL.into_iter().filter_map(|phase| Some((phase, calendar.date(release, phase)?)));
        document.extend(dated.map(|(phase, deadline)| event((release, phase), deadline, project, stamp)));
    }
    document.to_string()
}

fn event((release, phase): (Milestone, Phase), deadline: Deadline, project: &str, stamp: Timestamp) -> Event {
    let mut event = Event::new();
    // Applications use this id to find the event when the calendar is imported again, so it must not depend on the
    // date.
    let id = [project, &release.to_string(), phase.key()].join("-").to_lowercase();
    event.add_property("UID", format!("{}@kepgate", id.trim_start_matches('-')));
    event.add_property("DTSTAMP", in_utc(stamp));
    let summary = format!("{project} {release} {}", phase.name(release));
    event.summary(summary.trim_start());
    event.description(&description(release, phase, deadline));
    // A freeze does not make anyone busy.
    event.add_property("TRANSP", "TRANSPARENT");
    match deadline.day() {
        Some(day) if phase == Phase::Release => {
            event.append_property(on_day("DTSTART", day));
        }
        // An event without an end ends when it starts.
        _ => {
            event.add_property("DTSTART", in_utc(deadline.end()));
        }
    }
    event
}

fn description(release: Milestone, phase: Phase, deadline: Deadline) -> String {
    let what = match phase {
        Phase::PrrFreeze => format!(
            "By now, each KEP for {release} needs a tracking issue that is opted in, and a pull request with its stage, \
             its release, its production readiness approver and the answers to the questionnaire."
        ),
        Phase::EnhancementsFreeze => format!(
            "By now, each KEP for {release} has to be merged, implementable and approved for production readiness. \
             After this, it needs an exception."
        ),
        Phase::CodeFreeze => format!("By now, the code for {release} has to be merged."),
        Phase::Release => format!("{release} is released."),
    };
    match deadline.day() {
        Some(day) if phase != Phase::Release => format!("{what}\nThis is the end of {day} anywhere on Earth (AoE)."),
        _ => what,
    }
}

/// `20251017T120000Z`
fn in_utc(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A property whose value is a day.
fn on_day(key: &str, day: Date) -> Property {
    let mut property = Property::new(key, day.strftime("%Y%m%d").to_string());
    property.add_parameter("VALUE", "DATE");
    property
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::kep::Milestone;
    use crate::release::Calendar;

    fn calendar(releases: &[Milestone], project: &str) -> String {
        let stamp = "2025-06-01T08:30:15Z".parse().unwrap();
        render(&Calendar::built_in(), releases, project, stamp).replace("\r\n ", "")
    }

    #[test]
    fn each_known_date_is_an_event() {
        let text = calendar(&[Milestone::new(1, 34)], "Kubernetes");
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{text}");
        assert!(text.contains("X-WR-CALNAME:Kubernetes freezes and releases\r\n"), "{text}");
        assert_eq!(text.matches("DTSTAMP:20250601T083015Z\r\n").count(), 4, "{text}");
        let starts: Vec<_> = text.lines().filter(|line| line.starts_with("DTSTART")).collect();
        assert_eq!(
            starts,
            [
                // This is the end of 2025-06-12 anywhere on Earth.
                "DTSTART:20250613T120000Z",
                "DTSTART:20250620T210000Z",
                "DTSTART:20250725T020000Z",
                "DTSTART;VALUE=DATE:20250827",
            ]
        );
    }

    #[test]
    fn ids_do_not_depend_on_dates_or_the_clock() {
        let ids = |releases: &[Milestone]| -> Vec<String> {
            let text = calendar(releases, "Kubernetes");
            text.lines().filter(|line| line.starts_with("UID")).map(str::to_owned).collect()
        };
        let v38 = ids(&[Milestone::new(1, 38)]);
        assert_eq!(
            v38,
            [
                "UID:kubernetes-v1.38-prr-freeze@kepgate",
                "UID:kubernetes-v1.38-enhancements-freeze@kepgate",
                "UID:kubernetes-v1.38-release@kepgate"
            ]
        );
    }

    #[test]
    fn a_project_without_a_name_has_plain_titles() {
        let text = calendar(&[Milestone::new(1, 38)], "");
        assert!(text.contains("SUMMARY:v1.38 KEP Readiness Deadline\r\n"), "{text}");
        assert!(text.contains("X-WR-CALNAME:Freezes and releases\r\n"), "{text}");
    }
}
