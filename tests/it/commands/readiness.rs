//! `kepgate readiness`: each criterion on a small repository.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::{
    ALIASES, KEP, PAYLOADS, PRR_FILE, SAMPLE_PRR, TestRepo, check_summary, check_text, commands, git_at, kep_with,
    kepgate, root, run, scalar, within_bounds,
};

pub(super) const TEMPLATE: &str = "keps/NNNN-kep-template/README.md";

/// Runs `kepgate readiness` in the folder with these arguments.
pub(super) fn readiness(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(kepgate(folder).arg("readiness").args(arguments))
}

pub(super) fn json(folder: &Path, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = readiness(folder, &[arguments, &["--output", "json"]].concat());
    assert_eq!((code, stderr.as_str()), (0, ""));
    serde_json::from_str(&stdout).unwrap()
}

/// The verdict and the reason of each criterion of a KEP.
pub(super) fn verdicts(kep: &Value) -> BTreeMap<&str, (&str, Option<&str>)> {
    let criteria = kep["criteria"].as_array().unwrap().iter();
    criteria.map(|it| (it["key"].as_str().unwrap(), (it["verdict"].as_str().unwrap(), it["why"].as_str()))).collect()
}

/// The criteria that a KEP does not meet, with their reasons.
pub(super) fn not_met(kep: &Value) -> Vec<(&str, &str)> {
    let not_met = verdicts(kep).into_iter().filter(|(_, (verdict, _))| *verdict == "not-met");
    not_met.map(|(key, (_, why))| (key, why.unwrap())).collect()
}

#[test]
fn criteria_that_need_github_are_unknown_offline() {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, "# KEP-NNNN: Title\n\n## Summary\n");
    let report = json(repo.path(), &["--release", "v1.36"]);
    assert_eq!(report["schema"], "kepgate-readiness/3");
    assert_eq!(report["at"], "2025-09-20T12:00:00Z");
    assert_eq!(report["freezes"][1]["ends"], "2026-02-12T12:00:00Z");
    assert_eq!(report["freezes"][1]["passed"], false);
    let kep = &report["keps"][0];
    assert_eq!((&kep["number"], &kep["sig"]), (&1234.into(), &"sig-node".into()));
    assert_eq!(kep["prr_approver"], "@petra-solm");
    let verdicts = verdicts(kep);
    for met in ["latest-milestone", "stage", "milestone", "prr-approver", "status", "readme", "prr-approver-authorized"]
    {
        assert_eq!(verdicts[met], ("met", None), "{met}");
    }
    assert_eq!(verdicts["opted-in"], ("unknown", Some("the tracking issue was not fetched")));
    assert_eq!(verdicts["no-open-pull-request"], ("unknown", Some("open pull requests were not fetched")));
    assert_eq!(kep["enhancements_freeze"], "unchecked");
    assert_eq!(report["freezes"][1]["unchecked"], 1);
    assert_eq!(report["unmerged"], Value::Null);
    let (_, text, _) = readiness(repo.path(), &["--release", "v1.36", "--all"]);
    assert!(text.contains("Quiet Hours: nothing missing (opt-in not checked)\n"), "{text}");
    assert!(text.contains("KEPs that are not merged yet are not in this list (--online lists them)\n"), "{text}");
    // No KEP targets another release.
    assert_eq!(json(repo.path(), &["--release", "v1.35"])["keps"], Value::Array(Vec::new()));
}

#[test]
fn release_that_cannot_be_is_an_error() {
    let repo = TestRepo::repository();
    let (code, stdout, stderr) = readiness(repo.path(), &["--release", "v1.63"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    let expected = "kepgate: --release: no KEP targets v1.63, and it is not in the calendar\n  help: did you mean v1.36? the latest known releases are v1.38, ";
    assert!(stderr.starts_with(expected), "{stderr}");
    // The calendar does not have every release that KEPs target.
    repo.write(KEP, kep_with(&[("latest-milestone", "v1.63"), ("milestone", "v1.63")]));
    assert_eq!(readiness(repo.path(), &["--release", "v1.63"]).0, 0);
}

/// More than what fits one screen is counted, and listed with `--all`.
#[test]
fn the_first_screen_is_bounded() {
    let repo = TestRepo::repository();
    for number in 0..30 {
        let sig = format!("sig-{}", char::from(b'a' + number));
        let values = [
            ("kep-number", &*format!("{}", 2000 + u32::from(number))),
            ("owning-sig", &sig),
            ("status", "provisional"),
        ];
        repo.write(format!("keps/{sig}/{}-x/kep.yaml", 2000 + u32::from(number)), kep_with(&values));
    }
    let (_, screen, _) = readiness(repo.path(), &["--release", "v1.36"]);
    assert!(screen.lines().count() <= 50, "{screen}");
    assert!(screen.contains("\n21 others ") && screen.contains("\nand 20 more\n"), "{screen}");
    assert!(screen.contains("\n30    status"), "30 KEPs fail this criterion: {screen}");
    let (_, all, _) = readiness(repo.path(), &["--release", "v1.36", "--all"]);
    assert!(all.contains("\nsig-z ") && all.contains("\nsig-z (1 KEP)\n") && !all.contains("others"), "{all}");
}

#[test]
fn each_mistake_fails_one_criterion() {
    let prr_file = |text: &str| Some(text.to_owned());
    for (values, prr_file, expected) in [
        (&[("status", "provisional")][..], None, ("status", "`status` is `provisional`")),
        (&[("stage", "gamma")], None, ("stage", "`gamma` is not a valid stage")),
        (
            &[("milestone", "v1.37")],
            None,
            ("milestone", "`milestone.alpha` is v1.37, which is later than `latest-milestone` v1.36"),
        ),
        (&[("milestone", "\"\"")], None, ("milestone", "`milestone.alpha` is missing, but the KEP targets alpha")),
        (&[], prr_file("kep-number: 1234\nbeta:\n  approver: \"@petra-solm\"\n"), ("prr-approver", "")),
        (&[], prr_file("kep-number: 1234\nalpha:\n  approver: \"@odile-varga\"\n"), ("prr-approver-authorized", "")),
    ] {
        let repo = TestRepo::repository();
        repo.write(KEP, kep_with(values));
        repo.write(PRR_FILE, prr_file.clone().unwrap_or_else(|| SAMPLE_PRR.to_owned()));
        let report = json(repo.path(), &["--release", "v1.36"]);
        let kep = &report["keps"][0];
        let found = not_met(kep);
        let (key, why) = expected;
        assert!(
            found.iter().any(|(found, said)| *found == key && said.contains(why)),
            "{values:?} {prr_file:?}: {found:?}"
        );
        assert_eq!(kep["enhancements_freeze"], "not-met");
        let is_late = key == "status";
        assert_eq!(kep["prr_freeze"] == "not-met", !is_late || found.len() > 1, "{key}: {found:?}");
    }
}

#[test]
fn sigs_can_be_selected() {
    let repo = two_keps();
    let numbers = |sigs: &[&str]| -> Vec<u64> {
        let report = json(repo.path(), &[&["--release", "v1.36"], sigs].concat());
        report["keps"].as_array().unwrap().iter().map(|kep| kep["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&[]), [77, 1234]);
    assert_eq!(numbers(&["--sig", "node"]), [1234]);
    assert_eq!(numbers(&["--sig", "SIG-Node"]), [1234]);
    assert_eq!(numbers(&["--sig", "node", "--sig", "^sig-apps$"]), [77, 1234]);
    for target in [&["--release", "v1.36"][..], &["--sweep"]] {
        let (code, _, stderr) = readiness(repo.path(), &[target, &["--sig", "sig-nod$"]].concat());
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.starts_with("kepgate: --sig: no SIG matches `sig-nod$`\n  help: "), "{stderr}");
    }
    let (_, page, _) = readiness(repo.path(), &["--release", "v1.35", "--sig", "node"]);
    assert!(page.contains("No KEP of these SIGs targets v1.35"), "{page}");
}

#[test]
fn a_state_after_a_freeze_is_not_that_of_the_freeze() {
    let repo = TestRepo::repository();
    let page =
        |now: &str| run(kepgate(repo.path()).args(["readiness", "--release", "v1.36"]).env("KEPGATE_NOW", now)).1;
    let first = "--at 2026-02-05T12:00Z (Production Readiness Freeze)";
    let second = "--at 2026-02-12T12:00Z (Enhancements Freeze)";
    for (now, notes) in
        [("2026-02-05T12:00Z", [false, false]), ("2026-02-12T12:00Z", [true, false]), ("2026-02-13", [true, true])]
    {
        let page = page(now).replace('\n', " ");
        assert_eq!([first, second].map(|note| page.contains(note)), notes, "{now}: {page}");
    }
}

#[test]
fn withdrawn_kep_is_in_no_release() {
    let repo = TestRepo::repository();
    for (status, stage, count) in [
        ("deferred", "alpha", 0),
        ("rejected", "alpha", 0),
        ("withdrawn", "alpha", 0),
        ("withdrawn", "removed", 1),
        // An alpha KEP is not implemented, which `a_criterion_is_not_met_while_a_rule_reports_an_error_about_its_field` tests.
        ("implemented", "stable", 1),
    ] {
        repo.write(KEP, kep_with(&[("status", status), ("stage", stage)]));
        let report = json(repo.path(), &["--release", "v1.36"]);
        assert_eq!(report["keps"].as_array().unwrap().len(), count, "{status} {stage}");
        assert!(report["keps"].as_array().unwrap().iter().all(|kep| verdicts(kep)["status"].0 == "met"));
    }
}

#[test]
fn only_an_approved_exception_counts() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    for (status, state) in [("approved", "exception"), ("rejected", "not-met")] {
        let text = format!(
            "enhancementFreeze:\n- issue: 1234\n  date_reviewed: 2026-02-13\n  status: {status}\n- issue: 77\n  status: approved\n"
        );
        repo.write("exceptions.yaml", text);
        let report = json(repo.path(), &["--release", "v1.36", "--exceptions", "exceptions.yaml"]);
        let keps = report["keps"].as_array().unwrap();
        assert_eq!(keps[0]["enhancements_freeze"], state);
        assert_eq!(keps[0]["exception"]["reviewed"], "2026-02-13");
        // An exception for a KEP that is not merged yet is listed too.
        assert_eq!((&keps[1]["number"], &keps[1]["path"]), (&77.into(), &Value::Null));
        assert_eq!(not_met(&keps[1]), [("latest-milestone", "no KEP has this number")]);
        assert_eq!(keps[1]["enhancements_freeze"], "exception");
    }
}

#[test]
fn readiness_at_a_past_date_uses_the_tree_of_that_day() {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("OWNERS_ALIASES", ALIASES);
    repo.write(PRR_FILE, SAMPLE_PRR);
    for (day, status) in [("2026-02-10T12:00:00Z", "provisional"), ("2026-02-12T18:00:00Z", "implementable")] {
        repo.write(KEP, kep_with(&[("status", status)]));
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], day);
    }
    let at = |time: &str| {
        let report = json(repo.path(), &["--release", "v1.36", "--at", time]);
        let status = report["keps"][0]["status"].as_str().unwrap().to_owned();
        (report["at"].as_str().unwrap().to_owned(), status, report["freezes"][1]["passed"].as_bool().unwrap())
    };
    assert_eq!(at("2026-02-11"), ("2026-02-11T23:59:59Z".to_owned(), "provisional".to_owned(), false));
    assert_eq!(at("2026-02-12T12:00Z"), ("2026-02-12T12:00:00Z".to_owned(), "provisional".to_owned(), true));
    assert_eq!(at("2026-02-12"), ("2026-02-12T23:59:59Z".to_owned(), "implementable".to_owned(), true));
    let (code, _, stderr) = readiness(repo.path(), &["--release", "v1.36", "--at", "2026-02-09"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("starts after that time"), "{stderr}");
}

#[test]
fn unreadable_kep_is_reported() {
    let repo = TestRepo::repository();
    repo.write("keps/sig-apps/77-broken/kep.yaml", "- not\n- a mapping\n");
    let (code, stdout, stderr) = readiness(repo.path(), &["--release", "v1.36"]);
    assert_eq!(code, 3);
    assert!(stdout.contains("1 KEP could not be read:\n  keps/sig-apps/77-broken\n"), "{stdout}");
    assert!(stderr.contains("`keps/sig-apps/77-broken` cannot be read"), "{stderr}");
}

#[test]
fn hostile_text_in_readiness_stays_text() {
    for payload in PAYLOADS {
        let value = scalar(payload);
        let repo = TestRepo::repository();
        repo.write(KEP, kep_with(&[("title", &value), ("status", &value), ("stage", &value)]));
        repo.write(PRR_FILE, format!("kep-number: 1234\nalpha:\n  approver: {value}\n"));
        let exceptions = format!("enhancementFreeze:\n- issue: 1234\n  status: approved\n  date_reviewed: {value}\n");
        // A document marker would make the file invalid.
        repo.write("exceptions.yaml", exceptions.replace("---", "--"));
        let page = |format: &str| {
            let mut command = kepgate(repo.path());
            command.args(["readiness", "--release", "v1.36", "--exceptions", "exceptions.yaml", "--output", format]);
            let run = within_bounds(&command);
            assert_eq!(run.code, 0, "{payload:?}: {}", run.stderr);
            assert_eq!(commands(&run.stdout).len(), 0, "{payload:?} as {format}: {}", run.stdout);
            run.stdout
        };
        check_text(&page("text"));
        check_summary(&page("markdown"), None);
        assert!(
            !page("csv").lines().skip(1).any(|line| line.trim_start_matches('"').starts_with(['=', '+', '-', '@'])),
            "{payload:?}"
        );
        let report: Value = serde_json::from_str(&page("json")).unwrap();
        assert_eq!(report["keps"][0]["title"], *payload);
    }
}

/// The sample KEP, and one without the milestone of its stage.
fn two_keps() -> TestRepo {
    let repo = TestRepo::repository();
    let folder = "keps/sig-apps/77-slow-start";
    let other = [("kep-number", "77"), ("owning-sig", "sig-apps"), ("title", "Slow Start"), ("stage", "beta")];
    repo.write(format!("{folder}/kep.yaml"), kep_with(&other));
    repo.write(format!("{folder}/README.md"), "# KEP-77: Slow Start\n");
    repo.write("keps/prod-readiness/sig-apps/77.yaml", "kep-number: 77\nbeta:\n  approver: \"@hedda-rusk\"\n");
    repo.write(TEMPLATE, "# KEP-NNNN: Title\n\n## Summary\n");
    repo
}

#[test]
fn release_team_page_shows_the_real_output() {
    let path = root().join("docs/release-team.md");
    let mut page = std::fs::read_to_string(&path).unwrap();
    let mut shows = |repo: &TestRepo, now: &str, arguments: &[&str]| {
        let (code, stdout, stderr) = run(kepgate(repo.path()).args(arguments).env("KEPGATE_NOW", now));
        assert_eq!((code, stderr.as_str()), (0, ""));
        let command = format!("```console\n$ kepgate {}\n", arguments.join(" "));
        let start = page.find(&command).unwrap_or_else(|| panic!("{command} is not in {}", path.display()));
        let output = start + command.len()..;
        let output = output.start..output.start + page[output.clone()].find("```").unwrap();
        if std::env::var_os("KEPGATE_BLESS").is_some() {
            page.replace_range(output, &stdout);
            std::fs::write(&path, &page).unwrap();
        } else {
            assert_eq!(page[output], stdout, "docs/release-team.md: run `cargo xtask bless`");
        }
    };
    shows(&two_keps(), "2026-02-12T11:00Z", &["readiness", "--release", "v1.36"]);
    let repo = TestRepo::repository();
    let stable = [("stage", "stable"), ("milestone", "v1.33\n  stable: v1.34"), ("latest-milestone", "v1.34")];
    repo.write(KEP, kep_with(&stable));
    shows(&repo, "2025-09-07T12:00Z", &["readiness", "--sweep"]);
}

#[test]
fn readiness_formats_match_the_snapshots() {
    let repo = TestRepo::repository();
    repo.write(KEP, kep_with(&[("status", "provisional")]));
    let folder = "keps/sig-apps/77-slow-start";
    let other = [("kep-number", "77"), ("owning-sig", "sig-apps"), ("title", "Slow | start"), ("stage", "beta")];
    repo.write(format!("{folder}/kep.yaml"), kep_with(&other));
    repo.write(format!("{folder}/README.md"), "# KEP-77: Slow start\n");
    repo.write("keps/prod-readiness/sig-apps/77.yaml", "kep-number: 77\nbeta:\n  approver: \"@hedda-rusk\"\n");
    repo.write("exceptions.yaml", "enhancementFreeze:\n- {issue: 1234, status: approved, date_reviewed: 2026-02-13}\n");
    for format in ["text", "markdown", "csv"] {
        let arguments = ["--release", "v1.36", "--exceptions", "exceptions.yaml", "--output", format];
        let (code, stdout, stderr) = readiness(repo.path(), &arguments);
        assert_eq!((code, stderr.as_str()), (0, ""));
        crate::commands::cli::assert_page(&format!("readiness-{format}"), &stdout.replace("\r\n", "\n"), None);
    }
}
