//! Faulty answers from GitHub: the check finds everything, or explains why it could not. It never passes, and never
//! reveals the token.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::pull_request::{Topic, anonymous, command, misspelt, report};
use crate::support::{KEP, PRR_FILE, Reply, Request, SAMPLE_PRR, TOKEN, TestRepo, new_errors, within_bounds};
use Outcome::{Found, Unchecked};

/// The expected result of a fault.
enum Outcome {
    /// The same findings as without the fault.
    Found,
    /// Exit 3 with these words in the error.
    Unchecked(&'static str),
}

fn html() -> Reply {
    let body = b"<html><body>Unicorn!</body></html>".to_vec();
    Reply::Answer { status: 200, headers: vec![("content-type".into(), "text/html".into())], body }
}

pub(crate) fn said(status: u16, message: &str) -> Reply {
    Reply::status(status, &json!({"message": message}))
}

fn bytes(text: &str) -> Reply {
    Reply::Bytes(text.as_bytes().to_vec())
}

type Override = fn(&Request, usize) -> Option<Reply>;

fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Faults in every answer.
const FAULTS_IN_EVERY_ANSWER: &[(&str, Override, Outcome)] = &[
    ("500 once, then fine", |_, before| (before == 0).then(|| said(500, "oops")), Found),
    ("a connection that breaks once", |_, before| (before == 0).then_some(Reply::Nothing), Found),
    ("429 once, with a time", |_, before| (before == 0).then(|| said(429, "slow down").with("retry-after", 0)), Found),
    (
        "502 for ever",
        |_, _| Some(said(502, "bad gateway")),
        Unchecked("GitHub returned HTTP status 502 for pull request 7"),
    ),
    ("429 for an hour", |_, _| Some(said(429, "slow").with("retry-after", 3600)), Unchecked("rate limit was exceeded")),
    ("429 without a time", |_, _| Some(said(429, "slow down")), Unchecked("rate limit was exceeded")),
    (
        "403, secondary",
        |_, _| Some(said(403, "You have exceeded a secondary rate limit.")),
        Unchecked("rate limit was exceeded"),
    ),
    (
        "403, primary",
        |_, _| {
            let reply = said(403, "API rate limit exceeded").with("x-ratelimit-remaining", 0);
            Some(reply.with("x-ratelimit-reset", 99_999_999_999_u64))
        },
        Unchecked("rate limit was exceeded"),
    ),
    (
        "403 once, primary, until now",
        |_, before| {
            let reply = said(403, "API rate limit exceeded").with("x-ratelimit-remaining", 0);
            (before == 0).then(|| reply.with("x-ratelimit-reset", seconds_since_1970()))
        },
        Found,
    ),
    (
        "403",
        |_, _| Some(said(403, "Resource not accessible by integration")),
        Unchecked(
            "GitHub denied the request for pull request 7 of example/enhancements: `Resource not accessible by integration`",
        ),
    ),
    ("401", |_, _| Some(said(401, "Bad credentials")), Unchecked("GitHub rejected the token")),
    (
        "404",
        |_, _| Some(said(404, "Not Found")),
        Unchecked("GitHub could not find pull request 7 of example/enhancements"),
    ),
    ("no JSON", |_, _| Some(html()), Unchecked("is not valid: it is not JSON")),
    (
        "half of the JSON",
        |_, _| Some(bytes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"data\": ")),
        Unchecked("is not valid: it is incomplete"),
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
        Unchecked("redirected the request for pull request 7 of example/enhancements to another address"),
    ),
    (
        "a circle",
        |request, _| {
            let location = format!("http://{}{}", request.header("host").unwrap(), request.path);
            Some(said(301, "moved").with("location", location))
        },
        Unchecked("redirected the request for pull request 7"),
    ),
    (
        "the token, sent back",
        |_, _| Some(said(422, &format!("Bearer {TOKEN} is no good"))),
        Unchecked("GitHub returned HTTP status 422"),
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

/// Faults in some answers.
const FAULTS_IN_SOME_ANSWERS: &[(&str, Override, Outcome)] = &[
    ("no GraphQL", |it, _| graphql(it).then(|| said(502, "down")), Found),
    ("GraphQL that gives errors alone", |it, _| graphql(it).then(|| error("INTERNAL", "Something went wrong")), Found),
    ("GraphQL that gives HTML", |it, _| graphql(it).then(html), Found),
    (
        "GraphQL's rate limit in a 200",
        |it, _| graphql(it).then(|| error("RATE_LIMITED", "API rate limit exceeded")),
        Found,
    ),
    (
        "data and errors",
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
        Unchecked("GitHub returned content for"),
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
        Unchecked("contains an object of an unknown type"),
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

/// An answer with truncated text. GraphQL truncates it after 512,000 bytes.
fn cut_off() -> Reply {
    let blob = json!({"byteSize": 700_000, "isTruncated": true, "text": "title: Quiet"});
    let blobs: serde_json::Map<_, _> = (0..20).map(|index| (format!("b{index}"), blob.clone())).collect();
    Reply::json(&json!({"data": {"repository": blobs}}))
}

/// An answer with other text than in the repository.
fn others() -> Reply {
    let blob = json!({"byteSize": 22, "isTruncated": false, "text": "status: implementable\n"});
    let blobs: serde_json::Map<_, _> = (0..20).map(|index| (format!("b{index}"), blob.clone())).collect();
    Reply::json(&json!({"data": {"repository": blobs}}))
}

#[test]
fn faulty_answers_never_pass() {
    let topic = &misspelt();
    let cases: Vec<_> = FAULTS_IN_EVERY_ANSWER.iter().chain(FAULTS_IN_SOME_ANSWERS).collect();
    // Most of the time is spent waiting for retries.
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

fn judge(topic: &Topic, (what, answer, outcome): &(&'static str, Override, Outcome), with_token: bool) {
    let hub = topic.with_override(*answer);
    let folder = TestRepo::new();
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
fn token_is_in_no_report() {
    let topic = misspelt();
    for answer in [
        (|_: &Request, _: usize| Some(said(422, TOKEN))) as Override,
        |_, _| Some(said(401, TOKEN)),
        |_, _| Some(said(302, "x").with("location", format!("http://localhost:9/{TOKEN}"))),
        |it, _| graphql(it).then(|| error("INTERNAL", TOKEN)),
    ] {
        for output in ["text", "github", "markdown", "json", "sarif", "junit"] {
            let hub = topic.with_override(answer);
            let folder = TestRepo::new();
            let mut command = command(folder.path(), &hub);
            command.args(["--output", "markdown=summary.md", "--output", &format!("{output}=report")]);
            let run = within_bounds(&command);
            for text in [&run.stdout, &run.stderr, &folder.read("report"), &folder.read("summary.md")] {
                assert!(!text.contains(TOKEN), "{output}: {text}");
            }
        }
    }
}

/// A pull request with an approver who is not in the `OWNERS_ALIASES` of the target branch. It has no merge commit,
/// so the target branch is read separately.
fn unknown_approver() -> Topic {
    let mut topic = crate::support::pull_request::topic(|repo| {
        repo.write(PRR_FILE, SAMPLE_PRR.replace("petra-solm", "tove-lind"));
    });
    topic.pull.merge = None;
    topic
}

/// An answer with an error, and null for every file of the target branch.
fn without_policy(topic: &Topic) -> Reply {
    let id = &topic.pull.tip;
    let mut target = json!({"oid": id, "tree": {"oid": "0".repeat(40)}});
    for index in 0..20 {
        target[format!("p{index}")] = Value::Null;
    }
    let pull = json!({
        "changedFiles": 1, "createdAt": null, "headRefOid": topic.pull.head, "baseRef": {"target": target},
        "potentialMergeCommit": null,
    });
    let path = json!(["repository", "pullRequest", "baseRef", "target", "p0"]);
    let error = json!({"type": "NOT_FOUND", "path": path, "message": "Something went wrong"});
    Reply::json(&json!({"data": {"repository": {"pullRequest": pull}}, "errors": [error]}))
}

#[test]
fn merge_commit_with_impossible_parents_is_refused() {
    let topic = misspelt();
    let merge = topic.pull.merge.clone().unwrap();
    let head = topic.pull.head.clone();
    for (parents, words) in [
        ([merge.clone(), head.clone()], "as a parent of itself"),
        ([topic.pull.tip.clone(), merge.clone()], "as a parent of itself"),
        ([head.clone(), head.clone()], "twice as a parent of"),
    ] {
        let tree = json!({"oid": "0".repeat(40)});
        let parents = parents.map(|id| json!({"oid": id, "tree": tree}));
        let pull = json!({
            "changedFiles": 1, "createdAt": null, "headRefOid": topic.pull.head,
            "baseRef": {"target": {"oid": topic.pull.tip, "tree": tree, "p0": null, "p1": null, "p2": null, "p3": null,
                                   "p4": null, "p5": null, "p6": null, "p7": null, "p8": null, "p9": null}},
            "potentialMergeCommit": {"oid": merge, "tree": tree, "parents": {"nodes": parents}},
        });
        let answer = Reply::json(&json!({"data": {"repository": {"pullRequest": pull}}}));
        let hub = topic.with_override(move |it, _| query(it, "headRefOid").then(|| answer.clone()));
        let run = within_bounds(&command(TestRepo::new().path(), &hub));
        let message = report(&run)["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(run.code, 3);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn policy_file_that_graphql_fails_to_read_is_read_over_rest() {
    let topic = unknown_approver();
    let answer = without_policy(&topic);
    let hub = topic.with_override(move |it, _| query(it, "headRefOid").then(|| answer.clone()));
    let run = within_bounds(&command(TestRepo::new().path(), &hub));
    let found = report(&run);
    assert_eq!((run.code, new_errors(&found)), (1, vec![("prr-approver-unknown", PRR_FILE)]), "{found}");
    let is_pull = |it: &Request| it.method == "GET" && it.path.ends_with("/pulls/7");
    assert!(hub.server.requests().iter().any(is_pull), "REST is asked instead");

    let answer = without_policy(&topic);
    let hub = topic.with_override(move |it, _| {
        let is_rest = it.path.ends_with("/pulls/7");
        if query(it, "headRefOid") { Some(answer.clone()) } else { is_rest.then(|| said(403, "no")) }
    });
    let run = within_bounds(&command(TestRepo::new().path(), &hub));
    assert_eq!(run.code, 3, "{}", run.stdout);
}
