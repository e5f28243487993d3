//! How the process ends: the only place with numbers.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// Checked, and nothing new at or above the threshold.
    Clean,
    /// Checked, and something was found.
    Findings,
    /// The command line, the configuration or the repository's policy is wrong.
    Failed,
    /// Something could not be checked. It beats findings, which are reported all the same.
    Unchecked,
}

impl ExitStatus {
    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failed => 2,
            Self::Unchecked => 3,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
