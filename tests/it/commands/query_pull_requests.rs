//! `kepgate query --include-prs`: KEPs with their open pull requests, from a fake GitHub.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{
    DIR, FakeGitHub, KEP, PAYLOADS, PRR_FILE, Pull, REPOSITORY, Reply, Request, Run, SAMPLE_PRR, State, TOKEN,
    TestRepo, check_text, commands, kep_with, kepgate, scalar, within_bounds,
};

const NAP: &str = "keps/sig-node/1300-nap/kep.yaml";
const NAP_PRR_FILE: &str = "keps/prod-readiness/sig-node/1300.yaml";
const DAWN: &str = "keps/sig-apps/5000-dawn/kep.yaml";

/// A repository, and the heads of its open pull requests by number.
pub(crate) struct Open {
    pub(crate) repo: TestRepo,
    heads: BTreeMap<u64, String>,
}

impl Open {
    /// A repository with two KEPs and no pull requests.
    fn new() -> Self {
        let repo = TestRepo::repository();
        repo.write(NAP, nap(&[]));
        repo.write(NAP_PRR_FILE, "kep-number: 1300\nalpha:\n  approver: \"@petra-solm\"\n");
        repo.commit();
        Self { repo, heads: BTreeMap::new() }
    }

    fn pull(mut self, number: u64, edit: impl FnOnce(&TestRepo)) -> Self {
        self.repo.branch(&format!("pull-{number}"));
        edit(&self.repo);
        self.heads.insert(number, self.repo.commit());
        self.repo.git(&["switch", "--quiet", "main"]);
        self
    }

    /// One pull request of each kind: a promotion, a README, a new KEP, no KEP, an unreadable KEP, one that started
    /// before the KEP moved to beta, and one that renames a KEP.
    pub(crate) fn all() -> Self {
        let open = Self::new()
            .pull(7, |repo| {
                repo.write(KEP, kep_with(&[("stage", "beta"), ("latest-milestone", "v1.37")]));
                repo.write(PRR_FILE, format!("{SAMPLE_PRR}beta:\n  approver: \"@hedda-rusk\"\n"));
            })
            .pull(8, |repo| drop(repo.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n\nMore.\n")))
            .pull(9, |repo| {
                let values =
                    [("kep-number", "5000"), ("title", "Dawn"), ("owning-sig", "sig-apps"), ("status", "provisional")];
                repo.write(DAWN, kep_with(&values));
                let prr_file = "kep-number: 5000\nalpha:\n  approver: \"@Petra-Solm\"\n";
                repo.write("keps/prod-readiness/sig-apps/5000.yaml", prr_file);
            })
            .pull(10, |repo| drop(repo.write("docs/other.md", "no KEP\n")))
            .pull(11, |repo| drop(repo.write(NAP, "- no mapping\n")))
            .pull(12, |repo| drop(repo.write(NAP, nap(&[("metrics", "kubelet_naps_total")]))))
            .pull(13, |repo| {
                repo.git(&["mv", "keps/sig-node/1300-nap", "keps/sig-node/1300-siesta"]);
                repo.write("keps/sig-node/1300-siesta/kep.yaml", nap(&[("title", "Siesta")]));
            });
        open.repo.write(NAP, nap(&[("stage", "beta"), ("latest-milestone", "v1.37")]));
        open.repo.write(
            NAP_PRR_FILE,
            "kep-number: 1300\nalpha:\n  approver: \"@petra-solm\"\nbeta:\n  approver: \"@petra-solm\"\n",
        );
        open.repo.commit();
        open
    }

    fn hub(&self) -> FakeGitHub {
        self.with_override(|_, _| None)
    }

    pub(crate) fn with_override(
        &self,
        answer: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> FakeGitHub {
        let tip = self.repo.id("main");
        let mut state = State::default();
        let mut listed = Vec::new();
        for (number, head) in &self.heads {
            let (head, tip) = (head.clone(), tip.clone());
            state.pulls.insert(*number, Pull { head, tip, merge: None, changed_files: None, opened: None });
            listed.push(json!({"number": number, "title": format!("Pull {number}"), "user": {"login": "ida-r"}, "draft": number % 2 == 0}));
        }
        FakeGitHub::with_override(self.repo.path(), state, move |request, count| {
            let is_list =
                request.path == format!("/repos/{REPOSITORY}/pulls") && request.parameter("state") == Some("open");
            answer(request, count).or_else(|| is_list.then(|| Reply::json(&json!(listed))))
        })
    }

    fn query(&self, hub: &FakeGitHub, arguments: &[&str]) -> Run {
        within_bounds(self.command(hub).args(arguments))
    }

    fn command(&self, hub: &FakeGitHub) -> Command {
        let mut command = kepgate(self.repo.path());
        command.args(["query", "--repository", REPOSITORY]).env("GITHUB_API_URL", &hub.server.url);
        command.env("GITHUB_TOKEN", TOKEN);
        command
    }

    /// The rows of the list.
    fn rows(&self, hub: &FakeGitHub, arguments: &[&str]) -> Vec<Value> {
        let run = self.query(hub, &[&["--include-prs", "--output", "json"], arguments].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap().as_array().unwrap().clone()
    }
}

fn nap(values: &[(&str, &str)]) -> String {
    kep_with(&[&[("kep-number", "1300"), ("title", "Nap")], values].concat())
}

/// The number and the changes of each pull request of a KEP.
fn pull_requests_of(row: &Value) -> Vec<(u64, Vec<&str>)> {
    let pulls = row["pull-requests"].as_array().unwrap().iter();
    pulls
        .map(|pull| {
            let changes = pull["changes"].as_array().unwrap().iter().map(|change| change.as_str().unwrap());
            (pull["number"].as_u64().unwrap(), changes.collect())
        })
        .collect()
}

#[test]
fn kep_has_one_row_with_all_its_pull_requests() {
    let open = Open::all();
    let hub = open.hub();
    let rows = open.rows(&hub, &[]);
    let numbers: Vec<_> = rows.iter().map(|row| row["kep-number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [5000, 1234, 1300]);
    assert_eq!(
        pull_requests_of(&rows[0]),
        [(9, vec!["new", "status provisional", "stage alpha", "milestone v1.36", "approver @Petra-Solm"])]
    );
    let promotion = vec!["stage alpha → beta", "milestone v1.36 → v1.37", "approver @petra-solm → @hedda-rusk"];
    assert_eq!(pull_requests_of(&rows[1]), [(7, promotion), (8, vec![])]);
    // 12 and 13 started before the KEP moved to beta, which is not one of their changes.
    assert_eq!(pull_requests_of(&rows[2]), [(11, vec!["metadata gone or unreadable"]), (12, vec![]), (13, vec![])]);
    let seventh = &rows[1]["pull-requests"][0];
    assert_eq!((&seventh["stage"], &seventh["prr-approver"]), (&json!("beta"), &json!("@hedda-rusk")));
    assert_eq!((&rows[1]["stage"], &rows[1]["prr-approver"]), (&json!("alpha"), &json!("@petra-solm")), "as merged");
    assert_eq!(rows[2]["directory"], "keps/sig-node/1300-nap");
    // Nothing was checked out or written, and every request was a read.
    assert_eq!(open.repo.git(&["status", "--porcelain"]), "");
    assert!(hub.server.requests().iter().all(|request| request.method == "GET"));
}

#[test]
fn criteria_match_values_in_open_pull_requests() {
    let open = Open::all();
    let hub = open.hub();
    let numbers = |arguments: &[&str]| -> Vec<u64> {
        open.rows(&hub, arguments).iter().map(|row| row["kep-number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&["--prr", "hedda-rusk"]), [1234], "named only in a pull request");
    assert_eq!(numbers(&["--prr", "@petra-solm", "--status", "provisional"]), [5000]);
    assert_eq!(numbers(&["--milestone", "v1.37"]), [1234, 1300]);
    assert_eq!(numbers(&["--needs-prr"]), [1234], "a new stage needs an approver; a provisional KEP is not gated");
    assert_eq!(numbers(&["--stage", "stable"]), [0; 0]);
    // The command that the PRR team documents.
    open.repo.write("gh-token", format!("{TOKEN}\n"));
    let arguments = ["--sig", ".*", "--prr", "@petra-solm", "--include-prs", "--gh-token-path", "gh-token"];
    let mut command = open.command(&hub);
    command.args(arguments).args(["--status", "implementable,provisional"]).env_remove("GITHUB_TOKEN");
    let run = within_bounds(&command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stderr, "kepgate: the metadata in these pull requests cannot be read: #11\n");
    // Each pull request is on a line below its KEP.
    let lines: Vec<_> = run.stdout.lines().collect();
    let promotion = "      #7 stage alpha → beta, milestone v1.36 → v1.37, approver @petra-solm → @hedda-rusk";
    assert!(lines[0].starts_with("KEP   Title        Milestone"), "{}", run.stdout);
    assert!(lines[3].starts_with("1234  Quiet Hours  v1.36"), "{}", run.stdout);
    assert_eq!(lines[4..6], [promotion, "      #8"], "{}", run.stdout);
    assert_eq!(lines.len(), 10, "{}", run.stdout);
    assert!(hub.server.requests().iter().all(|request| request.header("authorization").is_some()));
}

#[test]
fn approver_load_includes_open_pull_requests() {
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
fn saved_pull_requests_are_listed_without_github() {
    let open = Open::all();
    let hub = open.hub();
    let run = open.query(&hub, &["--include-prs", "--save-pull-requests", "open.json", "--output", "yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let asked = hub.server.requests().len();
    let again = open.query(&hub, &["--pull-requests-from", "open.json", "--output", "yaml"]);
    assert_eq!((again.code, again.stdout), (0, run.stdout));
    assert_eq!(hub.server.requests().len(), asked, "no request is sent");
    for (text, said) in [
        ("", "line 1 is not a valid entry"),
        ("[]", "line 1 is not a valid entry"),
        ("{\"schema\": \"x\", \"repository\": \"a/b\", \"pull_requests\": []}", "its schema is"),
        (
            "{\"schema\": \"kepgate-pull-requests/1\", \"repository\": \"a/b\", \"root\": \"docs/keps\", \"pull_requests\": []}",
            "its pull requests were saved for KEPs in `docs/keps`, but the KEPs are in `keps`",
        ),
    ] {
        open.repo.write("open.json", text);
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
fn markdown_list_links_to_pull_requests() {
    let open = Open::all();
    let run = open.query(
        &open.hub(),
        &["--include-prs", "--output", "markdown", "--number", "1234", "--columns", "kep-number,pull-requests"],
    );
    let link = |number: u64| format!("[#{number}](https://github.com/{REPOSITORY}/pull/{number})");
    let start = format!("| 1234 | {} `stage alpha → beta`, ", link(7));
    assert!(run.stdout.lines().nth(2).unwrap().starts_with(&start), "{}", run.stdout);
    assert!(run.stdout.ends_with(&format!("; {} |\n", link(8))), "{}", run.stdout);
}

#[test]
fn incomplete_answer_from_github_exits_with_3() {
    let open = Open::all();
    let files = format!("/repos/{REPOSITORY}/pulls/7/files");
    let broken = open.with_override(move |request, _| {
        (request.path == files).then(|| Reply::status(422, &json!({"message": "no"})))
    });
    // What the tree has is listed anyway.
    let listed = |run: &Run| {
        let rows: Value = serde_json::from_str(&run.stdout).unwrap();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| (row["kep-number"].as_u64().unwrap(), row["pull-requests"].clone())).collect::<Vec<_>>()
    };
    let run = open.query(&broken, &["--include-prs", "--save-pull-requests", "open.json", "--output", "json"]);
    assert_eq!((run.code, listed(&run)), (3, vec![(1234, Value::Null), (1300, Value::Null)]), "{}", run.stderr);
    assert!(run.stderr.contains("the list is incomplete") && run.stderr.contains("422"), "{}", run.stderr);
    assert!(!open.repo.place("open.json").exists(), "an incomplete list is not saved");
    // If one file is too large, the rest is still listed.
    let large = |request: &Request, _| -> Option<Reply> {
        let body = "x".repeat(2 * 1024 * 1024).into_bytes();
        let is_seventh = request.path.contains("/git/blobs/");
        is_seventh.then(|| Reply::Answer { status: 200, headers: Vec::new(), body })
    };
    let run = open.query(&open.with_override(large), &["--include-prs", "--columns", "kep-number,pull-requests"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("1234") && run.stdout.contains("#8"), "{}", run.stdout);
    assert!(run.stderr.contains("the list is incomplete"), "{}", run.stderr);
    // A token that GitHub rejects.
    let mut command = open.command(&open.hub());
    let run = within_bounds(command.args(["--include-prs", "--output", "json"]).env("GITHUB_TOKEN", "ghp_other"));
    assert_eq!((run.code, listed(&run).len()), (3, 2));
    assert!(!run.stderr.contains("ghp_other"), "{}", run.stderr);
}

#[test]
fn every_page_of_pull_requests_and_files_is_read() {
    let open = Open::new().pull(7, |repo| {
        for number in 0..150 {
            repo.write(format!("keps/sig-apps/aaa/{number:03}.md"), "x\n");
        }
        repo.write(KEP, kep_with(&[("stage", "beta")]));
    });
    let listed: Vec<_> = (1..=250).map(|number| json!({"number": number, "title": "x", "user": null})).collect();
    let hub = open.with_override(move |request, _| {
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
    assert_eq!(pull_requests_of(&rows[0]), [(7, vec!["stage alpha → beta", "approver @petra-solm → none"])]);
}

#[test]
fn hostile_text_in_pull_requests_stays_text() {
    for payload in PAYLOADS {
        let open = Open::new().pull(7, |repo| {
            let text = scalar(payload);
            repo.write(KEP, kep_with(&[("stage", &text), ("latest-milestone", &text)]));
        });
        let title = (*payload).to_owned();
        let hub = open.with_override(move |request, _| {
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

/// With `--online`, criteria that the tree cannot answer are fetched from GitHub.
#[test]
fn online_readiness_includes_issues_and_open_pull_requests() {
    let readme = |repo: &TestRepo| drop(repo.write(format!("{DIR}/README.md"), "# KEP-1234: Quiet Hours\n"));
    let open = Open::new().pull(8, |repo| {
        repo.remove(&format!("{DIR}/README.md"));
        repo.write(format!("{DIR}/notes.md"), "More.\n");
        let other = kep_with(&[("kep-number", "77"), ("owning-sig", "sig-apps"), ("title", "Slow Start")]);
        repo.write("keps/sig-apps/77-slow-start/kep.yaml", &other);
        let later = other.replace("v1.36", "v1.37");
        repo.write("keps/sig-apps/78-late-start/kep.yaml", later);
    });
    readme(&open.repo);
    let readiness = |hub: &FakeGitHub| {
        let mut command = kepgate(open.repo.path());
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
    let told = open.with_override(move |request, _| {
        (request.path == format!("/repos/{REPOSITORY}/issues/1234")).then(|| Reply::json(&issue))
    });
    let run = readiness(&told);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let pairs = |of: [(&str, &str); 2]| of.map(|(verdict, why)| (verdict.to_owned(), why.to_owned())).to_vec();
    assert_eq!(verdicts(&run, 0), pairs([("met", ""), ("not-met", "open pull requests: #8")]));
    assert_eq!(
        verdicts(&run, 1),
        pairs([("not-met", "the tracking issue does not exist"), ("met", "")]),
        "1300 has no issue, and nothing is open on it"
    );
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let path = "keps/sig-apps/77-slow-start";
    let slow_start = json!({"number": 77, "path": path, "title": "Slow Start", "pull_requests": [8]});
    assert_eq!(report["unmerged"], json!([slow_start]), "the other one targets v1.37");
    // Criteria without an answer are unknown, not met, and the run exits with 3.
    let run = readiness(&open.with_override(|_, _| Some(Reply::status(401, &json!({"message": "Bad credentials"})))));
    assert_eq!(run.code, 3, "{}", run.stderr);
    let unknown =
        [("unknown", "the tracking issue was not fetched"), ("unknown", "open pull requests were not fetched")];
    assert_eq!(verdicts(&run, 0), pairs(unknown));
}
