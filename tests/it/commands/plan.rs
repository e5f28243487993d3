//! `kepgate query --by approver --plan`.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::corpus::{assert_table, clone, git};
use crate::support::{ALIASES, TestRepo, git_at, kep_with, kepgate, run};

const PLAN: [&str; 6] = ["query", "--by", "approver", "--plan", "--release", "v1.36"];

/// The command, two days before the freeze.
fn planning(repo: &TestRepo) -> std::process::Command {
    let mut command = kepgate(repo.path());
    command.args(PLAN).env("KEPGATE_NOW", "2026-02-10T14:00Z");
    command
}

/// Four KEPs for v1.36, two days before its freeze: `petra-solm` has three of them, and one has nobody.
fn repository() -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write("OWNERS_ALIASES", ALIASES);
    let kep = |number: &str, stage: &str, prr: &str| {
        let milestone = format!("v1.{}", if stage == "alpha" { "36" } else { "35" });
        let values = [("kep-number", number), ("title", "Some | title"), ("stage", stage), ("milestone", &*milestone)];
        repo.write(format!("keps/sig-node/{number}-x/kep.yaml"), kep_with(&values));
        if !prr.is_empty() {
            repo.write(format!("keps/prod-readiness/sig-node/{number}.yaml"), format!("kep-number: {number}\n{prr}"));
        }
    };
    let approver = |stage: &str, name: &str| format!("{stage}:\n  approver: \"@{name}\"\n");
    kep("11", "beta", &approver("beta", "petra-solm"));
    kep("12", "beta", &[approver("alpha", "Petra-Solm"), approver("beta", "petra-solm")].concat());
    kep("13", "alpha", &approver("alpha", "petra-solm"));
    kep("14", "alpha", "");
    let commit = |date: &str| {
        repo.git(&["add", "--all"]);
        git_at(repo.path(), &["commit", "--quiet", "--message=."], date);
    };
    commit("2026-02-08T12:00:00Z");
    repo.write("README.md", "# KEPs\n");
    commit("2026-02-10T13:00:00Z");
    repo
}

#[test]
fn a_plan_shows_loads_moves_and_how_releases_filled_up() {
    let repo = repository();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let page = |format: &str| {
        let (code, stdout, stderr) = run(planning(&repo).args(["--output", format]));
        assert_eq!((code, stderr.as_str()), (0, ""));
        stdout.replace('\r', "")
    };
    settings.bind(|| {
        for format in ["text", "markdown", "csv", "json"] {
            insta::assert_snapshot!(format!("plan-{format}"), page(format));
        }
    });
    let json: Value = serde_json::from_str(&page("json")).unwrap();
    let yaml: Value = serde_json::to_value(serde_yaml::from_str::<serde_yaml::Value>(&page("yaml")).unwrap()).unwrap();
    assert_eq!(json, yaml);
}

#[test]
fn reviews_of_an_earlier_release_stay_and_implemented_keps_are_left_out() {
    let repo = repository();
    let earlier = [("kep-number", "11"), ("stage", "beta"), ("milestone", "v1.34\n  beta: v1.35")];
    repo.write("keps/sig-node/11-x/kep.yaml", kep_with(&earlier));
    repo.write("keps/sig-node/12-x/kep.yaml", kep_with(&[("kep-number", "12"), ("status", "implemented")]));
    let (code, stdout, _) = run(planning(&repo).args(["--output", "json"]));
    assert_eq!(code, 0);
    let plan: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&plan["done"], &plan["implemented"]), (&Value::from(1), &Value::from(1)));
    assert!(plan["moves"].as_array().unwrap().iter().all(|it| it["kep"]["number"] != 11), "{stdout}");
    let (_, text, _) = run(planning(&repo).env("COLUMNS", "80"));
    for part in [
        "\n1 KEP whose approver was recorded in an earlier release is not moved.\n",
        "\n1 implemented KEP is left out; `kepgate query --status implemented` lists them.\n",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let summary = text.split("\n\n").next().unwrap();
    assert!(summary.lines().all(|line| line.len() <= 80), "{summary}");
    // The list of loads counts the same KEPs.
    let (_, loads, _) = run(kepgate(repo.path()).args(["query", "--by", "approver", "--release", "v1.36"]));
    let count = |page: &str| {
        let row = page.lines().find(|line| line.starts_with("@petra-solm")).unwrap().to_owned();
        row.split_whitespace().find_map(|word| word.parse::<u32>().ok()).unwrap()
    };
    assert_eq!((count(&text), count(&loads)), (2, 2), "{text}\n{loads}");
    assert!(
        loads.ends_with("\n\n1 implemented KEP is left out; `kepgate query --status implemented` lists them.\n"),
        "{loads}"
    );
}

#[test]
fn loads_without_approvers_are_a_sentence() {
    let repo = TestRepo::new();
    repo.write("keps/sig-node/11-x/kep.yaml", kep_with(&[("kep-number", "11"), ("latest-milestone", "v1.10")]));
    let (_, stdout, _) = run(kepgate(repo.path()).args(["query", "--by", "approver"]));
    assert_eq!(stdout, "there are no approvers: OWNERS_ALIASES lists none, and no matching KEP names one\n");
}

/// A KEP whose authors are all the approvers there are.
#[test]
fn a_plan_says_what_nobody_may_take() {
    let repo = repository();
    let authors = [("kep-number", "14"), ("title", "'<b> x'"), ("authors", "\"@petra-solm\"\n  - \"@Hedda-Rusk\"")];
    repo.write("keps/sig-node/14-x/kep.yaml", kep_with(&authors));
    for (format, title) in [("text", "<b> x"), ("markdown", "`<b> x`")] {
        let (code, stdout, _) = run(planning(&repo).args(["--output", format]));
        assert_eq!(code, 0);
        let expected = format!("\nKEP 14: nobody may take it, because every approver is an author: {title}\n");
        assert!(stdout.contains(&expected), "{stdout}");
    }
}

#[test]
fn a_plan_without_history_is_incomplete() {
    let repo = repository();
    std::fs::remove_dir_all(repo.path().join(".git")).unwrap();
    let (code, stdout, stderr) = run(&mut planning(&repo));
    assert_eq!(code, 3);
    assert!(stderr.starts_with("kepgate: how earlier releases filled up is unknown: "), "{stderr}");
    assert!(stdout.contains("\nMoves:\n") && !stdout.contains("by days before"), "{stdout}");
}

#[test]
fn nothing_is_proposed_for_a_release_that_is_out() {
    let repo = repository();
    let page = |now: &str, format: &str| {
        let (code, stdout, stderr) = run(planning(&repo).args(["--output", format]).env("KEPGATE_NOW", now));
        assert_eq!((code, stderr.as_str()), (0, ""));
        stdout
    };
    for format in ["text", "markdown"] {
        let out = page("2026-05-01", format);
        assert!(out.starts_with("v1.36 is out, so no production readiness reviews are planned."), "{out}");
        assert!(!out.contains("Moves") && !out.contains("KEPs after") && !out.contains("nobody may take it"), "{out}");
        let frozen = page("2026-02-13", format);
        let note = "The Enhancements Freeze of v1.36 was on 2026-02-12 12:00 UTC, so no moves are proposed";
        assert!(frozen.replace('\n', " ").starts_with(note) && !frozen.contains("Moves"), "{frozen}");
        assert!(!page("2026-02-11", format).contains("The Enhancements Freeze of"));
    }
    let json: Value = serde_json::from_str(&page("2026-05-01", "json")).unwrap();
    assert_eq!((&json["out"], &json["moves"]), (&Value::Bool(true), &Value::Array(Vec::new())));
    assert_eq!(json["spread"]["before"], json["spread"]["after"]);
    let frozen: Value = serde_json::from_str(&page("2026-02-13", "json")).unwrap();
    assert_eq!([&frozen["out"], &frozen["frozen"]], [&Value::Bool(false), &Value::Bool(true)]);
    assert_eq!(frozen["moves"], Value::Array(Vec::new()));
    assert_eq!(page("2026-05-01", "csv").lines().count(), 1, "only the headings");
}

/// A clock that was not set does not move what was there before.
#[test]
fn a_commit_dated_before_git_changes_no_numbers() {
    let repo = repository();
    let days = || {
        let (_, stdout, _) = run(planning(&repo).args(["--output", "json"]).env("KEPGATE_NOW", "2026-02-13"));
        let plan: Value = serde_json::from_str(&stdout).unwrap();
        plan["filling"].clone()
    };
    let before = days();
    repo.write("README.md", "# All KEPs\n");
    repo.git(&["add", "--all"]);
    git_at(repo.path(), &["commit", "--quiet", "--message=."], "1971-02-03T12:00:00Z");
    assert_eq!(days(), before);
    let at = ["readiness", "--release", "v1.36", "--at", "2026-02-09", "--output", "json"];
    let (code, stdout, _) = run(kepgate(repo.path()).args(at));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, report["commit"].as_str()), (0, Some(repo.id("HEAD~2").as_str())));
}

/// The newest commit can be older than the days that are counted. The site counts them as well.
#[test]
fn days_without_commits_are_counted() {
    let repo = repository();
    let named = |now: &str| -> Vec<Value> {
        let (_, stdout, _) = run(planning(&repo).args(["--output", "json"]).env("KEPGATE_NOW", now));
        let plan: Value = serde_json::from_str(&stdout).unwrap();
        let filling = plan["filling"].as_array().unwrap().iter().find(|it| it["release"] == "v1.36").unwrap().clone();
        filling["days"].as_array().unwrap().iter().rev().map(|day| day["keps"].clone()).take(4).collect()
    };
    let (three, null) = (Value::from(3), Value::Null);
    assert_eq!(named("2026-02-13"), [&three, &three, &three, &three].map(Clone::clone));
    assert_eq!(named("2026-02-11T13:00Z"), [&null, &three, &three, &three].map(Clone::clone));
}

#[test]
fn a_project_without_reviews_has_none_to_plan() {
    let repo = repository();
    repo.write(".github/kepgate.yaml", "project:\n  production-readiness: none\n");
    let (code, stdout, stderr) = run(&mut planning(&repo));
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.starts_with("kepgate: --plan: this project does not review production readiness\n"), "{stderr}");
}

#[test]
fn a_plan_needs_one_release() {
    let repo = repository();
    for arguments in [&["--plan"][..], &["--plan", "--release", "v1.35,v1.36"], &["--plan", "--release", "none"]] {
        let (code, stdout, stderr) = run(kepgate(repo.path()).args(["query", "--by", "approver"]).args(arguments));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(stderr, "kepgate: --plan needs one release\n  help: specify it, as in --release v1.36\n");
    }
}

/// The last evening before each freeze of two releases: what plans would have changed.
#[test]
#[ignore = "needs ../shared/corpus"]
fn plans_of_v1_34_and_v1_35() {
    let clone = clone();
    let mut table = "# Plans for the production readiness reviews of past releases\n\n\
         The weight of a KEP is 1 at alpha and for removals, and 2 at beta and stable.\n"
        .to_owned();
    for (release, at, freeze) in [
        ("v1.34", "2025-06-12T23:59:59Z", "Production Readiness Freeze"),
        ("v1.34", "2025-06-20T20:59:59Z", "Enhancements Freeze"),
        ("v1.35", "2025-10-10T11:59:59Z", "Production Readiness Freeze"),
        ("v1.35", "2025-10-17T11:59:59Z", "Enhancements Freeze"),
    ] {
        let commit =
            git(clone, &["log", "-1", "--first-parent", &format!("--before={at}"), "--format=%H", "HEAD"]).remove(0);
        writeln!(table, "\n## {release}, {freeze} ({at})\n").unwrap();
        writeln!(table, "| plan | moves | spread before | spread after | weights before | weights after |").unwrap();
        writeln!(table, "|---|---|---|---|---|---|").unwrap();
        for (name, option) in [("earlier approvers stay", None), ("`--reassign`", Some("--reassign"))] {
            let arguments = ["query", "--by", "approver", "--plan", "--release", release, "--head", &commit];
            let mut command = kepgate(clone);
            command.args(arguments).args(option).args(["--output", "json"]).env("KEPGATE_NOW", at);
            let (code, stdout, stderr) = run(&mut command);
            assert_eq!((code, stderr.as_str()), (0, ""));
            let plan: Value = serde_json::from_str(&stdout).unwrap();
            let weights = |when: &str| {
                let approvers = plan["approvers"].as_array().unwrap().iter();
                let mut weights: Vec<_> = approvers.map(|it| it[when]["weight"].as_u64().unwrap()).collect();
                weights.sort_unstable();
                weights
            };
            let [before, after] = ["before", "after"].map(|when| plan["spread"][when].as_u64().unwrap());
            let [all_before, all_after] = ["before", "after"].map(weights);
            assert_eq!(before, all_before.last().unwrap() - all_before[0]);
            assert_eq!(after, all_after.last().unwrap() - all_after[0]);
            assert!(after <= before);
            let moves = plan["moves"].as_array().unwrap().len();
            let [all_before, all_after] = [all_before, all_after].map(|it| format!("{it:?}"));
            writeln!(table, "| {name} | {moves} | {before} | {after} | {all_before} | {all_after} |").unwrap();
        }
    }
    assert_table("plan.md", &table);
}

/// What a plan says about the past is what `git` finds.
#[test]
#[ignore = "needs ../shared/corpus"]
fn releases_filled_up_as_git_says() {
    let clone = clone();
    let arguments = ["query", "--by", "approver", "--plan", "--release", "v1.36", "--output", "json"];
    let (code, stdout, _) = run(kepgate(clone).args(arguments).env("KEPGATE_NOW", "2026-02-10"));
    assert_eq!(code, 0);
    let plan: Value = serde_json::from_str(&stdout).unwrap();
    let days = |release: &str| {
        let releases = plan["filling"].as_array().unwrap();
        let filling = releases.iter().find(|it| it["release"] == release).unwrap();
        filling["days"].as_array().unwrap().clone()
    };
    // Two days before the Enhancements Freeze of v1.35, and at it.
    for (at, before) in [("2025-10-15T12:00:00Z", 2), ("2025-10-17T12:00:00Z", 0)] {
        let commit =
            git(clone, &["log", "-1", "--first-parent", &format!("--before={at}"), "--format=%H", "HEAD"]).remove(0);
        let pattern = "^latest-milestone: *[\"']?v?1\\.35(\\.0)?[\"']? *(#.*)?$";
        let target = git(clone, &["grep", "-lE", pattern, &commit, "--", "keps/sig-*/kep.yaml"]);
        let closed = "^status: *[\"']?(implemented|deferred|rejected|withdrawn|replaced)";
        let closed = git(clone, &["grep", "-lE", closed, &commit, "--", "keps/sig-*/kep.yaml"]);
        let open = target.iter().filter(|path| !closed.contains(path)).count();
        let counted = days("v1.35").into_iter().find(|day| day["before"] == before).unwrap();
        // Every KEP for v1.35 named an approver.
        assert_eq!(counted["keps"], open, "{at}");
    }
}
