//! KEPs whose metadata lags behind what has happened: what no check of a pull request sees.

use jiff::Timestamp;

use crate::change::{KepState, Survey};
use crate::kep::{Kep, KepNumber, Milestone, Stage, Status};
use crate::release::{Phase, Schedule};
use crate::report::list::{Cell, Column, Table};
use crate::text::RepoPath;

/// What lags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lag {
    /// Stable (or removed), the release is out, and the KEP is still implementable.
    NotImplemented,
    /// The release that was planned for a later stage is frozen, and the KEP is not in that stage.
    MilestonePassed,
    /// Somebody has approved production readiness, and the KEP is still provisional.
    StillProvisional,
}

impl Lag {
    /// What reports know it by.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotImplemented => "not-implemented",
            Self::MilestonePassed => "milestone-passed",
            Self::StillProvisional => "still-provisional",
        }
    }
}

/// A KEP that lags.
#[derive(Debug)]
pub struct Laggard {
    /// Its directory.
    pub dir: RepoPath,
    /// The number of its directory.
    pub number: Option<KepNumber>,
    /// The SIG that it stands under, else the one that its metadata names.
    pub sig: String,
    /// Its title, as written.
    pub title: String,
    /// What lags.
    pub lag: Lag,
    /// What it is, in a few words.
    pub what: String,
    /// For how many days, where that is known.
    pub days: Option<u64>,
}

/// What was found, and what could not be told.
#[derive(Debug, Default)]
pub struct Sweep {
    /// The KEPs that lag, by what lags, then by SIG and number.
    pub keps: Vec<Laggard>,
    /// Releases of which the calendar does not tell whether they are frozen or out, so that KEPs were passed over.
    pub unknown: Vec<Milestone>,
}

/// Looks through every KEP of a tree.
#[must_use]
pub fn sweep(survey: &Survey, schedule: &Schedule) -> Sweep {
    let mut sweep = Sweep::default();
    for record in &survey.keps {
        let Some(kep) = record.kep() else { continue };
        match kep.known_status() {
            Some(Status::Implementable) => {
                sweep.not_implemented(record, kep, schedule);
                sweep.milestone_passed(record, kep, schedule);
            }
            Some(Status::Provisional) => sweep.still_provisional(record, kep),
            _ => {}
        }
    }
    sweep.keps.sort_by(|one, other| {
        (one.lag, &one.sig, one.number, &one.dir).cmp(&(other.lag, &other.sig, other.number, &other.dir))
    });
    sweep.unknown.sort_unstable();
    sweep.unknown.dedup();
    sweep
}

impl Sweep {
    fn not_implemented(&mut self, record: &KepState, kep: &Kep, schedule: &Schedule) {
        let Some(stage @ (Stage::Stable | Stage::Removed)) = kep.target_stage() else { return };
        // The release in which it got there, or the last one that it was worked on for, whichever is later.
        let milestone = kep.milestone_of(stage).map(|(milestone, _)| milestone);
        let Some(release) = milestone.max(kep.latest()) else { return };
        if self.has_passed(schedule, release, Phase::Release) {
            let what = format!("{stage} with {release}, which is out");
            self.push(record, kep, Lag::NotImplemented, what, days_since(schedule, release, Phase::Release));
        }
    }

    fn milestone_passed(&mut self, record: &KepState, kep: &Kep, schedule: &Schedule) {
        let Some(stage) = kep.target_stage() else { return };
        let later = Stage::ALL.into_iter().filter(|later| stage.is_before(*later));
        let planned = later.filter_map(|later| Some((later, kep.milestone_of(later)?.0)));
        // The first plan that did not come true tells enough: the later ones follow from it.
        for (later, release) in planned {
            if self.has_passed(schedule, release, Phase::EnhancementsFreeze) {
                let what = format!("`milestone.{later}` is {release}, and `stage` is {stage}");
                let days = days_since(schedule, release, Phase::EnhancementsFreeze);
                return self.push(record, kep, Lag::MilestonePassed, what, days);
            }
        }
    }

    fn still_provisional(&mut self, record: &KepState, kep: &Kep) {
        let Some(approver) = record.stage_approver().filter(|approver| !approver.is_empty()) else { return };
        let stage = kep.target_stage().map_or("", Stage::word);
        let approver = crate::text::wording::quote(approver);
        let what = format!("{approver} is named as the approver for {stage}");
        self.push(record, kep, Lag::StillProvisional, what, None);
    }

    /// Whether it has passed; where nobody knows that is kept in mind, and not taken for a yes.
    fn has_passed(&mut self, schedule: &Schedule, release: Milestone, phase: Phase) -> bool {
        let passed = schedule.has_passed(release, phase);
        if passed.is_none() {
            self.unknown.push(release);
        }
        passed == Some(true)
    }

    fn push(&mut self, record: &KepState, kep: &Kep, lag: Lag, what: String, days: Option<u64>) {
        let sig = crate::project::layout::directory_sig(&record.dir).unwrap_or(kep.owning_sig.text());
        self.keps.push(Laggard {
            dir: record.dir.clone(),
            number: record.number,
            sig: sig.to_owned(),
            title: kep.title.text().to_owned(),
            lag,
            what,
            days,
        });
    }

    /// The list as a table.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut table = Table::new(COLUMNS);
        for kep in &self.keps {
            table.push(vec![
                kep.number.map_or(Cell::Empty, |number| Cell::Number(number.get().into())),
                Cell::text(&kep.sig),
                Cell::text(&kep.title),
                Cell::text(kep.lag.key()),
                kep.days.map_or(Cell::Empty, Cell::Number),
                Cell::text(&kep.what),
                Cell::Text(kep.dir.to_string()),
            ]);
        }
        table
    }
}

const COLUMNS: [Column; 7] = [
    Column { key: "kep", heading: "KEP" },
    Column { key: "sig", heading: "SIG" },
    Column { key: "title", heading: "Title" },
    Column { key: "lag", heading: "Lag" },
    Column { key: "days", heading: "Days" },
    Column { key: "what", heading: "What" },
    Column { key: "directory", heading: "Directory" },
];

/// How many whole days ago it was.
fn days_since(schedule: &Schedule, release: Milestone, phase: Phase) -> Option<u64> {
    let now: Timestamp = schedule.now?;
    let deadline = schedule.date(release, phase)?;
    u64::try_from(now.duration_since(deadline.end()).as_hours() / 24).ok()
}
