//! KEPs in the formats of other programs.

mod keps_json;

#[cfg(test)]
pub(crate) use keps_json::Proposal;
pub(crate) use keps_json::{KepsJson, keps_json};
