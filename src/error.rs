//! Errors by whose fault they are.

use crate::exit::ExitStatus;

/// Why a run could not do, or not do all of, what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that cannot be.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        help: String,
    },
    /// The repository's policy or kepgate's configuration is wrong.
    #[error("{message}")]
    Configuration {
        /// What is wrong, with file and line where there is one.
        message: String,
        /// What to do instead.
        help: String,
    },
    /// Something could not be read.
    #[error("{message}")]
    Fetch {
        /// What could not be read.
        message: String,
        /// What to do about it.
        help: String,
    },
    /// A report could not be written, or kepgate itself is at fault.
    #[error("{message}")]
    Internal {
        /// What went wrong.
        message: String,
        /// What to do about it.
        help: String,
    },
}

impl Error {
    /// The word for it in the JSON report.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Usage { .. } => "usage",
            Self::Configuration { .. } => "configuration",
            Self::Fetch { .. } => "fetch",
            Self::Internal { .. } => "internal",
        }
    }

    /// The remedy.
    #[must_use]
    pub fn help(&self) -> &str {
        match self {
            Self::Usage { help, .. }
            | Self::Configuration { help, .. }
            | Self::Fetch { help, .. }
            | Self::Internal { help, .. } => help,
        }
    }

    /// How the process ends because of it.
    #[must_use]
    pub const fn status(&self) -> ExitStatus {
        match self {
            Self::Usage { .. } | Self::Configuration { .. } => ExitStatus::Failed,
            Self::Fetch { .. } | Self::Internal { .. } => ExitStatus::Unchecked,
        }
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Usage { message, help } => Self::Usage { message, help },
            SourceError::Unavailable { message, help } => Self::Fetch { message, help },
        }
    }
}

/// Why a tree or the difference between two could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// What was asked for cannot be: the caller's words are at fault (exit 2).
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        help: String,
    },
    /// What was asked for is right, but could not be had (exit 3).
    #[error("{message}")]
    Unavailable {
        /// What could not be had.
        message: String,
        /// What to do about it.
        help: String,
    },
}

impl SourceError {
    /// The remedy, a sentence.
    #[must_use]
    pub fn help(&self) -> &str {
        match self {
            Self::Usage { help, .. } | Self::Unavailable { help, .. } => help,
        }
    }
}
