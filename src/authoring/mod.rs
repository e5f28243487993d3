//! What an author would otherwise write by hand: a promotion, a new KEP. Files are changed in place, so that comments,
//! order and quotes stay; what cannot be changed with certainty is left alone and said.

mod draft;
mod promotion;
pub mod revision;

pub use draft::{Draft, slug};
pub use promotion::Promotion;
pub use revision::Revision;
