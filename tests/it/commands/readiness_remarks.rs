//! `kepgate readiness`: what it remarks beside the criteria.

use serde_json::Value;

use super::readiness::{TEMPLATE, json, not_met, readiness, verdicts};
use crate::support::{KEP, PRR_FILE, SAMPLE_PRR, TestRepo, kep_with, kepgate, run};

/// The README of a KEP for a template that asks one question at alpha.
const ONE_QUESTION: &str = "# KEP-NNNN: Title\n\n## Summary\n\n### Test Plan\n\n### Graduation Criteria\n\n\
    ## Production Readiness Review Questionnaire\n\n### Feature Enablement and Rollback\n\n\
    <!--\nThis section must be completed when targeting alpha to a release.\n-->\n\n###### Can it be disabled?\n";

/// The template with text in the sections that the release team looks for.
fn filled_in() -> String {
    let filled = ONE_QUESTION.replace("### Test Plan\n", "### Test Plan\n\nUnit tests.\n");
    filled
        .replace("### Graduation Criteria\n", "### Graduation Criteria\n\nNobody complains.\n")
        .replace("NNNN", "1234")
}

#[test]
fn remarks_stand_beside_the_criteria_and_decide_nothing() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, ONE_QUESTION);
    repo.write(KEP, kep_with(&[("kep-number", "1235")]));
    repo.write("keps/prod-readiness/sig-node/1235.yaml", SAMPLE_PRR.replace("1234", "1235"));
    repo.remove(PRR_FILE);
    let readme = KEP.replace("kep.yaml", "README.md");
    let remarks = |report: &Value| -> Vec<String> {
        let remarks = report["keps"][0]["remarks"].as_array().unwrap().iter();
        remarks.map(|remark| remark["rule"].as_str().unwrap().to_owned()).collect()
    };
    repo.write(&readme, filled_in());
    let report = json(repo.path(), &["--release", "v1.36"]);
    assert_eq!(not_met(&report["keps"][0]), []);
    assert_eq!(report["keps"][0]["enhancements_freeze"], "unchecked");
    assert_eq!(remarks(&report), ["kep-number-mismatch", "prr-question-unanswered"]);
    // A section that the team looks for decides; the other headings of the template do not even give a remark.
    repo.write(&readme, filled_in().replace("### Test Plan\n\nUnit tests.\n", "").replace("## Summary\n", ""));
    let report = json(repo.path(), &["--release", "v1.36"]);
    assert_eq!(not_met(&report["keps"][0]), [("readme", "the section `Test Plan` is missing")]);
    assert_eq!(report["keps"][0]["enhancements_freeze"], "not-met");
}

/// The rule about answers waits until a KEP is implementable, but the release does not.
#[test]
fn a_provisional_kep_without_answers_is_not_presented_as_complete() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, ONE_QUESTION);
    repo.write(KEP.replace("kep.yaml", "README.md"), filled_in());
    for status in ["provisional", "implementable"] {
        repo.write(KEP, kep_with(&[("status", status)]));
        let report = json(repo.path(), &["--release", "v1.36"]);
        let kep = &report["keps"][0];
        assert_eq!(kep["open_questions"], serde_json::json!({"open": 1, "due": 1}), "{status}");
        assert_eq!(kep["remarks"][0]["rule"], "prr-question-unanswered", "{status}");
        let (_, text, _) = readiness(repo.path(), &["--release", "v1.36"]);
        let tally = "upcoming\n    1 nothing missing (opt-in not checked), 1 of them with unanswered questions\n";
        assert!(text.contains(tally), "{text}");
        let (_, page, _) = readiness(repo.path(), &["--release", "v1.36", "--output", "markdown"]);
        assert!(page.contains("- [ ] The README has graduation criteria, a test plan and the questionnaire, but 1 of 1 question has no answer"), "{page}");
    }
    repo.write(KEP.replace("kep.yaml", "README.md"), format!("{}\nYes, with the feature gate.\n", filled_in()));
    let report = json(repo.path(), &["--release", "v1.36"]);
    assert_eq!(
        (&report["keps"][0]["open_questions"], &report["keps"][0]["remarks"]),
        (&Value::Null, &serde_json::json!([]))
    );
}

/// The release does not need what nobody has filled in, in a provisional KEP either.
#[test]
fn sections_with_the_text_of_the_template_alone_are_missing() {
    let repo = TestRepo::repository();
    let template = ONE_QUESTION
        .replace("### Test Plan\n", "### Test Plan\n\n<!--\nHow?\n-->\n\n##### Unit tests\n\n- `<package>`\n");
    repo.write(TEMPLATE, &template);
    repo.write(KEP.replace("kep.yaml", "README.md"), template.replace("NNNN", "1234"));
    for status in ["provisional", "implementable"] {
        repo.write(KEP, kep_with(&[("status", status)]));
        let report = json(repo.path(), &["--release", "v1.36"]);
        let message = "the section `Test Plan` has not been filled in (and 1 more)";
        assert!(not_met(&report["keps"][0]).contains(&("readme", message)), "{}", report["keps"][0]);
    }
}

/// A KEP that is on its way out does not graduate.
#[test]
fn a_removal_without_its_release_is_a_remark() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("stage", "disabled"), ("milestone", "v1.33")]));
    repo.write(PRR_FILE, SAMPLE_PRR.replace("alpha", "disabled"));
    let report = json(repo.path(), &["--release", "v1.36"]);
    assert_eq!(verdicts(&report["keps"][0])["milestone"], ("met", None));
    let remarks = report["keps"][0]["remarks"].as_array().unwrap();
    assert!(remarks.iter().any(|remark| remark["rule"] == "milestone-stage-missing"), "{remarks:?}");
}

#[test]
fn only_a_comment_about_the_stage_explains_it() {
    let repo = TestRepo::repository();
    for (comment, is_explained) in [("hello", false), ("beta only for one of two gates, see #7", true)] {
        let kep = kep_with(&[("milestone", "v1.35\n  beta: v1.36")]);
        repo.write(KEP, kep.replace("stage: alpha", &format!("stage: alpha # {comment}")));
        let report = json(repo.path(), &["--release", "v1.36"]);
        let remarks = report["keps"][0]["remarks"].as_array().unwrap();
        let behind = remarks.iter().find(|remark| remark["rule"] == "stage-behind");
        let has_remark = behind.is_some();
        let what = behind.map(|remark| remark["what"].as_str().unwrap().to_owned()).unwrap_or_default();
        assert_eq!(what.ends_with(&format!("its comment says `{comment}`")), is_explained, "{what}");
        assert_eq!(
            (verdicts(&report["keps"][0])["stage"].0 == "met", has_remark),
            (is_explained, is_explained),
            "{comment}"
        );
        let mut sweep = kepgate(repo.path());
        let (_, sweep, _) = run(sweep.args(["readiness", "--sweep"]).env("KEPGATE_NOW", "2026-03-01"));
        assert_eq!(sweep.contains("1 explained"), is_explained, "{comment}: {sweep}");
        assert!(sweep.contains("planned for beta"), "{comment}: {sweep}");
    }
}

#[test]
fn remarks_compare_feature_gates_with_kubernetes() {
    let repo = TestRepo::repository();
    let beta = [("stage", "beta"), ("milestone", "v1.34\n  beta: v1.35"), ("latest-milestone", "v1.35")];
    repo.write(KEP, kep_with(&beta));
    repo.write("lists.yaml", "kubernetes: v1.35\nfeature-gates:\n  QuietHours: Alpha 1.34\nmetrics: []\n");
    let mut command = kepgate(repo.path());
    command.args(["readiness", "--release", "v1.35", "--kubernetes-lists", "lists.yaml", "--output", "json"]);
    let (code, stdout, _) = run(command.env("KEPGATE_NOW", "2025-12-01"));
    assert_eq!(code, 0);
    let page: Value = serde_json::from_str(&stdout).unwrap();
    let remarks = page["keps"][0]["remarks"].as_array().unwrap();
    let behind = remarks.iter().find(|remark| remark["rule"] == "feature-gate-behind").unwrap();
    assert_eq!(behind["what"], "`QuietHours` is alpha since v1.34 in Kubernetes v1.35, not beta since v1.35");
    let unknown = remarks.iter().find(|remark| remark["rule"] == "metric-unknown");
    assert!(unknown.is_none(), "v1.35 is not out, so the metric is not due");
}
