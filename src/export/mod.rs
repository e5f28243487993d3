//! KEPs in the formats of other programs.

mod keps_json;

pub(crate) use keps_json::{KepsJson, keps_json};
