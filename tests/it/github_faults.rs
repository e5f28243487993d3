//! A GitHub that misbehaves: what is found is right, or the check says in a plain sentence why there is none. It never
//! passes, and never tells the token.

use std::time::Duration;

use kepgate::github::{ApiError, Client, GraphqlQuery, Settings, Token};
use serde_json::{Value, json};

use crate::fake::{Reply, Request, Server};
use crate::github::{Topic, anonymous, command, misspelt, report};
use crate::hub::{Hub, TOKEN};
use crate::sandbox::{APPROVAL, KEP, SOUND_APPROVAL, Sandbox, new_errors, within_bounds};

/// What has to come of a misbehaviour.
enum Outcome {
    /// Everything is found as if nothing had happened.
    Found,
    /// Exit 3, with these words in the error.
    Unchecked(&'static str),
}

use Outcome::{Found, Unchecked};

fn html() -> Reply {
    let body = b"<html><body>Unicorn!</body></html>".to_vec();
    Reply::Answer { status: 200, headers: vec![("content-type".into(), "text/html".into())], body }
}

fn said(status: u16, message: &str) -> Reply {
    Reply::status(status, &json!({"message": message}))
}

fn bytes(text: &str) -> Reply {
    Reply::Bytes(text.as_bytes().to_vec())
}

type Meddling = fn(&Request, usize) -> Option<Reply>;

/// What everything is answered with.
const OF_EVERYTHING: &[(&str, Meddling, Outcome)] = &[
    ("500 once, then fine", |_, before| (before == 0).then(|| said(500, "oops")), Found),
    ("a connection that breaks once", |_, before| (before == 0).then_some(Reply::Nothing), Found),
    ("429 once, with a time", |_, before| (before == 0).then(|| said(429, "slow down").with("retry-after", 0)), Found),
    ("502 for ever", |_, _| Some(said(502, "bad gateway")), Unchecked("GitHub answered 502 for pull request 7")),
    ("429 for an hour", |_, _| Some(said(429, "slow").with("retry-after", 3600)), Unchecked("rate limit is reached")),
    ("429 without a time", |_, _| Some(said(429, "slow down")), Unchecked("rate limit is reached")),
    (
        "403, secondary",
        |_, _| Some(said(403, "You have exceeded a secondary rate limit.")),
        Unchecked("rate limit is reached"),
    ),
    (
        "403, primary",
        |_, _| {
            let reply = said(403, "API rate limit exceeded").with("x-ratelimit-remaining", 0);
            Some(reply.with("x-ratelimit-reset", 99_999_999_999_u64))
        },
        Unchecked("rate limit is reached"),
    ),
    (
        "403",
        |_, _| Some(said(403, "Resource not accessible by integration")),
        Unchecked(
            "GitHub denied the request for pull request 7 of example/enhancements: `Resource not accessible by integration`",
        ),
    ),
    ("401", |_, _| Some(said(401, "Bad credentials")), Unchecked("GitHub does not accept the token")),
    (
        "404",
        |_, _| Some(said(404, "Not Found")),
        Unchecked("GitHub could not find pull request 7 of example/enhancements"),
    ),
    ("no JSON", |_, _| Some(html()), Unchecked("is not valid: it is not JSON")),
    (
        "half of the JSON",
        |_, _| Some(bytes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"data\": ")),
        Unchecked("is not valid: it is cut off"),
    ),
    (
        "less than it says",
        |_, _| Some(bytes("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"data\": {}}")),
        Unchecked("could not be fetched from GitHub"),
    ),
    ("no HTTP", |_, _| Some(bytes("SSH-2.0-OpenSSH\r\n")), Unchecked("could not be fetched from GitHub")),
    ("nothing", |_, _| Some(Reply::Nothing), Unchecked("could not be fetched from GitHub")),
    (
        "elsewhere",
        |request, _| {
            assert!(!request.path.contains("stolen"), "the redirect is followed");
            Some(said(302, "moved").with("location", "http://localhost:9/stolen"))
        },
        Unchecked("redirects pull request 7 of example/enhancements to another address"),
    ),
    (
        "a circle",
        |request, _| {
            let location = format!("http://{}{}", request.header("host").unwrap(), request.path);
            Some(said(301, "moved").with("location", location))
        },
        Unchecked("redirects pull request 7"),
    ),
    (
        "the token, sent back",
        |_, _| Some(said(422, &format!("Bearer {TOKEN} is no good"))),
        Unchecked("GitHub answered 422"),
    ),
    ("empty objects", |_, _| Some(Reply::json(&json!({}))), Unchecked("a field is missing or has the wrong type")),
    ("null", |_, _| Some(Reply::json(&Value::Null)), Unchecked("a field is missing or has the wrong type")),
];

fn graphql(request: &Request) -> bool {
    request.path == "/graphql"
}

fn query(request: &Request, word: &str) -> bool {
    graphql(request) && request.body.contains(word)
}

fn error(kind: &str, message: &str) -> Reply {
    Reply::json(&json!({"data": null, "errors": [{"type": kind, "message": message}]}))
}

/// What some requests are answered with.
const OF_SOME: &[(&str, Meddling, Outcome)] = &[
    ("no GraphQL", |it, _| graphql(it).then(|| said(502, "down")), Found),
    ("GraphQL that gives errors alone", |it, _| graphql(it).then(|| error("INTERNAL", "Something went wrong")), Found),
    ("GraphQL that gives HTML", |it, _| graphql(it).then(html), Found),
    (
        "GraphQL's rate limit in a 200",
        |it, _| graphql(it).then(|| error("RATE_LIMITED", "API rate limit exceeded")),
        Found,
    ),
    (
        "data beside errors",
        |it, _| {
            let data = json!({"data": {"repository": {"pullRequest": null}}, "errors": [{"message": "timeout"}]});
            query(it, "headRefOid").then(|| Reply::json(&data))
        },
        Found,
    ),
    ("contents that are cut off", |it, _| query(it, "object(oid:").then(cut_off), Found),
    ("contents that are others", |it, _| query(it, "object(oid:").then(others), Found),
    (
        "contents that are others, by REST too",
        |it, _| {
            let is_blob = it.path.contains("/git/blobs/");
            let other = Reply::Answer { status: 200, headers: Vec::new(), body: b"status: implementable\n".to_vec() };
            if query(it, "object(oid:") { Some(others()) } else { is_blob.then_some(other) }
        },
        Unchecked("the content that GitHub gave for"),
    ),
    (
        "contents that are not there",
        |it, _| (query(it, "object(oid:") || it.path.contains("/git/blobs/")).then(|| said(404, "Not Found")),
        Unchecked("GitHub could not find the content of a file"),
    ),
    (
        "a tree in part",
        |it, _| {
            it.path.contains("/git/trees/").then(|| Reply::json(&json!({"sha": "x", "tree": [], "truncated": true})))
        },
        Unchecked("is too large: GitHub lists only a part of it"),
    ),
    (
        "a tree without anything",
        |it, _| {
            it.path.contains("/git/trees/").then(|| Reply::json(&json!({"sha": "x", "tree": [], "truncated": false})))
        },
        Unchecked("do not have its hash"),
    ),
    (
        "a tree of other files",
        |it, _| {
            let file = json!({"path": "README.md", "mode": "100644", "sha": "0".repeat(40), "size": 0});
            let tree = json!({"sha": "x", "tree": [file], "truncated": false});
            it.path.contains("/git/trees/").then(|| Reply::json(&tree))
        },
        Unchecked("do not have its hash"),
    ),
    (
        "a name that is not UTF-8",
        |it, _| {
            let file = json!({"path": "keps/\u{fffd}", "mode": "100644", "sha": "0".repeat(40), "size": 0});
            let tree = json!({"sha": "x", "tree": [file], "truncated": false});
            it.path.contains("/git/trees/").then(|| Reply::json(&tree))
        },
        Unchecked("a name that is not UTF-8"),
    ),
    (
        "a tree of something unheard of",
        |it, _| {
            let item = json!({"path": "keps", "mode": "999999", "type": "socket", "sha": "0"});
            let tree = json!({"sha": "x", "tree": [item], "truncated": false});
            it.path.contains("/git/trees/").then(|| Reply::json(&tree))
        },
        Unchecked("contains something other than files, folders, links and submodules"),
    ),
    (
        "a tree that has no end",
        |it, _| {
            it.path.contains("/git/trees/").then(|| bytes(&format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(40 << 20))))
        },
        Unchecked("is larger than"),
    ),
    (
        "no tree",
        |it, _| it.path.contains("/git/trees/").then(|| said(404, "Not Found")),
        Unchecked("GitHub could not find the tree of commit"),
    ),
    (
        "no word on issues",
        |it, _| (query(it, "issueOrPullRequest") || it.path.contains("/issues/")).then(|| said(500, "no")),
        Found,
    ),
];

/// Text as GraphQL gives it when there is more than 512,000 bytes: the beginning.
fn cut_off() -> Reply {
    let blob = json!({"byteSize": 700_000, "isTruncated": true, "text": "title: Quiet"});
    let blobs: serde_json::Map<_, _> = (0..20).map(|index| (format!("b{index}"), blob.clone())).collect();
    Reply::json(&json!({"data": {"repository": blobs}}))
}

/// Text that nobody has written.
fn others() -> Reply {
    let blob = json!({"byteSize": 22, "isTruncated": false, "text": "status: implementable\n"});
    let blobs: serde_json::Map<_, _> = (0..20).map(|index| (format!("b{index}"), blob.clone())).collect();
    Reply::json(&json!({"data": {"repository": blobs}}))
}

#[test]
fn whatever_github_answers_nothing_passes() {
    let topic = &misspelt();
    let cases: Vec<_> = OF_EVERYTHING.iter().chain(OF_SOME).collect();
    // Most of the time is spent waiting for the next try.
    for some in cases.chunks(6) {
        std::thread::scope(|scope| {
            for case in some {
                for with_token in [true, false] {
                    scope.spawn(move || judge(topic, case, with_token));
                }
            }
        });
    }
}

fn judge(topic: &Topic, (what, meddling, outcome): &(&'static str, Meddling, Outcome), with_token: bool) {
    let hub = topic.meddled(*meddling);
    let folder = Sandbox::new();
    let run = within_bounds(&if with_token { command(folder.path(), &hub) } else { anonymous(folder.path(), &hub) });
    let report = report(&run);
    match outcome {
        Unchecked(words) => {
            assert_eq!((run.code, &report["verdict"]), (3, &json!("unchecked")), "{what}: {report}");
            let message = report["error"]["message"].as_str().unwrap();
            assert!(message.contains(words), "{what}: {message}");
        }
        Found => {
            let found = (run.code, new_errors(&report));
            assert_eq!(found, (1, vec![("status-invalid", KEP)]), "{what}, token {with_token}: {report}");
        }
    }
}

#[test]
fn every_format_keeps_the_token_to_itself() {
    let topic = misspelt();
    for meddling in [
        (|_: &Request, _: usize| Some(said(422, TOKEN))) as Meddling,
        |_, _| Some(said(401, TOKEN)),
        |_, _| Some(said(302, "x").with("location", format!("http://localhost:9/{TOKEN}"))),
        |it, _| graphql(it).then(|| error("INTERNAL", TOKEN)),
    ] {
        for output in ["text", "github", "markdown", "json", "sarif", "junit"] {
            let hub = topic.meddled(meddling);
            let folder = Sandbox::new();
            let mut command = command(folder.path(), &hub);
            command.args(["--output", "markdown=summary.md", "--output", &format!("{output}=report")]);
            let run = within_bounds(&command);
            for text in [&run.stdout, &run.stderr, &folder.read("report"), &folder.read("summary.md")] {
                assert!(!text.contains(TOKEN), "{output}: {text}");
            }
        }
    }
}

#[test]
fn more_files_than_github_lists_are_not_checked_in_part() {
    let mut topic = misspelt();
    topic.pull.changed_files = Some(3001);
    let run = within_bounds(&command(Sandbox::new().path(), &topic.hub()));
    let message = report(&run)["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(run.code, 3);
    assert!(message.contains("changes 3001 files, but GitHub lists at most 3000"), "{message}");
}

/// What is checked is what the first answer named, whatever is pushed meanwhile.
#[test]
fn a_head_that_moves_is_not_mixed_with_another() {
    let topic = misspelt();
    topic.sandbox.git(&["switch", "--quiet", "topic"]);
    topic.sandbox.write(KEP, crate::sandbox::kep_with(&[("title", "Another One")]));
    let moved = topic.sandbox.commit();
    let (state, head) = (topic.state(), topic.pull.head.clone());
    let hub = Hub::start(topic.sandbox.path(), state);
    let shared = std::sync::Arc::clone(&hub.state);
    let front = Server::start({
        let url = hub.server.url.clone();
        move |request| {
            let reply = forward(&url, request);
            shared.lock().unwrap().pulls.get_mut(&7).unwrap().head.clone_from(&moved);
            reply
        }
    });
    let folder = Sandbox::new();
    let mut command = command(folder.path(), &hub);
    let run = within_bounds(command.env("GITHUB_API_URL", &front.url));
    let report = report(&run);
    assert_eq!(new_errors(&report), [("status-invalid", KEP)], "{report}");
    assert_eq!(report["keps"][0]["title"], "Quiet Hours");
    assert_ne!(hub.state.lock().unwrap().pulls[&7].head, head);
}

/// Asks another server, and hands its answer on.
fn forward(url: &str, request: &Request) -> Reply {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let mut text = format!("{} {}?{} HTTP/1.1\r\nconnection: close\r\n", request.method, request.path, request.query);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("\r\n{}", request.body));
    stream.write_all(text.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut answer = Vec::new();
    // The other side keeps the connection open; what has come by now is all there is.
    let _ = stream.read_to_end(&mut answer);
    Reply::Bytes(answer)
}

fn client(url: &str, timeout: Duration) -> Client {
    let token = Some(Token::new(TOKEN).unwrap());
    Client::new(&Settings { api: url.to_owned(), token, timeout, ..Settings::default() }).unwrap()
}

#[test]
fn a_drip_has_an_end() {
    let server = Server::start(|_| Reply::Drip(Duration::from_millis(20)));
    let error = client(&server.url, Duration::from_millis(200)).get::<Value>("it", "/x").unwrap_err();
    assert_eq!(error, ApiError::Timeout { what: "it".to_owned(), seconds: 0 });
    assert_eq!(server.requests().len(), 4, "as often as anything that breaks");
}

#[test]
fn what_changes_something_is_tried_once() {
    let server = Server::start(|_| said(503, "later"));
    let client = client(&server.url, Duration::from_secs(5));
    client.send::<_, Value>("it", http::Method::POST, "/x", &json!({})).unwrap_err();
    let document = "query { viewer { login } }";
    let query = GraphqlQuery { what: "it", document, variables: json!({}), allowed: &[] };
    client.query::<_, Value>(&query).unwrap_err();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn pages_are_followed_as_far_as_they_lead() {
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
    let some = client.get_list::<u64>("it", "/x", 150).unwrap();
    assert_eq!((some.items.len(), some.truncated), (150, true));
}

#[test]
fn a_page_elsewhere_is_not_fetched() {
    let server =
        Server::start(|_| Reply::json(&json!([1])).with("link", "<http://localhost:9/x?page=2>; rel=\"next\""));
    let error = client(&server.url, Duration::from_secs(5)).get_list::<u64>("it", "/x", 1000).unwrap_err();
    assert_eq!(error, ApiError::Redirected { what: "it".to_owned() });
}

#[test]
fn empty_pages_that_always_link_to_a_next_one_have_an_end() {
    let server = Server::start(|request| {
        let host = request.header("host").unwrap();
        Reply::json(&json!([])).with("link", format!("<http://{host}/x?page=2>; rel=\"next\""))
    });
    let error = client(&server.url, Duration::from_secs(5)).get_list::<u64>("it", "/x", 1000).unwrap_err();
    assert_eq!(error, ApiError::TooManyPages { what: "it".to_owned(), limit: 50 });
    assert_eq!(server.requests().len(), 50);
}

/// A pull request that names an approver whom the target branch's `OWNERS_ALIASES` does not list. GitHub has not merged
/// it, so that the target branch is read by itself.
fn unknown_approver() -> Topic {
    let mut topic = crate::github::topic(|sandbox| {
        sandbox.write(APPROVAL, SOUND_APPROVAL.replace("petra-solm", "tove-lind"));
    });
    topic.pull.merge = None;
    topic
}

/// The answer about the pull request, with null and an error for every file of the target branch.
fn without_policy(topic: &Topic) -> Reply {
    let id = &topic.pull.tip;
    let mut target = json!({"oid": id, "tree": {"oid": "0".repeat(40)}});
    for index in 0..20 {
        target[format!("p{index}")] = Value::Null;
    }
    let pull = json!({
        "changedFiles": 1, "headRefOid": topic.pull.head, "baseRef": {"target": target},
        "potentialMergeCommit": null,
    });
    let path = json!(["repository", "pullRequest", "baseRef", "target", "p0"]);
    let error = json!({"type": "NOT_FOUND", "path": path, "message": "Something went wrong"});
    Reply::json(&json!({"data": {"repository": {"pullRequest": pull}}, "errors": [error]}))
}

#[test]
fn a_merge_commit_that_is_its_own_parent_is_refused() {
    let topic = misspelt();
    let merge = topic.pull.merge.clone().unwrap();
    for parents in [[merge.clone(), topic.pull.head.clone()], [topic.pull.tip.clone(), merge.clone()]] {
        let tree = json!({"oid": "0".repeat(40)});
        let parents = parents.map(|id| json!({"oid": id, "tree": tree}));
        let pull = json!({
            "changedFiles": 1, "headRefOid": topic.pull.head,
            "baseRef": {"target": {"oid": topic.pull.tip, "tree": tree, "p0": null, "p1": null, "p2": null, "p3": null,
                                   "p4": null, "p5": null, "p6": null, "p7": null, "p8": null, "p9": null}},
            "potentialMergeCommit": {"oid": merge, "tree": tree, "parents": {"nodes": parents}},
        });
        let answer = Reply::json(&json!({"data": {"repository": {"pullRequest": pull}}}));
        let hub = topic.meddled(move |it, _| query(it, "headRefOid").then(|| answer.clone()));
        let run = within_bounds(&command(Sandbox::new().path(), &hub));
        let message = report(&run)["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(run.code, 3);
        assert!(message.contains("as a parent of itself"), "{message}");
    }
}

#[test]
fn a_check_that_takes_too_long_ends_with_a_report() {
    let topic = misspelt();
    let hub = topic.meddled(|_, _| Some(Reply::Drip(Duration::from_millis(20))));
    let folder = Sandbox::new();
    let started = std::time::Instant::now();
    let run = within_bounds(command(folder.path(), &hub).args(["--timeout", "1s", "--output", "markdown=summary.md"]));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let report = report(&run);
    assert_eq!((run.code, &report["verdict"]), (3, &json!("unchecked")), "{report}");
    assert!(report["error"]["message"].as_str().unwrap().contains("the check did not finish within 1s"), "{report}");
    assert!(folder.read("summary.md").contains("the check did not finish within 1s"));
}

#[test]
fn a_policy_file_that_graphql_fails_to_read_does_not_pass_for_absent() {
    let topic = unknown_approver();
    let answer = without_policy(&topic);
    let hub = topic.meddled(move |it, _| query(it, "headRefOid").then(|| answer.clone()));
    let run = within_bounds(&command(Sandbox::new().path(), &hub));
    let found = report(&run);
    assert_eq!((run.code, new_errors(&found)), (1, vec![("prr-approver-unknown", APPROVAL)]), "{found}");
    let is_pull = |it: &Request| it.method == "GET" && it.path.ends_with("/pulls/7");
    assert!(hub.server.requests().iter().any(is_pull), "REST is asked instead");

    let answer = without_policy(&topic);
    let hub = topic.meddled(move |it, _| {
        let is_rest = it.path.ends_with("/pulls/7");
        if query(it, "headRefOid") { Some(answer.clone()) } else { is_rest.then(|| said(403, "no")) }
    });
    let run = within_bounds(&command(Sandbox::new().path(), &hub));
    assert_eq!(run.code, 3, "{}", run.stdout);
}
