//! An exception to a freeze.

use super::Phase;

/// A request for an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The ruling.
    pub ruling: Ruling,
    /// The day of the ruling, as written; empty if there is none.
    pub reviewed: String,
    /// The freeze that it is about. An exception to the Enhancements Freeze also covers the freeze before it.
    pub freeze: Phase,
}

/// Why exceptions could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ExceptionsError {
    /// The YAML is not in the release team's format.
    #[error(transparent)]
    Yaml(#[from] serde_yaml::Error),
    /// The export of the project board is malformed or incomplete.
    #[error("{0}")]
    Board(String),
}

/// The ruling on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The KEP may miss the freeze.
    Approved,
    /// The KEP may not miss the freeze.
    Refused,
    /// It was approved, but the KEP was removed from the release anyway.
    Removed,
    /// There is no ruling yet, or an unknown one.
    Open,
}

impl Ruling {
    pub(super) fn parse(status: &str) -> Self {
        match status {
            "approved" => Self::Approved,
            "rejected" | "denied" => Self::Refused,
            "removed" => Self::Removed,
            _ => Self::Open,
        }
    }

    /// The word for the ruling.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Removed => "removed",
            Self::Open => "open",
        }
    }
}
