//! The production-readiness questionnaire: the questions of the template and the answers in a README.

pub mod answers;
pub mod names;
pub mod progress;
pub mod readme;
pub mod template;
#[cfg(test)]
mod tests;

pub use readme::Readme;
