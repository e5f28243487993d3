//! An exception from a freeze.

use super::Phase;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The ruling.
    pub ruling: Ruling,
    /// The day of the ruling, as written; empty when none is.
    pub reviewed: String,
    /// The freeze that it is from. An exception from the Enhancements Freeze covers the freeze before it as well.
    pub freeze: Phase,
}

/// Why exceptions could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ExceptionsError {
    /// The YAML is not that of the release team.
    #[error(transparent)]
    Yaml(#[from] serde_yaml::Error),
    /// The export of the project board is malformed or incomplete.
    #[error("{0}")]
    Board(String),
}

/// The ruling on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The KEP may come later.
    Approved,
    /// It may not.
    Refused,
    /// It was approved, but the KEP was removed from the release anyway.
    Removed,
    /// Nothing that is known here: not yet ruled on.
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

    /// The word for it.
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
