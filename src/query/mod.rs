//! Finding KEPs in a tree: which ones ([`Filter`]), what to show of them ([`columns`]), and how many each approver has
//! ([`load`]).

pub mod beside;
pub mod columns;
mod filter;
pub mod load;

pub use filter::{Filter, Person, parse_release};
