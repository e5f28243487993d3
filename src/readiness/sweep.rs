//! KEPs with outdated metadata, which checks of pull requests cannot find.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use regex::bytes::Regex;

use super::gates::{self, GateLag, Since};
use crate::change::{KepState, Survey};
use crate::escape::one_line;
use crate::kep::{Kep, KepNumber, Milestone, Stage, Status};
use crate::kubernetes::KubernetesLists;
use crate::project::{Layout, Releases};
use crate::release::{Phase, Schedule};
use crate::report::list::{Cell, Column, Holds, Table};
use crate::text::RepoPath;

/// What is outdated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lag {
    /// Stable (or removed) in a release that has shipped, but still implementable.
    NotImplemented,
    /// The release planned for a later stage is frozen, but the KEP is not in that stage.
    MilestonePassed,
    /// The same, but a comment explains the stage.
    Explained,
    /// Production readiness is approved, but the KEP is still provisional.
    StillProvisional,
    /// The release of the stage has reached code freeze, but no feature gate of the KEP is at that stage.
    GateBehind,
    /// The feature gates of the KEP are generally available, but the KEP is not stable.
    GateAhead,
    /// The status or the stage is not valid, so that nothing can be compared.
    Unclear,
}

impl Lag {
    const ALL: [Self; 7] = [
        Self::NotImplemented,
        Self::MilestonePassed,
        Self::Explained,
        Self::StillProvisional,
        Self::GateBehind,
        Self::GateAhead,
        Self::Unclear,
    ];

    /// Its key in reports.
    #[must_use]
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::NotImplemented => "not-implemented",
            Self::MilestonePassed => "milestone-passed",
            Self::Explained => "explained",
            Self::StillProvisional => "still-provisional",
            Self::GateBehind => "gate-behind",
            Self::GateAhead => "gate-ahead",
            Self::Unclear => "unclear",
        }
    }
}

/// A KEP that lags.
#[derive(Debug)]
pub(crate) struct Laggard {
    /// Its directory.
    pub(crate) dir: RepoPath,
    /// The number of its directory.
    pub(crate) number: Option<KepNumber>,
    /// The owning SIG: `owning-sig`, or else the SIG of its directory.
    pub(crate) sig: String,
    /// Its title, as written.
    pub(crate) title: String,
    /// What is outdated.
    pub(crate) lag: Lag,
    /// A short description.
    pub(crate) what: String,
    /// The release since which it is outdated, if it depends on a release.
    since: Option<Milestone>,
    /// The number of days, if known.
    pub(crate) days: Option<u64>,
}

impl Laggard {
    fn new(layout: &Layout, record: &KepState, kep: &Kep, lag: Lag, what: String) -> Self {
        Self {
            dir: record.dir.clone(),
            number: record.number,
            sig: record.owning_sig(layout).to_owned(),
            title: kep.title().to_owned(),
            lag,
            what,
            since: None,
            days: None,
        }
    }

    /// Its place in the list. The dates of old releases are not known, but their order is.
    fn rank(&self) -> impl Ord {
        (self.since.is_none(), self.since, Reverse(self.days), self.lag, &self.sig, self.number, &self.dir)
    }

    /// The same, outdated since a phase of `release`.
    fn since(self, schedule: &Schedule, release: Milestone, phase: Phase) -> Self {
        Self { since: Some(release), days: days_since(schedule, release, phase), ..self }
    }
}

/// The outdated KEPs, and what could not be determined.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// The KEPs that lag: the oldest first, and at the end those that do not depend on a release.
    pub(crate) keps: Vec<Laggard>,
    /// Releases without known dates, so that some KEPs were skipped.
    pub(crate) unknown: Vec<Milestone>,
    layout: Layout,
    /// True if the project's releases have dates. Without them, milestones cannot be outdated.
    has_dates: bool,
}

/// Looks through every KEP of a tree. Without lists of Kubernetes, feature gates are not compared.
#[must_use]
pub(crate) fn sweep(survey: &Survey, schedule: &Schedule, lists: Option<&KubernetesLists>) -> Sweep {
    let mut sweep = sweep_of(&survey.keps, survey, schedule, lists);
    sweep.keps.sort_by(|one, other| one.rank().cmp(&other.rank()));
    sweep.unknown.sort_unstable();
    sweep.unknown.dedup();
    sweep
}

/// What is outdated in one KEP of a tree, as [`sweep`] describes it.
#[must_use]
pub(crate) fn outdated(
    record: &KepState,
    survey: &Survey,
    schedule: &Schedule,
    lists: Option<&KubernetesLists>,
) -> Vec<Laggard> {
    sweep_of([record], survey, schedule, lists).keps
}

/// Looks through some KEPs of a tree.
fn sweep_of<'a>(
    keps: impl IntoIterator<Item = &'a KepState>,
    survey: &Survey,
    schedule: &Schedule,
    lists: Option<&KubernetesLists>,
) -> Sweep {
    let profile = &survey.policy.profile;
    let has_dates = profile.releases != Releases::None;
    let mut sweep = Sweep { layout: profile.layout.clone(), has_dates, ..Sweep::default() };
    for record in keps {
        let Some(kep) = record.kep() else { continue };
        sweep.keps.extend(lists.and_then(|lists| gate_lag(&sweep.layout, (record, kep), schedule, lists)));
        match kep.known_status() {
            Some(Status::Implementable) if has_dates => {
                sweep.not_implemented(record, kep, schedule);
                sweep.milestone_passed((record, kep), schedule, survey.explained.contains(&record.dir));
                if kep.target_stage().is_none() {
                    sweep.unclear(record, kep, ("stage", kep.stage.text()));
                }
            }
            None if kep.dialect.requires("status") => sweep.unclear(record, kep, ("status", kep.status.text())),
            Some(Status::Provisional) => sweep.still_provisional(record, kep),
            _ => {}
        }
    }
    sweep
}

/// How the feature gates of a KEP differ from its stage.
fn gate_lag(
    layout: &Layout,
    (record, kep): (&KepState, &Kep),
    schedule: &Schedule,
    lists: &KubernetesLists,
) -> Option<Laggard> {
    let (lag, Since { what, release, phase }) = match gates::lag(kep, schedule, lists)? {
        GateLag::Behind(since) => (Lag::GateBehind, since),
        GateLag::Ahead(since) => (Lag::GateAhead, since),
    };
    Some(Laggard::new(layout, record, kep, lag, what).since(schedule, release, phase))
}

impl Sweep {
    fn not_implemented(&mut self, record: &KepState, kep: &Kep, schedule: &Schedule) {
        let Some(stage @ (Stage::Stable | Stage::Removed)) = kep.target_stage() else { return };
        // The release of the stage or the latest milestone, whichever is later.
        let milestone = kep.milestone_of(stage).map(|(milestone, _)| milestone);
        let Some(release) = milestone.max(kep.latest()) else { return };
        if self.has_passed(schedule, release, Phase::Release) {
            let reached = milestone.unwrap_or(release);
            let what = format!("{} in {reached}, which has shipped", kep.stage_word(stage));
            let kep = Laggard::new(&self.layout, record, kep, Lag::NotImplemented, what);
            self.keps.push(kep.since(schedule, reached, Phase::Release));
        }
    }

    fn milestone_passed(&mut self, (record, kep): (&KepState, &Kep), schedule: &Schedule, is_explained: bool) {
        let Some(stage) = kep.target_stage() else { return };
        let later = Stage::ALL.into_iter().filter(|later| stage.is_before(*later));
        let planned = later.filter_map(|later| Some((later, kep.milestone_of(later)?.0)));
        // The first missed plan is enough; the later ones follow from it.
        for (later, release) in planned {
            if self.has_passed(schedule, release, Phase::EnhancementsFreeze) {
                let [later, stage] = [later, stage].map(|stage| kep.stage_word(stage));
                let (lag, note) =
                    if is_explained { (Lag::Explained, "; a comment explains it") } else { (Lag::MilestonePassed, "") };
                let what = format!("planned for {later} in {release}, still {stage}{note}");
                let kep = Laggard::new(&self.layout, record, kep, lag, what);
                self.keps.push(kep.since(schedule, release, Phase::EnhancementsFreeze));
                return;
            }
        }
    }

    fn unclear(&mut self, record: &KepState, kep: &Kep, (field, value): (&str, &str)) {
        let what = match value {
            "" => format!("`{field}` has no value"),
            value => format!("invalid {field} {}", crate::text::wording::quote(value)),
        };
        self.keps.push(Laggard::new(&self.layout, record, kep, Lag::Unclear, what));
    }

    fn still_provisional(&mut self, record: &KepState, kep: &Kep) {
        let Some(approver) = record.stage_approver().filter(|approver| !approver.is_empty()) else { return };
        let approver = crate::text::wording::quote(approver);
        let what = format!("provisional, PRR approver {approver}");
        self.keps.push(Laggard::new(&self.layout, record, kep, Lag::StillProvisional, what));
    }

    /// True if the phase has passed. If that is unknown, the release is recorded.
    fn has_passed(&mut self, schedule: &Schedule, release: Milestone, phase: Phase) -> bool {
        let passed = schedule.has_passed(release, phase);
        if passed.is_none() {
            self.unknown.push(release);
        }
        passed == Some(true)
    }

    /// The same with only the KEPs whose SIG matches one of these; all if there are none.
    #[must_use]
    pub(crate) fn of_sigs(mut self, sigs: &[Regex]) -> Self {
        let is_meant = |kep: &Laggard| sigs.iter().any(|pattern| pattern.is_match(kep.sig.as_bytes()));
        self.keps.retain(|kep| sigs.is_empty() || is_meant(kep));
        self
    }

    /// The list as a table.
    #[must_use]
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(COLUMNS);
        for kep in &self.keps {
            table.push(vec![
                kep.days.map_or(Cell::Empty, Cell::Number),
                kep.number.map_or(Cell::Empty, |number| Cell::Number(number.get().into())),
                Cell::text(&kep.title),
                Cell::text(&kep.what),
                Cell::text(&kep.sig),
                Cell::Text(kep.dir.to_string()),
                Cell::text(kep.lag.key()),
            ]);
        }
        table
    }

    /// The number of KEPs by what lags and by SIG, as two lines: `80 KEPs with outdated metadata: 45 not-implemented, …`
    /// and `sig-node 19, sig-storage 11, …`. Says if milestones could not be compared.
    #[must_use]
    pub(crate) fn totals(&self) -> [String; 2] {
        let unknown =
            if self.has_dates { "" } else { "; no release dates are known, so outdated milestones cannot be found" };
        if self.keps.is_empty() {
            return [format!("no KEP has outdated metadata{unknown}"), String::new()];
        }
        let of = |lag: Lag| self.keps.iter().filter(|kep| kep.lag == lag).count();
        let lags = Lag::ALL.map(|lag| (of(lag), lag.key()));
        let lags: Vec<_> =
            lags.iter().filter(|(count, _)| *count > 0).map(|(count, key)| format!("{count}{NO_BREAK}{key}")).collect();
        let mut sigs: BTreeMap<&str, usize> = BTreeMap::new();
        self.keps.iter().for_each(|kep| *sigs.entry(&kep.sig).or_default() += 1);
        let mut sigs: Vec<_> = sigs.into_iter().filter(|(sig, _)| !sig.is_empty()).collect();
        sigs.sort_by_key(|(_, count)| Reverse(*count));
        let sigs: Vec<_> = sigs.iter().map(|(sig, count)| format!("{}{NO_BREAK}{count}", one_line(sig))).collect();
        let keps = crate::text::wording::count(self.keps.len(), "KEP");
        [format!("{keps} with outdated metadata: {}{unknown}", lags.join(", ")), sigs.join(", ")]
    }
}

/// Keeps words on one line; readers see a space.
pub(crate) const NO_BREAK: char = '\u{a0}';

/// The columns of the list.
pub(crate) const COLUMNS: [Column; 7] = [
    Column::new(
        "days",
        "Days",
        Holds::Number,
        "The days since the release or the freeze; null if its date is not known.",
    ),
    Column::new("kep", "KEP", Holds::Number, "The number of the KEP."),
    Column::new("title", "Title", Holds::Text, "The title."),
    Column::new("what", "What", Holds::Sentence, "What the metadata says, and what has happened since."),
    Column::new("sig", "SIG", Holds::Word, "The SIG."),
    Column::new("directory", "Directory", Holds::Link, "The path of the KEP in the repository."),
    Column::new("lag", "Lag", Holds::Word, "What is outdated."),
];

/// Returns the number of whole days since a phase ended.
fn days_since(schedule: &Schedule, release: Milestone, phase: Phase) -> Option<u64> {
    let now: Timestamp = schedule.now?;
    let deadline = schedule.date(release, phase)?;
    u64::try_from(now.duration_since(deadline.end()).as_hours() / 24).ok()
}
