//! Errors of requests to GitHub, and what to do about them.

use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;
use crate::error::SourceError;
use crate::text::wording::quote;

/// Why a request to GitHub failed.
///
/// `what` describes the requested thing for a person: `pull request 12`. `message` repeats GitHub's own words. These
/// and all causes are limited in length, on one line, and never contain the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The settings are wrong: an address, the certificate file or the token.
    #[error("{message}")]
    Unusable {
        /// Which setting, and what is wrong with it.
        message: String,
        /// The underlying error.
        source: Option<Cause>,
    },
    /// GitHub could not be reached, or the connection broke.
    #[error("{what} could not be fetched from GitHub")]
    Connection {
        /// What was requested.
        what: String,
        /// What happened to the connection.
        source: Cause,
    },
    /// GitHub took too long.
    #[error("{what} could not be fetched from GitHub within {seconds} s")]
    Timeout {
        /// What was requested.
        what: String,
        /// The time limit of the request.
        seconds: u64,
    },
    /// GitHub did not accept the token (401).
    #[error("GitHub rejected the token ({what})")]
    Unauthorized {
        /// What was requested.
        what: String,
    },
    /// The token lacks a permission (403).
    #[error("GitHub denied the request for {what}: {}", quote(message))]
    Forbidden {
        /// What was requested.
        what: String,
        /// GitHub's message.
        message: String,
    },
    /// The thing does not exist, or the token may not see it (404, 410).
    #[error("GitHub could not find {what}")]
    NotFound {
        /// What was requested.
        what: String,
    },
    /// The rate limit is reached, and waiting for the reset would take too long.
    #[error("GitHub's rate limit was exceeded ({what})")]
    RateLimited {
        /// What was requested.
        what: String,
        /// Seconds until the limit resets, if GitHub says so.
        seconds: Option<u64>,
        /// True if the request had a token, which raises the limit.
        authenticated: bool,
    },
    /// Any other status: 5xx after all retries, or an unexpected one.
    ///
    /// The message is not shown: a server can send back a token that this client does not know.
    #[error("GitHub returned HTTP status {status} for {what}")]
    Status {
        /// What was requested.
        what: String,
        /// The HTTP status.
        status: u16,
        /// GitHub's message.
        message: String,
    },
    /// GitHub redirects to an address outside its API, which must not receive the token.
    #[error("GitHub redirected the request for {what} to another address")]
    Redirected {
        /// What was requested.
        what: String,
    },
    /// The answer is larger than any valid one.
    #[error("GitHub's response for {what} is larger than {limit} bytes")]
    TooLarge {
        /// What was requested.
        what: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The list has more pages than kepgate reads.
    #[error("GitHub has more than {limit} pages of {what}")]
    TooManyPages {
        /// What was requested.
        what: String,
        /// The limit.
        limit: usize,
    },
    /// The answer does not have the documented format.
    #[error("GitHub's response for {what} is not valid")]
    Malformed {
        /// What was requested.
        what: String,
        /// What is wrong with it.
        source: AnswerFault,
    },
    /// A GraphQL answer contains an error that the caller does not allow.
    #[error("GitHub reported an error in the query for {what}: {}", quote(message))]
    Query {
        /// What was requested.
        what: String,
        /// The message of the first such error.
        message: String,
    },
}

/// What is wrong with an answer. The answer itself is untrusted and not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// It is not JSON.
    #[error("it is not JSON")]
    NotJson,
    /// It ends before the JSON value does.
    #[error("it is incomplete")]
    CutOff,
    /// It is JSON, but not of the expected format.
    #[error("a field is missing or has the wrong type")]
    WrongFields,
}

impl From<serde_json::Error> for AnswerFault {
    fn from(error: serde_json::Error) -> Self {
        match error.classify() {
            serde_json::error::Category::Eof => Self::CutOff,
            serde_json::error::Category::Data => Self::WrongFields,
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => Self::NotJson,
        }
    }
}

/// An error of another library and its sources as cleaned text, because the original may contain the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    text: String,
    source: Option<Box<Cause>>,
}

impl Cause {
    /// Copies an error. `clean` makes each text safe to print.
    pub(super) fn of(error: &(dyn StdError + 'static), clean: &dyn Fn(&str) -> String) -> Self {
        // Some of octocrab's own errors end in a backtrace.
        let text = clean(error.to_string().lines().next().unwrap_or_default());
        Self { text, source: error.source().map(|source| Box::new(Self::of(source, clean))) }
    }

    /// Copies an error that cannot contain the token.
    pub(super) fn plain(error: &(dyn StdError + 'static)) -> Self {
        Self::of(error, &str::to_owned)
    }

    /// The innermost error, which says in a few words what happened. The outer ones only name the layers.
    fn root(&self) -> &Self {
        self.source.as_ref().map_or(self, |source| source.root())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl ApiError {
    pub(super) fn unusable(message: impl Into<String>) -> Self {
        Self::Unusable { message: message.into(), source: None }
    }

    pub(super) fn unusable_because(message: impl Into<String>, source: &(dyn StdError + 'static)) -> Self {
        Self::Unusable { message: message.into(), source: Some(Cause::plain(source)) }
    }

    /// An answer with missing or mistyped fields.
    pub(crate) fn wrong_fields(what: &str) -> Self {
        Self::Malformed { what: what.to_owned(), source: AnswerFault::WrongFields }
    }

    /// The error and its root cause in one line.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Unusable { source: Some(source), .. } | Self::Connection { source, .. } => {
                format!("{self}: {}", source.root())
            }
            Self::Malformed { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unusable { .. } => {
                "check GITHUB_API_URL, GITHUB_GRAPHQL_URL, SSL_CERT_FILE and --token-file".to_owned()
            }
            Self::Connection { .. } | Self::Timeout { .. } => {
                "try again; behind a proxy set HTTPS_PROXY, and SSL_CERT_FILE if the proxy has its own certificate"
                    .to_owned()
            }
            Self::Unauthorized { .. } => {
                "check whether the token has expired; public repositories can be read without a token".to_owned()
            }
            Self::Forbidden { .. } => "grant the token the required permission; \
                 https://github.com/kepgate/kepgate/blob/main/docs/security.md#tokens-and-permissions lists them"
                .to_owned(),
            Self::NotFound { .. } => {
                "check the number and the repository, and that the token can read the repository".to_owned()
            }
            Self::RateLimited { seconds, authenticated, .. } => {
                let when = match seconds {
                    Some(seconds) => format!("try again in {seconds} s"),
                    None => "try again in a minute or later".to_owned(),
                };
                let more = if *authenticated { "" } else { "; a token (GITHUB_TOKEN) raises the limit" };
                format!("{when}{more}")
            }
            Self::Status { status: 500.., .. } => {
                "try again later; https://www.githubstatus.com shows whether GitHub has an outage".to_owned()
            }
            Self::Redirected { .. } => {
                "the repository may have been renamed: use its current name, and check GITHUB_API_URL".to_owned()
            }
            Self::TooLarge { .. } => "check from a clone instead, with --base and --head".to_owned(),
            Self::TooManyPages { .. } => "view the rest on GitHub".to_owned(),
            Self::Status { .. } | Self::Malformed { .. } | Self::Query { .. } => {
                "try again; if it keeps failing, check that GITHUB_API_URL is the address of GitHub's API".to_owned()
            }
        }
    }

    /// True if the requested thing does not exist.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// True if REST may succeed after GraphQL failed with this error. Either can be down without the other, each has
    /// its own rate limit, and reads over REST are retried.
    #[must_use]
    pub const fn allows_fallback(&self) -> bool {
        !matches!(self, Self::Unusable { .. } | Self::Unauthorized { .. })
    }

    /// The error for a status outside 200 to 299.
    pub(super) fn from_status(what: &str, status: u16, message: String) -> Self {
        let what = what.to_owned();
        match status {
            401 => Self::Unauthorized { what },
            403 => Self::Forbidden { what, message },
            404 | 410 => Self::NotFound { what },
            300..=399 => Self::Redirected { what },
            _ => Self::Status { what, status, message },
        }
    }
}

impl From<ApiError> for SourceError {
    fn from(error: ApiError) -> Self {
        let (message, help) = (error.message(), error.help());
        match error {
            ApiError::Unusable { .. } => Self::usage(message, help),
            _ => Self::unavailable(message, help),
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        SourceError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::{ApiError, Cause};

    #[derive(Debug, thiserror::Error)]
    #[error("request with ghp_secret failed")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_status_says_what_to_do_about_it() {
        let of = |status| ApiError::from_status("it", status, "no".to_owned());
        let (what, message) = ("it".to_owned(), "no".to_owned());
        assert_eq!(of(401), ApiError::Unauthorized { what: what.clone() });
        assert_eq!(of(403), ApiError::Forbidden { what: what.clone(), message: message.clone() });
        for status in [404, 410] {
            assert_eq!(of(status), ApiError::NotFound { what: what.clone() });
        }
        for status in [300, 302, 399] {
            assert_eq!(of(status), ApiError::Redirected { what: what.clone() });
        }
        for status in [400, 422, 500] {
            assert_eq!(of(status), ApiError::Status { what: what.clone(), status, message: message.clone() });
        }
    }

    #[test]
    fn the_help_says_what_the_user_can_do() {
        let help = |status| ApiError::from_status("it", status, "no".to_owned()).help();
        for (status, words) in [
            (401, "check whether the token has expired"),
            (403, "grant the token the required permission"),
            (404, "check the number and the repository"),
            (301, "the repository may have been renamed"),
            (500, "try again later"),
            (422, "try again; if it keeps failing"),
        ] {
            assert!(help(status).starts_with(words), "{status}: {}", help(status));
        }
    }

    #[test]
    fn causes_are_kept_without_the_token() {
        let clean = |text: &str| text.replace("ghp_secret", "***");
        let source = Cause::of(&Outer(std::io::Error::other("ghp_secret was refused\nbacktrace")), &clean);
        let error = ApiError::Connection { what: "pull request 7".to_owned(), source };
        assert_eq!(error.message(), "pull request 7 could not be fetched from GitHub: *** was refused");
        assert_eq!(error.source().unwrap().to_string(), "request with *** failed");
        assert_eq!(error.source().unwrap().source().unwrap().to_string(), "*** was refused");
        assert!(!format!("{error:?}").contains("ghp_secret"));
    }
}
