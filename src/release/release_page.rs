//! A release's page at SIG Release, `releases/release-1.N/README.md`. This is the only place where its dates are
//! published, as prose for people.
//!
//! Each date appears twice, in the list in the summary and in the table in the timeline, and both must agree. If a time
//! is given in several zones, only UTC counts, because the others are sometimes off by an hour. A day without a time,
//! or with `(AoE)`, ends when it is over everywhere on Earth.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::{Calendar, Deadline, Phase};
use crate::kep::Milestone;
use crate::text::wording::quote;

/// Why a page cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFault {
    /// The 1-based line; `None` for the page as a whole.
    pub line: Option<usize>,
    /// The message, without a full stop.
    pub message: String,
}

/// Reads the release and its dates from `page`.
///
/// # Errors
/// A date that is missing, ambiguous or contradictory.
pub fn read(page: &str) -> Result<(Milestone, Calendar), PageFault> {
    let mut release: Option<(Milestone, usize)> = None;
    let mut dates: [Option<(Deadline, usize)>; 4] = [None; 4];
    for statement in statements(page) {
        let Some((phase, named)) = meaning(&statement.label) else { continue };
        let line = statement.line;
        if let Some(named) = named {
            agree(&mut release, named, line, "names a different release")?;
        }
        let deadline = match deadline(&statement.when) {
            Ok(deadline) => deadline,
            // Pages before v1.24 give the code freeze in local time, and no rule depends on that date alone.
            Err(_) if phase == Phase::CodeFreeze => continue,
            Err(what) => {
                return Err(PageFault { line: Some(line), message: format!("{}: {what}", statement.label) });
            }
        };
        if let Some(slot) = dates.get_mut(phase as usize) {
            agree(slot, deadline, line, &format!("gives a different date for {}", quote(&statement.label)))?;
        }
    }
    let missing = |what: &str| PageFault { line: None, message: format!("the page does not say {what}") };
    let (release, _) = release.ok_or_else(|| missing("when a release comes out, as in `v1.36.0 released`"))?;
    let mut calendar = Calendar::default();
    for (phase, date) in Phase::ALL.into_iter().zip(dates) {
        if phase == Phase::CodeFreeze && date.is_none() {
            continue;
        }
        let (deadline, _) = date.ok_or_else(|| missing(&format!("when the {} is", phase.name(release))))?;
        calendar.set(release, phase, deadline);
    }
    Ok((release, calendar))
}

/// Stores the first value, and fails if a later one differs.
fn agree<T: PartialEq>(slot: &mut Option<(T, usize)>, value: T, line: usize, what: &str) -> Result<(), PageFault> {
    match slot {
        Some((known, first)) if *known != value => {
            Err(PageFault { line: Some(line), message: format!("{what} than line {first} does") })
        }
        Some(_) => Ok(()),
        None => {
            *slot = Some((value, line));
            Ok(())
        }
    }
}

/// An event and its date, without Markdown markup.
struct Statement {
    line: usize,
    label: String,
    when: String,
}

/// The maximum length in bytes of a list item or table row. Longer ones are skipped.
const MAX_ENTRY: usize = 4096;

/// Reads the list items (`- **when**: Week 4 — label`, sometimes over two lines) and the table rows.
fn statements(page: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut when_column = None;
    let mut lines = page.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        if line.len() > MAX_ENTRY {
            continue;
        }
        if line.starts_with("- ") || line.starts_with("* ") {
            let mut item = line.get(2..).unwrap_or_default().to_owned();
            let goes_on = |next: &str, length: usize| {
                next.starts_with("  ") && !next.trim().is_empty() && length + next.len() <= MAX_ENTRY
            };
            while let Some((_, more)) = lines.next_if(|(_, next)| goes_on(next, item.len())) {
                item.push(' ');
                item.push_str(more.trim());
            }
            statements.extend(of_item(index + 1, &plain(&item)));
        } else if let Some(row) = line.trim().strip_prefix('|') {
            let cells: Vec<_> = row.split('|').map(|cell| plain(cell).trim().to_owned()).collect();
            let heads = cells.iter().position(|cell| cell.eq_ignore_ascii_case("when"));
            when_column = heads.or(when_column);
            let when = when_column.and_then(|column| cells.get(column)).filter(|_| heads.is_none());
            if let (Some(label), Some(when)) = (cells.first(), when) {
                let when = format!("{when} {}", time_in(label)).trim().to_owned();
                statements.push(Statement { line: index + 1, label: label.clone(), when });
            }
        }
    }
    statements
}

/// The time of day, which old pages give after the label: `Begin Enhancements Freeze (23:59 PDT)`.
fn time_in(label: &str) -> &str {
    let note = label.split_once('(').and_then(|(_, rest)| rest.split(')').next()).unwrap_or_default();
    if note.contains(':') || note.starts_with("EOD") { note } else { "" }
}

fn of_item(line: usize, item: &str) -> Option<Statement> {
    let (when, rest) = item.split_once("Week ")?;
    let label = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let label = label.trim_matches([' ', '\u{2014}', '\u{2013}', '-']);
    let when = when.trim_end().trim_end_matches(':').trim();
    Some(Statement { line, label: label.to_owned(), when: when.to_owned() })
}

/// The visible text, with links replaced by their labels and without emphasis.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        let target = match rest.as_bytes() {
            [b']', b'(', ..] | [b'(', b'h', b't', b't', b'p', ..] => rest.find(')'),
            [b']', b'[', ..] => rest.get(1..).and_then(|rest| rest.find(']')).map(|end| end + 1),
            _ => None,
        };
        if let Some(end) = target {
            rest = rest.get(end + 1..).unwrap_or_default();
            continue;
        }
        if !matches!(character, '*' | '[' | ']') {
            text.push(character);
        }
        rest = after;
    }
    text
}

/// The phase that a label is about, and the release if it names one.
fn meaning(label: &str) -> Option<(Phase, Option<Milestone>)> {
    let label = label.to_lowercase();
    let label = label.split('(').next().unwrap_or_default().trim();
    match label.strip_prefix("begin ").unwrap_or(label) {
        "production readiness freeze"
        | "production readiness soft freeze"
        | "prr freeze"
        | "kep readiness deadline" => Some((Phase::PrrFreeze, None)),
        "enhancements freeze" | "enhancement freeze" => Some((Phase::EnhancementsFreeze, None)),
        "code freeze" | "code freeze and test freeze" => Some((Phase::CodeFreeze, None)),
        label => {
            let version = label.strip_prefix("kubernetes ").unwrap_or(label).strip_suffix(".0 released")?;
            // `1.36.0-rc.0 released` has the same ending.
            let is_minor = version.matches('.').count() == 1;
            Milestone::parse(version).filter(|_| is_minor).map(|release| (Phase::Release, Some(release)))
        }
    }
}

/// The date in `when`, which may be given in several zones, separated by ` / `.
fn deadline(when: &str) -> Result<Deadline, String> {
    let ways = when.split(" / ").map(Way::read).collect::<Result<Vec<_>, _>>()?;
    let in_utc = ways.iter().find(|way| way.zone.as_deref() == Some("UTC"));
    let anywhere = ways.iter().find(|way| way.zone.as_deref() == Some("AOE"));
    match (in_utc, anywhere, ways.as_slice()) {
        (Some(utc), Some(day), _) => {
            let (instant, day) = (utc.instant()?, day.whole_day()?);
            if instant != day.end() {
                return Err(format!("{} has two different times", quote(when)));
            }
            Ok(Deadline::at(instant))
        }
        (Some(utc), None, _) => Ok(Deadline::at(utc.instant()?)),
        (None, Some(day), _) => day.whole_day(),
        (None, None, [day]) if day.zone.is_none() => day.whole_day(),
        _ => Err(format!("{} has no time in UTC", quote(when))),
    }
}

/// A date in one notation: `02:00 UTC Friday 14th February 2025`, `Thu September 2, 2021`.
#[derive(Default)]
struct Way {
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    weekday: Option<Weekday>,
    /// The hour and minute.
    time: Option<(i8, i8)>,
    zone: Option<String>,
    text: String,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl Way {
    fn read(text: &str) -> Result<Self, String> {
        let mut way = Self { text: text.trim().to_owned(), ..Self::default() };
        for word in text.split([' ', ',', '(', ')']).filter(|word| !word.is_empty()) {
            if !way.take(word) {
                return Err(format!("{} in {} is not part of a date", quote(word), quote(&way.text)));
            }
        }
        Ok(way)
    }

    /// Reads a word. Returns false if it is not part of a date, or if that part was already given.
    fn take(&mut self, word: &str) -> bool {
        let lower = word.to_lowercase();
        // Pages use `Thur`, `Sept` and all three-letter abbreviations.
        let begins = |name: &str| lower.len() >= 3 && name.starts_with(&lower);
        if let Some((_, weekday)) = WEEKDAYS.into_iter().find(|(name, _)| begins(name)) {
            return self.weekday.replace(weekday).is_none();
        }
        if let Some(month) = (1..).zip(MONTHS).find(|(_, name)| begins(name)).map(|(month, _)| month) {
            return self.month.replace(month).is_none();
        }
        if let Some((hour, minute)) = word.split_once(':') {
            let (Ok(hour), Ok(minute)) = (hour.parse(), minute.parse()) else { return false };
            return self.time.replace((hour, minute)).is_none();
        }
        if word.len() == 4 && word.parse::<i16>().is_ok_and(|year| year > 0) {
            return self.year.replace(word.parse().unwrap_or_default()).is_none();
        }
        // The ordinal suffix is often wrong (`26nd`), so it is ignored.
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| lower.strip_suffix(ending)).unwrap_or(&lower);
        if let Ok(day) = digits.parse::<i8>() {
            return self.day.replace(day).is_none();
        }
        let is_zone = (2..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        is_zone && self.zone.replace(word.to_uppercase()).is_none()
    }

    fn date(&self) -> Result<Date, String> {
        let text = &self.text;
        let year = self.year.ok_or_else(|| format!("{} has no year", quote(text)))?;
        let (Some(month), Some(day)) = (self.month, self.day) else {
            return Err(format!("{} has no day", quote(text)));
        };
        let date = Date::new(year, month, day).map_err(|_| format!("{} is not a valid date", quote(text)))?;
        match self.weekday {
            Some(weekday) if weekday != date.weekday() => Err(format!("{} has the wrong day of the week", quote(text))),
            _ => Ok(date),
        }
    }

    fn instant(&self) -> Result<Timestamp, String> {
        let (hour, minute) = self.time.ok_or_else(|| format!("{} has no valid time of day", quote(&self.text)))?;
        let time = jiff::civil::Time::new(hour, minute, 0, 0)
            .map_err(|_| format!("{} has no valid time of day", quote(&self.text)))?;
        let zoned = self.date()?.to_datetime(time).to_zoned(TimeZone::UTC);
        zoned.map(|zoned| zoned.timestamp()).map_err(|error| error.to_string())
    }

    fn whole_day(&self) -> Result<Deadline, String> {
        if self.time.is_some() {
            return Err(format!("{} has no time in UTC", quote(&self.text)));
        }
        Deadline::on(self.date()?).ok_or_else(|| format!("{} is too late", quote(&self.text)))
    }
}

#[cfg(test)]
mod tests {
    use super::{deadline, read};
    use crate::kep::Milestone;

    /// A page with this summary and timeline.
    fn page(summary: &str, timeline: &str) -> String {
        format!(
            "---\ntitle: x\n---\n\n## Summary\n\n{summary}\n\n## Timeline\n\n| **What** | **Who** | **When** | **Week** |\n|---|---|---|---|\n{timeline}\n"
        )
    }

    #[test]
    fn a_page_with_irregularities_is_read() {
        let text = page(
            "- **Monday 7th - Wednesday 9th September 2026**: Week 2 — A conference\n\
             - **Tuesday 22nd September 2026 (AoE) / Wednesday 23th September 2026, 12:00 UTC**: Week 4 — [KEP Readiness Deadline][KEP Readiness Deadline]\n\
             - **[02:00 UTC Friday 2nd October 2026 / 18:00 PST Thursday 1st October 2026](https://example.org/s/1)(https://example.org/s/2)**:\n  Week 5 — [Enhancements Freeze](../release_phases.md#enhancements-freeze)\n\
             - **Wednesday 16th December 2026**: Week 16 — Kubernetes v1.38.0 released",
            "| Call for PRR and Enhancement Freeze [Exceptions] | Lead | Thursday 17th September 2026 | week 3 |\n\
             | **Begin [Production Readiness Freeze]** | Lead | Tuesday 22nd September 2026 (AoE) / Wednesday 23rd September 2026 12:00 UTC | week 4 |\n\
             | **Begin [Enhancements Freeze]** | Lead | [02:00 UTC Friday 2nd October 2026 / 19:00 PDT Thursday 1st October 2026](https://example.org/s/1) | week 5 |\n\
             | **Begin [Code Freeze] and [Test Freeze]** | Lead | Thursday 12th November 2026 (AoE) / Friday 13th November 2026, 12:00 UTC | week 10 |\n\
             | v1.38.0-rc.0 released | Lead | Wednesday 2nd December 2026 | week 14 |\n\
             | **v1.38.0 released** | Lead | Wed December 16, 2026 | week 16 |",
        );
        let (release, calendar) = read(&text).unwrap();
        assert_eq!(release, Milestone::new(1, 38));
        assert_eq!(
            calendar.to_yaml(),
            "v1.38:\n  prr-freeze: 2026-09-23T12:00Z\n  enhancements-freeze: 2026-10-02T02:00Z\n  code-freeze: 2026-11-13T12:00Z\n  release: 2026-12-16\n"
        );
    }

    #[test]
    fn an_ambiguous_date_is_an_error() {
        for (when, fault) in [
            ("Tue February 9th", "`Tue February 9th` has no year"),
            ("Friday 9th October 2025", "`Friday 9th October 2025` has the wrong day of the week"),
            ("18:00 PDT Thursday 9th October 2025", "`18:00 PDT Thursday 9th October 2025` has no time in UTC"),
            ("Monday 7th - Friday 11th July 2025", "`-` in `Monday 7th - Friday 11th July 2025` is not part of a date"),
            ("31st February 2025", "`31st February 2025` is not a valid date"),
            ("UTC Friday 10th October 2025", "`UTC Friday 10th October 2025` has no valid time of day"),
            ("25:00 UTC Friday 10th October 2025", "`25:00 UTC Friday 10th October 2025` has no valid time of day"),
            (
                "Thursday 9th October 2025 (AoE) / Friday 10th October 2025, 11:00 UTC",
                "`Thursday 9th October 2025 (AoE) / Friday 10th October 2025, 11:00 UTC` has two different times",
            ),
            ("TBC", "`TBC` has no time in UTC"),
            ("", "`` has no year"),
        ] {
            assert_eq!(deadline(when).unwrap_err(), fault);
        }
    }

    #[test]
    fn a_contradictory_page_is_an_error() {
        let rows = "| PRR Freeze | x | Thursday 9th October 2025 | |\n\
                    | Enhancements Freeze | x | Thursday 16th October 2025 | |\n\
                    | v1.35.0 released | x | Wednesday 17th December 2025 | |\n";
        read(&page("", rows)).unwrap();
        let text = page("- **Friday 17th October 2025**: Week 5 — Enhancements Freeze", rows);
        let fault = read(&text).unwrap_err();
        assert_eq!(
            (fault.line, fault.message.as_str()),
            (Some(14), "gives a different date for `Enhancements Freeze` than line 7 does")
        );
        let fault =
            read(&page("- **Tuesday 13th August 2024**: Week 14 — Kubernetes v1.31.0 released", rows)).unwrap_err();
        assert_eq!(fault.message, "names a different release than line 7 does");
        let fault = read(&page("", "| **Begin [Enhancements Freeze]** (23:59 PDT) | x | Thu September 9, 2021 | |"))
            .unwrap_err();
        assert_eq!(
            fault.message,
            "Begin Enhancements Freeze (23:59 PDT): `Thu September 9, 2021 23:59 PDT` has no time in UTC"
        );
        let fault = read(&page("", "| v1.35.0 released | x | Wednesday 17th December 2025 | |")).unwrap_err();
        assert_eq!(fault.message, "the page does not say when the Production Readiness Freeze is");
        assert_eq!(
            read("").unwrap_err().message,
            "the page does not say when a release comes out, as in `v1.36.0 released`"
        );
    }
}
