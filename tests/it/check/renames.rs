//! KEPs that move, change their mode or are deleted.

use serde_json::{Value, json};

use crate::support::{APPROVAL, DIR, KEP, TestRepo, all_found, kep_with, new_errors};

#[test]
fn a_large_blob_does_not_stand_in_the_way_of_a_rename() {
    let sandbox = TestRepo::repository();
    sandbox.write(KEP, kep_with(&[("authors", "sunniva-t")]));
    sandbox.write(format!("{DIR}/image.svg"), "x".repeat(20 << 20));
    sandbox.commit();
    sandbox.branch("topic");
    sandbox.git(&["mv", DIR, "keps/sig-node/1234-quiet-nights"]);
    sandbox.write("keps/sig-node/1234-quiet-nights/image.svg", "y".repeat(20 << 20));
    sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, report["counts"]["pre_existing"].as_u64()), (0, Some(1)), "{report}");
    assert_eq!(report["keps"][0]["status"], json!({"base": "implementable", "head": "implementable"}));
}

#[test]
fn a_kep_that_moves_and_is_edited_keeps_its_debt() {
    let sandbox = TestRepo::repository();
    sandbox.write(KEP, kep_with(&[("authors", "sunniva-t"), ("see-also", "/keps/nowhere")]));
    sandbox.commit();
    let count = |report: &Value, is_new: bool| {
        let debts = ["handle-malformed", "reference-dangling"];
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["new"] == is_new);
        findings.filter(|finding| debts.iter().any(|rule| finding["rule"] == *rule)).count()
    };
    for (directory, old, new) in [
        ("keps/sig-node/1234-quiet-nights", 2, 1),
        ("keps/sig-node/nights/1234-quiet-hours", 2, 1),
        // Another number is another KEP, and inherits nothing.
        ("keps/sig-node/1236-quiet-hours", 0, 3),
    ] {
        sandbox.git(&["switch", "--quiet", "--force-create", "topic", "main"]);
        std::fs::create_dir_all(sandbox.place(directory).parent().unwrap()).unwrap();
        sandbox.git(&["mv", DIR, directory]);
        let values = [("authors", "sunniva-t"), ("see-also", "/keps/nowhere"), ("reviewers", "odile-varga")];
        sandbox.write(format!("{directory}/kep.yaml"), kep_with(&values));
        sandbox.commit();
        for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
            let (_, report) = sandbox.check(arguments);
            assert_eq!((count(&report, false), count(&report, true)), (old, new), "{report}");
        }
        sandbox.git(&["switch", "--quiet", "main"]);
    }
}

#[test]
fn a_change_of_mode_is_a_look_and_nothing_more() {
    let sandbox = TestRepo::repository();
    sandbox.branch("topic");
    sandbox.git(&["update-index", "--chmod=+x", KEP]);
    sandbox.commit_index();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, all_found(&report), &report["keps"][0]["path"]), (0, vec![], &json!(DIR)));
}

#[test]
fn a_kep_that_goes_takes_its_production_readiness_file_along() {
    let sandbox = TestRepo::repository();
    sandbox.branch("topic");
    sandbox.git(&["rm", "--quiet", "-r", DIR]);
    sandbox.commit_index();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (1, vec![("prr-file-orphan", APPROVAL)]));
    sandbox.git(&["rm", "--quiet", APPROVAL]);
    sandbox.commit_index();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (0, vec![]));
    assert_eq!(report["keps"][0]["status"], json!({"base": "implementable", "head": null}));
}
