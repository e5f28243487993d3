//! What can go wrong with GitHub, each with what to do about it.

use crate::error::Error;
use crate::error::SourceError;

/// Why GitHub did not answer as asked. `what` is what was asked for, in words for a person; words of the server's are
/// bounded, on one line, and never hold the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The address of the API, or the file with certificates or a token, cannot be used: the caller's words are at
    /// fault.
    #[error("{0}")]
    Unusable(String),
    /// GitHub could not be reached, or the connection broke.
    #[error("{what} could not be had from GitHub: {cause}")]
    Connection {
        /// What was asked for.
        what: String,
        /// What happened to the connection.
        cause: String,
    },
    /// GitHub took too long.
    #[error("{what} could not be had from GitHub within {seconds} s")]
    Timeout {
        /// What was asked for.
        what: String,
        /// How long was waited.
        seconds: u64,
    },
    /// GitHub does not know the token (401).
    #[error("GitHub does not accept the token ({what})")]
    Unauthorized {
        /// What was asked for.
        what: String,
    },
    /// The token may not do that (403).
    #[error("GitHub refuses {what}: {said}")]
    Forbidden {
        /// What was asked for.
        what: String,
        /// What GitHub said.
        said: String,
    },
    /// There is no such thing, or none that the token may see (404).
    #[error("GitHub does not find {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// Too much was asked in too short a time, and waiting would take too long.
    #[error("GitHub's rate limit is reached ({what})")]
    RateLimited {
        /// What was asked for.
        what: String,
        /// In how many seconds it may be tried again, when GitHub says so.
        seconds: Option<u64>,
        /// Whether a token was used.
        authenticated: bool,
    },
    /// Any other status: 5xx for which trying again did not help, or one that nobody expects.
    #[error("GitHub answered {status} for {what}")]
    Status {
        /// What was asked for.
        what: String,
        /// The HTTP status.
        status: u16,
        /// What GitHub said.
        said: String,
    },
    /// GitHub points elsewhere; a token must not follow.
    #[error("GitHub redirects {what} to another place")]
    Redirected {
        /// What was asked for.
        what: String,
    },
    /// The answer is larger than anything that was asked for can be.
    #[error("GitHub's answer for {what} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        what: String,
        /// The bound.
        limit: usize,
    },
    /// The answer is not what GitHub describes.
    #[error("GitHub's answer for {what} makes no sense: {cause}")]
    Malformed {
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        cause: String,
    },
    /// GraphQL answered 200, and with errors.
    #[error("GitHub could not answer the query for {what}: {said}")]
    Query {
        /// What was asked for.
        what: String,
        /// The first error.
        said: String,
    },
}

impl ApiError {
    /// The remedy, a sentence.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unusable(_) => "see GITHUB_API_URL, GITHUB_GRAPHQL_URL, SSL_CERT_FILE and --token-file".to_owned(),
            Self::Connection { .. } | Self::Timeout { .. } => {
                "try again; behind a proxy set HTTPS_PROXY, and SSL_CERT_FILE where it has a certificate of its own"
                    .to_owned()
            }
            Self::Unauthorized { .. } => {
                "see whether the token has expired; public repositories can be read without one".to_owned()
            }
            Self::Forbidden { .. } => {
                "give the token the permission that this needs (docs/security.md lists them)".to_owned()
            }
            Self::NotFound { .. } => {
                "see whether number and repository are right, and whether the token may read the repository".to_owned()
            }
            Self::RateLimited { seconds, authenticated, .. } => {
                let when = match seconds {
                    Some(seconds) => format!("try again in {seconds} s"),
                    None => "try again in a minute or later".to_owned(),
                };
                let more = if *authenticated { "" } else { "; with a token (GITHUB_TOKEN) there is more room" };
                format!("{when}{more}")
            }
            Self::Status { status: 500.., .. } => {
                "try again later; https://www.githubstatus.com tells whether GitHub is well".to_owned()
            }
            Self::Redirected { .. } => {
                "name the repository as it is called now, and the API as it is reached directly".to_owned()
            }
            Self::TooLarge { .. } => "check it from a clone instead, with --base and --head".to_owned(),
            Self::Status { .. } | Self::Malformed { .. } | Self::Query { .. } => {
                "try again; if it stays so, see whether GITHUB_API_URL leads to GitHub's API".to_owned()
            }
        }
    }

    /// Whether there is no such thing.
    #[must_use]
    pub const fn is_absence(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether another way of asking the same may still work: where GraphQL is down or its limit is reached, REST may
    /// be up, and it has a limit of its own, which it waits for.
    #[must_use]
    pub const fn is_worth_another_way(&self) -> bool {
        !matches!(self, Self::Unusable(_) | Self::Unauthorized { .. })
    }

    /// A status outside 200 to 299 that is not tried again.
    pub(super) fn of_status(what: &str, status: u16, said: String) -> Self {
        let what = what.to_owned();
        match status {
            401 => Self::Unauthorized { what },
            403 => Self::Forbidden { what, said },
            404 | 410 => Self::NotFound { what },
            300..=399 => Self::Redirected { what },
            _ => Self::Status { what, status, said },
        }
    }
}

impl From<ApiError> for SourceError {
    fn from(error: ApiError) -> Self {
        let (message, help) = (error.to_string(), error.help());
        match error {
            ApiError::Unusable(_) => Self::Usage { message, help },
            _ => Self::Unavailable { message, help },
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        SourceError::from(error).into()
    }
}
