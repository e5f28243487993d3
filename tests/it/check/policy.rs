//! Policy comes from the target branch.

use serde_json::json;

use crate::check::repositories::{MISSPELT, add_kep, assert_misspelt, assert_refused, misspelt};
use crate::support::{ALIASES, KEP, TestRepo, kep_with, kepgate, new_errors, run};

#[test]
fn approver_removed_from_the_target_branch_is_unknown() {
    let repo = TestRepo::repository();
    let fork = repo.id("main");
    repo.branch("topic");
    add_kep(&repo, "1235", "petra-solm");
    repo.commit();
    repo.git(&["switch", "--quiet", "main"]);
    repo.write("OWNERS_ALIASES", ALIASES.replace("    - petra-solm\n", ""));
    let tip = repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    let unknown = ("prr-approver-unknown", "keps/prod-readiness/sig-node/1235.yaml");
    assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    let ids = ["base", "merge_base", "policy", "head"].map(|name| report[name].as_str().unwrap());
    assert_eq!(ids, [&tip, &fork, &tip, &repo.id("topic")]);
    // Also with the work tree as head.
    repo.git(&["switch", "--quiet", "topic"]);
    let (code, report) = repo.check(&["--base", "main"]);
    assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    assert_eq!((&report["policy"], &report["merge_base"]), (&json!(tip), &json!(fork)));
}

#[test]
fn approver_added_to_the_target_branch_is_known() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    add_kep(&repo, "1235", "ulla-brandt");
    repo.commit();
    assert_eq!(repo.check(&["--base", "main", "--head", "topic"]).0, 1);
    repo.git(&["switch", "--quiet", "main"]);
    repo.write("OWNERS_ALIASES", ALIASES.replace("petra-solm\n", "petra-solm\n    - ulla-brandt\n"));
    repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (0, vec![]));
}

#[test]
fn approver_added_by_the_change_itself_is_unknown() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    add_kep(&repo, "1235", "sunniva-t");
    repo.write("OWNERS_ALIASES", ALIASES.replace("petra-solm\n", "petra-solm\n    - sunniva-t\n"));
    repo.commit();
    for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
        let (code, report) = repo.check(arguments);
        let unknown = ("prr-approver-unknown", "keps/prod-readiness/sig-node/1235.yaml");
        assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    }
}

/// Otherwise settings would silently not apply.
#[test]
fn configuration_with_the_wrong_name_on_the_target_branch_is_an_error() {
    for name in ["kepgate.yml", "Kepgate.yaml", "kepgate.yaml.", "kepgate.yaml ", "../.GitHub/kepgate.yaml"] {
        let repo = TestRepo::repository();
        repo.write(format!(".github/{name}").replace(".github/../", ""), "fail-on: warning\n");
        repo.commit();
        let (code, stdout, stderr) = run(kepgate(repo.path()).args(["check", "--base", "HEAD", "--head", "HEAD"]));
        assert_eq!(code, 2, "{name}: {stdout}{stderr}");
        assert!(stdout.contains("has the wrong name"), "{name}: {stdout}{stderr}");
    }
}

#[test]
fn later_commits_on_the_target_branch_are_not_part_of_the_change() {
    let repo = misspelt();
    repo.git(&["switch", "--quiet", "main"]);
    repo.write("keps/sig-node/1299-broken/kep.yaml", "[");
    let moved = kep_with(&[]).replace("Quiet Hours", "Quiet Nights");
    repo.write(KEP, moved);
    let tip = repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((&report["base"], &report["merge_base"]), (&json!(tip), &json!(repo.id("topic^"))));
    assert_eq!(report["keps"].as_array().unwrap().len(), 1);
    assert_misspelt((code, report), "main moved on");
}

#[test]
fn target_branch_without_approvers_is_a_policy_error() {
    let repo = TestRepo::repository();
    repo.write("OWNERS_ALIASES", "aliases:\n  sig-node-leads: []\n");
    repo.commit();
    repo.branch("topic");
    repo.write(KEP, kep_with(&MISSPELT));
    repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!(new_errors(&report), [("status-invalid", KEP)], "findings are still reported");
    assert!(!report["unchecked"].as_array().unwrap().is_empty());
    assert_refused((code, report), 2, &["prod-readiness-approvers"]);
}

/// That of kubernetes/enhancements has 2 MB.
#[test]
fn a_baseline_may_be_larger_than_other_files() {
    let baseline = |findings: usize, padding: usize| {
        let findings = vec![json!({ "fingerprint": "0123456789abcdef", "text": "x".repeat(200) }); findings];
        json!({ "schema": "kepgate/1", "findings": findings, "padding": " ".repeat(padding) }).to_string()
    };
    let repo = TestRepo::repository();
    repo.write("ci/baseline.json", baseline(10_000, 0));
    repo.commit();
    repo.branch("topic");
    let check = || {
        let (code, report) = repo.check(&["--base", "main", "--head", "topic", "--baseline", "ci/baseline.json"]);
        let messages =
            report["findings"].as_array().unwrap().iter().map(|it| it["message"].as_str().unwrap().to_owned());
        (code, messages.collect::<Vec<_>>())
    };
    repo.write("ci/baseline.json", baseline(10_001, 0));
    repo.commit();
    let grown =
        "this configuration may check less than the one on the target branch: the baseline covers 1 more finding";
    assert_eq!(check(), (0, vec![grown.to_owned()]));
    repo.write("ci/baseline.json", baseline(10_001, 16 << 20));
    repo.commit();
    assert_eq!(check(), (1, vec!["the baseline is larger than 16 MiB: no later change could be checked".to_owned()]));
}
