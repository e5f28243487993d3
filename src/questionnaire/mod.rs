//! The production-readiness questionnaire: what the template asks, and what a README answers.

pub mod answers;
pub mod names;
pub mod progress;
pub mod readme;
pub mod template;
#[cfg(test)]
mod tests;

pub use readme::Readme;
