//! A production readiness review, as far as a plan needs to know it.

use std::collections::BTreeSet;

use crate::change::KepState;
use crate::kep::handle::folded;
use crate::kep::stage::Family;
use crate::kep::{Kep, KepNumber, Stage};
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
}

impl Review {
    /// The review that a KEP needs; `None` if it needs none, or its stage is not known.
    #[must_use]
    pub(crate) fn of(record: &KepState) -> Option<Self> {
        let kep = record.readable_kep().filter(|kep| kep.is_gated())?;
        let stage = kep.target_stage()?;
        let approver = |stage| {
            let name = record.prr_file()?.approver(stage)?.text();
            (!name.is_empty()).then(|| folded(name))
        };
        let mut earlier = Stage::ALL.into_iter().rev().filter(|other| other.is_before(stage));
        Some(Self {
            number: columns::number(record),
            dir: record.dir.to_string(),
            title: kep.title.text().to_owned(),
            stage,
            approver: approver(stage),
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
