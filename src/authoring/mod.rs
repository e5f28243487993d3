//! Writes files for authors: a promotion, a new KEP, a configuration. Files are edited in place to keep comments, order
//! and quotes. Anything that cannot be edited safely is reported instead.

mod draft;
mod naming;
mod next_steps;
mod promotion;
mod proposal;
pub(crate) mod revision;

pub(crate) use draft::{Draft, slug};
pub(crate) use naming::Naming;
pub(crate) use next_steps::NextSteps;
pub(crate) use promotion::Promotion;
pub(crate) use proposal::Proposal;
pub(crate) use revision::Revision;

use crate::kep::{Kep, Milestone, Stage};

/// A release as the other releases of `kep` are written: outside of Kubernetes, it may lack the `v`.
fn release_like(release: Milestone, kep: &Kep) -> String {
    let written = release.to_string();
    let stages = Stage::ALL.iter().filter_map(|stage| kep.milestone_field(*stage));
    let mut others = std::iter::once(&kep.latest_milestone).chain(stages).map(|field| field.text().trim());
    let other = others.find(|text| Milestone::parse(text).is_some()).filter(|_| !kep.dialect.is_kubernetes);
    match (other, written.strip_prefix('v')) {
        (Some(other), Some(bare)) if !other.starts_with(['v', 'V']) => bare.to_owned(),
        _ => written,
    }
}
