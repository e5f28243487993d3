//! `kepgate check 1234` and `kepgate check DIR`: a KEP that did not change is checked as it is.

use serde_json::Value;

use crate::support::{ALIASES, DIR, KEP, PRR_FILE, Run, TestRepo, kep_with, kepgate, within_bounds};

const DAWN: &str = "keps/sig-apps/5000-dawn/kep.yaml";

/// A repository whose two KEPs have an error each, and no change.
fn repository() -> TestRepo {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("authors", "sunniva-t"), ("status", "implementeable")]));
    repo.write(DAWN, kep_with(&[("kep-number", "5000"), ("owning-sig", "sig-apps"), ("status", "draft")]));
    repo.commit();
    repo
}

fn check(repo: &TestRepo, arguments: &[&str]) -> Run {
    within_bounds(kepgate(repo.path()).arg("check").args(arguments))
}

/// The findings of a JSON report: rule, KEP, and true if it is new.
fn findings(run: &Run) -> Vec<(String, String, bool)> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["error"], Value::Null);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|it| (text(&it["rule"]), text(&it["kep"]), it["new"] == true)).collect()
}

#[test]
fn an_unchanged_kep_is_checked_as_it_is() {
    let repo = repository();
    for name in ["1234", "KEP-1234", "#1234", DIR, KEP, PRR_FILE] {
        let run = check(&repo, &[name]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{name}: {}", run.stdout);
        assert!(run.stdout.contains("error[status-invalid]"), "{name}: {}", run.stdout);
        assert!(run.stdout.contains("pre-existing: not introduced by this change"), "{name}");
        assert!(run.stdout.contains("kepgate: nothing changed in 1 KEP, found 2 pre-existing findings"), "{name}");
        assert!(
            run.stdout.contains(&format!(
                "2 findings can be fixed with `kepgate check --strict {} --fix`",
                if name == "#1234" { "'#1234'" } else { name }
            )),
            "{}",
            run.stdout
        );
        assert_eq!(check(&repo, &[name, "--strict"]).code, 1, "{name}");
        let json = findings(&check(&repo, &[name, "--output", "json"]));
        assert_eq!(json.len(), 2, "{name}: {json:?}");
        assert!(json.iter().all(|(_, kep, is_new)| kep == DIR && !is_new), "{name}: {json:?}");
    }
    // A change to another KEP makes no difference.
    repo.write(DAWN, kep_with(&[("kep-number", "5000"), ("owning-sig", "sig-apps"), ("status", "drafty")]));
    assert_eq!(findings(&check(&repo, &["1234", "--output", "json"])).len(), 2);
    let both = findings(&check(&repo, &["1234", "5000", "--output", "json"]));
    assert!(both.iter().any(|(rule, kep, is_new)| rule == "status-invalid" && kep.contains("5000") && *is_new));
    assert!(both.iter().any(|(rule, kep, is_new)| rule == "status-invalid" && kep == DIR && !is_new), "{both:?}");
}

#[test]
fn the_summary_does_not_fold_the_findings_of_an_unchanged_kep() {
    let run = check(&repository(), &["1234", "--output", "markdown"]);
    assert!(run.stdout.starts_with("### ✅ kepgate: nothing changed in 1 KEP\n\n**KEP-1234** `Quiet Hours`\n\n- ❌ "));
    assert!(!run.stdout.contains("not introduced by this change"), "{}", run.stdout);
}

#[test]
fn questions_of_an_unchanged_kep_are_checked() {
    let repo = TestRepo::repository();
    let question = "# KEP\n\n## Production Readiness Review Questionnaire\n\n### Feature Enablement and Rollback\n\n\
                    <!-- This section must be completed when targeting alpha to a release. -->\n\n###### How?\n";
    repo.write("keps/NNNN-kep-template/README.md", question);
    repo.write(format!("{DIR}/README.md"), question);
    repo.commit();
    let found = findings(&check(&repo, &["1234", "--output", "json"]));
    assert!(found.contains(&("prr-question-unanswered".to_owned(), DIR.to_owned(), false)), "{found:?}");
}

#[test]
fn an_unchanged_kep_is_fixed_if_requested() {
    let repo = repository();
    let run = check(&repo, &["1234", "--fix", "--strict"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(run.stderr.lines().filter(|line| line.starts_with("fixed: ")).count(), 2, "{}", run.stderr);
    assert_eq!(repo.read(KEP), kep_with(&[]));
    assert!(repo.read(DAWN).contains("status: draft\n"), "the other KEP stays as it is");
}

#[test]
fn a_changed_kep_is_compared_as_before() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "implementeable")]));
    for name in ["1234", DIR] {
        let run = check(&repo, &[name]);
        assert_eq!(run.code, 1, "{name}");
        assert!(run.stdout.contains("kepgate: found 1 error in 1 KEP, in "), "{}", run.stdout);
    }
}

#[test]
fn folders_above_keps_only_limit_what_changed() {
    let repo = repository();
    for name in ["keps/sig-node", "keps", "OWNERS_ALIASES"] {
        let run = check(&repo, &[name]);
        assert_eq!(run.code, 0, "{name}");
        assert!(run.stdout.contains("kepgate: no KEP changed, in "), "{name}: {}", run.stdout);
    }
}

#[test]
fn a_number_without_a_kep_is_an_error() {
    let repo = repository();
    let run = check(&repo, &["4321"]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.contains("error: no KEP has the number 4321"), "{}", run.stdout);
    // A file of that name is a file.
    repo.write("4321", "");
    assert!(check(&repo, &["4321"]).stdout.contains("kepgate: no KEP changed"));
}

#[test]
fn strict_says_why_it_fails() {
    let repo = repository();
    let run = check(&repo, &["1234", "--strict"]);
    let closing = "kepgate: found 2 pre-existing findings in 1 KEP (1 error, 1 warning), which `--strict` counts, in ";
    assert!(run.code == 1 && run.stdout.contains(closing), "{}", run.stdout);
    let run = check(&repo, &["1234", "--strict", "--quiet"]);
    assert!(run.code == 1 && run.stdout.contains("error[status-invalid]"), "{}", run.stdout);
    assert!(!check(&repo, &["1234", "--quiet"]).stdout.contains("status-invalid"));
    let run = check(&repo, &["1234", "--strict", "--output", "markdown"]);
    let heading = "### ❌ kepgate: 2 pre-existing findings in 1 KEP, which count\n";
    assert!(run.stdout.starts_with(heading), "{}", run.stdout);
}

#[test]
fn the_text_says_what_the_work_tree_was_compared_with() {
    let repo = repository();
    assert!(check(&repo, &["1234"]).stdout.contains("\n  compared with main\n"));
    assert!(check(&repo, &["1234", "--base", "HEAD"]).stdout.contains("\n  compared with HEAD\n"));
    assert!(!check(&repo, &["--all"]).stdout.contains("compared with"));
}

#[test]
fn a_warning_without_a_kep_is_counted() {
    let repo = TestRepo::repository();
    repo.write("OWNERS_ALIASES", ALIASES.replace("    - hedda-rusk\n", "    - hedda-rusk\n    - yuna-feld\n"));
    let run = check(&repo, &[]);
    assert!(run.stdout.contains("kepgate: 0 KEPs passed, found 1 warning, in "), "{}", run.stdout);
}
