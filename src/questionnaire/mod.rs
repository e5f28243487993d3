//! The production-readiness questionnaire: the questions of the template and the answers in a README.

pub mod answers;
mod matching;
mod metrics;
pub mod names;
pub mod progress;
mod question;
pub mod readme;
pub mod template;
#[cfg(test)]
mod tests;

pub use readme::Readme;
