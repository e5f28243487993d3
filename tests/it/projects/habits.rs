//! Conclusions from a project's KEPs about its process.

use serde_json::Value;

use super::adoption::{self, page};
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
    let required =
        "title, kep-number, authors, status, approvers, latest-milestone, milestone, risk-level, creation-date";
    let lines = format!(
        "  # all KEPs have `risk-level` and `creation-date`; KEPs often leave out `stage` (2 of 3); delete this if they should not\n  fields:\n    required: [{required}]\n"
    );
    assert!(config.contains(&lines), "{config}");
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![]), "{report:#}");
    repo.write(".github/kepgate.yaml", config.replace(&lines, ""));
    repo.commit();
    let (code, report) = repo.check(&["--all", "--offline"]);
    assert_eq!((code, found(&report)), (0, vec![("stage-missing", true); 2]), "warnings: {report:#}");
}

/// What `init` proposes for KEPs that are pages without a template, with these numbers and statuses.
fn proposal(pages: &[(&str, &str)]) -> String {
    let pages: Vec<_> = pages.iter().map(|(number, status)| (format!("teps/{number}-a.md"), page(status))).collect();
    let files: Vec<_> = pages.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    adoption::init(&adoption::repository(&files))
}

#[test]
fn init_lists_the_statuses_of_kubernetes_beside_those_of_the_project() {
    let said = proposal(&[("12", "implementing"), ("40", "proposed"), ("77", "implemented"), ("901", "proposed")]);
    let words = "\n  statuses:\n    implemented: implemented\n    implementing: implementable\n    proposed: provisional\n    provisional: provisional\n    implementable: implementable\n";
    assert!(said.contains(words), "{said}");
    // One such word may be a slip.
    let said = proposal(&[("12", "implementing"), ("40", "implemented"), ("77", "implemented")]);
    let note = "  # `implementing` (1 KEP) is not a status of Kubernetes. Is it a misspelling of `implemented`? If the project has it, list all words in `statuses`.\n";
    assert!(said.contains(note) && !said.contains("statuses:"), "{said}");
}

#[test]
fn init_sees_that_numbers_are_not_those_of_issues() {
    let is_off = |numbers: &[&str]| {
        let pages: Vec<_> = numbers.iter().map(|number| (*number, "provisional")).collect();
        proposal(&pages)
            .contains("\nrules:\n  # KEPs are numbered one after the other, not after issues\n  issue-missing: off\n")
    };
    assert!(is_off(&["0059", "0100"]), "padded");
    assert!(is_off(&["1", "2", "3", "5"]), "dense");
    assert!(!is_off(&["12", "40", "77", "901"]));
    assert!(!is_off(&["1", "2"]), "too few");
}

#[test]
fn init_requires_own_fields_that_all_keps_have() {
    let metadata = |number: u32, links: &str| {
        format!("name: Quotas\nnumber: {number}\nstatus: provisional\nauthors:\n  - \"@ada\"\nlinks: {links}\n")
    };
    let paths: Vec<_> = [17, 40, 99].map(|number| (format!("geps/gep-{number}/metadata.yaml"), number)).into();
    let files: Vec<_> = paths.iter().map(|(path, number)| (path, metadata(*number, "[]"))).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let said = adoption::init(&adoption::repository(&files));
    assert!(said.contains("\n  # all KEPs have `name` and `number`; KEPs often leave out"), "{said}");
    assert!(said.contains("\n    required: [authors, status, name, number]\n    optional: [links]\n"), "{said}");
}

#[test]
fn releases_are_written_as_the_project_writes_them() {
    let kep = FLAT.kep("310", "Quota lending").replace("v0.9", "2026.1");
    let repo = repository(&kep);
    let run = says(&repo, &["promote", "310", "--stage", "beta", "--release", "2026.2"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let expected = kep
        .replace("stage: alpha", "stage: beta")
        .replace("latest-milestone: \"2026.1\"", "latest-milestone: \"2026.2\"");
    let expected = expected.replace("  alpha: \"2026.1\"\n", "  alpha: \"2026.1\"\n  beta: \"2026.2\"\n");
    assert_eq!(repo.read(PATH), expected);
}

#[test]
fn examples_in_own_fields_are_replaced_or_reported() {
    let repo = repository(&FLAT.kep("310", "Quota lending"));
    let template = "keps/NNNN-template/kep.yaml";
    let own = "last-updated: yyyy-mm-dd\ndiscussed: YYYY-MM-DD\nlink: <link to the thread>\nurgency: low|high\n";
    repo.write(template, format!("{}{own}", repo.read(template)));
    repo.commit();
    let run = says(&repo, &["new", "--title", "Late", "--author", "@jo-b", "--number", "311", "--date", "2025-10-01"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let text = repo.read("keps/311-late/kep.yaml");
    assert!(text.contains("\nlast-updated: 2025-10-01\ndiscussed: 2025-10-01\nlink: <link"), "{text}");
    let (code, report) = repo.check(&["--base", "main", "--offline"]);
    let findings = report["findings"].as_array().unwrap().iter();
    let findings: Vec<_> = findings.map(|it| (it["rule"].as_str().unwrap(), it["message"].as_str().unwrap())).collect();
    let left = |key: &str, text: &str| format!("`{key}` still has the placeholder `{text}`");
    let expected = [left("link", "<link to the thread>"), left("urgency", "low|high")];
    assert_eq!((code, findings), (0, expected.iter().map(|it| ("field-placeholder", it.as_str())).collect()));
}

#[test]
fn dates_of_reviews_are_not_shown_where_there_are_none() {
    let shape = ProjectShape { has_own_releases: true, ..FLAT };
    let show = |shape: ProjectShape| {
        let repo = TestRepo::new();
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        shape.write(&repo, "");
        repo.commit();
        let run = says(&repo, &["calendar", "--now", "2024-12-01"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    };
    let without = "Release  Enhancements Freeze  Code Freeze  Out               Next\nv0.8     2025-01-10 (AoE)     unknown      2025-02-01 (AoE)  Enhancements Freeze in 40 days\n";
    assert_eq!(show(shape), without);
    let with = show(ProjectShape { has_prr: true, ..shape });
    assert!(with.starts_with("Release  Production Readiness Freeze  Enhancements Freeze"), "{with}");
}

#[test]
fn a_kep_is_found_by_the_name_that_people_use() {
    let files = [("teps/0059-skipping.md", page("provisional")), ("teps/0060-late.md", page("provisional"))];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let repo = adoption::repository(&files);
    assert_eq!(says(&repo, &["init", "--write"]).code, 0);
    repo.commit();
    for name in ["TEP-0059", "tep-59", "0059", "59", "#59", "KEP-59"] {
        let run = says(&repo, &["status", name]);
        assert!(run.code == 0 && run.stdout.contains("Quotas"), "{name}: {}{}", run.stdout, run.stderr);
    }
    assert_eq!(says(&repo, &["status", "TEP-0061"]).code, 2);
}

#[test]
fn projects_without_statuses_are_not_asked_for_one() {
    let metadata = "title: Quotas\nauthors:\n  - \"@ada\"\n";
    let config = "project:\n  profile: plain\n  metadata: metadata.yaml\n  fields:\n    required: [title, authors]\n";
    let files = [(".github/kepgate.yaml", config), ("keps/1-a/metadata.yaml", metadata)];
    let repo = adoption::repository(&files);
    let run = says(&repo, &["readiness", "--sweep"]);
    assert!(run.code == 0 && !run.stdout.contains("status"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_project_without_a_template_is_not_told_so_on_every_run() {
    let repo = adoption::repository(&[("keps/1-a/kep.yaml", &adoption::kep("1", "provisional"))]);
    let run = says(&repo, &["check", "--all", "--offline"]);
    assert!(run.code == 0 && !run.stdout.contains("template"), "{}", run.stdout);
    let run = says(&repo, &["rules"]);
    let line = "\n  the project has no template: ";
    assert!(run.stdout.contains(line), "{}", run.stdout);
    // A template that should be there is missed.
    repo.write("keps/1-a/README.md", "# Quotas\n");
    repo.write(".github/kepgate.yaml", "project:\n  profile: plain\n  template: keps/NNNN-template\n");
    repo.commit();
    let run = says(&repo, &["check", "--all", "--offline"]);
    assert!(run.stdout.contains("the target branch has no README template"), "{}", run.stdout);
}

#[test]
fn a_list_without_keps_says_where_they_were_looked_for() {
    let repo = adoption::repository(&[("keps/README.md", "# KEPs\n")]);
    let run = says(&repo, &["query"]);
    let expected =
        "there are no KEPs in `keps`\nif they are in another folder, `kepgate init` proposes a configuration\n";
    assert_eq!((run.code, run.stdout.as_str()), (0, expected), "{}", run.stderr);
}
