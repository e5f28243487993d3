//! Exit statuses.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// No new findings at or above the threshold.
    Clean,
    /// New findings at or above the threshold.
    Findings,
    /// The arguments, the configuration or the policy files are invalid.
    Failed,
    /// Something could not be checked. This takes precedence over findings, which are still reported.
    Unchecked,
}

impl ExitStatus {
    /// The exit code of the process.
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
