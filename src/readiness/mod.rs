//! How far the KEPs of a release are: the release team's criteria for its two freezes, each met, not met or unknown, and
//! kepgate's own remarks, which decide nothing.
//!
//! The tree is judged by the same rules that check a change. Data that it does not contain (the tracking issue, open
//! pull requests) is fetched from GitHub on request; otherwise it is unknown, never met.

mod assessment;
mod candidate;
mod criteria;
mod gates;
mod judge;
pub(crate) mod packets;
mod remarks;
pub(crate) mod report;
pub(crate) mod sweep;
mod tracked;
mod verdict;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use regex::bytes::Regex;

pub(crate) use assessment::assess;
pub(crate) use candidate::{Candidate, OpenQuestions, Remark};
pub(crate) use criteria::{CRITERIA, Criterion};
pub(crate) use judge::Checked;
pub(crate) use tracked::{Tracked, by_kep, unmerged};
pub(crate) use verdict::{State, Verdict};

use crate::kep::{KepNumber, Milestone};
use crate::project::{Profile, Releases};
use crate::release::{Deadline, Phase};
use crate::text::RepoPath;

/// The two freezes that a KEP has to meet, in order.
pub(crate) const FREEZES: [Phase; 2] = [Phase::PrrFreeze, Phase::EnhancementsFreeze];

/// How far the KEPs of a release are.
#[derive(Debug)]
pub(crate) struct Readiness {
    /// The release.
    pub(crate) release: Milestone,
    /// The current time.
    pub(crate) now: Timestamp,
    /// True if it is known that the release is out.
    pub(crate) is_out: bool,
    /// The project's profile, which decides what the criteria are.
    pub(crate) profile: Arc<Profile>,
    /// When the freezes are that the project has, and whether they have passed, as far as that is known.
    pub(crate) freezes: Vec<(Phase, Option<Deadline>, Option<bool>)>,
    /// The KEPs that target the release or requested an exception from its freeze, by SIG and number.
    pub(crate) keps: Vec<Candidate>,
    /// Directories of KEPs that could not be read, so their target is unknown.
    pub(crate) unread: Vec<RepoPath>,
    /// The KEPs that only open pull requests target at the release; `None` if these were not fetched.
    pub(crate) unmerged: Option<Vec<Unmerged>>,
    /// True if only the KEPs of some SIGs are in the list.
    pub(crate) is_filtered: bool,
}

/// A KEP that targets the release in open pull requests, but not in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmerged {
    /// Its directory.
    pub(crate) dir: RepoPath,
    /// Its directory's number.
    pub(crate) number: Option<KepNumber>,
    /// Its title, as written.
    pub(crate) title: String,
    /// The numbers of the pull requests.
    pub(crate) pulls: Vec<u64>,
}

/// The criteria that apply to a project with this profile.
pub(crate) fn criteria_of(profile: &Profile) -> impl Iterator<Item = &'static Criterion> {
    CRITERIA.iter().filter(|criterion| criterion.applies_to(profile))
}

impl Readiness {
    /// True if the project's releases have dates.
    #[must_use]
    pub(crate) fn has_dates(&self) -> bool {
        self.profile.releases != Releases::None
    }

    /// True if the project reviews production readiness.
    #[must_use]
    pub(crate) fn has_reviews(&self) -> bool {
        self.profile.has_reviews()
    }

    /// Leaves out the KEPs whose SIG matches none of these, unless there are none.
    pub(crate) fn keep_sigs(&mut self, sigs: &[Regex]) {
        let is_meant = |sig: &str| sigs.is_empty() || sigs.iter().any(|pattern| pattern.is_match(sig.as_bytes()));
        self.is_filtered = !sigs.is_empty();
        self.keps.retain(|kep| is_meant(&kep.sig));
        let layout = &self.profile.layout;
        if let Some(unmerged) = &mut self.unmerged {
            unmerged.retain(|kep| is_meant(layout.directory_sig(&kep.dir).unwrap_or_default()));
        }
    }

    /// The first freeze that the KEP in `dir` has missed, and the keys of the criteria that it does not meet.
    #[must_use]
    pub(crate) fn missed_freeze(&self, dir: &RepoPath) -> Option<(Phase, Vec<&'static str>)> {
        let kep = self.keps.iter().find(|kep| kep.dir.as_ref() == Some(dir))?;
        let is_missed = |phase: &Phase| self.has_passed(*phase) && kep.state(*phase) == State::NotMet;
        let phase = self.freezes.iter().map(|(phase, ..)| *phase).find(is_missed)?;
        let failed = kep.answers().filter(|(it, verdict)| it.freeze <= phase && matches!(verdict, Verdict::NotMet(_)));
        Some((phase, failed.map(|(criterion, _)| criterion.key).collect()))
    }

    /// The number of KEPs that are in a state for `freeze`.
    #[must_use]
    pub(crate) fn count(&self, freeze: Phase, state: State) -> usize {
        self.keps.iter().filter(|kep| kep.state(freeze) == state).count()
    }

    /// The KEPs of each SIG, by name.
    #[must_use]
    pub(crate) fn by_sig(&self) -> BTreeMap<&str, Vec<&Candidate>> {
        let mut sigs: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
        for kep in &self.keps {
            sigs.entry(&kep.sig).or_default().push(kep);
        }
        sigs
    }
}
