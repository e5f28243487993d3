//! Finding KEPs in a tree: which ones ([`Filter`]), what to show of them ([`columns`]), and how many each approver has
//! ([`load`]).

pub(crate) mod columns;
mod filter;
pub(crate) mod load;
pub(crate) mod plan;
pub(crate) mod pull_requests;
pub(crate) mod shadows;
mod validate;

pub(crate) use filter::{Filter, Person, parse_release};
pub(crate) use validate::{check_sigs, without_reviews};
