//! `kepgate shadows`: shadow reviews on pull requests.

use std::path::Path;

use serde_json::{Value, json};

use crate::commands::query_pull_requests::Open;
use crate::support::{FakeGitHub, REPOSITORY, Reply, Run, TOKEN, TestRepo, kepgate, within_bounds};

/// The comments on each pull request: kind, number, author, date and text.
const SAID: &[(&str, u64, &str, &str, &str)] = &[
    ("reviews", 7, "Tove-Lind", "2025-10-02T10:00:00Z", "Shadow prod-readiness review: fine."),
    ("comments", 7, "Tove-Lind", "2025-10-01T10:00:00Z", "I begin a shadow prod readiness review."),
    ("comments", 7, "petra-solm", "2025-10-03T10:00:00Z", "> I begin a shadow prod readiness review.\n\nThanks!"),
    ("diff", 9, "ines-orrin", "2025-09-30T10:00:00Z", "Shadow Prod Readiness Review"),
    ("reviews", 8, "tove-lind", "2025-10-04T10:00:00Z", "LGTM"),
];

/// A fake GitHub with comments on its pull requests, and a search that finds these pull requests.
fn with_comments(open: &Open, found: &'static [u64]) -> FakeGitHub {
    open.with_override(move |request, _| {
        let of = |kind: &str, number: &str| {
            let said = SAID.iter().filter(|(it, of, ..)| *it == kind && of.to_string() == number);
            let words = said.map(|(_, _, who, at, body)| json!({"user": {"login": who}, "created_at": at, "submitted_at": at, "body": body}));
            Some(Reply::json(&json!(words.collect::<Vec<_>>())))
        };
        if request.path == "/search/issues" {
            let items = found.iter().map(|number| {
                let merged = (*number == 9).then_some("2025-10-05T00:00:00Z");
                json!({"number": number, "title": format!("Pull {number}"), "state": if *number == 9 { "closed" } else { "open" },
                       "user": {"login": "ida-r"}, "pull_request": {"merged_at": merged}})
            });
            let items: Vec<_> = items.collect();
            return Some(Reply::json(&json!({"total_count": items.len(), "incomplete_results": false, "items": items})));
        }
        match request.path.strip_prefix(&format!("/repos/{REPOSITORY}/"))?.split('/').collect::<Vec<_>>().as_slice() {
            ["pulls", number, "reviews"] => of("reviews", number),
            ["issues", number, "comments"] => of("comments", number),
            ["pulls", number, "comments"] => of("diff", number),
            _ => None,
        }
    })
}

fn shadows(open: &Open, hub: &FakeGitHub, arguments: &[&str]) -> Run {
    let mut command = kepgate(open.repo.path());
    command.args(["shadows", "--repository", REPOSITORY]).args(arguments);
    within_bounds(command.env("GITHUB_API_URL", &hub.server.url).env("GITHUB_TOKEN", TOKEN))
}

#[test]
fn shadow_reviews_have_step_and_outcome() {
    let open = Open::all();
    let hub = with_comments(&open, &[7, 8, 9]);
    let run = shadows(&open, &hub, &[]);
    let expected = "\
Date        Reviewer     PR  KEP   Step          Outcome            Pull request
2025-09-30  @ines-orrin  #9  5000  new → alpha   merged 2025-10-05  Pull 9
2025-10-01  @Tove-Lind   #7  1234  alpha → beta  open               Pull 7
";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, expected, ""));
    let run = shadows(&open, &hub, &["--reviewer", "@TOVE-lind", "--output", "json"]);
    let rows: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!((&rows[0]["kep-number"], &rows[0]["reviewer"]), (&json!(1234), &json!("@Tove-Lind")));
    assert_eq!(
        (&rows[0]["pull-request"], &rows[0]["link"]),
        (&json!(7), &json!(format!("https://github.com/{REPOSITORY}/pull/7")))
    );
    let searches: Vec<_> = hub.server.requests().into_iter().filter(|it| it.path == "/search/issues").collect();
    let asked = |criteria: &str| {
        searches.iter().any(|it| it.query.starts_with(&format!("q=repo:{REPOSITORY}+is:pr+{criteria}&")))
    };
    assert!(asked("%22shadow+prod+readiness+review%22"));
    assert!(asked("%22shadow+prod+readiness+review%22+commenter:tove-lind") && asked("reviewed-by:tove-lind"));
    assert_eq!(shadows(&open, &with_comments(&open, &[]), &["--output", "yaml"]).stdout, "[]\n");
    assert_eq!(shadows(&open, &hub, &["--reviewer", "a b"]).code, 2);
}

#[test]
fn the_configuration_says_where_keps_are() {
    let open = Open::all();
    let hub = with_comments(&open, &[7]);
    let step = || {
        let rows: Value = serde_json::from_str(&shadows(&open, &hub, &["--output", "json"]).stdout).unwrap();
        rows[0]["step"].clone()
    };
    assert_eq!(step(), "alpha → beta");
    open.repo.write(".github/kepgate.yaml", "project:\n  root: docs/keps\n");
    assert_eq!(step(), Value::Null, "`keps` has no KEPs then");
}

#[test]
fn incomplete_search_exits_with_3() {
    let open = Open::all();
    let hub = open.with_override(|request, _| {
        let partial = json!({"total_count": 1, "incomplete_results": true, "items": []});
        (request.path == "/search/issues").then(|| Reply::json(&partial))
    });
    let run = shadows(&open, &hub, &["--output", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, "[]\n"));
    assert!(run.stderr.contains("the list is incomplete"), "{}", run.stderr);
}

#[test]
fn a_tree_is_optional_only_if_none_was_named() {
    let open = Open::all();
    let hub = with_comments(&open, &[7, 8, 9]);
    let run = shadows(&open, &hub, &["--repo-path", "nowhere"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("found no KEPs at"), "{}", run.stderr);
    let shadows_in = |folder: &Path| {
        let mut command = kepgate(folder);
        command.args(["shadows", "--repository", REPOSITORY]);
        within_bounds(command.env("GITHUB_API_URL", &hub.server.url).env("GITHUB_TOKEN", TOKEN))
    };
    let run = shadows_in(Path::new("/"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    // A tree that exists but cannot be read is not an empty one.
    let tree = open.repo.git(&["rev-parse", "HEAD:keps"]);
    let bare = TestRepo::new();
    bare.git(&["init", "--quiet", "--bare", "--initial-branch=main"]);
    bare.git(&["fetch", "--quiet", &format!("file://{}", open.repo.path().display()), "HEAD:main"]);
    bare.remove(&format!("objects/{}/{}", &tree[..2], &tree[2..]));
    let run = shadows_in(bare.path());
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("is not in this repository"), "{}", run.stderr);
}
