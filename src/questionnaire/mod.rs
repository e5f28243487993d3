//! The production-readiness questionnaire: the questions of the template and the answers in a README.

pub mod answers;
pub mod comparison;
mod extents;
mod footnotes;
mod matching;
mod metrics;
pub mod names;
mod own_text;
pub mod progress;
mod question;
pub mod readme;
pub mod template;
#[cfg(test)]
mod tests;

pub use readme::Readme;
