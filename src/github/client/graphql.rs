//! GraphQL queries. An answer with errors is a failure even if it also has data, unless the caller allows the errors.

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::transport::Request;
use super::{AnswerFault, ApiError, Client, JSON, MAX_ANSWER, now, parse};

/// A query with its variables.
#[derive(Debug)]
pub struct GraphqlQuery<'a, V> {
    /// What the query asks for, for error messages.
    pub what: &'a str,
    /// The GraphQL document.
    pub document: &'a str,
    /// The variables that the document declares.
    pub variables: V,
    /// Errors that may come with the data. Any other error is a failure.
    pub allowed: &'a [AllowedError],
}

/// An error that a caller expects: this type at this path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedError {
    kind: &'static str,
    path: Vec<String>,
}

impl AllowedError {
    /// `NOT_FOUND` at `path`: the field is null because the thing does not exist.
    #[must_use]
    pub fn not_found(path: &[&str]) -> Self {
        Self { kind: "NOT_FOUND", path: path.iter().map(|segment| (*segment).to_owned()).collect() }
    }

    fn matches(&self, error: &QueryError) -> bool {
        self.kind == error.kind && self.path.iter().eq(&error.path)
    }
}

#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(default)]
    data: Value,
    #[serde(default)]
    errors: Vec<QueryError>,
}

#[derive(Debug, Deserialize)]
struct QueryError {
    /// `NOT_FOUND`, `RATE_LIMITED`, `FORBIDDEN` …; empty if GitHub does not say.
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    path: Vec<Value>,
    #[serde(default)]
    message: String,
}

#[derive(Serialize)]
struct Body<'a, V> {
    query: &'a str,
    variables: &'a V,
}

/// Why an answer to a query is not usable.
#[derive(Debug, PartialEq, Eq)]
enum Rejection {
    RateLimited,
    Error(String),
    Fault(AnswerFault),
}

impl Client {
    /// Sends a query. It is a POST and therefore not retried.
    ///
    /// # Errors
    /// [`ApiError`], including for an answer with an error that the query does not allow.
    pub fn query<V: Serialize, T: DeserializeOwned>(&self, query: &GraphqlQuery<'_, V>) -> Result<T, ApiError> {
        let GraphqlQuery { what, document, variables, allowed } = query;
        let body = serde_json::to_value(Body { query: document, variables })
            .map_err(|error| ApiError::unusable_because(format!("{what} cannot be asked for"), &error))?;
        let request = Request {
            method: Method::POST,
            url: self.graphql.clone(),
            accept: JSON,
            body: Some(body),
            limit: MAX_ANSWER,
        };
        let answer = self.runtime.block_on(self.send_once(what, &request))?;
        let envelope = parse(what, &answer.body)?;
        data(envelope, allowed).map_err(|rejection| match rejection {
            Rejection::RateLimited => {
                let reset = answer.header("x-ratelimit-reset").and_then(|reset| reset.parse::<u64>().ok());
                self.rate_limited(what, reset.map(|reset| reset.saturating_sub(now())))
            }
            Rejection::Error(message) => ApiError::Query { what: (*what).to_owned(), message: self.clean(&message) },
            Rejection::Fault(source) => ApiError::Malformed { what: (*what).to_owned(), source },
        })
    }

    /// Uses GraphQL if there is a token, which GraphQL requires. Without a token, or if GraphQL fails, uses REST.
    ///
    /// # Errors
    /// The error of the REST request, or the error of GraphQL if REST would fail for the same reason.
    pub(crate) fn query_or_get<T>(
        &self,
        query: impl FnOnce() -> Result<T, ApiError>,
        get: impl FnOnce() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        if self.is_authenticated() {
            match query() {
                Err(error) if error.allows_fallback() => {}
                result => return result,
            }
        }
        get()
    }
}

/// The data of GitHub's answer to a query, parsed as [`Client::query`] does; `None` if the answer is rejected. The fuzz
/// target `graphql` calls this.
#[must_use]
pub fn query_data(answer: &[u8], allowed: &[AllowedError]) -> Option<Value> {
    data(serde_json::from_slice(answer).ok()?, allowed).ok()
}

/// The data of an answer whose errors are all allowed.
fn data<T: DeserializeOwned>(envelope: Envelope, allowed: &[AllowedError]) -> Result<T, Rejection> {
    let Envelope { data, errors } = envelope;
    // GraphQL reports its rate limit with status 200.
    if errors.iter().any(|error| error.kind == "RATE_LIMITED" || error.kind == "RATE_LIMIT") {
        return Err(Rejection::RateLimited);
    }
    if let Some(error) = errors.into_iter().find(|error| !allowed.iter().any(|allowed| allowed.matches(error))) {
        return Err(Rejection::Error(error.message));
    }
    if data.is_null() {
        return Err(Rejection::Error("the answer has no data".to_owned()));
    }
    T::deserialize(data).map_err(|error| Rejection::Fault(error.into()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{AllowedError, AnswerFault, ApiError, Client, Envelope, Rejection, data, query_data};
    use crate::github::client::{Settings, Token};

    type Issues = BTreeMap<String, Option<u64>>;

    fn issues(answer: Value, allowed: &[AllowedError]) -> Result<Issues, Rejection> {
        data(serde_json::from_value::<Envelope>(answer).unwrap(), allowed)
    }

    fn with_error(error: &Value) -> Value {
        json!({"data": {"i0": 1, "i1": null}, "errors": [error]})
    }

    #[test]
    fn rest_is_only_asked_if_it_can_do_better() {
        let client = |token: Option<&str>| {
            let token = token.map(|token| Token::new(token).unwrap());
            Client::new(&Settings { token, ..Settings::default() }).unwrap()
        };
        let (with_token, what) = (client(Some("ghp_secret")), || "it".to_owned());
        assert_eq!(with_token.query_or_get(|| Ok("query"), || Ok("get")), Ok("query"));
        let timeout = || Err(ApiError::Timeout { what: what(), seconds: 30 });
        assert_eq!(with_token.query_or_get(timeout, || Ok("get")), Ok("get"));
        let unauthorized = || Err(ApiError::Unauthorized { what: what() });
        assert_eq!(with_token.query_or_get(unauthorized, || Ok("get")), unauthorized());
        assert_eq!(client(None).query_or_get(unauthorized, || Ok("get")), Ok("get"), "nothing is queried");
    }

    #[test]
    fn an_error_fails_the_query_even_with_data() {
        let error = json!({"type": "NOT_FOUND", "path": ["i1"], "message": "no such issue"});
        assert_eq!(issues(with_error(&error), &[]), Err(Rejection::Error("no such issue".to_owned())));
        assert_eq!(
            issues(with_error(&json!({"message": "timeout"})), &[]),
            Err(Rejection::Error("timeout".to_owned()))
        );
    }

    #[test]
    fn an_allowed_error_must_match_in_type_and_path() {
        let allowed = [AllowedError::not_found(&["i1"])];
        let error = json!({"type": "NOT_FOUND", "path": ["i1"], "message": ""});
        assert_eq!(issues(with_error(&error), &allowed).unwrap()["i1"], None);
        for error in [
            json!({"type": "FORBIDDEN", "path": ["i1"], "message": "x"}),
            json!({"type": "NOT_FOUND", "path": ["i0"], "message": "x"}),
            json!({"type": "NOT_FOUND", "path": ["i1", "title"], "message": "x"}),
            json!({"type": "NOT_FOUND", "message": "x"}),
            json!({"path": ["i1"], "message": "x"}),
        ] {
            assert_eq!(issues(with_error(&error), &allowed), Err(Rejection::Error("x".to_owned())), "{error}");
        }
    }

    #[test]
    fn all_errors_have_to_be_allowed() {
        let allowed = [AllowedError::not_found(&["i1"])];
        let errors = json!([{"type": "NOT_FOUND", "path": ["i1"]}, {"type": "INTERNAL", "message": "x"}]);
        let answer = json!({"data": {"i0": 1, "i1": null}, "errors": errors});
        assert_eq!(issues(answer, &allowed), Err(Rejection::Error("x".to_owned())));
    }

    #[test]
    fn a_rate_limit_is_told_from_other_errors() {
        let answer = json!({"data": null, "errors": [{"message": "x"}, {"type": "RATE_LIMITED", "message": "y"}]});
        assert_eq!(issues(answer, &[]), Err(Rejection::RateLimited));
    }

    #[test]
    fn only_an_accepted_answer_has_data() {
        let answer = |text: &str| query_data(text.as_bytes(), &[AllowedError::not_found(&["i1"])]);
        assert_eq!(answer(r#"{"data": {"i0": 1}}"#), Some(json!({"i0": 1})));
        let allowed = r#"{"data": {"i1": null}, "errors": [{"type": "NOT_FOUND", "path": ["i1"], "message": ""}]}"#;
        assert_eq!(answer(allowed), Some(json!({"i1": null})));
        for rejected in ["", "{}", r#"{"data": {"i1": null}, "errors": [{"message": "x"}]}"#] {
            assert_eq!(answer(rejected), None, "{rejected}");
        }
    }

    #[test]
    fn missing_and_mistyped_data_are_faults() {
        assert!(matches!(issues(json!({}), &[]), Err(Rejection::Error(_))));
        assert_eq!(issues(json!({"data": {"i0": "x"}}), &[]), Err(Rejection::Fault(AnswerFault::WrongFields)));
    }
}
