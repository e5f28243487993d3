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
