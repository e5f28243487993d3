//! Finding KEPs in a tree: which ones ([`Filter`]), what to show of them ([`columns`]), and how many each approver has
//! ([`load`]).

pub mod columns;
mod filter;
pub mod load;
pub mod pull_requests;

pub use filter::{Filter, Person, parse_release};
