//! `kepgate readiness` for real releases, compared with plain text searches.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::readiness::{json, not_met, readiness, verdicts};
use crate::support::corpus::{assert_table, clone, corpus, git};

/// The paths of the KEPs with v1.35 as `latest-milestone` at `commit`, found with `git grep`.
fn targets(clone: &Path, commit: &str) -> BTreeSet<String> {
    let pattern = "^latest-milestone: *[\"']?v?1\\.35(\\.0)?[\"']? *(#.*)?$";
    let found = git(clone, &["grep", "-lE", pattern, commit, "--", "keps/sig-*/kep.yaml"]);
    let paths = found.iter().map(|line| line.split_once(':').unwrap().1);
    paths.map(|path| path.trim_end_matches("/kep.yaml").to_owned()).collect()
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn readiness_of_v1_35_at_its_freeze() {
    let (corpus, clone) = (corpus(), clone());
    let before = ["log", "-1", "--first-parent", "--before=2025-10-18T00:00:00Z", "--format=%H", "HEAD"];
    let commit = git(clone, &before).remove(0);
    let exceptions = corpus.join("sig-release/release-1.35/exceptions.yaml");
    let exceptions = exceptions.to_str().unwrap();
    let report = json(clone, &["--release", "v1.35", "--at", "2025-10-17", "--exceptions", exceptions]);
    assert_eq!(report["commit"], commit);
    assert!(report["freezes"].as_array().unwrap().iter().all(|freeze| freeze["passed"] == true));
    let keps = report["keps"].as_array().unwrap();
    let paths: BTreeSet<_> = keps.iter().filter_map(|kep| kep["path"].as_str()).map(str::to_owned).collect();
    assert_eq!(paths, targets(clone, &commit));
    assert_eq!(paths.len(), 80);
    let of_stage = |stage: &str| keps.iter().filter(|kep| kep["stage"] == stage).count();
    assert_eq!(["alpha", "beta", "stable", "deprecated"].map(of_stage), [30, 32, 16, 2]);
    // Verified by hand: a KEP left provisional.
    let fails = |criterion: &str| -> Vec<u64> {
        let failing = keps.iter().filter(|kep| verdicts(kep)[criterion].0 == "not-met");
        failing.map(|kep| kep["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(fails("status"), [4781]);
    // A list of approvers left empty, and a title left as in the template: errors, but the team does not look for them.
    let has_remark =
        |kep: &Value, rule: &str| kep["remarks"].as_array().unwrap().iter().any(|remark| remark["rule"] == rule);
    let with_remark = |rule: &str| -> Vec<u64> {
        keps.iter().filter(|kep| has_remark(kep, rule)).map(|kep| kep["number"].as_u64().unwrap()).collect()
    };
    assert_eq!([with_remark("field-missing"), with_remark("field-placeholder")], [vec![5237], vec![5468]]);
    // Three KEPs whose release was that of a later stage: two were in that stage, and one stayed in its stage.
    assert_eq!(fails("stage"), [4192, 3983, 5007]);
    for criterion in ["milestone", "prr-approver", "prr-approver-authorized"] {
        assert_eq!(fails(criterion), [] as [u64; 0], "{criterion}");
    }
    // The two exceptions: one KEP was merged by that evening, the other is not in this clone.
    let excepted = keps.iter().filter(|kep| kep["exception"]["ruling"] == "approved");
    let excepted: Vec<_> = excepted.map(|kep| (kep["number"].as_u64().unwrap(), kep["path"].is_string())).collect();
    assert_eq!(excepted, [(4876, true), (5304, false)]);
    assert_eq!(fails("latest-milestone"), [5304]);
    assert!(keps.iter().all(|kep| kep["number"] != 5304 || kep["enhancements_freeze"] == "exception"));
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn sweep_finds_as_many_unclosed_stable_keps_as_git() {
    let clone = clone();
    let before = ["log", "-1", "--first-parent", "--before=2025-12-17T00:00:00Z", "--format=%H", "HEAD"];
    let commit = git(clone, &before).remove(0);
    let with = |pattern: &str| -> BTreeSet<String> {
        git(clone, &["grep", "-lE", pattern, &commit, "--", "keps/sig-*/kep.yaml"]).into_iter().collect()
    };
    let stable = &with("^status: *\"?implementable") & &with("^stage: *\"?stable");
    // The day before v1.35 was released. `milestone` or `latest-milestone` has to name a release.
    let out = &with("^(latest-milestone|  stable): *\"?v?1\\.[0-9]")
        - &with("^(latest-milestone|  stable): *\"?v?1\\.3[5-9]");
    let (code, stdout, _) = readiness(clone, &["--sweep", "--at", "2025-12-16", "--output", "json"]);
    assert_eq!(code, 0);
    let list: Value = serde_json::from_str(&stdout).unwrap();
    let swept = list.as_array().unwrap().iter().filter(|kep| kep["lag"] == "not-implemented");
    let swept: BTreeSet<_> =
        swept.map(|kep| format!("{commit}:{}/kep.yaml", kep["directory"].as_str().unwrap())).collect();
    assert_eq!(swept, &stable & &out);
    assert_eq!(swept.len(), 47);
}

/// What a look at each KEP that is "not met" says: release, KEP, explanation.
const LOOKED_AT: &[(&str, u64, &str)] = &[
    ("v1.35", 4192, "true: it was in beta, and its stage was corrected in February 2026"),
    ("v1.35", 3983, "true: it was stable, and its stage was corrected in January 2026"),
    ("v1.35", 5007, "true: it stayed in alpha, and beta was moved to v1.36 in November 2025"),
    ("v1.36", 5055, "true: the change that planned beta left its stage behind; nobody corrected it since"),
    ("v1.35", 4781, "true: it was left provisional, and still was at the end of February 2026"),
    ("v1.36", 5040, "true: the releases of a removal are written under `alpha` and `beta`; nobody corrected it since"),
];

/// The two latest freezes, with both bundles: the KEPs that the release team's criteria keep out.
#[test]
#[ignore = "needs ../shared/corpus"]
fn keps_that_are_not_met_at_the_freeze() {
    let clone = clone();
    let mut table = "# KEPs that `kepgate readiness` calls \"not met\" at the Enhancements Freeze\n\n\
         | release | KEP | stage | criterion | why | a look at it |\n|---|---|---|---|---|---|\n"
        .to_owned();
    let mut counts = String::new();
    for (release, at) in [("v1.35", "2025-10-17T12:00Z"), ("v1.36", "2026-02-12T12:00Z")] {
        let report = json(clone, &["--release", release, "--at", at]);
        let keps = report["keps"].as_array().unwrap();
        let failing: Vec<_> = keps.iter().filter(|kep| kep["enhancements_freeze"] == "not-met").collect();
        for kep in &failing {
            let number = kep["number"].as_u64().unwrap();
            let look = LOOKED_AT.iter().find(|look| (look.0, look.1) == (release, number)).map_or("", |look| look.2);
            for (criterion, why) in not_met(kep) {
                let stage = kep["stage"].as_str().unwrap_or("none");
                writeln!(table, "| {release} | {number} | {stage} | {criterion} | {why} | {look} |").unwrap();
            }
        }
        let share = 100 * failing.len() / keps.len();
        writeln!(counts, "- {release} at {at}: {} of {} KEPs ({share} %)", failing.len(), keps.len()).unwrap();
        assert!(share <= 15 && keps.len() > 75, "{release}: {share} % of {}\n{table}", keps.len());
    }
    assert!(!table.contains("|  |"), "each of them wants a look:\n{table}");
    assert_table("readiness.md", &format!("{table}\n{counts}"));
}
