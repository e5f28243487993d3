//! The client for GitHub's API: timeouts, retries and pages.

use std::time::Duration;

use kepgate::github::{ApiError, Client, GraphqlQuery, Settings, Token};
use serde_json::{Value, json};

use crate::github::faults::said;
use crate::support::{Reply, Server, TOKEN};

fn client(url: &str, timeout: Duration) -> Client {
    let token = Some(Token::new(TOKEN).unwrap());
    Client::new(&Settings { api: url.to_owned(), token, timeout, ..Settings::default() }).unwrap()
}

#[test]
fn slow_answer_times_out() {
    let server = Server::start(|_| Reply::Drip(Duration::from_millis(20)));
    let error = client(&server.url, Duration::from_millis(200)).get::<Value>("it", "/x").unwrap_err();
    assert_eq!(error, ApiError::Timeout { what: "it".to_owned(), seconds: 0 });
    assert_eq!(server.requests().len(), 4, "like any failed request");
}

#[test]
fn writes_are_never_retried() {
    let server = Server::start(|_| said(503, "later"));
    let client = client(&server.url, Duration::from_secs(5));
    client.send::<_, Value>("it", http::Method::POST, "/x", &json!({})).unwrap_err();
    let document = "query { viewer { login } }";
    let query = GraphqlQuery { what: "it", document, variables: json!({}), allowed: &[] };
    client.query::<_, Value>(&query).unwrap_err();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn pages_are_followed_up_to_the_limit() {
    let server = Server::start(|request| {
        let page: u64 = request.parameter("page").map_or(1, |page| page.parse().unwrap());
        let host = request.header("host").unwrap();
        let items: Vec<_> = (0..100).map(|index| json!(page * 1000 + index)).collect();
        let reply = Reply::json(&json!(items));
        if page == 3 { reply } else { reply.with("link", format!("<http://{host}/x?page={}>; rel=\"next\"", page + 1)) }
    });
    let client = client(&server.url, Duration::from_secs(5));
    let all = client.get_list::<u64>("it", "/x", 1000).unwrap();
    assert_eq!((all.items.len(), all.items[299], all.truncated), (300, 3099, false));
    // The pages end with 100, 200 and 300 items, and only the last one has no page after it.
    for (limit, is_truncated, pages) in
        [(150, true, 2), (200, true, 2), (299, true, 3), (300, false, 3), (301, false, 3)]
    {
        let before = server.requests().len();
        let some = client.get_list::<u64>("it", "/x", limit).unwrap();
        assert_eq!((some.items.len(), some.truncated), (limit.min(300), is_truncated), "{limit}");
        assert_eq!(server.requests().len() - before, pages, "{limit}");
    }
}

#[test]
fn next_page_on_another_host_is_refused() {
    let server =
        Server::start(|_| Reply::json(&json!([1])).with("link", "<http://localhost:9/x?page=2>; rel=\"next\""));
    let error = client(&server.url, Duration::from_secs(5)).get_list::<u64>("it", "/x", 1000).unwrap_err();
    assert_eq!(error, ApiError::Redirected { what: "it".to_owned() });
}

#[test]
fn endless_empty_pages_are_refused() {
    let server = Server::start(|request| {
        let host = request.header("host").unwrap();
        Reply::json(&json!([])).with("link", format!("<http://{host}/x?page=2>; rel=\"next\""))
    });
    let error = client(&server.url, Duration::from_secs(5)).get_list::<u64>("it", "/x", 1000).unwrap_err();
    assert_eq!(error, ApiError::TooManyPages { what: "it".to_owned(), limit: 50 });
    assert_eq!(server.requests().len(), 50);
}
