//! Policy comes from the target branch.

use serde_json::json;

use crate::check::repositories::{MISSPELT, add_kep, assert_misspelt, assert_refused, misspelt};
use crate::support::{ALIASES, KEP, TestRepo, kep_with, new_errors};

#[test]
fn an_approver_who_retired_meanwhile_is_unknown() {
    let sandbox = TestRepo::repository();
    let fork = sandbox.id("main");
    sandbox.branch("topic");
    add_kep(&sandbox, "1235", "petra-solm");
    sandbox.commit();
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("    - petra-solm\n", ""));
    let tip = sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    let unknown = ("prr-approver-unknown", "keps/prod-readiness/sig-node/1235.yaml");
    assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    let ids = ["base", "merge_base", "policy", "head"].map(|name| report[name].as_str().unwrap());
    assert_eq!(ids, [&tip, &fork, &tip, &sandbox.id("topic")]);
    // The same with the work tree as head.
    sandbox.git(&["switch", "--quiet", "topic"]);
    let (code, report) = sandbox.check(&["--base", "main"]);
    assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    assert_eq!((&report["policy"], &report["merge_base"]), (&json!(tip), &json!(fork)));
}

#[test]
fn an_approver_who_came_meanwhile_is_known() {
    let sandbox = TestRepo::repository();
    sandbox.branch("topic");
    add_kep(&sandbox, "1235", "ulla-brandt");
    sandbox.commit();
    assert_eq!(sandbox.check(&["--base", "main", "--head", "topic"]).0, 1);
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("petra-solm\n", "petra-solm\n    - ulla-brandt\n"));
    sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((code, new_errors(&report)), (0, vec![]));
}

#[test]
fn nobody_appoints_their_own_approver() {
    let sandbox = TestRepo::repository();
    sandbox.branch("topic");
    add_kep(&sandbox, "1235", "sunniva-t");
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("petra-solm\n", "petra-solm\n    - sunniva-t\n"));
    sandbox.commit();
    for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
        let (code, report) = sandbox.check(arguments);
        let unknown = ("prr-approver-unknown", "keps/prod-readiness/sig-node/1235.yaml");
        assert_eq!((code, new_errors(&report)), (1, vec![unknown]));
    }
}

#[test]
fn what_the_target_branch_did_meanwhile_is_not_the_changes() {
    let sandbox = misspelt();
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("keps/sig-node/1299-broken/kep.yaml", "[");
    let moved = kep_with(&[]).replace("Quiet Hours", "Quiet Nights");
    sandbox.write(KEP, moved);
    let tip = sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!((&report["base"], &report["merge_base"]), (&json!(tip), &json!(sandbox.id("topic^"))));
    assert_eq!(report["keps"].as_array().unwrap().len(), 1);
    assert_misspelt((code, report), "main moved on");
}

#[test]
fn a_target_branch_without_approvers_is_a_policy_at_fault() {
    let sandbox = TestRepo::repository();
    sandbox.write("OWNERS_ALIASES", "aliases:\n  sig-node-leads: []\n");
    sandbox.commit();
    sandbox.branch("topic");
    sandbox.write(KEP, kep_with(&MISSPELT));
    sandbox.commit();
    let (code, report) = sandbox.check(&["--base", "main", "--head", "topic"]);
    assert_eq!(new_errors(&report), [("status-invalid", KEP)], "what was found is told");
    assert!(!report["unchecked"].as_array().unwrap().is_empty());
    assert_refused((code, report), 2, &["prod-readiness-approvers"]);
}
