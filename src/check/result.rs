//! The result of a check: what was checked, what was found, and what could not be checked.

use std::collections::BTreeSet;
use std::time::Duration;

use super::summary::KepSummary;
use super::triage::{Suppressed, Triaged};
use crate::change::{Policy, Sides};
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::kep::KepNumber;
use crate::project::{Web, layout};
use crate::rule::{FailOn, Level};
use crate::source::Revisions;
use crate::text::RepoPath;
use crate::text::wording::{first_of, quote};

/// Everything to report.
#[derive(Debug)]
pub struct Report {
    /// The result; `None` if the check could not start.
    pub outcome: Option<Outcome>,
    /// The compared revisions.
    pub revisions: Revisions,
    /// Rules that could not be checked, and why.
    pub unchecked: Vec<Unchecked>,
    /// Why the check failed or is incomplete.
    pub error: Option<Error>,
    /// The threshold.
    pub threshold: Threshold,
    /// How long it took.
    pub elapsed: Duration,
    /// The repository on the web.
    pub web: Option<Web>,
    /// What is known about the fixes.
    pub fixes: Fixes,
    /// The options that `--fix` needs to see the same change, as in [`Settings::fix_options`](super::Settings).
    pub fix_options: String,
}

/// What is known about the fixes of a report's findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fixes {
    /// Nobody tried them, so `--fix` may refuse some.
    #[default]
    Untried,
    /// Those that `--fix` would refuse were dropped.
    Tried,
    /// `--fix` applied them, and those that it refused were dropped.
    Applied,
}

/// The KEPs that were checked, and the findings.
#[derive(Debug)]
pub struct Outcome {
    /// The checked KEPs, those with the worst findings first.
    pub keps: Vec<Sides<KepSummary>>,
    /// The policy of the target branch.
    pub policy: Policy,
    /// The findings, in order.
    pub findings: Vec<Triaged>,
    /// Findings that the configuration or a comment ignores, in order.
    pub suppressed: Vec<Suppressed>,
    /// The directories of the KEPs that were checked as they are, because the change does not touch them.
    pub unchanged: BTreeSet<RepoPath>,
    /// False if the repository has no folder of KEPs yet.
    pub has_root: bool,
    /// True if all KEPs were to be checked, not only those that changed.
    pub is_whole_tree: bool,
    /// Files that look like KEPs of the project, but are not in its folder of KEPs. They were not checked.
    pub elsewhere: Vec<RepoPath>,
}

/// A rule that could not be checked.
#[derive(Debug, Clone)]
pub struct Unchecked {
    /// The rule.
    pub rule: &'static str,
    /// Why.
    pub reason: String,
    /// True if it was skipped on purpose.
    pub is_left_out: bool,
}

/// Which findings fail the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// The levels at which new findings count.
    pub fail_on: FailOn,
    /// True if pre-existing findings count, too.
    pub strict: bool,
}

/// The number of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New errors.
    pub error: usize,
    /// New warnings.
    pub warning: usize,
    /// New notices.
    pub notice: usize,
    /// Pre-existing findings of any level.
    pub pre_existing: usize,
}

impl Counts {
    /// The findings, as if all of them were new.
    pub(crate) fn by_level<'a>(findings: impl IntoIterator<Item = &'a Triaged>) -> Self {
        Self::of_levels(findings.into_iter().map(|triaged| triaged.finding.level))
    }

    /// New findings of these levels.
    pub(crate) fn of_levels(levels: impl IntoIterator<Item = Level>) -> Self {
        let mut counts = Self::default();
        for level in levels {
            match level {
                Level::Error => counts.error += 1,
                Level::Warning => counts.warning += 1,
                Level::Notice => counts.notice += 1,
            }
        }
        counts
    }
}

/// The result in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Checked, without new findings at or above the threshold.
    Clean,
    /// Checked, with findings.
    Findings,
    /// Something could not be checked.
    Unchecked,
    /// The command line, the configuration or the policy is wrong.
    Failed,
}

impl Verdict {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Findings => "findings",
            Self::Unchecked => "unchecked",
            Self::Failed => "failed",
        }
    }
}

impl Threshold {
    /// True if a finding counts. `Never` is treated as `Errors` here, so the verdict still shows errors.
    pub(crate) fn counts(self, triaged: &Triaged) -> bool {
        (triaged.is_new || self.strict) && triaged.finding.level <= self.fail_on.lowest().unwrap_or(Level::Error)
    }
}

impl Report {
    /// The findings, in order.
    #[must_use]
    pub fn findings(&self) -> &[Triaged] {
        self.outcome.as_ref().map_or(&[], |outcome| outcome.findings.as_slice())
    }

    /// Says why the project's profile applies, if nobody configured it.
    #[must_use]
    pub fn profile_note(&self) -> Option<String> {
        self.outcome.as_ref()?.policy.profile.note()
    }

    /// Names files that look like KEPs, but are not in the project's folder of KEPs.
    #[must_use]
    pub fn elsewhere_note(&self) -> Option<String> {
        const MAX_NAMED: usize = 3;
        let outcome = self.outcome.as_ref().filter(|outcome| !outcome.elsewhere.is_empty())?;
        let named = first_of(&outcome.elsewhere, MAX_NAMED);
        let layout = &outcome.policy.profile.layout;
        let root = quote(&layout.root.to_string());
        let look = if outcome.elsewhere.len() == 1 { "looks like a KEP, but is" } else { "look like KEPs, but are" };
        let reason = if outcome.elsewhere.iter().any(|path| path.is_within(&layout.root)) {
            format!("the metadata of each KEP is in {} below {root}", quote(&layout.metadata))
        } else {
            format!("the KEPs are in {root}")
        };
        Some(format!("{named} {look} not checked, because {reason}"))
    }

    /// Says why no KEP was checked; `None` if there is one, or if the check could not run.
    #[must_use]
    pub fn without_keps(&self) -> Option<&'static str> {
        let outcome = self.outcome.as_ref().filter(|_| self.keps().next().is_none())?;
        let is_usual = outcome.policy.profile.layout.root.as_bytes() == layout::KEPS.as_bytes();
        Some(match (outcome.has_root, is_usual) {
            (true, _) if !self.findings().is_empty() => return None,
            (true, _) if outcome.is_whole_tree => "found no KEPs",
            (true, _) => "no KEP changed",
            (false, true) => "this repository has no `keps` folder yet",
            (false, false) => "this repository does not have the folder that `project.root` names yet",
        })
    }

    /// True if everything was checked, rather than a change: the KEPs and findings are not new.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.revisions.merge_base.is_none()
    }

    /// True if there are checked KEPs, but the change touches none of them.
    #[must_use]
    pub fn has_only_unchanged_keps(&self) -> bool {
        let is_unchanged = |dir| self.outcome.as_ref().is_some_and(|outcome| outcome.unchanged.contains(dir));
        self.keps().next().is_some() && self.keps().all(is_unchanged)
    }

    /// True if reports must not fold this finding away: it counts, or its KEP was checked as it is.
    #[must_use]
    pub fn shows(&self, triaged: &Triaged) -> bool {
        let is_unchanged = |dir| self.outcome.as_ref().is_some_and(|outcome| outcome.unchanged.contains(dir));
        triaged.is_new || self.threshold.strict || triaged.finding.kep.as_ref().is_some_and(is_unchanged)
    }

    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> ExitStatus {
        match (&self.error, self.verdict()) {
            (Some(error), _) => error.status(),
            (None, Verdict::Findings) if self.threshold.fail_on != FailOn::Never => ExitStatus::Findings,
            _ => ExitStatus::Clean,
        }
    }

    /// The result in one word. With `--fail-on never` errors still make it `findings`.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.error.as_ref().map(Error::status) {
            Some(ExitStatus::Failed) => Verdict::Failed,
            Some(_) => Verdict::Unchecked,
            None if self.findings().iter().any(|triaged| self.threshold.counts(triaged)) => Verdict::Findings,
            None => Verdict::Clean,
        }
    }

    /// The number of findings.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let (new, old): (Vec<_>, Vec<_>) = self.findings().iter().partition(|triaged| triaged.is_new);
        Counts { pre_existing: old.len(), ..Counts::by_level(new) }
    }

    /// The pre-existing findings by their levels, as if they were new.
    pub(crate) fn pre_existing_by_level(&self) -> Counts {
        Counts::by_level(self.findings().iter().filter(|triaged| !triaged.is_new))
    }

    /// The number of checked KEPs.
    #[must_use]
    pub fn kep_count(&self) -> usize {
        self.keps().count()
    }

    /// The numbers of the checked KEPs, in order.
    pub fn kep_numbers(&self) -> impl Iterator<Item = KepNumber> {
        let keps = self.outcome.iter().flat_map(|outcome| &outcome.keps);
        keps.filter_map(|kep| kep.latest().number).collect::<BTreeSet<_>>().into_iter()
    }

    /// The checked KEP in this directory, as it is at head or, if it was removed, at base.
    #[must_use]
    pub fn kep(&self, dir: &RepoPath) -> Option<&KepSummary> {
        let keps = self.outcome.iter().flat_map(|outcome| &outcome.keps);
        keps.map(Sides::latest).find(|kep| kep.dir == *dir)
    }

    /// The directories of the checked KEPs (at base for KEPs that were removed), those with the worst findings first.
    pub fn keps(&self) -> impl Iterator<Item = &RepoPath> {
        self.outcome.iter().flat_map(|outcome| &outcome.keps).map(|kep| &kep.latest().dir)
    }
}
