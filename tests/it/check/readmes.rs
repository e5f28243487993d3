//! READMEs: checks without a template, which READMEs are read, and the progress of the questionnaire.

use kepgate::rule::Need;
use kepgate::rules::find;
use serde_json::{Value, json};

use crate::support::{cases, kepgate, run};

/// The exit status and the report of a fixture.
fn report(file: &str, heading: &str, arguments: &[&str]) -> (i32, Value) {
    let fixture = cases::one(file, heading);
    let compared = ["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"];
    let (code, stdout, stderr) = run(kepgate(fixture.folder()).args(compared).args(arguments));
    assert_eq!(stderr, "");
    (code, serde_json::from_str(&stdout).unwrap())
}

/// The unchecked rules about READMEs.
fn unchecked(report: &Value) -> Vec<&str> {
    let rules = report["unchecked"].as_array().unwrap().iter().map(|it| it["rule"].as_str().unwrap());
    rules.filter(|id| find(id).unwrap().needs.contains(&Need::Readme)).collect()
}

#[test]
fn missing_template_leaves_its_rules_unchecked_and_passes() {
    let (code, report) =
        report("triage.md", "Old findings in `kep.yaml` are pre-existing when only the README changes", &[]);
    let rules = [
        "prr-answers-changed",
        "readme-section-missing",
        "prr-question-unanswered",
        "prr-answer-mismatch",
        "readme-template-text",
    ];
    assert_eq!((code, unchecked(&report)), (0, rules.to_vec()));
    let reason = report["unchecked"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "the target branch has no README template with headings at keps/NNNN-kep-template/README.md");
    assert_eq!(report["keps"][0]["questionnaire"], Value::Null);
}

#[test]
fn template_without_questions_leaves_the_questions_unchecked() {
    let (code, report) = report(
        "rules/prr-question-unanswered.md",
        "The template on the target branch asks no questions",
        &["--fail-on", "warning"],
    );
    assert_eq!((code, unchecked(&report)), (0, vec!["prr-question-unanswered"]));
}

#[test]
fn readme_is_read_only_if_the_change_affects_its_answers() {
    let (_, report) = report(
        "rules/feature-gates-missing.md",
        "Missing gates are not reported when the change touches nothing that the questionnaire asks about",
        &[],
    );
    assert_eq!((report["keps"][0]["questionnaire"].clone(), unchecked(&report)), (Value::Null, vec![]));
    let (code, strict) = self::report(
        "rules/feature-gates-missing.md",
        "Missing gates are not reported when the change touches nothing that the questionnaire asks about",
        &["--strict", "--fail-on", "warning"],
    );
    assert_eq!(
        (code, strict["findings"][0]["rule"].as_str()),
        (1, Some("feature-gates-missing")),
        "pre-existing findings count"
    );
}

#[test]
fn report_has_the_progress_of_the_questionnaire() {
    let (_, report) = report("rules/prr-question-unanswered.md", "A question is missing from its section", &[]);
    let section = |title: &str, answered: usize, questions: usize| json!({"title": title, "answered": answered, "questions": questions, "as_a_whole": false});
    let expected = json!({
        "stage": "beta",
        "answered": 5,
        "questions": 6,
        "sections": [
            section("Feature Enablement and Rollback", 2, 2),
            section("Monitoring Requirements", 2, 2),
            section("Troubleshooting", 1, 2),
        ],
        "next": null,
    });
    assert_eq!(report["keps"][0]["questionnaire"], expected);
    let (_, report) =
        self::report("rules/prr-question-unanswered.md", "Questions that are due at beta may be empty at alpha", &[]);
    let questionnaire = &report["keps"][0]["questionnaire"];
    assert_eq!((&questionnaire["answered"], &questionnaire["questions"]), (&json!(2), &json!(2)));
    let next = json!({
        "stage": "beta",
        "sections": [section("Monitoring Requirements", 2, 2), section("Troubleshooting", 0, 2)],
    });
    assert_eq!(questionnaire["next"], next);
}

#[test]
fn summary_shows_questionnaire_progress_as_a_bar() {
    let fixture =
        cases::one("rules/prr-question-unanswered.md", "Questions that are due at beta may be empty at alpha");
    let arguments = ["check", "--base-dir", "base", "--head-dir", "head", "--output", "markdown"];
    let (_, page, _) = run(kepgate(fixture.folder()).args(arguments));
    let table = "| Due at alpha | | Answered |\n|---|---|---|\n\
                 | Feature Enablement and Rollback | █████ | 2 of 2 |\n\n\
                 Due next, at beta: Monitoring Requirements (2 of 2 answered), Troubleshooting (0 of 2 answered).\n";
    assert!(page.contains(table), "{page}");
    let fixture = cases::one("rules/prr-question-unanswered.md", "A question is missing from its section");
    let (_, page, _) = run(kepgate(fixture.folder()).args(arguments));
    assert!(page.contains("| Troubleshooting | ██░░░ | 1 of 2 |"), "{page}");
}
