//! Asking GitHub, and being told plainly what came of it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt as _, stream};
use http::{Method, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::retry::{self, Ended, Next};
use super::transport::{Answer, Fault, Request, Transport};
use super::{ApiError, Settings, Token};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// How many requests are under way at once.
const CONCURRENCY: usize = 8;

/// How long is waited for rate limits in all, in seconds.
const PATIENCE: u64 = 90;

/// The longest that is repeated of what GitHub says, in characters.
const MAX_SAID: usize = 200;

const JSON: &str = "application/vnd.github+json";
const RAW: &str = "application/vnd.github.raw+json";

/// Asks GitHub. `what` is, in each of its functions, what is asked for in words for a person: `pull request 12`.
pub struct Client {
    runtime: Runtime,
    transport: Transport,
    api: String,
    graphql: Uri,
    token: Option<Token>,
    timeout: Duration,
    requests: AtomicUsize,
    patience: AtomicU64,
}

/// All pages of a list.
#[derive(Debug)]
pub struct Pages<T> {
    /// What was listed, in order.
    pub items: Vec<T>,
    /// Whether there is more than was asked for.
    pub truncated: bool,
}

/// The answer to a GraphQL query.
#[derive(Debug)]
pub struct Answered {
    /// The data, with null where there is an error.
    pub data: Value,
    /// What could not be answered.
    pub errors: Vec<QueryError>,
}

/// An error in an answer of GraphQL's that is otherwise fine.
#[derive(Debug, Deserialize)]
pub struct QueryError {
    /// `NOT_FOUND`, `RATE_LIMITED`, `FORBIDDEN` …; empty when GitHub does not say.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// In words, bounded and on one line.
    #[serde(default)]
    pub message: String,
}

impl Client {
    /// A client; nothing is asked yet.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] when an address or the file of certificates cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, ApiError> {
        let (api, graphql) = settings.addresses()?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ApiError::Unusable(format!("no client could be made: {error}")))?;
        let transport = {
            let _inside = runtime.enter();
            Transport::new(settings, &api, &graphql)?
        };
        Ok(Self {
            runtime,
            transport,
            api: settings.api.clone(),
            graphql,
            token: settings.token.clone(),
            timeout: settings.timeout,
            requests: AtomicUsize::new(0),
            patience: AtomicU64::new(PATIENCE),
        })
    }

    /// Whether it asks with a token. GraphQL needs one.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.token.is_some()
    }

    /// How many requests were made, those that were tried again counted each time.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// What stands at `path` of the REST API, which begins with a slash.
    ///
    /// # Errors
    /// [`ApiError`]
    pub fn get<T: DeserializeOwned>(&self, what: &str, path: &str) -> Result<T, ApiError> {
        let request = self.reading(path, JSON, MAX_ANSWER)?;
        let answer = self.runtime.block_on(self.read(what, &request))?;
        parse(what, &answer.body)
    }

    /// The list at `path`, page by page as GitHub links them, until there are more than `most` entries: these are
    /// dropped, and [`Pages::truncated`] says so.
    ///
    /// # Errors
    /// [`ApiError`] for any of the pages: a part is never taken for the whole.
    pub fn get_all<T: DeserializeOwned>(&self, what: &str, path: &str, most: usize) -> Result<Pages<T>, ApiError> {
        let mut pages = Pages { items: Vec::new(), truncated: false };
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut request = self.reading(&format!("{path}{separator}per_page=100"), JSON, MAX_ANSWER)?;
        loop {
            let answer = self.runtime.block_on(self.read(what, &request))?;
            pages.items.extend(parse::<Vec<T>>(what, &answer.body)?);
            let next = answer.header("link").and_then(|link| next_page(&link));
            if pages.items.len() > most || (pages.items.len() == most && next.is_some()) {
                pages.items.truncate(most);
                pages.truncated = true;
                return Ok(pages);
            }
            let Some(next) = next else { return Ok(pages) };
            request.url = self.own(what, &next)?;
        }
    }

    /// The bytes at each of `paths`, at most `limit` of each, in their order and a few at a time.
    ///
    /// # Errors
    /// [`ApiError`] for the first that could not be had.
    pub fn get_raw(&self, what: &str, paths: &[String], limit: usize) -> Result<Vec<Vec<u8>>, ApiError> {
        let requests: Vec<_> = paths.iter().map(|path| self.reading(path, RAW, limit)).collect::<Result<_, _>>()?;
        self.runtime.block_on(async {
            let mut answers = stream::iter(&requests).map(|request| self.read(what, request)).buffered(CONCURRENCY);
            let mut bodies = Vec::with_capacity(requests.len());
            while let Some(answer) = answers.next().await {
                bodies.push(answer?.body);
            }
            Ok(bodies)
        })
    }

    /// Several things of one kind at once, a few at a time; `None` for those that are not there.
    ///
    /// # Errors
    /// [`ApiError`] for the first that could not be had.
    pub fn get_each<T: DeserializeOwned>(&self, what: &str, paths: &[String]) -> Result<Vec<Option<T>>, ApiError> {
        let requests: Vec<_> =
            paths.iter().map(|path| self.reading(path, JSON, MAX_ANSWER)).collect::<Result<_, _>>()?;
        self.runtime.block_on(async {
            let mut answers = stream::iter(&requests).map(|request| self.read(what, request)).buffered(CONCURRENCY);
            let mut found = Vec::with_capacity(requests.len());
            while let Some(answer) = answers.next().await {
                found.push(match answer {
                    Ok(answer) => Some(parse(what, &answer.body)?),
                    Err(error) if error.is_absence() => None,
                    Err(error) => return Err(error),
                });
            }
            Ok(found)
        })
    }

    /// Asks a GraphQL query. It is a POST, and so not tried again; what it asks for can be had by REST, too.
    ///
    /// # Errors
    /// [`ApiError`], also when nothing but errors came back. Errors beside data are in [`Answered::errors`].
    pub fn query(&self, what: &str, query: &str, variables: &Value) -> Result<Answered, ApiError> {
        #[derive(Deserialize)]
        struct Envelope {
            #[serde(default)]
            data: Value,
            #[serde(default)]
            errors: Vec<QueryError>,
        }
        let body = json!({ "query": query, "variables": variables });
        let request = Request {
            method: Method::POST,
            url: self.graphql.clone(),
            accept: JSON,
            body: Some(body),
            limit: MAX_ANSWER,
        };
        let answer = self.runtime.block_on(self.once(what, &request))?;
        let Envelope { data, mut errors } = parse(what, &answer.body)?;
        for error in &mut errors {
            error.message = self.said(&error.message);
        }
        // A limit comes as a 200 here.
        if errors.iter().any(|error| error.kind == "RATE_LIMITED" || error.kind == "RATE_LIMIT") {
            let reset = answer.header("x-ratelimit-reset").and_then(|reset| reset.parse::<u64>().ok());
            return Err(self.rate_limited(what, reset.map(|reset| reset.saturating_sub(now()))));
        }
        if data.is_null() {
            let said = errors.into_iter().next().map_or_else(|| "there is no data".to_owned(), |error| error.message);
            return Err(ApiError::Query { what: what.to_owned(), said });
        }
        Ok(Answered { data, errors })
    }

    /// Sends `body` to `path` with a method that changes something. It is tried once.
    ///
    /// # Errors
    /// [`ApiError`]
    pub fn send<T: DeserializeOwned>(
        &self,
        what: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<T, ApiError> {
        let request = Request { method, body: Some(body), ..self.reading(path, JSON, MAX_ANSWER)? };
        let answer = self.runtime.block_on(self.once(what, &request))?;
        parse(what, &answer.body)
    }

    /// Deletes what stands at `path`. It is tried once.
    ///
    /// # Errors
    /// [`ApiError`]
    pub fn delete(&self, what: &str, path: &str) -> Result<(), ApiError> {
        let request = Request { method: Method::DELETE, ..self.reading(path, JSON, MAX_ANSWER)? };
        self.runtime.block_on(self.once(what, &request)).map(drop)
    }

    fn reading(&self, path: &str, accept: &'static str, limit: usize) -> Result<Request, ApiError> {
        let url = format!("{}{path}", self.api);
        let url = url.parse().map_err(|_| ApiError::Unusable(format!("{url:?} is no address of GitHub's API")))?;
        Ok(Request { method: Method::GET, url, accept, body: None, limit })
    }

    /// Reads, again where that may help, and follows GitHub to another address of its own.
    async fn read(&self, what: &str, request: &Request) -> Result<Answer, ApiError> {
        let mut request = request.clone();
        // A repository that was renamed has one redirect; a circle has no end.
        for _ in 0..3 {
            let answer = self.persist(what, &request).await?;
            if !matches!(answer.status, 301 | 302 | 307 | 308) {
                return self.success(what, answer);
            }
            let location = answer.header("location").unwrap_or_default();
            request.url = self.own(what, &location)?;
        }
        Err(ApiError::Redirected { what: what.to_owned() })
    }

    /// One attempt.
    async fn once(&self, what: &str, request: &Request) -> Result<Answer, ApiError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        match self.transport.exchange(request).await {
            Ok(answer) => self.success(what, answer),
            Err(fault) => Err(self.fault(what, fault, request.limit)),
        }
    }

    /// As many attempts as may help.
    async fn persist(&self, what: &str, request: &Request) -> Result<Answer, ApiError> {
        let mut attempt = 1;
        loop {
            self.requests.fetch_add(1, Ordering::Relaxed);
            let result = self.transport.exchange(request).await;
            let ended = match &result {
                Ok(answer) => Ended::Answered { status: answer.status, limit: self.limit(answer) },
                Err(Fault::TooLarge) => return Err(self.fault(what, Fault::TooLarge, request.limit)),
                Err(Fault::Broken(_) | Fault::Late) => Ended::Broken,
            };
            match retry::next(attempt, ended, jitter()) {
                Next::After(wait) if self.has_patience(wait) => tokio::time::sleep(wait).await,
                Next::After(_) | Next::Take => {
                    return result.map_err(|fault| self.fault(what, fault, request.limit));
                }
            }
            attempt += 1;
        }
    }

    /// The answer, unless its status says that it is none.
    fn success(&self, what: &str, answer: Answer) -> Result<Answer, ApiError> {
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        match self.limit(&answer) {
            Some(limit) => Err(self.rate_limited(what, limit.seconds)),
            None => Err(ApiError::of_status(what, answer.status, self.message(&answer))),
        }
    }

    fn limit(&self, answer: &Answer) -> Option<retry::Limit> {
        retry::limit(answer.status, |name| answer.header(name), &self.message(answer), now())
    }

    fn rate_limited(&self, what: &str, seconds: Option<u64>) -> ApiError {
        ApiError::RateLimited { what: what.to_owned(), seconds, authenticated: self.is_authenticated() }
    }

    /// What GitHub says in the body of an answer that is no success.
    fn message(&self, answer: &Answer) -> String {
        #[derive(Deserialize)]
        struct Message {
            message: String,
        }
        match serde_json::from_slice::<Message>(&answer.body) {
            Ok(Message { message }) => self.said(&message),
            Err(_) => "it says nothing more".to_owned(),
        }
    }

    /// Words of the server's as they may be repeated: without the token, bounded, on one line.
    fn said(&self, text: &str) -> String {
        let text = self.token.as_ref().map_or_else(|| text.to_owned(), |token| token.redact(text));
        text.chars().take(MAX_SAID).map(|character| if character.is_control() { ' ' } else { character }).collect()
    }

    fn fault(&self, what: &str, fault: Fault, limit: usize) -> ApiError {
        let what = what.to_owned();
        match fault {
            Fault::Broken(cause) => ApiError::Connection { what, cause: self.said(&cause) },
            Fault::Late => ApiError::Timeout { what, seconds: self.timeout.as_secs() },
            Fault::TooLarge => ApiError::TooLarge { what, limit },
        }
    }

    /// Whether there is time left to wait this long.
    fn has_patience(&self, wait: Duration) -> bool {
        let seconds = wait.as_secs();
        let took = self.patience.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(seconds));
        took.is_ok()
    }

    /// An address that GitHub sends us to, when it is one of its API's own.
    fn own(&self, what: &str, address: &str) -> Result<Uri, ApiError> {
        let elsewhere = || ApiError::Redirected { what: what.to_owned() };
        let path = address.strip_prefix(&self.api).filter(|path| path.starts_with('/')).ok_or_else(elsewhere)?;
        format!("{}{path}", self.api).parse().map_err(|_| elsewhere())
    }
}

fn parse<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let cause = match error.classify() {
            serde_json::error::Category::Eof => "it ends in the middle",
            serde_json::error::Category::Data => "something is missing in it, or of another kind",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is no JSON",
        };
        ApiError::Malformed { what: what.to_owned(), cause: cause.to_owned() }
    })
}

/// The address of the next page in a `Link` header (RFC 8288).
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|entry| {
        let (address, parameters) = entry.split_once(';')?;
        let is_next = parameters.split(';').any(|parameter| parameter.trim() == "rel=\"next\"");
        let address = address.trim().strip_prefix('<')?.strip_suffix('>')?;
        is_next.then(|| address.to_owned())
    })
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A number that others do not have; where the system has none, all wait the same.
fn jitter() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).map_or(0, |()| byte[0])
}

#[cfg(test)]
mod tests {
    use super::next_page;

    #[test]
    fn the_next_page_is_the_one_that_is_linked_as_next() {
        let link = "<https://a/x?page=1>; rel=\"prev\", <https://a/x?page=3>; rel=\"next\"";
        assert_eq!(next_page(link).as_deref(), Some("https://a/x?page=3"));
        for link in ["", "<https://a/x?page=1>; rel=\"last\"", "https://a; rel=\"next\"", "<https://a>"] {
            assert_eq!(next_page(link), None, "{link:?}");
        }
    }
}
