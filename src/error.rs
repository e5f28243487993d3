//! Errors, grouped by what is at fault.

use std::error::Error as StdError;

use crate::exit::ExitStatus;

/// What caused an error.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a run failed, or did not do everything that it was asked to do.
///
/// [`Error::describe`] writes the message with its causes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something impossible.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        help: String,
        /// The underlying error, if there is one.
        source: Option<Cause>,
    },
    /// The repository's policy or kepgate's configuration is wrong.
    #[error("{message}")]
    Configuration {
        /// What is wrong, with file and line where possible.
        message: String,
        /// What to do instead.
        help: String,
        /// The underlying error, if there is one.
        source: Option<Cause>,
    },
    /// Something could not be fetched or read.
    #[error("{message}")]
    Fetch {
        /// What could not be fetched or read.
        message: String,
        /// What to do about it.
        help: String,
        /// The underlying error, if there is one.
        source: Option<Cause>,
    },
    /// A report could not be written, or kepgate itself is at fault.
    #[error("{message}")]
    Internal {
        /// What went wrong.
        message: String,
        /// What to do about it.
        help: String,
        /// The underlying error, if there is one.
        source: Option<Cause>,
    },
}

impl Error {
    /// An error in the arguments on the command line.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into(), source: None }
    }

    /// An error in the configuration or in the policy of the repository.
    pub(crate) fn configuration(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Configuration { message: message.into(), help: help.into(), source: None }
    }

    /// Something that could not be read.
    pub(crate) fn fetch(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Fetch { message: message.into(), help: help.into(), source: None }
    }

    /// A report that could not be written, or a fault of kepgate itself.
    pub(crate) fn internal(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Internal { message: message.into(), help: help.into(), source: None }
    }

    /// The same error, caused by `cause`.
    pub(crate) fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        let (Self::Usage { source, .. }
        | Self::Configuration { source, .. }
        | Self::Fetch { source, .. }
        | Self::Internal { source, .. }) = &mut self;
        *source = Some(cause.into());
        self
    }

    /// The message and its causes, separated by colons.
    #[must_use]
    pub fn describe(&self) -> String {
        describe(self)
    }

    /// The word for the kind of error in the JSON report.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Usage { .. } => "usage",
            Self::Configuration { .. } => "configuration",
            Self::Fetch { .. } => "fetch",
            Self::Internal { .. } => "internal",
        }
    }

    /// What to do about the error.
    #[must_use]
    pub fn help(&self) -> &str {
        match self {
            Self::Usage { help, .. }
            | Self::Configuration { help, .. }
            | Self::Fetch { help, .. }
            | Self::Internal { help, .. } => help,
        }
    }

    /// The exit status that the error causes.
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
            SourceError::Usage { message, help, source } => Self::Usage { message, help, source },
            SourceError::Unavailable { message, help, source } => Self::Fetch { message, help, source },
        }
    }
}

/// Why a tree, or the difference between two trees, could not be read.
///
/// [`SourceError::describe`] writes the message with its causes.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The request is invalid because of what the caller asked for (exit 2).
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        help: String,
        /// The underlying error, if there is one.
        source: Option<Cause>,
    },
    /// The request is valid, but the data could not be read (exit 3).
    #[error("{message}")]
    Unavailable {
        /// What could not be read.
        message: String,
        /// What to do about it.
        help: String,
        /// The underlying error, if there is one.
        source: Option<Cause>,
    },
}

impl SourceError {
    /// An error in what the caller asked for.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into(), source: None }
    }

    /// Data that could not be read.
    pub(crate) fn unavailable(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Unavailable { message: message.into(), help: help.into(), source: None }
    }

    /// The same error, caused by `cause`.
    pub(crate) fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        let (Self::Usage { source, .. } | Self::Unavailable { source, .. }) = &mut self;
        *source = Some(cause.into());
        self
    }

    /// The message and its causes, separated by colons.
    #[must_use]
    pub fn describe(&self) -> String {
        describe(self)
    }

    /// What to do about the error, as a sentence.
    #[must_use]
    pub fn help(&self) -> &str {
        match self {
            Self::Usage { help, .. } | Self::Unavailable { help, .. } => help,
        }
    }
}

/// The maximum number of causes in a message.
const MAX_CAUSES: usize = 8;

fn describe(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(error) = cause else { break };
        // git's errors may quote names from the repository unescaped.
        let said = error.to_string().replace(char::is_control, " ");
        // Some errors say what their cause says.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::io;

    use super::{Error, SourceError};

    #[test]
    fn a_cause_is_kept_and_described_once() {
        let error = SourceError::unavailable("`a` could not be read", "try again").caused_by(io::Error::other("disk"));
        assert_eq!(
            (error.to_string(), error.describe()),
            ("`a` could not be read".into(), "`a` could not be read: disk".into())
        );
        let error = Error::from(error);
        assert_eq!((error.describe(), error.help()), ("`a` could not be read: disk".into(), "try again"));
        assert_eq!(error.source().unwrap().to_string(), "disk");
        assert_eq!(Error::usage("no such stage", "see `kepgate help`").describe(), "no such stage");
    }
}
