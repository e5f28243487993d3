//! A fake GitHub: the parts of its API that kepgate uses, served from a real git repository.

mod graphql;
mod repository;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Reply, Request, Server};

/// The name of the repository.
pub(crate) const REPOSITORY: &str = "example/enhancements";
/// The only valid token.
pub(crate) const TOKEN: &str = "ghp_0123456789abcdefSECRET";

/// The user whose token it is.
pub(crate) const USER: &str = "ida-r";

/// A pull request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pull {
    pub(crate) head: String,
    pub(crate) tip: String,
    /// GitHub's merge commit.
    pub(crate) merge: Option<String>,
    /// The number of changed files to report instead of the real one.
    pub(crate) changed_files: Option<usize>,
    /// When it was opened.
    pub(crate) opened: Option<String>,
}

/// The data on GitHub apart from the files.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) pulls: BTreeMap<u64, Pull>,
    /// Issues by number, in GitHub's format: milestone and labels.
    pub(crate) issues: BTreeMap<u64, Value>,
    /// Reviews: `user`, `state`, `commit` (default: the head), `at`, `body`.
    pub(crate) reviews: Vec<Value>,
    /// Comments: `user`, `body`, `at`; kepgate's own also have `id` and `mine`.
    pub(crate) comments: Vec<Value>,
    /// Comments in the diff, as kepgate sent them.
    pub(crate) suggestions: Vec<Value>,
    /// Check runs, as kepgate sent them.
    pub(crate) check_runs: Vec<Value>,
    /// True to treat every number as an opted-in issue, and to refuse to list reviews.
    pub(crate) accepts_everything: bool,
}

/// Replaces the answer to a request, or returns `None` to keep it. The number counts earlier requests with the same
/// method and path.
pub(crate) type Override = dyn Fn(&Request, usize) -> Option<Reply> + Send + Sync;

pub(crate) struct FakeGitHub {
    pub(crate) server: Server,
    pub(crate) state: Arc<Mutex<State>>,
}

struct Handler {
    repository: PathBuf,
    state: Arc<Mutex<State>>,
    answer: Box<Override>,
    seen: Mutex<BTreeMap<String, usize>>,
    listings: Mutex<BTreeMap<String, Value>>,
}

impl FakeGitHub {
    pub(crate) fn start(repository: impl Into<PathBuf>, state: State) -> Self {
        Self::with_override(repository, state, |_, _| None)
    }

    pub(crate) fn with_override(
        repository: impl Into<PathBuf>,
        state: State,
        answer: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let state = Arc::new(Mutex::new(state));
        let handler = Handler::new(repository, &state, answer);
        Self { server: Server::start(move |request| handler.reply(request)), state }
    }

    /// The normal answers without a server, for an override that changes them.
    pub(crate) fn honest_answers(
        repository: impl Into<PathBuf>,
        state: State,
    ) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
        let handler = Handler::new(repository, &Arc::new(Mutex::new(state)), |_, _| None);
        move |request| handler.answer_normally(request)
    }
}

impl Handler {
    fn new(
        repository: impl Into<PathBuf>,
        state: &Arc<Mutex<State>>,
        answer: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self {
            repository: repository.into(),
            state: Arc::clone(state),
            answer: Box::new(answer),
            seen: Mutex::default(),
            listings: Mutex::default(),
        }
    }

    fn reply(&self, request: &Request) -> Reply {
        let before = {
            let mut seen = self.seen.lock().unwrap();
            let count = seen.entry(format!("{} {}", request.method, request.path)).or_default();
            *count += 1;
            *count - 1
        };
        if let Some(reply) = (self.answer)(request, before) {
            return reply;
        }
        self.answer_normally(request).with("etag", "W/\"0\"").with("x-ratelimit-remaining", 4999)
    }

    fn answer_normally(&self, request: &Request) -> Reply {
        note(request);
        assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
        assert!(request.header("user-agent").is_some(), "{request:?}");
        let authorization = request.header("authorization");
        if authorization.is_some_and(|it| it != format!("Bearer {TOKEN}")) {
            return Reply::status(401, &json!({"message": "Bad credentials"}));
        }
        if request.path == "/graphql" {
            if authorization.is_none() {
                return Reply::status(403, &json!({"message": "API rate limit exceeded"}));
            }
            let body: Value = serde_json::from_str(&request.body).unwrap();
            return self.graphql(body["query"].as_str().unwrap(), &body["variables"]);
        }
        if request.path == "/user" {
            return match authorization {
                Some(_) => Reply::json(&json!({"login": USER})),
                None => Reply::status(401, &json!({"message": "Requires authentication"})),
            };
        }
        let rest = request.path.strip_prefix(&format!("/repos/{REPOSITORY}/")).map(str::to_owned);
        let found = rest.and_then(|rest| match request.method.as_str() {
            "GET" => self.get(&rest, request),
            _ => self.change(&rest, request),
        });
        found.unwrap_or_else(|| Reply::status(404, &json!({"message": "Not Found"})))
    }

    fn get(&self, rest: &str, request: &Request) -> Option<Reply> {
        let parts: Vec<_> = rest.split('/').collect();
        let state = self.state.lock().unwrap();
        if state.accepts_everything && matches!(parts.as_slice(), ["pulls", _, "reviews"]) {
            return Some(Reply::status(403, &json!({"message": "Resource not accessible by integration"})));
        }
        Some(match parts.as_slice() {
            ["pulls", number] => Reply::json(&self.pull(&state, number.parse().ok()?)?),
            ["pulls", number, "files"] => Self::page(request, &self.files(state.pulls.get(&number.parse().ok()?)?)),
            ["pulls", number, "reviews"] => {
                let head = &state.pulls.get(&number.parse().ok()?)?.head;
                let reviews = state.reviews.iter().map(|it| {
                    json!({"user": {"login": it["user"]}, "state": it["state"], "body": it["body"].as_str().unwrap_or(""),
                           "commit_id": it["commit"].as_str().unwrap_or(head), "submitted_at": it["at"]})
                });
                Self::page(request, &reviews.collect::<Vec<_>>())
            }
            ["pulls", _, "comments"] => Self::page(request, &state.suggestions),
            ["issues", _, "comments"] => {
                let comments = state.comments.iter().map(|it| {
                    json!({"id": it["id"], "user": {"login": it["user"]}, "body": it["body"], "created_at": it["at"]})
                });
                Self::page(request, &comments.collect::<Vec<_>>())
            }
            ["issues", number] => {
                let number: u64 = number.parse().ok()?;
                if state.pulls.contains_key(&number) {
                    return Some(Reply::json(
                        &json!({"state": "open", "labels": [], "milestone": null, "pull_request": {}}),
                    ));
                }
                let mut issue = state.issues.get(&number)?.clone();
                issue["state"] = issue["state"].as_str().unwrap_or("open").into();
                Reply::json(&issue)
            }
            ["git", parts @ ..] => return self.get_git(&state, parts, request),
            ["compare", range] => {
                let (base, head) = range.split_once("...")?;
                let base = self.git(&["merge-base", base, head])?;
                Reply::json(&json!({"merge_base_commit": {"sha": base}, "commits": [], "files": []}))
            }
            ["contents", path @ ..] if request.header("accept") == Some("application/vnd.github.raw+json") => {
                let id = self.git(&["rev-parse", &format!("{}:{}", request.parameter("ref")?, path.join("/"))])?;
                Reply::Answer { status: 200, headers: Vec::new(), body: self.blob(&id)? }
            }
            ["commits", revision] => {
                let commit = self.git(&["log", "-1", "--format=%H %cI", revision, "--"])?;
                let (id, date) = commit.split_once(' ')?;
                Reply::json(&json!({"sha": id, "commit": {"committer": {"name": "x", "date": date}}, "files": []}))
            }
            ["contents", path @ ..] => {
                let id = self.git(&["rev-parse", &format!("{}:{}", request.parameter("ref")?, path.join("/"))])?;
                Reply::json(&json!({"type": "file", "sha": id}))
            }
            _ => return None,
        })
    }

    /// Answers requests for git objects.
    fn get_git(&self, state: &State, parts: &[&str], request: &Request) -> Option<Reply> {
        Some(match parts {
            ["ref", "heads", "main"] => {
                let tip = &state.pulls.values().next()?.tip;
                Reply::json(&json!({"ref": "refs/heads/main", "object": {"type": "commit", "sha": tip}}))
            }
            ["matching-refs", "heads", prefix] => {
                let branches = self.git(&["for-each-ref", "--format=%(refname)", &format!("refs/heads/{prefix}*")])?;
                Reply::json(&branches.lines().map(|branch| json!({"ref": branch})).collect::<Value>())
            }
            ["commits", commit] => {
                let parents: Vec<_> = self.parents(commit)?.into_iter().map(|id| json!({"sha": id})).collect();
                Reply::json(&json!({"sha": commit, "parents": parents, "tree": {"sha": self.tree(commit)?}}))
            }
            ["trees", commit] => {
                assert_eq!(request.parameter("recursive"), Some("1"));
                Reply::json(&self.listing(commit)?)
            }
            ["blobs", id] => {
                assert_eq!(request.header("accept"), Some("application/vnd.github.raw+json"));
                Reply::Answer { status: 200, headers: Vec::new(), body: self.blob(id)? }
            }
            _ => return None,
        })
    }

    fn change(&self, rest: &str, request: &Request) -> Option<Reply> {
        let parts: Vec<_> = rest.split('/').collect();
        let mut state = self.state.lock().unwrap();
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let of_comment = |state: &State, id: &str| {
            state.comments.iter().position(|it| it["id"].as_u64().map(|id| id.to_string()).as_deref() == Some(id))
        };
        Some(match (request.method.as_str(), parts.as_slice()) {
            ("POST", ["issues", _, "comments"]) => {
                let id = 9000 + state.comments.len();
                let comment = json!({"id": id, "user": "kepgate[bot]", "mine": true, "body": body["body"], "at": "9"});
                state.comments.push(comment);
                Reply::status(201, &json!({"id": id}))
            }
            ("PATCH", ["issues", "comments", id]) => {
                let at = of_comment(&state, id)?;
                state.comments[at]["body"] = body["body"].clone();
                Reply::json(&json!({"id": id.parse::<u64>().ok()?}))
            }
            ("DELETE", ["issues", "comments", id]) => {
                let at = of_comment(&state, id)?;
                state.comments.remove(at);
                Reply::Answer { status: 204, headers: Vec::new(), body: Vec::new() }
            }
            ("POST", ["check-runs"]) => {
                state.check_runs.push(body);
                Reply::status(201, &json!({"id": state.check_runs.len()}))
            }
            ("PATCH", ["check-runs", id]) => {
                let at = id.parse::<usize>().ok()? - 1;
                let more = body["output"]["annotations"].as_array().unwrap().clone();
                let all = state.check_runs.get_mut(at)?["output"]["annotations"].as_array_mut().unwrap();
                all.extend(more);
                Reply::json(&json!({"id": at + 1}))
            }
            ("POST", ["pulls", _, "reviews"]) => {
                let comments = body["comments"].as_array()?.clone();
                state.suggestions.extend(comments.into_iter().map(|mut comment| {
                    comment["commit_id"] = body["commit_id"].clone();
                    comment["user"] = json!({"login": "kepgate[bot]"});
                    comment["created_at"] = json!("9");
                    comment
                }));
                Reply::json(&json!({"id": 1}))
            }
            _ => return None,
        })
    }

    fn pull(&self, state: &State, number: u64) -> Option<Value> {
        let pull = state.pulls.get(&number)?;
        Some(json!({
            "number": number,
            "changed_files": pull.changed_files.unwrap_or_else(|| self.names(pull).lines().count()),
            "head": {"sha": pull.head, "ref": "topic"},
            "base": {"sha": pull.tip, "ref": "main"},
            "merge_commit_sha": pull.merge,
            "created_at": pull.opened,
        }))
    }

    fn page(request: &Request, items: &[Value]) -> Reply {
        let page: usize = request.parameter("page").map_or(1, |page| page.parse().unwrap());
        let size: usize = request.parameter("per_page").map_or(30, |size| size.parse().unwrap());
        assert!(size <= 100);
        let from = ((page - 1) * size).min(items.len());
        let to = (from + size).min(items.len());
        let reply = Reply::json(&json!(items[from..to]));
        if to == items.len() {
            return reply;
        }
        let host = request.header("host").unwrap();
        let next = format!("http://{host}{}?per_page={size}&page={}", request.path, page + 1);
        reply.with("link", format!("<{next}>; rel=\"next\", <{next}>; rel=\"last\""))
    }
}

/// Logs the request for `.ci/judges/api-conformance.mjs`, if `KEPGATE_REQUESTS` names a file.
fn note(request: &Request) {
    let Some(file) = std::env::var_os("KEPGATE_REQUESTS") else { return };
    let line = json!({
        "method": request.method, "path": request.path, "query": request.query,
        "accept": request.header("accept"), "body": request.body,
    });
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}
