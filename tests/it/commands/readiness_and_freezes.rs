//! Criteria agree with the rules about the same field, and a KEP that missed a freeze is no longer at risk.

use serde_json::Value;

use super::readiness::{json, not_met, readiness, verdicts};
use crate::support::{KEP, PRR_FILE, TestRepo, kep_with, kepgate, run};

/// Values of a KEP, the criterion that an error about one of them fails, and the error.
type Contradiction = (&'static [(&'static str, &'static str)], &'static str, &'static str);

const CONTRADICTIONS: [Contradiction; 4] = [
    (
        &[("milestone", "v1.35\n  beta: v1.36")],
        "stage",
        "`latest-milestone` is v1.36, the release of beta, but `stage` is still `alpha`",
    ),
    (&[("status", "implemented")], "status", "`status` is `implemented`, but `stage` is `alpha`"),
    (
        &[("stage", "beta"), ("milestone", "v1.36\n  beta: v1.35")],
        "milestone",
        "`milestone.beta` is v1.35, which is before `milestone.alpha` v1.36",
    ),
    (&[("stage", "alpha\nstage: alpha")], "stage", "the key `stage` is defined twice"),
];

#[test]
fn a_criterion_is_not_met_while_a_rule_reports_an_error_about_its_field() {
    for (values, key, why) in CONTRADICTIONS {
        let repo = TestRepo::repository();
        repo.write(KEP, kep_with(values));
        let (code, report, _) = readiness(repo.path(), &["--release", "v1.36", "--output", "json"]);
        // A field that is there twice makes the list incomplete.
        assert!([0, 3].contains(&code), "{why}");
        let report: Value = serde_json::from_str(&report).unwrap();
        let kep = &report["keps"][0];
        let found = not_met(kep);
        assert!(found.contains(&(key, why)), "{why}: {found:?}");
        let remarks = kep["remarks"].as_array().unwrap();
        assert!(!remarks.iter().any(|remark| remark["what"] == why), "{key}: it is said once: {remarks:?}");
        let packet = packet(&repo, "2026-02-01");
        let wording = if key == "status" { None } else { Some(format!("- [ ] `{key}` ")) };
        assert!(wording.is_none_or(|wording| packet.contains(&wording)), "{packet}");
    }
}

/// The packet of the sample KEP.
fn packet(repo: &TestRepo, now: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("packets");
    let mut command = kepgate(repo.path());
    command.args(["readiness", "--release", "v1.36", "--packets"]).arg(&to).env("KEPGATE_NOW", now);
    let (code, _, stderr) = run(&mut command);
    assert!([0, 3].contains(&code), "{stderr}");
    std::fs::read_to_string(to.join("1234.md")).unwrap()
}

#[test]
fn a_criterion_follows_the_level_of_the_rule() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(CONTRADICTIONS[0].0));
    for level in ["warning", "off"] {
        repo.write(".github/kepgate.yaml", format!("rules:\n  stage-behind: {level}\n"));
        let report = json(repo.path(), &["--release", "v1.36"]);
        assert_eq!(verdicts(&report["keps"][0])["stage"], ("met", None), "{level}");
    }
}

/// The release is about the stage of the KEP, so an error about another stage is a remark.
#[test]
fn an_error_about_another_stage_is_a_remark() {
    let repo = TestRepo::repository();
    repo.write(PRR_FILE, format!("{}beta:\n  approver: \"\"\n", repo.read(PRR_FILE)));
    let report = json(repo.path(), &["--release", "v1.36"]);
    let kep = &report["keps"][0];
    assert_eq!(verdicts(kep)["prr-approver"], ("met", None));
    assert_eq!(kep["remarks"][0]["rule"], "prr-approver-missing");
}

#[test]
fn a_kep_that_missed_the_freeze_is_not_at_risk() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    let page = |now: &str, arguments: &[&str]| {
        let mut command = kepgate(repo.path());
        command.args(["readiness", "--release", "v1.36"]).args(arguments).env("KEPGATE_NOW", now);
        let (code, stdout, stderr) = run(&mut command);
        assert_eq!((code, stderr.as_str()), (0, ""), "{now} {arguments:?}");
        stdout
    };
    let formats = [&["--all"][..], &["--output", "markdown"], &["--output", "csv"]];
    for arguments in formats {
        let (before, after) = (page("2026-02-12T11:00Z", arguments), page("2026-02-12T13:00Z", arguments));
        assert!(!before.contains("issed the freeze") && before.contains("not met"), "{before}");
        assert!(after.contains("missed the freeze") && !after.contains("t risk"), "{after}");
        assert!(arguments.contains(&"csv") || !after.contains("not met"), "{after}");
    }
    let after = page("2026-02-13", &[]);
    for part in [
        "    1 missed the freeze\n",
        "\nMissing from the KEP that missed the freeze:\n",
        "\nMissed the freeze:\n",
        "A KEP that missed the freeze leaves the milestone unless it has an approved exception. Add --exceptions FILE to",
        "KEPs that were completed after a freeze count as complete here, and KEPs that have moved to another release are not",
        " or --at 2026-02-12T12:00Z",
    ] {
        assert!(after.contains(part), "{part}: {after}");
    }
    // The words of the JSON document stay.
    let report: serde_json::Value = serde_json::from_str(&page("2026-02-13", &["--output", "json"])).unwrap();
    assert_eq!(report["keps"][0]["enhancements_freeze"], "not-met");
    // Who passes exceptions knows how.
    repo.write("exceptions.yaml", "enhancementFreeze:\n- {issue: 1234, status: rejected}\n");
    let refused = page("2026-02-13", &["--exceptions", "exceptions.yaml", "--all"]);
    assert!(refused.contains("missed the freeze\n") && refused.contains("  exception refused\n"), "{refused}");
    assert!(!refused.contains("--exceptions"), "{refused}");
    // An approved one is none of that.
    repo.write("exceptions.yaml", "enhancementFreeze:\n- {issue: 1234, status: approved}\n");
    let excepted = page("2026-02-13", &["--exceptions", "exceptions.yaml", "--all"]);
    assert!(excepted.contains("Quiet Hours: exception\n") && !excepted.contains("issed the freeze"), "{excepted}");
}

/// Nobody posts comments or asks for exceptions any more.
#[test]
fn nothing_is_due_in_a_release_that_is_out() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    let (code, page, _) = readiness_at(&repo, "2026-05-01", "v1.36");
    assert_eq!(code, 0);
    assert!(page.starts_with("v1.36, which is out, on 2026-05-01 23:59 UTC\n"), "{page}");
    assert!(page.contains("\nv1.36 is out, and these KEPs still name it. "), "{page}");
    assert!(!page.contains("exception"), "{page}");
    let mut command = kepgate(repo.path());
    command.args(["readiness", "--release", "v1.36", "--packets", "out"]).env("KEPGATE_NOW", "2026-05-01");
    let (code, stdout, stderr) = run(&mut command);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.starts_with("kepgate: --packets: v1.36 is out, so there is nothing left to post\n"), "{stderr}");
    assert!(!repo.place("out").exists());
}

/// Between the two freezes, only the first one can have been missed.
#[test]
fn the_first_freeze_can_be_missed_alone() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("stage", "\"\"")]));
    let mut command = kepgate(repo.path());
    let (_, page, _) = run(command.args(["readiness", "--release", "v1.36"]).env("KEPGATE_NOW", "2026-02-06"));
    assert!(page.contains("passed\n    1 missed the freeze\n  Enhancements Freeze: "), "{page}");
    assert!(page.contains("upcoming\n    1 not met\n"), "{page}");
    assert!(page.contains("\nAt risk (it missed the Production Readiness Freeze):\n"), "{page}");
    let (_, renamed, _) = {
        repo.write(KEP, kep_with(&[("latest-milestone", "v1.38"), ("milestone", "v1.38"), ("stage", "\"\"")]));
        readiness_at(&repo, "2026-09-24", "v1.38")
    };
    assert!(
        renamed.contains("KEP Readiness Deadline: 2026-09-23 12:00 UTC, passed\n    1 missed the deadline\n"),
        "{renamed}"
    );
}

fn readiness_at(repo: &TestRepo, now: &str, release: &str) -> (i32, String, String) {
    run(kepgate(repo.path()).args(["readiness", "--release", release]).env("KEPGATE_NOW", now))
}

/// A project without dates has no freeze to miss.
#[test]
fn without_dates_nothing_is_missed() {
    let repo = TestRepo::repository();
    repo.write(".github/kepgate.yaml", "project:\n  releases: none\n");
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    let (code, page, stderr) = readiness(repo.path(), &["--release", "v1.36"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(page.contains("\nNot met:\n") && !page.to_lowercase().contains("risk"), "{page}");
}
