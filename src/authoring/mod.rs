//! Writes files for authors: a promotion, a new KEP. Files are edited in place, so that comments,
//! order and quotes stay. Anything that cannot be edited safely is reported instead.

mod draft;
mod promotion;
pub mod revision;

pub use draft::{Draft, slug};
pub use promotion::Promotion;
pub use revision::Revision;
