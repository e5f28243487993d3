//! Writes files for authors: a promotion, a new KEP. Files are edited in place, so that comments,
//! order and quotes stay. Anything that cannot be edited safely is reported instead.

mod draft;
mod promotion;
pub(crate) mod revision;

pub(crate) use draft::{Draft, slug};
pub(crate) use promotion::Promotion;
pub(crate) use revision::Revision;
