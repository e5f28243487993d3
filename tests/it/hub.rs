//! A GitHub for tests: the parts of its API that kepgate uses, over a real git repository, which git itself reads.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fake::{Reply, Request, Server};

/// Where it all is.
pub(crate) const REPOSITORY: &str = "example/enhancements";
/// Who may ask.
pub(crate) const TOKEN: &str = "ghp_0123456789abcdefSECRET";

/// A pull request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pull {
    pub(crate) head: String,
    pub(crate) tip: String,
    /// The commit that merges it by way of trial.
    pub(crate) merge: Option<String>,
    /// How many files it is said to change, instead of how many it does.
    pub(crate) changed_files: Option<usize>,
    /// When it was opened.
    pub(crate) opened: Option<String>,
}

/// What there is beside the files.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) pulls: BTreeMap<u64, Pull>,
    /// Issues by number: milestone and labels, as GitHub gives them.
    pub(crate) issues: BTreeMap<u64, Value>,
    /// Reviews: `user`, `state`, `commit` (the head when there is none), `at`, `body`.
    pub(crate) reviews: Vec<Value>,
    /// Comments: `user`, `body`, `at`, and `id` and `mine` for those of ours.
    pub(crate) comments: Vec<Value>,
    /// Comments in the diff, as they were sent.
    pub(crate) suggestions: Vec<Value>,
    /// Check runs, as they were sent.
    pub(crate) check_runs: Vec<Value>,
    /// Whether every number is that of an issue that is opted in and says nothing else, and nobody tells of reviews.
    pub(crate) agrees: bool,
}

/// What a test does to a request before anybody answers it: `None` to let it pass. It is told how many requests of the
/// same method and path there were before.
pub(crate) type Meddling = dyn Fn(&Request, usize) -> Option<Reply> + Send + Sync;

pub(crate) struct Hub {
    pub(crate) server: Server,
    pub(crate) state: Arc<Mutex<State>>,
}

struct Inside {
    repository: PathBuf,
    state: Arc<Mutex<State>>,
    meddling: Box<Meddling>,
    seen: Mutex<BTreeMap<String, usize>>,
    listings: Mutex<BTreeMap<String, Value>>,
}

impl Hub {
    pub(crate) fn start(repository: impl Into<PathBuf>, state: State) -> Self {
        Self::meddled(repository, state, |_, _| None)
    }

    pub(crate) fn meddled(
        repository: impl Into<PathBuf>,
        state: State,
        meddling: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let state = Arc::new(Mutex::new(state));
        let inside = Inside {
            repository: repository.into(),
            state: Arc::clone(&state),
            meddling: Box::new(meddling),
            seen: Mutex::default(),
            listings: Mutex::default(),
        };
        Self { server: Server::start(move |request| inside.reply(request)), state }
    }
}

impl Inside {
    fn reply(&self, request: &Request) -> Reply {
        let before = {
            let mut seen = self.seen.lock().unwrap();
            let count = seen.entry(format!("{} {}", request.method, request.path)).or_default();
            *count += 1;
            *count - 1
        };
        if let Some(reply) = (self.meddling)(request, before) {
            return reply;
        }
        self.well_behaved(request).with("etag", "W/\"0\"").with("x-ratelimit-remaining", 4999)
    }

    fn well_behaved(&self, request: &Request) -> Reply {
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
        if state.agrees && matches!(parts.as_slice(), ["pulls", _, "reviews"]) {
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
                    return Some(Reply::json(&json!({"labels": [], "milestone": null, "pull_request": {}})));
                }
                let mut issue = state.issues.get(&number)?.clone();
                issue["state"] = issue["state"].as_str().unwrap_or("open").into();
                Reply::json(&issue)
            }
            ["git", "ref", "heads", "main"] => {
                let tip = &state.pulls.values().next()?.tip;
                Reply::json(&json!({"ref": "refs/heads/main", "object": {"type": "commit", "sha": tip}}))
            }
            ["git", "commits", commit] => {
                let parents: Vec<_> = self.parents(commit)?.into_iter().map(|id| json!({"sha": id})).collect();
                Reply::json(&json!({"sha": commit, "parents": parents}))
            }
            ["git", "trees", commit] => {
                assert_eq!(request.parameter("recursive"), Some("1"));
                Reply::json(&self.listing(commit)?)
            }
            ["git", "blobs", id] => {
                assert_eq!(request.header("accept"), Some("application/vnd.github.raw+json"));
                Reply::Answer { status: 200, headers: Vec::new(), body: self.blob(id)? }
            }
            ["compare", range] => {
                let (base, head) = range.split_once("...")?;
                let base = self.git(&["merge-base", base, head])?;
                Reply::json(&json!({"merge_base_commit": {"sha": base}, "commits": [], "files": []}))
            }
            ["contents", path @ ..] => {
                let id = self.git(&["rev-parse", &format!("{}:{}", request.parameter("ref")?, path.join("/"))])?;
                Reply::json(&json!({"type": "file", "sha": id}))
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
                    comment
                }));
                Reply::json(&json!({"id": 1}))
            }
            _ => return None,
        })
    }

    fn graphql(&self, query: &str, variables: &Value) -> Reply {
        let state = self.state.lock().unwrap();
        let named = format!("{}/{}", variables["owner"].as_str().unwrap(), variables["name"].as_str().unwrap());
        assert_eq!(named, REPOSITORY);
        if state.agrees && query.contains("reviews(") {
            let error = json!({"type": "FORBIDDEN", "message": "Resource not accessible by integration"});
            return Reply::json(&json!({"data": null, "errors": [error]}));
        }
        let mut errors = Vec::new();
        let mut repository = serde_json::Map::new();
        if query.contains("pullRequest(number: $number)") {
            let number = variables["number"].as_u64().unwrap();
            let pull = match state.pulls.get(&number) {
                Some(pull) if query.contains("headRefOid") => self.queried_pull(pull, variables),
                Some(pull) => queried_words(&state, pull),
                None => {
                    errors.push(json!({"type": "NOT_FOUND", "message": "Could not resolve to a PullRequest."}));
                    Value::Null
                }
            };
            repository.insert("pullRequest".to_owned(), pull);
        }
        for (name, value) in variables.as_object().unwrap() {
            let Some(index) = name.get(1..).filter(|rest| rest.parse::<usize>().is_ok()) else { continue };
            let (alias, found) = match &name[..1] {
                "o" => (format!("b{index}"), self.queried_blob(value.as_str().unwrap())),
                "n" => (format!("i{index}"), queried_issue(&state, value.as_u64().unwrap())),
                "e" => {
                    let id = self.git(&["rev-parse", "--quiet", "--verify", value.as_str().unwrap()]);
                    (format!("o{index}"), id.map_or(Value::Null, |id| json!({"oid": id})))
                }
                _ => continue,
            };
            if found.is_null() && name.starts_with('n') {
                let message = format!("Could not resolve to an issue or pull request with the number of {value}.");
                errors.push(json!({"type": "NOT_FOUND", "path": ["repository", alias], "message": message}));
            }
            repository.insert(alias, found);
        }
        let mut answer = json!({"data": {"repository": repository}});
        if !errors.is_empty() {
            answer["errors"] = errors.into();
        }
        Reply::json(&answer)
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

    fn queried_pull(&self, pull: &Pull, variables: &Value) -> Value {
        let tip = &pull.tip;
        let mut target = serde_json::Map::new();
        target.insert("oid".to_owned(), json!(tip));
        for (name, path) in variables.as_object().unwrap() {
            if name.strip_prefix('p').is_some_and(|rest| rest.parse::<usize>().is_ok()) {
                target.insert(name.clone(), self.queried_file(tip, path.as_str().unwrap()));
            }
        }
        let keps = self.git(&["ls-tree", tip, "keps"]).filter(|line| !line.is_empty()).map_or(Value::Null, |line| {
            let entries = self.git(&["ls-tree", tip, "keps/"]).unwrap_or_default();
            let entries: Vec<_> = entries.lines().map(|line| entry(line, "keps/")).collect();
            let mut keps = entry(&line, "");
            keps["object"] = json!({"entries": entries});
            keps
        });
        target.insert("keps".to_owned(), keps);
        let merge = pull.merge.as_ref().and_then(|merge| {
            let parents: Vec<_> = self.parents(merge)?.into_iter().map(|id| json!({"oid": id})).collect();
            Some(json!({"oid": merge, "parents": {"nodes": parents}}))
        });
        json!({
            "changedFiles": pull.changed_files.unwrap_or_else(|| self.names(pull).lines().count()),
            "createdAt": pull.opened,
            "headRefOid": pull.head,
            "potentialMergeCommit": merge,
            "baseRef": {"target": target},
        })
    }

    fn queried_file(&self, commit: &str, path: &str) -> Value {
        let line = self.git(&["ls-tree", commit, path]).unwrap_or_default();
        if line.is_empty() {
            return Value::Null;
        }
        let mut file = entry(&line, "");
        file["object"] = self.queried_blob(file["oid"].as_str().unwrap());
        file
    }

    /// Text as GraphQL gives it: cut off at 512,000 bytes, and none where it is no text.
    fn queried_blob(&self, id: &str) -> Value {
        let Some(bytes) = self.blob(id) else { return Value::Null };
        let size = bytes.len();
        let cut = &bytes[..size.min(512_000)];
        let text = if cut.contains(&0) { None } else { Some(String::from_utf8_lossy(cut)) };
        json!({"byteSize": size, "isTruncated": size > 512_000, "text": text})
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

    fn names(&self, pull: &Pull) -> String {
        self.git(&["diff", "--name-only", &format!("{}...{}", pull.tip, pull.head)]).unwrap()
    }

    /// The files of a pull request, as git finds them.
    fn files(&self, pull: &Pull) -> Vec<Value> {
        let base = self.git(&["merge-base", &pull.tip, &pull.head]).unwrap();
        let lines = self.git(&["diff", "--name-status", "-M50%", "-z", &base, &pull.head]).unwrap();
        let mut words = lines.split('\0').filter(|word| !word.is_empty());
        let mut files = Vec::new();
        while let Some(status) = words.next() {
            let path = words.next().unwrap();
            let file = match status.as_bytes()[0] {
                b'R' => {
                    let new = words.next().unwrap();
                    json!({"filename": new, "previous_filename": path, "status": "renamed"})
                }
                b'A' => json!({"filename": path, "status": "added"}),
                b'D' => json!({"filename": path, "status": "removed"}),
                _ => json!({"filename": path, "status": "modified"}),
            };
            files.push(self.with_patch(file, &base, &pull.head));
        }
        files
    }

    fn with_patch(&self, mut file: Value, base: &str, head: &str) -> Value {
        let path = file["filename"].as_str().unwrap().to_owned();
        let former = file["previous_filename"].as_str().unwrap_or(&path).to_owned();
        let diff = self.git(&["diff", "-U3", "-M50%", base, head, "--", &former, &path]).unwrap();
        if let Some(at) = diff.find(
            "
@@",
        ) {
            file["patch"] = json!(diff[at + 1..]);
        }
        let id = self.git(&["rev-parse", "--quiet", "--verify", &format!("{head}:{path}")]);
        file["sha"] = json!(id.unwrap_or_else(|| "0".repeat(40)));
        file
    }

    fn listing(&self, commit: &str) -> Option<Value> {
        if let Some(listing) = self.listings.lock().unwrap().get(commit) {
            return Some(listing.clone());
        }
        let lines = self.git(&["ls-tree", "-r", "-t", "-l", "-z", "--full-tree", commit])?;
        let items: Vec<_> = lines
            .split('\0')
            .filter_map(|line| {
                let (what, path) = line.split_once('\t')?;
                let [mode, kind, id, size] = what.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
                let mut item = json!({"path": path, "mode": mode, "type": kind, "sha": id});
                if let Ok(size) = size.parse::<u64>() {
                    item["size"] = json!(size);
                }
                Some(item)
            })
            .collect();
        let listing = json!({"sha": commit, "tree": items, "truncated": false});
        self.listings.lock().unwrap().insert(commit.to_owned(), listing.clone());
        Some(listing)
    }

    fn parents(&self, commit: &str) -> Option<Vec<String>> {
        let line = self.git(&["rev-list", "--parents", "-n", "1", commit])?;
        Some(line.split(' ').skip(1).map(str::to_owned).collect())
    }

    fn blob(&self, id: &str) -> Option<Vec<u8>> {
        let output = Command::new("git").current_dir(&self.repository).args(["cat-file", "blob", id]).output().unwrap();
        output.status.success().then_some(output.stdout)
    }

    fn git(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("git").current_dir(&self.repository).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then(|| text.trim_end_matches('\n').to_owned())
    }
}

/// Leaves the request for a judge who knows GitHub's API (`.ci/api-conformance.mjs`), where one asks for it.
fn note(request: &Request) {
    let Some(file) = std::env::var_os("KEPGATE_REQUESTS") else { return };
    let line = json!({
        "method": request.method, "path": request.path, "query": request.query,
        "accept": request.header("accept"), "body": request.body,
    });
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn queried_issue(state: &State, number: u64) -> Value {
    if state.agrees {
        return json!({"__typename": "Issue", "milestone": null, "labels": {"nodes": [{"name": "lead-opted-in"}]}});
    }
    if state.pulls.contains_key(&number) {
        return json!({"__typename": "PullRequest"});
    }
    let Some(issue) = state.issues.get(&number) else { return Value::Null };
    let state = issue["state"].as_str().unwrap_or("open").to_uppercase();
    let labels = json!({"nodes": issue["labels"]});
    json!({"__typename": "Issue", "state": state, "milestone": issue["milestone"], "labels": labels})
}

fn queried_words(state: &State, pull: &Pull) -> Value {
    let list = |items: &[Value], of_reviews: bool| {
        let nodes = items.iter().take(100).map(|it| {
            let mut node = json!({
                "author": {"login": it["user"]}, "body": it["body"].as_str().unwrap_or(""), "createdAt": it["at"],
                "fullDatabaseId": it["id"].to_string(), "viewerDidAuthor": it["mine"] == true,
            });
            if of_reviews {
                node["state"] = it["state"].clone();
                node["commit"] = json!({"oid": it["commit"].as_str().unwrap_or(&pull.head)});
            }
            node
        });
        json!({"pageInfo": {"hasNextPage": items.len() > 100}, "nodes": nodes.collect::<Vec<_>>()})
    };
    let threads: Vec<_> = state
        .suggestions
        .iter()
        .map(|it| json!({"comments": {"nodes": [{"body": it["body"], "viewerDidAuthor": true}]}}))
        .collect();
    json!({
        "reviews": list(&state.reviews, true),
        "comments": list(&state.comments, false),
        "reviewThreads": {"pageInfo": {"hasNextPage": false}, "nodes": threads},
    })
}

/// A line of `git ls-tree` as an entry of GraphQL's.
fn entry(line: &str, folder: &str) -> Value {
    let (what, path) = line.split_once('\t').unwrap();
    let [mode, _, id] = what.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
    let name = path.strip_prefix(folder).unwrap();
    json!({"name": name, "mode": u32::from_str_radix(mode, 8).unwrap(), "oid": id})
}
