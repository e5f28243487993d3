//! KEPs that move, change their mode or are deleted.

use serde_json::{Value, json};

use crate::support::{DIR, KEP, PRR_FILE, TestRepo, all_found, kep_with, kepgate, new_errors, run};

#[test]
fn large_blob_does_not_prevent_rename_detection() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("authors", "sunniva-t")]));
    repo.write(format!("{DIR}/image.svg"), "x".repeat(20 << 20));
    repo.commit();
    repo.branch("topic");
    repo.git(&["mv", DIR, "keps/sig-node/1234-quiet-nights"]);
    repo.write("keps/sig-node/1234-quiet-nights/image.svg", "y".repeat(20 << 20));
    repo.commit();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, report["counts"]["pre_existing"].as_u64()), (0, Some(1)), "{report}");
    assert_eq!(report["keps"][0]["status"], json!({"base": "implementable", "head": "implementable"}));
}

#[test]
fn moved_and_edited_kep_keeps_its_pre_existing_findings() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("authors", "sunniva-t"), ("see-also", "/keps/nowhere")]));
    repo.commit();
    let count = |report: &Value, is_new: bool| {
        let debts = ["handle-malformed", "reference-dangling"];
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["new"] == is_new);
        findings.filter(|finding| debts.iter().any(|rule| finding["rule"] == *rule)).count()
    };
    for (directory, old, new) in [
        ("keps/sig-node/1234-quiet-nights", 2, 1),
        ("keps/sig-node/nights/1234-quiet-hours", 2, 1),
        // A different number is a different KEP, so nothing is pre-existing.
        ("keps/sig-node/1236-quiet-hours", 0, 3),
    ] {
        repo.git(&["switch", "--quiet", "--force-create", "topic", "main"]);
        std::fs::create_dir_all(repo.place(directory).parent().unwrap()).unwrap();
        repo.git(&["mv", DIR, directory]);
        let values = [("authors", "sunniva-t"), ("see-also", "/keps/nowhere"), ("reviewers", "odile-varga")];
        repo.write(format!("{directory}/kep.yaml"), kep_with(&values));
        repo.commit();
        for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
            let (_, report) = repo.check(arguments);
            assert_eq!((count(&report, false), count(&report, true)), (old, new), "{report}");
        }
        repo.git(&["switch", "--quiet", "main"]);
    }
}

#[test]
fn renumbered_kep_is_not_removed() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.git(&["mv", DIR, "keps/sig-node/1236-quiet-hours"]);
    repo.write("keps/sig-node/1236-quiet-hours/kep.yaml", kep_with(&[("kep-number", "1236")]));
    repo.git(&["mv", PRR_FILE, "keps/prod-readiness/sig-node/1236.yaml"]);
    repo.commit();
    // A comparison with a work tree knows no renames.
    for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
        let (_, report) = repo.check(arguments);
        assert!(all_found(&report).iter().all(|(rule, _)| *rule != "kep-removed"), "{report}");
        let text = run(kepgate(repo.path()).arg("check").args(arguments)).1;
        assert!(text.contains(" in 1 KEP, in "), "{text}");
    }
}

#[test]
fn mode_change_lists_the_kep_without_findings() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.git(&["update-index", "--chmod=+x", KEP]);
    repo.commit_index();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, all_found(&report), &report["keps"][0]["path"]), (0, vec![], &json!(DIR)));
}

#[test]
fn deleted_kep_without_its_prr_file_leaves_an_orphan() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.git(&["rm", "--quiet", "-r", DIR]);
    repo.commit_index();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (1, vec![("kep-removed", KEP), ("prr-file-orphan", PRR_FILE)]));
    repo.git(&["rm", "--quiet", PRR_FILE]);
    repo.commit_index();
    let (code, report) = repo.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (0, vec![]));
    assert_eq!(report["keps"][0]["status"], json!({"base": "implementable", "head": null}));
}
