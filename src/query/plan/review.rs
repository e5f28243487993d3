//! A production readiness review, as far as a plan needs to know it.

use std::collections::BTreeSet;

use crate::change::KepState;
use crate::kep::handle::folded;
use crate::kep::stage::Family;
use crate::kep::{Kep, KepNumber, Milestone, Stage};
use crate::query::columns;

/// A KEP that needs a production readiness review for its stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Review {
    /// The number.
    pub(crate) number: Option<KepNumber>,
    /// The directory.
    pub(crate) dir: String,
    /// The title, as written.
    pub(crate) title: String,
    /// The stage.
    pub(crate) stage: Stage,
    /// The approver of the stage, folded; `None` if none is named.
    pub(crate) approver: Option<String>,
    /// The approver of the latest earlier stage, folded.
    pub(crate) earlier: Option<String>,
    /// The authors, folded.
    pub(crate) authors: BTreeSet<String>,
    /// True if an approver was already recorded for an earlier release, in which the KEP reached the stage.
    pub(crate) is_done: bool,
}

impl Review {
    /// The review that a KEP needs in a release; `None` if it needs none, or its stage is not known. A KEP that names
    /// an approver needs one in any case.
    #[must_use]
    pub(crate) fn of(record: &KepState, release: Milestone) -> Option<Self> {
        let kep = record
            .readable_kep()
            .filter(|kep| kep.is_gated() || record.stage_approver().is_some_and(|name| !name.is_empty()))?;
        let stage = kep.target_stage()?;
        let approver = |stage| {
            let name = record.prr_file()?.approver(stage)?.text();
            (!name.is_empty()).then(|| folded(name))
        };
        let reached = kep.milestone_of(stage).map(|(milestone, _)| milestone);
        let named = approver(stage);
        let mut earlier = Stage::ALL.into_iter().rev().filter(|other| other.is_before(stage));
        Some(Self {
            number: columns::number(record),
            dir: record.dir.to_string(),
            title: kep.title().to_owned(),
            stage,
            is_done: named.is_some() && reached.is_some_and(|reached| reached < release),
            approver: named,
            earlier: earlier.find_map(approver),
            authors: authors(kep),
        })
    }

    /// How much work it is: 2 at beta and stable, where all sections of the questionnaire are due, and 1 at alpha and for
    /// removals.
    #[must_use]
    pub(crate) fn weight(&self) -> u32 {
        match self.stage {
            Stage::Alpha => 1,
            stage if stage.family() == Family::Removal => 1,
            _ => 2,
        }
    }
}

fn authors(kep: &Kep) -> BTreeSet<String> {
    kep.authors.entries().iter().map(|author| folded(&author.value)).collect()
}
