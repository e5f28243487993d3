//! `kepgate status`: one KEP on one screen.

use serde_json::{Value, json};

use crate::support::{
    DIR, KEP, PAYLOADS, PRR_FILE, Run, SAMPLE_PRR, TestRepo, check_summary, check_text, commands, kep_with, kepgate,
    scalar, within_bounds,
};

const TEMPLATE: &str = "\
# KEP-NNNN: Title

## Production Readiness Review Questionnaire

### Feature Enablement and Rollback

<!-- This section must be completed when targeting alpha to a release. -->

###### How can this feature be enabled / disabled in a live cluster?

###### What happens if we reenable the feature if it was previously rolled back?

### Monitoring Requirements

<!-- This section must be completed when targeting beta to a release. -->

###### How can an operator determine if the feature is in use by workloads?
";

/// The sample KEP with a questionnaire of which one question has an answer.
fn repository() -> TestRepo {
    let repo = TestRepo::repository();
    repo.write("keps/NNNN-kep-template/README.md", TEMPLATE);
    let answer = "in a live cluster?\n\nWith the feature gate `QuietHours`.\n";
    repo.write(format!("{DIR}/README.md"), TEMPLATE.replacen("in a live cluster?\n", answer, 1));
    repo.commit();
    repo
}

fn status(repo: &TestRepo, arguments: &[&str]) -> Run {
    status_in(repo, "80", arguments)
}

/// In a terminal with this many columns.
fn status_in(repo: &TestRepo, columns: &str, arguments: &[&str]) -> Run {
    within_bounds(kepgate(repo.path()).arg("status").args(arguments).env("COLUMNS", columns))
}

#[test]
fn a_wide_terminal_is_used() {
    let run = status_in(&repository(), "200", &["1234"]);
    let question = "- What happens if we reenable the feature if it was previously rolled back?\n";
    assert!(run.stdout.contains(question), "{}", run.stdout);
    let run = status_in(&repository(), "50", &["1234"]);
    assert!(run.stdout.contains("- What happens if we reenable th…\n"), "{}", run.stdout);
}

#[test]
fn one_screen_tells_where_a_kep_is() {
    let repo = repository();
    for name in ["1234", "KEP-1234", DIR, KEP] {
        let run = status(&repo, &[name]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{name}");
        let expected = "\
KEP-1234: Quiet Hours
keps/sig-node/1234-quiet-hours

Where it is    implementable, alpha in v1.36, owned by sig-node
Milestones     alpha v1.36
Dates          2026-02-05 12:00 UTC  Production Readiness Freeze (138 days left)
               2026-02-12 12:00 UTC  Enhancements Freeze (145 days left)
               2026-04-22 (AoE)      release (215 days left)
PRR approvers  alpha: @petra-solm
Questionnaire  1 of 2 questions due for alpha answered
               Feature Enablement and Rollback:
               - What happens if we reenable the feature if it was previously…
               1 more question will be due for beta
Feature gates  QuietHours
Metrics        kubelet_quiet_hours_total
Issue          https://kep.k8s.io/1234

To do for alpha in v1.36: 1 open question, 1 notice
warning  answer the open questions above (prr-question-unanswered)
notice   delete the template's comments and the choices that do not apply
         README.md:7: the README still contains 2 comments of the template
         (readme-template-text)

";
        assert!(run.stdout.starts_with(expected), "{name}: {}", run.stdout);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    }
}

/// `promote` counted open questions apart and left out notices, and `status` did neither.
#[test]
fn promote_and_status_count_alike() {
    let repo = repository();
    repo.write(KEP, kep_with(&[("authors", "sunniva-t")]));
    repo.commit();
    let arguments = ["promote", "1234", "--stage", "beta", "--release", "v1.37", "--prr-approver", "petra-solm"];
    let promoted = within_bounds(kepgate(repo.path()).args(arguments));
    assert!(
        promoted.stdout.contains("answer 2 questions for beta and fix 1 warning, 1 notice (2 pre-existing)"),
        "{}",
        promoted.stdout
    );
    let run = status(&repo, &["1234"]);
    assert!(
        run.stdout.contains("\nTo do for beta in v1.37: 2 open questions, 1 warning, 1 notice\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_release_is_no_kep() {
    for command in ["status", "review"] {
        let run = within_bounds(kepgate(repository().path()).args([command, "1.36"]));
        let help = "v1.36 is a release: specify the number or the directory of a KEP; `kepgate query --release v1.36` lists them";
        assert!(run.code == 2 && run.stderr.contains(help), "{}", run.stderr);
    }
}

/// A sweep has nothing to compare with, so nothing in it is new.
#[test]
fn a_sweep_calls_nothing_new() {
    let repo = repository();
    let check = |arguments: &[&str]| within_bounds(kepgate(repo.path()).arg("check").args(arguments)).stdout;
    let statistics = check(&["--all", "--statistics"]);
    assert!(statistics.contains("findings  level    rule\n"), "{statistics}");
    assert!(!statistics.contains("new"), "{statistics}");
    assert!(!check(&["--all", "--output", "markdown"]).contains("(new)"));
    repo.write(KEP, kep_with(&[("authors", "sunniva-t")]));
    assert!(check(&["--statistics"]).contains("   new pre-existing  level    rule\n"));
}

#[test]
fn findings_begin_with_what_to_write() {
    let repo = repository();
    repo.write(KEP, kep_with(&[("status", "implementeable"), ("stage", "beta")]));
    repo.write(PRR_FILE, SAMPLE_PRR.replace("petra-solm", "Petra-Solm") + "beta:\n  approver: \"@somebody\"\n");
    let run = status(&repo, &["1234"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let approvers = "alpha: @Petra-Solm (not an approver on the target branch)\n               beta: @somebody (not an";
    assert!(run.stdout.contains(approvers), "{}", run.stdout);
    assert!(run.stdout.contains("\nTo do for beta in v1.36: "), "{}", run.stdout);
    let error = "error    name one of the approvers on the target branch: `petra-solm` or\n";
    assert!(run.stdout.contains(error), "{}", run.stdout);
    // A question needs to come after what it is about.
    let error = "error    kep.yaml:8: `implementeable` is not a valid status (upstream would\n";
    assert!(run.stdout.contains(error), "{}", run.stdout);
    assert!(run.stdout.contains("(status-invalid)\n         did you mean `implementable`?\n"), "{}", run.stdout);
    let errors = run.stdout.find("\nerror ").unwrap()..run.stdout.rfind("\nerror ").unwrap();
    assert!(!run.stdout[errors].contains("\nwarning "), "errors come first: {}", run.stdout);
}

#[test]
fn json_has_every_question_and_finding() {
    let run = status(&repository(), &["1234", "--output", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], "kepgate-status/1");
    assert_eq!(document["approvers"], json!([{"stage": "alpha", "handle": "@petra-solm", "role": "approver"}]));
    assert_eq!(document["dates"][0]["end"], "2026-02-05T12:00:00Z");
    assert_eq!(document["dates"][0]["has_passed"], false);
    let question = "What happens if we reenable the feature if it was previously rolled back?";
    let open = json!([{"section": "Feature Enablement and Rollback", "question": question}]);
    assert_eq!(document["questionnaire"], json!({"stage": "alpha", "answered": 1, "questions": 2, "open": open}));
    assert_eq!(document["needs"][0]["rule"], "prr-question-unanswered");
    assert_eq!(document["kubernetes"], Value::Null);
}

#[test]
fn gates_and_metrics_are_looked_up_in_the_lists() {
    let repo = repository();
    let gates = "QuietHours\n    components: [kubelet]\n  - name: NightShift";
    repo.write(KEP, kep_with(&[("feature-gates", gates), ("metrics", "kubelet_naps_total\n  - kube_pod_info")]));
    let lists =
        "kubernetes: v1.36\nfeature-gates:\n  QuietHours: Alpha 1.34, Beta 1.36\nmetrics:\n  - kubelet_started_total\n";
    repo.write("lists.yaml", lists);
    repo.commit();
    let run = status(&repo, &["1234", "--kubernetes-lists", "lists.yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for line in [
        "Feature gates  QuietHours: Beta since v1.36\n",
        "NightShift: not in Kubernetes v1.36\n",
        "Metrics        kubelet_naps_total: not in Kubernetes v1.36\n",
        "kube_pod_info: not covered by Kubernetes' lists\n",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
}

#[test]
fn a_metric_without_the_prefix_of_its_component_is_in_kubernetes() {
    let repo = repository();
    let lists = "kubernetes: v1.36\nfeature-gates:\n  QuietHours: Alpha 1.36\nmetrics:\n  - kubelet_naps_total\n";
    repo.write("lists.yaml", lists);
    repo.commit();
    repo.write(KEP, kep_with(&[("metrics", "naps_total{node}\n  - \"a|b_total\""), ("stage", "beta")]));
    let lists = ["--kubernetes-lists", "lists.yaml"];
    let run = status(&repo, &[&["1234"], &lists[..]].concat());
    assert!(run.stdout.contains("naps_total{node}: in Kubernetes v1.36 as kubelet_naps_total\n"), "{}", run.stdout);
    let run = status(&repo, &[&["1234", "--output", "json"], &lists[..]].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!([&document["metrics"][0]["in_kubernetes"], &document["metrics"][1]["in_kubernetes"]], [true, false]);

    let check = |arguments: &[&str]| {
        let mut command = kepgate(repo.path());
        command.args(["check", "--base", "main", "--offline", "--output", "markdown"]).args(arguments);
        within_bounds(&command).stdout
    };
    let summary = check(&lists);
    let table = "<details><summary>Feature gates and metrics in Kubernetes v1.36</summary>\n\n\
                 | KEP | | Name | Kubernetes |\n|---|---|---|---|\n\
                 | 1234 | feature gate | `QuietHours` | ✅ Alpha since v1.36 |\n\
                 |  | metric | `naps_total{node}` | ✅ defined as `kubelet_naps_total` |\n\
                 |  | metric | `a\\|b_total` | ❌ not defined |\n";
    assert!(summary.contains(table), "{summary}");
    assert!(!check(&[]).contains("Feature gates and metrics"), "no lists");
}

#[test]
fn promote_counts_an_open_question_once() {
    let repo = repository();
    let promote = |metrics: &str| {
        repo.write(KEP, kep_with(&[("metrics", metrics)]));
        let mut command = kepgate(repo.path());
        command.args(["promote", "1234", "--stage", "beta", "--release", "v1.37", "--prr-approver", "petra-solm"]);
        within_bounds(command.arg("--dry-run")).stdout
    };
    let page = promote("kubelet_quiet_hours_total");
    assert!(page.contains("warning[prr-question-unanswered]"), "{page}");
    let step = "\n  1. answer 2 questions for beta and fix 1 notice (1 pre-existing): see `kepgate check`\n";
    assert!(page.contains(step), "{page}");
    let page = promote("TBD");
    assert!(page.contains("\n  1. answer 2 questions for beta and fix 1 warning, 1 notice"), "{page}");
}

#[test]
fn a_closed_kep_has_nothing_to_do() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "withdrawn")]));
    assert!(status(&repo, &["1234"]).stdout.contains("\nNothing is left to do: the KEP is closed\n"));
}

#[test]
fn a_kep_that_does_not_exist_or_cannot_be_read_is_an_error() {
    let repo = repository();
    assert_eq!(status(&repo, &["77"]).stderr.lines().next(), Some("kepgate: no KEP matches `77`"));
    repo.write(KEP, "- no mapping\n");
    let run = status(&repo, &["1234"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("the KEP that matches `1234` cannot be read"), "{}", run.stderr);
}

#[test]
fn hostile_text_is_inert_in_every_format() {
    let repo = repository();
    for payload in PAYLOADS {
        let values = [("title", scalar(payload)), ("metrics", scalar(payload)), ("status", scalar(payload))];
        let values: Vec<_> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
        repo.write(KEP, kep_with(&values));
        let text = status(&repo, &["1234"]).stdout;
        check_text(&text);
        assert!(commands(&text).is_empty(), "{payload:?}: {text}");
        check_summary(&status(&repo, &["1234", "--output", "markdown"]).stdout, None);
        serde_json::from_str::<Value>(&status(&repo, &["1234", "--output", "json"]).stdout).unwrap();
    }
}

/// A README whose questionnaire is one text below its heading, without sections.
const WHOLE: &str =
    "# KEP-1234\n\n## Production Readiness Review Questionnaire\n\nN/A as this is not a feature, but a helper.\n";

#[test]
fn a_questionnaire_that_is_answered_as_a_whole_has_no_open_questions() {
    let repo = repository();
    repo.write(format!("{DIR}/README.md"), WHOLE);
    let run = status(&repo, &["1234"]);
    let whole = "Questionnaire  2 of 2 questions due for alpha answered as a whole\nFeature gates";
    assert!(run.stdout.contains(whole), "{}", run.stdout);
    assert!(!run.stdout.contains("open question"), "{}", run.stdout);
    let json: Value = serde_json::from_str(&status(&repo, &["1234", "--output", "json"]).stdout).unwrap();
    assert_eq!(json["questionnaire"], json!({"stage": "alpha", "answered": 2, "questions": 2, "open": []}));
    let page = status(&repo, &["1234", "--output", "markdown"]).stdout;
    assert!(page.contains("| Questionnaire | 2 of 2 for alpha, answered as a whole |"), "{page}");
    let check = within_bounds(kepgate(repo.path()).args(["check", "1234", "--output", "markdown"])).stdout;
    assert!(check.contains("| 2/2 alpha |"), "{check}");
}

#[test]
fn a_section_that_is_answered_as_a_whole_has_no_open_questions() {
    let repo = repository();
    let heading = "### Feature Enablement and Rollback\n";
    let readme =
        TEMPLATE.replacen(heading, &format!("{heading}\nIt is always on, because nothing depends on it.\n"), 1);
    repo.write(KEP, kep_with(&[("stage", "beta")]));
    repo.write(format!("{DIR}/README.md"), readme);
    let run = status(&repo, &["1234"]);
    let lines = [
        "Questionnaire  2 of 3 questions due for beta answered\n",
        "               Feature Enablement and Rollback: answered as a whole\n",
        "               - How can an operator determine if the feature is in use by wo…\n",
    ];
    assert!(lines.iter().all(|line| run.stdout.contains(line)), "{}", run.stdout);
    assert!(!run.stdout.contains("milestone-stage-missing"), "promotion-without-milestone explains it: {}", run.stdout);
    assert!(!run.stdout.contains("- How can this feature be enabled"), "{}", run.stdout);
}

#[test]
fn findings_about_the_change_are_part_of_the_status() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    let needs = |run: &Run| run.stdout.contains("(status-regressed)");
    let run = status(&repo, &["1234"]);
    assert!(needs(&run) && !run.stdout.contains("not compared"), "{}", run.stdout);
    repo.commit();
    assert!(needs(&status(&repo, &["1234", "--head", "topic"])));
    // The target branch itself has no change.
    assert!(!needs(&status(&repo, &["1234", "--head", "main"])));
}

#[test]
fn without_a_target_branch_the_status_says_what_it_lacks() {
    let repo = TestRepo::folders();
    let run = within_bounds(kepgate(repo.path()).args(["status", "1234", "--repo-path", "head"]));
    let line = "not compared  no target branch was found, so findings about a change are missing\n";
    assert!(run.stdout.ends_with(line), "{}{}", run.stdout, run.stderr);
    let markdown = ["status", "1234", "--repo-path", "head", "--output", "markdown"];
    let page = within_bounds(kepgate(repo.path()).args(markdown)).stdout;
    assert!(
        page.ends_with("\nNot compared: no target branch was found, so findings about a change are missing.\n"),
        "{page}"
    );
}

#[test]
fn a_kep_without_a_title_has_no_empty_one() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("title", "")]));
    assert!(status(&repo, &["1234"]).stdout.starts_with("KEP-1234\n"));
    assert!(status(&repo, &["1234", "--output", "markdown"]).stdout.starts_with("### KEP-1234\n"));
}

#[test]
fn a_missed_freeze_is_said_until_the_release_is_out() {
    let repo = repository();
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    let shown = |now: &str| {
        let run = status(&repo, &["1234", "--now", now]);
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let late = "ask the release team for an exception, or target another release: the KEP missed the Enhancements Freeze \
                of v1.36 (not met: status)";
    assert!(!shown("2026-02-12T11:59Z").contains("the KEP missed"));
    assert!(shown("2026-02-13").contains(late), "{}", shown("2026-02-13"));
    assert!(!shown("2026-05-01").contains("the KEP missed"));
    let json: Value =
        serde_json::from_str(&status(&repo, &["1234", "--now", "2026-02-13", "--output", "json"]).stdout).unwrap();
    assert_eq!(json["missed"], json!({"freeze": "enhancements-freeze", "criteria": ["status"]}));
}
