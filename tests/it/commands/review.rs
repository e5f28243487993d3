//! `kepgate review`: what changed in a KEP since its production readiness was approved.

use serde_json::{Value, json};

use crate::support::pull_request::Topic;
use crate::support::{
    DIR, KEP, PRR_FILE, Pull, REPOSITORY, Run, SAMPLE_PRR, TestRepo, git_at, kep_with, kepgate, within_bounds,
};

const TEMPLATE: &str = "\
# KEP-NNNN: Title

## Proposal

## Production Readiness Review Questionnaire

### Rollout

<!-- This section must be completed when targeting alpha to a release. -->

###### How can a rollout fail?

###### What metrics should inform a rollback?

### Monitoring

<!-- This section must be completed when targeting beta to a release. -->

###### How can an operator see that it works?
";

pub(super) const FAIL: &str =
    "If the kubelet restarts while a quiet hour begins, it restarts every Pod of the node at once.";
pub(super) const METRICS: &str = "Watch kubelet_quiet_hours_total, which counts every Pod that was left alone.";

pub(super) fn readme(fail: &str, metrics: &str, see: &str) -> String {
    let after = |question: &str, answer: &str| format!("{question}?\n\n{answer}\n");
    TEMPLATE
        .replace("fail?\n", &after("fail", fail))
        .replace("rollback?\n", &after("rollback", metrics))
        .replace("works?\n", &after("works", see))
}

/// A day on which to commit.
pub(super) fn commit_on(repo: &TestRepo, day: &str) -> String {
    repo.git(&["add", "--all"]);
    git_at(repo.path(), &["commit", "--quiet", "--message=."], &format!("{day}T12:00:00 +0000"));
    repo.id("HEAD")
}

/// A KEP whose approver for alpha is on record since 2025-06-02. Later, two answers change.
pub(super) struct History {
    pub(super) repo: TestRepo,
    pub(super) approved: String,
    pub(super) last: String,
}

pub(super) fn history() -> History {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("keps/NNNN-kep-template/README.md", TEMPLATE);
    repo.write(KEP, kep_with(&[]));
    repo.write(format!("{DIR}/README.md"), readme("Not yet known.", "None.", ""));
    commit_on(&repo, "2025-06-01");
    repo.write(PRR_FILE, SAMPLE_PRR);
    repo.write(format!("{DIR}/README.md"), readme(FAIL, METRICS, ""));
    let approved = commit_on(&repo, "2025-06-02");
    let fail = FAIL.replace("every Pod of the node at once", "every Pod of the node, one after the other");
    repo.write(format!("{DIR}/README.md"), readme(&fail, METRICS, "Every node has an event."));
    repo.write(KEP, kep_with(&[("latest-milestone", "v1.37"), ("metrics", "kubelet_quiet_hours_seconds")]));
    let last = commit_on(&repo, "2025-06-03");
    History { repo, approved, last }
}

pub(super) fn review(repo: &TestRepo, arguments: &[&str]) -> Run {
    within_bounds(kepgate(repo.path()).arg("review").args(arguments))
}

pub(super) fn json_of(repo: &TestRepo, arguments: &[&str]) -> Value {
    let run = review(repo, &[&["1234", "--output", "json"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Each question and what happened to its answer.
fn states(review: &Value) -> Vec<(&str, &str)> {
    let questions = review["questions"].as_array().unwrap().iter().filter(|it| !it["question"].is_null());
    questions.map(|it| (it["question"].as_str().unwrap(), it["state"].as_str().unwrap())).collect()
}

#[test]
fn a_reviewer_reads_what_changed_since_the_approval() {
    let History { repo, approved, .. } = history();
    for name in ["1234", "KEP-1234", DIR, KEP] {
        let run = review(&repo, &[name]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{name}");
        let commit = &approved[..12];
        let expected = format!(
            "\
KEP-1234: Quiet Hours
keps/sig-node/1234-quiet-hours

Compared   {commit} of 2025-06-02, which records @petra-solm for alpha
           with the work tree
Approvers  alpha: @petra-solm, recorded on 2025-06-02 in {commit}
Fields     latest-milestone: v1.36 -> v1.37
           metrics: - kubelet_quiet_hours_total, + kubelet_quiet_hours_seconds
Answers    1 changed, 1 new, 1 unchanged

Rollout
  How can a rollout fail?
  (6 words changed, of 18 before)
    … begins, it restarts every Pod of the node, [-at once.-] {{+one after the
    other.+}}

Monitoring
  How can an operator see that it works?
  (new answer)
    + Every node has an event.
"
        );
        assert_eq!(run.stdout, expected, "{name}");
    }
}

#[test]
fn since_names_a_commit_or_a_day() {
    let History { repo, approved, last } = history();
    let first = repo.id("HEAD~2");
    for (since, commit) in [("stage", &approved), ("2025-06-02", &approved), ("HEAD~2", &first), (last.as_str(), &last)]
    {
        let review = json_of(&repo, &["--since", since]);
        assert_eq!(review["since"]["commit"], json!(commit), "{since}");
    }
    assert_eq!(
        states(&json_of(&repo, &["--since", "HEAD"])),
        [
            ("How can a rollout fail?", "unchanged"),
            ("What metrics should inform a rollback?", "unchanged"),
            ("How can an operator see that it works?", "unchanged"),
        ]
    );
    for (since, code, help) in [
        ("nowhere", 2, "specify a stage, a date such as 2025-10-31"),
        ("2025-05-01", 2, "specify a later time or another commit"),
        ("2999-01-01", 2, "specify a date up to today, 2"),
    ] {
        let run = review(&repo, &["1234", "--since", since]);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{since}");
        assert!(run.stderr.contains(help), "{}", run.stderr);
    }
}

#[test]
fn the_last_approval_counts_if_the_stage_has_none() {
    let History { repo, approved, .. } = history();
    repo.write(KEP, kep_with(&[("stage", "beta")]));
    let review = json_of(&repo, &[]);
    assert_eq!((&review["since"]["commit"], &review["stage"]), (&json!(approved), &json!("beta")));
    assert_eq!(review["since"]["what"], json!("which records @petra-solm for alpha"));
}

#[test]
fn an_approval_is_found_in_the_folder_that_the_kep_was_in() {
    let History { repo, approved, .. } = history();
    let to = DIR.replace("sig-node", "sig-apps");
    std::fs::create_dir_all(repo.place("keps/sig-apps")).unwrap();
    std::fs::create_dir_all(repo.place("keps/prod-readiness/sig-apps")).unwrap();
    repo.git(&["mv", DIR, &to]);
    repo.git(&["mv", PRR_FILE, &PRR_FILE.replace("sig-node", "sig-apps")]);
    repo.write(format!("{to}/kep.yaml"), kep_with(&[("owning-sig", "sig-apps")]));
    commit_on(&repo, "2025-06-04");
    let review = json_of(&repo, &[]);
    assert_eq!((&review["path"], &review["is_new"]), (&json!(to), &json!(false)));
    assert_eq!(review["approvals"][0]["commit"], json!(approved));
    assert_eq!(states(&review)[0].1, "changed");
}

#[test]
fn a_stage_stands_for_the_commit_that_recorded_its_approver() {
    let History { repo, .. } = history();
    assert_eq!(json_of(&repo, &["--since", "alpha"]), json_of(&repo, &["--since", "stage"]));
    let run = review(&repo, &["1234", "--since", "stable"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("no production readiness approver for stable is on record for this KEP"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_approval_that_a_partial_clone_lacks_is_unchecked() {
    let History { repo, .. } = history();
    let approved = repo.id(&format!("HEAD:{PRR_FILE}"));
    repo.write(PRR_FILE, format!("{}# reviewed\n", std::fs::read_to_string(repo.place(PRR_FILE)).unwrap()));
    commit_on(&repo, "2025-06-05");
    repo.lose_object(&approved);
    let run = review(&repo, &["1234"]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("unchanged"), "{}", run.stdout);
}

#[test]
fn without_an_approver_there_is_nothing_to_compare_with() {
    let History { repo, .. } = history();
    repo.remove(PRR_FILE);
    let run = review(&repo, &["1234"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no production readiness approver is on record for this KEP"), "{}", run.stderr);
    assert!(run.stderr.contains("--since"), "{}", run.stderr);
    assert_eq!(states(&json_of(&repo, &["--since", "HEAD~1"])).len(), 3);
}

#[test]
fn a_shallow_clone_has_not_enough_history() {
    let History { repo, .. } = history();
    let clone = repo.clone_with(&["--depth=1"]);
    let run = review(&clone, &["1234"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("git fetch --unshallow"), "{}", run.stderr);
    // A commit that is there can be compared, but not who approved when.
    let run = review(&clone, &["1234", "--since", "HEAD"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("Approvers  alpha: @petra-solm\n"), "{}", run.stdout);
    assert!(run.stderr.contains("git fetch --unshallow"), "{}", run.stderr);
}

#[test]
fn text_outside_the_questions_is_not_counted_as_an_answer() {
    let History { repo, .. } = history();
    let path = format!("{DIR}/README.md");
    repo.write(&path, repo.read(&path).replace("### Rollout\n", "### Rollout\n\nThe rollout is slow.\n"));
    commit_on(&repo, "2025-06-05");
    let run = review(&repo, &["1234"]);
    assert!(run.stdout.contains(", and the text of 1 section\n"), "{}", run.stdout);
}

#[test]
fn moved_text_and_new_questions_are_shown_as_such() {
    let History { repo, .. } = history();
    let template = TEMPLATE.replace("### Monitoring", "###### Who is paged at night?\n\n### Monitoring");
    repo.write("keps/NNNN-kep-template/README.md", &template);
    let moved = readme(&format!("{FAIL}\n\n{METRICS}"), "See above.", "");
    let answered = moved.replace("### Monitoring", "###### Who is paged at night?\n\nNobody is.\n\n### Monitoring");
    repo.write(format!("{DIR}/README.md"), answered);
    commit_on(&repo, "2025-06-05");
    let run = review(&repo, &["1234"]);
    let (_, answers) = run.stdout.split_once("\nTemplate ").unwrap_or_else(|| panic!("{}", run.stdout));
    assert_eq!(
        answers,
        "  new question: Who is paged at night?
Answers    1 changed, 1 new, 1 moved

Rollout
  How can a rollout fail?
  (moved)
    moved from `What metrics should inform a rollback?`: `Watch
    kubelet_quiet_hours_total, which counts every Pod that was left alone.`
  What metrics should inform a rollback?
  (2 words changed, of 10 before)
    moved to `How can a rollout fail?`: `Watch kubelet_quiet_hours_total, which
    counts every Pod that was left alone.`
    + See above.
  Who is paged at night?
  (new answer; the question is new in the template)
    + Nobody is.
"
    );
}

#[test]
fn text_of_strangers_is_escaped() {
    let History { repo, .. } = history();
    let hostile =
        "::error::pwned @team <img src=x> \u{1b}[31m\u{202e} ``` | a\n\n::set-output name=x::y\n```\n##[error]z\n```";
    repo.write(format!("{DIR}/README.md"), readme(hostile, METRICS, ""));
    for format in ["text", "markdown"] {
        let run = review(&repo, &["1234", "--output", format]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{format}: {}", run.stdout);
        let starts = |mark| run.stdout.lines().any(|line| line.trim_start().starts_with(mark));
        assert!(!starts("::") && !starts("##["), "{format}: {}", run.stdout);
    }
    let page = review(&repo, &["1234", "--output", "markdown"]).stdout;
    let (_, diff) = page.split_once("````diff\n").expect("a fence that the answer cannot close");
    let (diff, rest) = diff.split_once("\n````\n").unwrap();
    assert!(diff.contains("@team <img src=x>") && !rest.contains("@team"), "{page}");
}

#[test]
fn markdown_has_the_same_as_the_text() {
    let History { repo, approved, .. } = history();
    let run = review(&repo, &["1234", "--output", "markdown"]);
    let commit = &approved[..12];
    let expected = format!(
        "\
### KEP-1234 Quiet Hours

| | |
|---|---|
| Directory | `keps/sig-node/1234-quiet-hours` |
| Compared | `{commit}` of 2025-06-02, which records `@petra-solm` for alpha<br>with the work tree |
| Approvers | alpha: `@petra-solm`, recorded on 2025-06-02 in `{commit}` |
| Fields | latest-milestone: `v1.36` → `v1.37`<br>metrics: removed `kubelet_quiet_hours_total`, added `kubelet_quiet_hours_seconds` |
| Answers | 1 changed, 1 new, 1 unchanged |

#### Rollout

**How can a rollout fail?**
(6 words changed, of 18 before)

```diff
- … begins, it restarts every Pod of the node, at once.
+ … begins, it restarts every Pod of the node, one after the other.
```

#### Monitoring

**How can an operator see that it works?**
(new answer)

```diff
+ Every node has an event.
```
"
    );
    assert_eq!(run.stdout, expected);
}

/// A pull request from the last commit of [`history`] that changes one more answer.
fn proposed(History { repo, .. }: History) -> Topic {
    let tip = repo.id("HEAD");
    repo.branch("topic");
    repo.write(format!("{DIR}/README.md"), readme("It cannot fail in any way.", METRICS, "Every node has an event."));
    let head = commit_on(&repo, "2025-06-06");
    Topic { repo, pull: Pull { head, tip, merge: None, changed_files: None, opened: None } }
}

#[test]
fn a_pull_request_is_compared_with_its_target_branch() {
    let topic = proposed(history());
    let (hub, elsewhere) = (topic.hub(), TestRepo::new());
    let run = |kep: &str| {
        let mut command = kepgate(elsewhere.path());
        command.args(["review", kep, "--pull-request", "7", "--repository", REPOSITORY, "--output", "json"]);
        within_bounds(command.env("GITHUB_API_URL", &hub.server.url))
    };
    let found = run("1234");
    assert_eq!(found.code, 0, "{}", found.stderr);
    let review: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(
        (&review["since"]["commit"], &review["until"]["commit"]),
        (&json!(topic.pull.tip), &json!(topic.pull.head))
    );
    assert_eq!(review["until"]["what"], json!("pull request #7"));
    assert_eq!(
        review["approvals"],
        json!([{"stage": "alpha", "approver": "@petra-solm", "commit": null, "time": null, "proposed": false}])
    );
    let changed: Vec<_> = states(&review).into_iter().filter(|(_, state)| *state != "unchanged").collect();
    assert_eq!(changed, [("How can a rollout fail?", "changed")]);
    let missing = run("4321");
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    assert!(missing.stderr.contains("no KEP matches `4321`"), "{}", missing.stderr);
}

#[test]
fn without_a_template_the_rest_is_compared() {
    let History { repo, .. } = history();
    repo.remove("keps/NNNN-kep-template/README.md");
    commit_on(&repo, "2025-06-07");
    let run = review(&repo, &["1234"]);
    assert_eq!(run.code, 3);
    assert!(
        run.stdout.contains("latest-milestone: v1.36 -> v1.37") && run.stdout.contains("Answers    not compared: "),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("the answers were not compared"), "{}", run.stderr);
}
