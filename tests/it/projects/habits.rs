//! Conclusions from a project's KEPs about its process.

use serde_json::Value;

use super::says;
use crate::support::TestRepo;
use crate::support::project_shape::ProjectShape;

const FLAT: ProjectShape = ProjectShape {
    root: "keps",
    metadata: "kep.yaml",
    readme: "README.md",
    has_sig_folders: false,
    has_prr: false,
    has_own_releases: false,
};
const PATH: &str = "keps/310-quota-lending/kep.yaml";

/// A flat project whose KEP has this metadata, committed.
fn repository(kep: &str) -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    FLAT.write(&repo, "");
    repo.write(PATH, kep);
    repo.commit();
    repo
}

fn found(report: &Value) -> Vec<(&str, bool)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| (finding["rule"].as_str().unwrap(), finding["new"].as_bool().unwrap())).collect()
}

#[test]
fn old_problems_stay_old_without_a_gate() {
    let kep = FLAT.kep("310", "Quota lending").replace("implementable", "drafted").replace("risk-level", "risk");
    let repo = repository(&kep);
    repo.write(PATH, kep.replace("v0.9", "v0.10"));
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![("status-invalid", false), ("yaml-unknown-key", false)]), "{report:#}");
    repo.write(PATH, kep.replace("drafted", "finished"));
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    assert_eq!((code, found(&report)), (1, vec![("status-invalid", true), ("yaml-unknown-key", false)]), "{report:#}");
}

#[test]
fn a_feature_gate_is_just_its_name_if_the_template_has_no_components() {
    let kep = FLAT.kep("310", "Quota lending");
    let repo = repository(&kep);
    let check = |gates: &str| {
        repo.write(PATH, format!("{kep}feature-gates:{gates}\n"));
        let (code, report) = repo.check(&["--base", "main", "--offline"]);
        (code, found(&report).into_iter().map(|(rule, _)| rule.to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(check("\n  - QuotaLending\n  - name: QuotaReturn"), (0, vec![]));
    assert_eq!(check("\n  QuotaLending: {}"), (1, vec!["yaml-wrong-type".to_owned()]));
    assert_eq!(check("\n  - [QuotaLending]"), (1, vec!["yaml-wrong-type".to_owned()]));
    let template = "keps/NNNN-template/kep.yaml";
    let gates = "feature-gates:\n  - name: MyFeature\n    components:\n      - manager\n";
    repo.write(template, format!("{}{gates}", repo.read(template)));
    repo.remove(PATH);
    repo.write(PATH, &kep);
    repo.commit();
    assert_eq!(check("\n  - QuotaLending"), (1, vec!["yaml-wrong-type".to_owned()]));
}

#[test]
fn init_does_not_require_what_many_keps_leave_out() {
    let repo = repository(&FLAT.kep("310", "Quota lending"));
    for number in ["311", "312"] {
        let kep = FLAT.kep(number, "Late").replace("stage: alpha\n", "");
        repo.write(format!("keps/{number}-late/kep.yaml"), kep);
    }
    repo.remove(".github/kepgate.yaml");
    let run = says(&repo, &["init", "--write"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let config = repo.read(".github/kepgate.yaml");
    let required = "title, kep-number, authors, status, approvers, latest-milestone, milestone";
    let lines = format!(
        "  # KEPs often leave out `stage` (2 of 3); delete this if they should not\n  fields:\n    required: [{required}]\n"
    );
    assert!(config.contains(&lines), "{config}");
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
    repo.write(".github/kepgate.yaml", config.replace(&lines, ""));
    repo.commit();
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![("stage-missing", true); 2]), "warnings: {report:#}");
}
