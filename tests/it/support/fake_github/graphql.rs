//! Answers to GraphQL queries.

use serde_json::{Value, json};

use super::{Handler, Pull, REPOSITORY, State};
use crate::support::Reply;

impl Handler {
    pub(super) fn graphql(&self, query: &str, variables: &Value) -> Reply {
        let state = self.state.lock().unwrap();
        let named = format!("{}/{}", variables["owner"].as_str().unwrap(), variables["name"].as_str().unwrap());
        assert_eq!(named, REPOSITORY);
        if state.accepts_everything && query.contains("reviews(") {
            let error = json!({"type": "FORBIDDEN", "message": "Resource not accessible by integration"});
            return Reply::json(&json!({"data": null, "errors": [error]}));
        }
        let mut errors = Vec::new();
        let mut repository = serde_json::Map::new();
        if query.contains("pullRequest(number: $number)") {
            let number = variables["number"].as_u64().unwrap();
            let pull = match state.pulls.get(&number) {
                Some(pull) if query.contains("headRefOid") => self.queried_pull(pull, variables),
                Some(pull) => queried_comments(&state, pull),
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
        if query.contains("blame(") {
            let [commit, path] = ["commit", "path"].map(|name| variables[name].as_str().unwrap());
            repository.insert("object".to_owned(), json!({"blame": {"ranges": self.blamed(commit, path)}}));
        }
        let mut answer = json!({"data": {"repository": repository}});
        if !errors.is_empty() {
            answer["errors"] = errors.into();
        }
        Reply::json(&answer)
    }

    /// Blames a file. Each line is a range of its own.
    fn blamed(&self, commit: &str, path: &str) -> Vec<Value> {
        let blame = self.git(&["blame", "-s", "-l", "--root", commit, "--", path]).unwrap();
        let range = |(at, line): (usize, &str)| {
            let id = &line[..40];
            let time = |id: &str| self.git(&["show", "--no-patch", "--format=%cI", id]).unwrap();
            // A commit from a merged branch is not on the first-parent history.
            let is_direct = self.git(&["rev-list", "--first-parent", commit]).unwrap().contains(id);
            let later = format!("{id}..{commit}");
            let merges = self.git(&["rev-list", "--merges", "--first-parent", "--ancestry-path", &later]).unwrap();
            let merge = merges.lines().last().filter(|_| !is_direct);
            let pulls: Vec<_> =
                merge.iter().map(|id| json!({"mergedAt": time(id), "mergeCommit": {"oid": id}})).collect();
            let commit = json!({
                "oid": id, "committedDate": time(id), "associatedPullRequests": {"nodes": pulls},
            });
            json!({"startingLine": at + 1, "endingLine": at + 1, "commit": commit})
        };
        blame.lines().enumerate().map(range).collect()
    }

    fn queried_pull(&self, pull: &Pull, variables: &Value) -> Value {
        let tip = &pull.tip;
        let mut target = serde_json::Map::new();
        target.insert("oid".to_owned(), json!(tip));
        target.insert("tree".to_owned(), json!({"oid": self.tree(tip)}));
        for (name, path) in variables.as_object().unwrap() {
            if name.strip_prefix('p').is_some_and(|rest| rest.parse::<usize>().is_ok()) {
                target.insert(name.clone(), self.queried_file(tip, path.as_str().unwrap()));
            }
        }
        let commit = |id: &str| json!({"oid": id, "tree": {"oid": self.tree(id)}});
        let merge = pull.merge.as_ref().and_then(|merge| {
            let parents: Vec<_> = self.parents(merge)?.iter().map(|id| commit(id)).collect();
            let mut merge = commit(merge);
            merge["parents"] = json!({"nodes": parents});
            Some(merge)
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
        let id = line.split_whitespace().nth(2).unwrap();
        json!({"oid": id, "object": self.queried_blob(id)})
    }

    /// A blob in GraphQL's form: text is truncated at 512,000 bytes, and null for binary content.
    fn queried_blob(&self, id: &str) -> Value {
        let Some(bytes) = self.blob(id) else { return Value::Null };
        let size = bytes.len();
        let cut = &bytes[..size.min(512_000)];
        let text = if cut.contains(&0) { None } else { Some(String::from_utf8_lossy(cut)) };
        json!({"byteSize": size, "isTruncated": size > 512_000, "text": text})
    }
}

fn queried_issue(state: &State, number: u64) -> Value {
    if state.accepts_everything {
        return json!({"__typename": "Issue", "state": "OPEN", "milestone": null, "labels": {"nodes": [{"name": "lead-opted-in"}]}});
    }
    if state.pulls.contains_key(&number) {
        return json!({"__typename": "PullRequest"});
    }
    let Some(issue) = state.issues.get(&number) else { return Value::Null };
    let state = issue["state"].as_str().unwrap_or("open").to_uppercase();
    let labels = json!({"nodes": issue["labels"]});
    json!({"__typename": "Issue", "state": state, "milestone": issue["milestone"], "labels": labels})
}

fn queried_comments(state: &State, pull: &Pull) -> Value {
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
