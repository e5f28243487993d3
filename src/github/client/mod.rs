//! The client: sends requests to GitHub, retries reads, and turns every failure into an [`ApiError`].
//!
//! Each function takes `what`, which names the requested thing in error messages: `pull request 12`.

mod error;
mod graphql;
mod paging;
mod retry;
mod settings;
mod token;
mod transport;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt as _, stream};
use http::{Method, Uri};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};

use crate::text::wording::quote;
pub use error::{AnswerFault, ApiError, Cause};
pub use graphql::{AllowedError, GraphqlQuery, query_data};
pub use paging::List;
pub(super) use paging::{Connection, PAGE_SIZE, collect_nodes, found};
use retry::{Attempt, Decision};
pub use settings::Settings;
pub use token::Token;
use transport::{Answer, Request, Transport, TransportError};

/// The maximum size of a JSON answer, in bytes.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// The maximum number of concurrent requests.
const CONCURRENCY: usize = 8;

/// The maximum time that one run spends waiting for rate limits and between retries, in seconds.
const MAX_TOTAL_WAIT: u64 = 90;

/// The maximum length of a repeated message from GitHub, in characters.
const MAX_MESSAGE: usize = 200;

/// The maximum number of redirects to follow. A renamed repository needs one; a loop never ends.
const MAX_REDIRECTS: usize = 2;

const JSON: &str = "application/vnd.github+json";
const RAW: &str = "application/vnd.github.raw+json";

/// Sends requests to GitHub and waits for the answers.
pub struct Client {
    runtime: Runtime,
    transport: Transport,
    api: String,
    graphql: Uri,
    token: Option<Token>,
    timeout: Duration,
    /// The seconds left of [`MAX_TOTAL_WAIT`].
    remaining_wait: AtomicU64,
}

impl Client {
    /// Creates a client. No request is sent yet.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] if an address or the certificate file is not usable.
    pub fn new(settings: &Settings) -> Result<Self, ApiError> {
        let (api, graphql) = settings.addresses()?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ApiError::unusable_because("could not set up the HTTP client", &error))?;
        let transport = {
            // octocrab must be built inside a runtime.
            let _guard = runtime.enter();
            Transport::new(settings, &api, &graphql)?
        };
        Ok(Self {
            runtime,
            transport,
            api: settings.api.clone(),
            graphql,
            token: settings.token.clone(),
            timeout: settings.timeout,
            remaining_wait: AtomicU64::new(MAX_TOTAL_WAIT),
        })
    }

    /// True if requests carry a token.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.token.is_some()
    }

    /// Fetches the JSON at `path` of the REST API, which begins with a slash.
    ///
    /// # Errors
    /// [`ApiError`]
    pub fn get<T: DeserializeOwned>(&self, what: &str, path: &str) -> Result<T, ApiError> {
        let request = self.read_request(path)?;
        let answer = self.runtime.block_on(self.read(what, &request))?;
        parse(what, &answer.body)
    }

    /// Fetches the JSON at each path, several at a time; `None` for paths that do not exist.
    ///
    /// # Errors
    /// [`ApiError`] of the first request that fails.
    pub(super) fn get_each<T: DeserializeOwned>(
        &self,
        what: &str,
        paths: &[String],
    ) -> Result<Vec<Option<T>>, ApiError> {
        let requests: Vec<_> = paths.iter().map(|path| self.read_request(path)).collect::<Result<_, _>>()?;
        self.runtime.block_on(async {
            let mut answers = stream::iter(&requests).map(|request| self.read(what, request)).buffered(CONCURRENCY);
            let mut values = Vec::with_capacity(requests.len());
            while let Some(answer) = answers.next().await {
                let answer = found(answer)?;
                values.push(answer.map(|answer| parse(what, &answer.body)).transpose()?);
            }
            Ok(values)
        })
    }

    /// Fetches the bytes at each path, several at a time, in the order of `paths`. `limit` is in bytes, for each path.
    ///
    /// # Errors
    /// [`ApiError`] of the first request that fails.
    pub(super) fn get_raw(&self, what: &str, paths: &[String], limit: usize) -> Result<Vec<Vec<u8>>, ApiError> {
        let raw = |path: &String| Ok(Request { accept: RAW, limit, ..self.read_request(path)? });
        let requests: Vec<_> = paths.iter().map(raw).collect::<Result<_, _>>()?;
        self.runtime.block_on(async {
            let mut answers = stream::iter(&requests).map(|request| self.read(what, request)).buffered(CONCURRENCY);
            let mut bodies = Vec::with_capacity(requests.len());
            while let Some(answer) = answers.next().await {
                bodies.push(answer?.body);
            }
            Ok(bodies)
        })
    }

    /// Sends `body` as JSON to `path` with a method that changes something. Such a request is never retried.
    ///
    /// # Errors
    /// [`ApiError`]
    pub fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        what: &str,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, ApiError> {
        let body = serde_json::to_value(body)
            .map_err(|error| ApiError::unusable_because(format!("{what} cannot be sent"), &error))?;
        let request = Request { method, body: Some(body), ..self.read_request(path)? };
        let answer = self.runtime.block_on(self.send_once(what, &request))?;
        parse(what, &answer.body)
    }

    fn read_request(&self, path: &str) -> Result<Request, ApiError> {
        let url = format!("{}{path}", self.api);
        let url = url
            .parse()
            .map_err(|error| ApiError::unusable_because(format!("{} is not an address", quote(&url)), &error))?;
        Ok(Request { method: Method::GET, url, accept: JSON, body: None, limit: MAX_ANSWER })
    }

    /// Sends a read request. Retries it, and follows redirects within the API.
    async fn read(&self, what: &str, request: &Request) -> Result<Answer, ApiError> {
        let mut request = request.clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.send_with_retries(what, &request).await?;
            if !matches!(answer.status, 301 | 302 | 307 | 308) {
                return self.check_status(what, answer);
            }
            let location = answer.header("location").unwrap_or_default();
            request.url = self.api_address(what, &location)?;
        }
        Err(ApiError::Redirected { what: what.to_owned() })
    }

    async fn send_once(&self, what: &str, request: &Request) -> Result<Answer, ApiError> {
        match self.transport.exchange(request).await {
            Ok(answer) => self.check_status(what, answer),
            Err(error) => Err(self.transport_error(what, &error, request.limit)),
        }
    }

    async fn send_with_retries(&self, what: &str, request: &Request) -> Result<Answer, ApiError> {
        let mut number = 1;
        loop {
            let result = self.transport.exchange(request).await;
            let attempt = match &result {
                Ok(answer) => Attempt::Answered { status: answer.status, limit: self.rate_limit(answer) },
                Err(error @ TransportError::TooLarge) => return Err(self.transport_error(what, error, request.limit)),
                Err(TransportError::Broken(_) | TransportError::Timeout) => Attempt::Broken,
            };
            match retry::decide(number, attempt, jitter()) {
                Decision::RetryAfter(wait) if self.take_wait(wait) => tokio::time::sleep(wait).await,
                Decision::RetryAfter(_) | Decision::Stop => {
                    return result.map_err(|error| self.transport_error(what, &error, request.limit));
                }
            }
            number += 1;
        }
    }

    /// Returns the answer if its status is a success.
    fn check_status(&self, what: &str, answer: Answer) -> Result<Answer, ApiError> {
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        match self.rate_limit(&answer) {
            Some(limit) => Err(self.rate_limited(what, limit.seconds)),
            None => Err(ApiError::from_status(what, answer.status, self.error_message(&answer))),
        }
    }

    fn rate_limit(&self, answer: &Answer) -> Option<retry::RateLimit> {
        retry::rate_limit(answer.status, |name| answer.header(name), &self.error_message(answer), now())
    }

    fn rate_limited(&self, what: &str, seconds: Option<u64>) -> ApiError {
        ApiError::RateLimited { what: what.to_owned(), seconds, authenticated: self.is_authenticated() }
    }

    /// GitHub's message in the body of an error.
    fn error_message(&self, answer: &Answer) -> String {
        #[derive(Deserialize)]
        struct Body {
            message: String,
        }
        match serde_json::from_slice::<Body>(&answer.body) {
            Ok(Body { message }) => self.clean(&message),
            Err(_) => "no details given".to_owned(),
        }
    }

    /// Makes text from outside safe to repeat: removes the token, limits the length, and puts it on one line.
    fn clean(&self, text: &str) -> String {
        let text = self.token.as_ref().map_or_else(|| text.to_owned(), |token| token.redact(text));
        text.chars().take(MAX_MESSAGE).map(|character| if character.is_control() { ' ' } else { character }).collect()
    }

    fn transport_error(&self, what: &str, error: &TransportError, limit: usize) -> ApiError {
        let what = what.to_owned();
        match error {
            TransportError::Broken(error) => {
                ApiError::Connection { what, source: Cause::of(error.as_ref(), &|text| self.clean(text)) }
            }
            TransportError::Timeout => ApiError::Timeout { what, seconds: self.timeout.as_secs() },
            TransportError::TooLarge => ApiError::TooLarge { what, limit },
        }
    }

    /// Takes `wait` from the remaining waiting time; false if not enough is left.
    fn take_wait(&self, wait: Duration) -> bool {
        let take = |left: u64| left.checked_sub(wait.as_secs());
        self.remaining_wait.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Accepts an address from an answer if it belongs to the API. The token must not be sent anywhere else.
    fn api_address(&self, what: &str, address: &str) -> Result<Uri, ApiError> {
        let redirected = || ApiError::Redirected { what: what.to_owned() };
        let path = address.strip_prefix(&self.api).filter(|path| path.starts_with('/')).ok_or_else(redirected)?;
        format!("{}{path}", self.api).parse().map_err(|_| redirected())
    }
}

fn parse<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| ApiError::Malformed { what: what.to_owned(), source: error.into() })
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A random number that spreads retries; 0 if the system has no randomness.
fn jitter() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).map_or(0, |()| byte[0])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue};

    use super::transport::Answer;
    use super::{Client, MAX_MESSAGE, MAX_TOTAL_WAIT, Settings, Token, jitter, now};

    fn client_with_token() -> Client {
        let token = Some(Token::new("ghp_secret").unwrap());
        Client::new(&Settings { token, ..Settings::default() }).unwrap()
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn a_message_from_github_is_one_short_line_without_the_token() {
        let client = client_with_token();
        let message = client.error_message(&answer(400, r#"{"message": "Bad\ncredentials: ghp_secret"}"#));
        assert_eq!(message, "Bad credentials: ***");
        assert_eq!(client.error_message(&answer(502, "<html>")), "no details given");
        assert_eq!(client.clean(&"é".repeat(MAX_MESSAGE + 1)), "é".repeat(MAX_MESSAGE));
    }

    #[test]
    fn a_refusal_says_how_long_to_wait() {
        let mut refusal = answer(429, "{}");
        refusal.headers.insert("retry-after", HeaderValue::from_static("7"));
        let limit = client_with_token().rate_limit(&refusal).unwrap();
        assert_eq!(limit.seconds, Some(7));
    }

    #[test]
    fn retries_are_spread_and_the_time_is_known() {
        let jitters: BTreeSet<_> = (0..64).map(|_| jitter()).collect();
        assert!(jitters.len() > 1, "{jitters:?}");
        assert!(now() > 1_767_225_600, "it is after 2025");
    }

    #[test]
    fn all_waits_together_are_limited() {
        let client = Client::new(&Settings::default()).unwrap();
        let most = Duration::from_secs(MAX_TOTAL_WAIT);
        assert!(!client.take_wait(most + Duration::from_secs(1)), "nothing is taken");
        assert!(client.take_wait(Duration::from_secs(MAX_TOTAL_WAIT - 1)));
        assert!(client.take_wait(Duration::from_secs(1)));
        assert!(!client.take_wait(Duration::from_secs(1)));
        assert!(client.take_wait(Duration::from_millis(999)), "fractions of a second are free");
    }
}
