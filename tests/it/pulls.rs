//! `kepgate query --include-prs`: open pull requests beside the KEPs, asked of a stand-in for GitHub on loopback.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::fake::{Reply, Request};
use crate::hub::{Hub, Pull, REPOSITORY, State, TOKEN};
use crate::sandbox::{
    APPROVAL, DIR, KEP, PAYLOADS, Run, SOUND_APPROVAL, Sandbox, check_text, commands, kep_with, within_bounds,
};
use crate::support::kepgate;

const NAP: &str = "keps/sig-node/1300-nap/kep.yaml";
const NAP_APPROVAL: &str = "keps/prod-readiness/sig-node/1300.yaml";
const DAWN: &str = "keps/sig-apps/5000-dawn/kep.yaml";

/// A repository and the heads of the pull requests that are open on it, by number.
struct Open {
    sandbox: Sandbox,
    heads: BTreeMap<u64, String>,
}

impl Open {
    /// Two KEPs, of which the second moves on to beta after `branch` began.
    fn new() -> Self {
        let sandbox = Sandbox::repository();
        sandbox.write(NAP, nap(&[]));
        sandbox.write(NAP_APPROVAL, "kep-number: 1300\nalpha:\n  approver: \"@petra-solm\"\n");
        sandbox.commit();
        Self { sandbox, heads: BTreeMap::new() }
    }

    fn pull(mut self, number: u64, edit: impl FnOnce(&Sandbox)) -> Self {
        self.sandbox.branch(&format!("pull-{number}"));
        edit(&self.sandbox);
        self.heads.insert(number, self.sandbox.commit());
        self.sandbox.git(&["switch", "--quiet", "main"]);
        self
    }

    /// Everything that can be open: a promotion, a README, a new KEP, no KEP at all, a KEP that cannot be read, one that
    /// began before the tree went on, one that moves.
    fn all() -> Self {
        let open = Self::new()
            .pull(7, |sandbox| {
                sandbox.write(KEP, kep_with(&[("stage", "beta"), ("latest-milestone", "v1.37")]));
                sandbox.write(APPROVAL, format!("{SOUND_APPROVAL}beta:\n  approver: \"@hedda-rusk\"\n"));
            })
            .pull(8, |sandbox| drop(sandbox.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n\nMore.\n")))
            .pull(9, |sandbox| {
                let values =
                    [("kep-number", "5000"), ("title", "Dawn"), ("owning-sig", "sig-apps"), ("status", "provisional")];
                sandbox.write(DAWN, kep_with(&values));
                let approval = "kep-number: 5000\nalpha:\n  approver: \"@Petra-Solm\"\n";
                sandbox.write("keps/prod-readiness/sig-apps/5000.yaml", approval);
            })
            .pull(10, |sandbox| drop(sandbox.write("docs/other.md", "no KEP\n")))
            .pull(11, |sandbox| drop(sandbox.write(NAP, "- no mapping\n")))
            .pull(12, |sandbox| drop(sandbox.write(NAP, nap(&[("metrics", "kubelet_naps_total")]))))
            .pull(13, |sandbox| {
                sandbox.git(&["mv", "keps/sig-node/1300-nap", "keps/sig-node/1300-siesta"]);
                sandbox.write("keps/sig-node/1300-siesta/kep.yaml", nap(&[("title", "Siesta")]));
            });
        open.sandbox.write(NAP, nap(&[("stage", "beta"), ("latest-milestone", "v1.37")]));
        open.sandbox.write(
            NAP_APPROVAL,
            "kep-number: 1300\nalpha:\n  approver: \"@petra-solm\"\nbeta:\n  approver: \"@petra-solm\"\n",
        );
        open.sandbox.commit();
        open
    }

    fn hub(&self) -> Hub {
        self.meddled(|_, _| None)
    }

    fn meddled(&self, meddling: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Hub {
        let tip = self.sandbox.id("main");
        let mut state = State::default();
        let mut listed = Vec::new();
        for (number, head) in &self.heads {
            let (head, tip) = (head.clone(), tip.clone());
            state.pulls.insert(*number, Pull { head, tip, merge: None, changed_files: None, opened: None });
            listed.push(json!({"number": number, "title": format!("Pull {number}"), "user": {"login": "ida-r"}, "draft": number % 2 == 0}));
        }
        Hub::meddled(self.sandbox.path(), state, move |request, count| {
            let is_list =
                request.path == format!("/repos/{REPOSITORY}/pulls") && request.parameter("state") == Some("open");
            meddling(request, count).or_else(|| is_list.then(|| Reply::json(&json!(listed))))
        })
    }

    fn query(&self, hub: &Hub, arguments: &[&str]) -> Run {
        within_bounds(self.command(hub).args(arguments))
    }

    fn command(&self, hub: &Hub) -> Command {
        let mut command = kepgate(self.sandbox.path());
        command.args(["query", "--repository", REPOSITORY]).env("GITHUB_API_URL", &hub.server.url);
        command.env("GITHUB_TOKEN", TOKEN);
        command
    }

    /// The rows, by number.
    fn rows(&self, hub: &Hub, arguments: &[&str]) -> Vec<Value> {
        let run = self.query(hub, &[&["--include-prs", "--output", "json"], arguments].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap().as_array().unwrap().clone()
    }
}

fn nap(values: &[(&str, &str)]) -> String {
    kep_with(&[&[("kep-number", "1300"), ("title", "Nap")], values].concat())
}

/// Number and changes of each pull request beside a KEP.
fn beside(row: &Value) -> Vec<(u64, Vec<&str>)> {
    let pulls = row["pull-requests"].as_array().unwrap().iter();
    pulls
        .map(|pull| {
            let changes = pull["changes"].as_array().unwrap().iter().map(|change| change.as_str().unwrap());
            (pull["number"].as_u64().unwrap(), changes.collect())
        })
        .collect()
}

#[test]
fn a_kep_stands_once_with_its_pull_requests_beside_it() {
    let open = Open::all();
    let hub = open.hub();
    let rows = open.rows(&hub, &[]);
    let numbers: Vec<_> = rows.iter().map(|row| row["kep-number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [5000, 1234, 1300]);
    assert_eq!(
        beside(&rows[0]),
        [(9, vec!["new", "status provisional", "stage alpha", "milestone v1.36", "approver @Petra-Solm"])]
    );
    let promotion = vec!["stage alpha → beta", "milestone v1.36 → v1.37", "approver @petra-solm → @hedda-rusk"];
    assert_eq!(beside(&rows[1]), [(7, promotion), (8, vec![])]);
    // 12 and 13 began before the tree went on: what they do not touch is none of their changes.
    assert_eq!(beside(&rows[2]), [(11, vec!["metadata gone or unreadable"]), (12, vec![]), (13, vec![])]);
    let seventh = &rows[1]["pull-requests"][0];
    assert_eq!((&seventh["stage"], &seventh["prr-approver"]), (&json!("beta"), &json!("@hedda-rusk")));
    assert_eq!((&rows[1]["stage"], &rows[1]["prr-approver"]), (&json!("alpha"), &json!("@petra-solm")), "as merged");
    assert_eq!(rows[2]["directory"], "keps/sig-node/1300-nap");
    // Nothing was checked out or written, and nothing but reading was asked.
    assert_eq!(open.sandbox.git(&["status", "--porcelain"]), "");
    assert!(hub.server.requests().iter().all(|request| request.method == "GET"));
}

#[test]
fn criteria_hold_for_what_is_open_too() {
    let open = Open::all();
    let hub = open.hub();
    let numbers = |arguments: &[&str]| -> Vec<u64> {
        open.rows(&hub, arguments).iter().map(|row| row["kep-number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&["--prr", "hedda-rusk"]), [1234], "named in a pull request alone");
    assert_eq!(numbers(&["--prr", "@petra-solm", "--status", "provisional"]), [5000]);
    assert_eq!(numbers(&["--milestone", "v1.37"]), [1234, 1300]);
    assert_eq!(numbers(&["--needs-prr"]), [1234], "a new stage is asked for; a provisional KEP is not gated");
    assert_eq!(numbers(&["--stage", "stable"]), [0; 0]);
    // The command that the PRR team documents.
    open.sandbox.write("gh-token", format!("{TOKEN}\n"));
    let arguments = ["--sig", ".*", "--prr", "@petra-solm", "--include-prs", "--gh-token-path", "gh-token"];
    let mut command = open.command(&hub);
    command.args(arguments).args(["--status", "implementable,provisional"]).env_remove("GITHUB_TOKEN");
    let run = within_bounds(&command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stderr, "kepgate: the metadata in these pull requests cannot be read: #11\n");
    let lines: Vec<_> = run.stdout.lines().map(|line| line.rsplit("  ").next().unwrap()).collect();
    let promotion = "#7 stage alpha → beta, milestone v1.36 → v1.37, approver @petra-solm → @hedda-rusk; #8";
    assert_eq!(lines[0], "Pull requests");
    assert_eq!(lines[2], promotion, "{}", run.stdout);
    assert_eq!(lines.len(), 4);
    assert!(hub.server.requests().iter().all(|request| request.header("authorization").is_some()));
}

#[test]
fn the_load_counts_what_is_open() {
    let open = Open::all();
    let hub = open.hub();
    let load = |arguments: &[&str]| -> Vec<(String, u64)> {
        let rows = open.rows(&hub, &[&["--by", "approver"], arguments].concat());
        rows.iter().map(|row| (row["approver"].as_str().unwrap().to_owned(), row["keps"].as_u64().unwrap())).collect()
    };
    let of = |name: &str, keps: u64| (name.to_owned(), keps);
    assert_eq!(load(&["--milestone", "v1.37"]), [of("@hedda-rusk", 1), of("@petra-solm", 1)]);
    assert_eq!(load(&[]), [of("@hedda-rusk", 1), of("@petra-solm", 3)]);
}

#[test]
fn a_listing_can_be_kept_and_shown_again() {
    let open = Open::all();
    let hub = open.hub();
    let run = open.query(&hub, &["--include-prs", "--save-pull-requests", "open.json", "--output", "yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let asked = hub.server.requests().len();
    let again = open.query(&hub, &["--pull-requests-from", "open.json", "--output", "yaml"]);
    assert_eq!((again.code, again.stdout), (0, run.stdout));
    assert_eq!(hub.server.requests().len(), asked, "nobody is asked");
    for (text, said) in [
        ("", "line 1 is not what such a file has"),
        ("[]", "line 1 is not what such a file has"),
        ("{\"schema\": \"x\", \"repository\": \"a/b\", \"pull_requests\": []}", "its schema is"),
    ] {
        open.sandbox.write("open.json", text);
        let run = open.query(&hub, &["--pull-requests-from", "open.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    for arguments in [
        &["--columns", "pull-requests"][..],
        &["--save-pull-requests", "x"],
        &["--include-prs", "--pull-requests-from", "x"],
    ] {
        assert_eq!(open.query(&hub, arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn markdown_links_to_the_pull_requests() {
    let open = Open::all();
    let run = open.query(
        &open.hub(),
        &["--include-prs", "--output", "markdown", "--number", "1234", "--columns", "kep-number,pull-requests"],
    );
    let link = |number: u64| format!("[#{number}](https://github.com/{REPOSITORY}/pull/{number})");
    let start = format!("| 1234 | {} <code>stage alpha → beta</code>, ", link(7));
    assert!(run.stdout.lines().nth(2).unwrap().starts_with(&start), "{}", run.stdout);
    assert!(run.stdout.ends_with(&format!("; {} |\n", link(8))), "{}", run.stdout);
}

#[test]
fn what_github_does_not_give_is_said_and_is_no_whole_list() {
    let open = Open::all();
    let files = format!("/repos/{REPOSITORY}/pulls/7/files");
    let broken =
        open.meddled(move |request, _| (request.path == files).then(|| Reply::status(422, &json!({"message": "no"}))));
    let run = open.query(&broken, &["--include-prs"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("422"), "{}", run.stderr);
    // One file that is too large leaves the rest.
    let large = |request: &Request, _| -> Option<Reply> {
        let body = "x".repeat(2 * 1024 * 1024).into_bytes();
        let is_seventh = request.path.contains("/git/blobs/");
        is_seventh.then(|| Reply::Answer { status: 200, headers: Vec::new(), body })
    };
    let run = open.query(&open.meddled(large), &["--include-prs", "--columns", "kep-number,pull-requests"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("1234") && run.stdout.contains("#8"), "{}", run.stdout);
    assert!(run.stderr.contains("the list is incomplete"), "{}", run.stderr);
    // A token that GitHub does not know.
    let mut command = open.command(&open.hub());
    let run = within_bounds(command.arg("--include-prs").env("GITHUB_TOKEN", "ghp_other"));
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(!run.stderr.contains("ghp_other"), "{}", run.stderr);
}

#[test]
fn many_pull_requests_and_many_files_are_gone_through() {
    let open = Open::new().pull(7, |sandbox| {
        for number in 0..150 {
            sandbox.write(format!("keps/sig-apps/aaa/{number:03}.md"), "x\n");
        }
        sandbox.write(KEP, kep_with(&[("stage", "beta")]));
    });
    let listed: Vec<_> = (1..=250).map(|number| json!({"number": number, "title": "x", "user": null})).collect();
    let hub = open.meddled(move |request, _| {
        if request.path == format!("/repos/{REPOSITORY}/pulls") {
            let page: usize = request.parameter("page").map_or(1, |page| page.parse().unwrap());
            let items: Vec<_> = listed.iter().skip((page - 1) * 100).take(100).cloned().collect();
            let host = request.header("host").unwrap();
            let next =
                format!("<http://{host}{}?state=open&per_page=100&page={}>; rel=\"next\"", request.path, page + 1);
            let reply = Reply::json(&json!(items));
            return Some(if page < 3 { reply.with("link", next) } else { reply });
        }
        let is_other = request.path.ends_with("/files") && !request.path.ends_with("/7/files");
        is_other.then(|| Reply::json(&json!([{"filename": "docs/x.md", "status": "added", "sha": "0".repeat(40)}])))
    });
    let rows = open.rows(&hub, &["--number", "1234"]);
    assert_eq!(beside(&rows[0]), [(7, vec!["stage alpha → beta", "approver @petra-solm → none"])]);
}

#[test]
fn nothing_of_a_strangers_pull_request_lives() {
    for payload in PAYLOADS {
        let open = Open::new().pull(7, |sandbox| {
            let text = crate::sandbox::scalar(payload);
            sandbox.write(KEP, kep_with(&[("stage", &text), ("latest-milestone", &text)]));
        });
        let title = (*payload).to_owned();
        let hub = open.meddled(move |request, _| {
            let is_list = request.path == format!("/repos/{REPOSITORY}/pulls");
            is_list
                .then(|| Reply::json(&json!([{"number": 7, "title": title, "user": {"login": title}, "draft": false}])))
        });
        let run = open.query(&hub, &["--include-prs", "--save-pull-requests", "open.json", "--output", "json"]);
        let mut pages = vec![run.stdout];
        for format in ["table", "csv", "markdown", "yaml"] {
            pages.push(open.query(&hub, &["--pull-requests-from", "open.json", "--output", format]).stdout);
        }
        for page in pages {
            assert!(page.contains("Quiet Hours") || page.contains("Quiet"), "{page}");
            assert!(commands(&page).is_empty(), "{page}");
            check_text(&page.replace("\r\n", "\n"));
        }
    }
}

/// What was said on each pull request: the kind, the number, who, when, and the words.
const SAID: &[(&str, u64, &str, &str, &str)] = &[
    ("reviews", 7, "Tove-Lind", "2025-10-02T10:00:00Z", "Shadow prod-readiness review: fine."),
    ("comments", 7, "Tove-Lind", "2025-10-01T10:00:00Z", "I begin a shadow prod readiness review."),
    ("comments", 7, "petra-solm", "2025-10-03T10:00:00Z", "> I begin a shadow prod readiness review.\n\nThanks!"),
    ("diff", 9, "ines-orrin", "2025-09-30T10:00:00Z", "Shadow Prod Readiness Review"),
    ("reviews", 8, "tove-lind", "2025-10-04T10:00:00Z", "LGTM"),
];

/// GitHub with words on its pull requests, and a search that finds these of them.
fn talkative(open: &Open, found: &'static [u64]) -> Hub {
    open.meddled(move |request, _| {
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

fn shadows(open: &Open, hub: &Hub, arguments: &[&str]) -> Run {
    let mut command = kepgate(open.sandbox.path());
    command.args(["shadows", "--repository", REPOSITORY]).args(arguments);
    within_bounds(command.env("GITHUB_API_URL", &hub.server.url).env("GITHUB_TOKEN", TOKEN))
}

#[test]
fn shadow_reviews_are_listed_with_step_and_outcome() {
    let open = Open::all();
    let hub = talkative(&open, &[7, 8, 9]);
    let run = shadows(&open, &hub, &[]);
    let expected = format!(
        "\
Date        Reviewer     KEP   Step          Outcome            Pull request  Link
2025-09-30  @ines-orrin  5000  new → alpha   merged 2025-10-05  Pull 9        https://github.com/{REPOSITORY}/pull/9
2025-10-01  @Tove-Lind   1234  alpha → beta  open               Pull 7        https://github.com/{REPOSITORY}/pull/7
"
    );
    assert_eq!((run.code, run.stdout, run.stderr.as_str()), (0, expected, ""));
    let run = shadows(&open, &hub, &["--reviewer", "@TOVE-lind", "--output", "json"]);
    let rows: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!((&rows[0]["kep-number"], &rows[0]["reviewer"]), (&json!(1234), &json!("@Tove-Lind")));
    let searches: Vec<_> = hub.server.requests().into_iter().filter(|it| it.path == "/search/issues").collect();
    let asked = |criteria: &str| {
        searches.iter().any(|it| it.query.starts_with(&format!("q=repo:{REPOSITORY}+is:pr+{criteria}&")))
    };
    assert!(asked("%22shadow+prod+readiness+review%22"));
    assert!(asked("%22shadow+prod+readiness+review%22+commenter:tove-lind") && asked("reviewed-by:tove-lind"));
    assert_eq!(shadows(&open, &talkative(&open, &[]), &["--output", "yaml"]).stdout, "[]\n");
    assert_eq!(shadows(&open, &hub, &["--reviewer", "a b"]).code, 2);
}

#[test]
fn a_search_that_is_cut_short_is_no_whole_list() {
    let open = Open::all();
    let hub = open.meddled(|request, _| {
        let partial = json!({"total_count": 1, "incomplete_results": true, "items": []});
        (request.path == "/search/issues").then(|| Reply::json(&partial))
    });
    let run = shadows(&open, &hub, &["--output", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, "[]\n"));
    assert!(run.stderr.contains("the list is incomplete"), "{}", run.stderr);
}

/// What the tree does not tell of a release is asked for where somebody says so.
#[test]
fn readiness_asks_for_tracking_issues_and_open_pull_requests() {
    let readme = |sandbox: &Sandbox| drop(sandbox.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n"));
    let open = Open::new().pull(8, |sandbox| {
        sandbox.remove(&format!("{DIR}/README.md"));
        sandbox.write(format!("{DIR}/notes.md"), "More.\n");
        let other = kep_with(&[("kep-number", "77"), ("owning-sig", "sig-apps"), ("title", "Slow Start")]);
        sandbox.write("keps/sig-apps/77-slow-start/kep.yaml", &other);
        let later = other.replace("v1.36", "v1.37");
        sandbox.write("keps/sig-apps/78-late-start/kep.yaml", later);
    });
    readme(&open.sandbox);
    let readiness = |hub: &Hub| {
        let mut command = kepgate(open.sandbox.path());
        command.args(["readiness", "--release", "v1.36", "--online", "--output", "json"]);
        within_bounds(command.args(["--repository", REPOSITORY]).env("GITHUB_API_URL", &hub.server.url))
    };
    let verdicts = |run: &Run, kep: usize| -> Vec<(String, String)> {
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let criteria = report["keps"][kep]["criteria"].as_array().unwrap().iter();
        let asked = criteria.filter(|it| ["opted-in", "no-open-pull-request"].contains(&it["key"].as_str().unwrap()));
        asked.map(|it| ["verdict", "why"].map(|key| it[key].as_str().unwrap_or("").to_owned()).into()).collect()
    };
    let issue = json!({"state": "open", "milestone": {"title": "v1.36"}, "labels": [{"name": "lead-opted-in"}]});
    let told = open.meddled(move |request, _| {
        (request.path == format!("/repos/{REPOSITORY}/issues/1234")).then(|| Reply::json(&issue))
    });
    let run = readiness(&told);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let pairs = |of: [(&str, &str); 2]| of.map(|(verdict, why)| (verdict.to_owned(), why.to_owned())).to_vec();
    assert_eq!(verdicts(&run, 0), pairs([("met", ""), ("not-met", "still open: #8")]));
    assert_eq!(
        verdicts(&run, 1),
        pairs([("not-met", "the tracking issue does not exist"), ("met", "")]),
        "1300 has no issue, and nothing is open on it"
    );
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let path = "keps/sig-apps/77-slow-start";
    let slow_start = json!({"number": 77, "path": path, "title": "Slow Start", "pull_requests": [8]});
    assert_eq!(report["unmerged"], json!([slow_start]), "the other one targets v1.37");
    // What was not told is unknown, never met, and the run says so.
    let run = readiness(&open.meddled(|_, _| Some(Reply::status(401, &json!({"message": "Bad credentials"})))));
    assert_eq!(run.code, 3, "{}", run.stderr);
    let unknown =
        [("unknown", "the tracking issue was not fetched"), ("unknown", "open pull requests were not fetched")];
    assert_eq!(verdicts(&run, 0), pairs(unknown));
}
