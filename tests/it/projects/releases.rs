//! Commands about releases in projects without Kubernetes' calendar or production readiness reviews.

use serde_json::Value;

use super::says;
use crate::support::TestRepo;
use crate::support::project_shape::ProjectShape;

const WITHOUT_DATES: ProjectShape = ProjectShape {
    root: "keps",
    metadata: "kep.yaml",
    readme: "README.md",
    has_sig_folders: false,
    has_prr: false,
    has_own_releases: false,
};
const WITH_DATES: ProjectShape = ProjectShape { has_own_releases: true, ..WITHOUT_DATES };
const WITH_REVIEWS: ProjectShape = ProjectShape { has_prr: true, has_sig_folders: true, ..WITH_DATES };

fn repository(shape: ProjectShape, stages: &str) -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    shape.write(&repo, "");
    repo.write(".github/kepgate.yaml", shape.config().replace("  releases:", &format!("{stages}  releases:")));
    repo.commit();
    repo
}

/// The standard output of a command.
fn shown(repo: &TestRepo, command: &[&str]) -> String {
    let run = says(repo, command);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}: {}", run.stdout);
    run.stdout
}

#[test]
fn readiness_has_only_the_criteria_of_the_project() {
    let criteria = |shape| {
        let repo = repository(shape, "");
        let report: Value =
            serde_json::from_str(&shown(&repo, &["readiness", "--release", "v0.9", "--output", "json"])).unwrap();
        let criteria = report["keps"][0]["criteria"].as_array().unwrap().iter();
        let freezes = report["freezes"].as_array().unwrap().iter().map(|freeze| freeze["key"].as_str().unwrap());
        let freezes: Vec<_> = freezes.map(str::to_owned).collect();
        (criteria.map(|it| it["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), freezes)
    };
    let always = ["latest-milestone", "stage", "milestone", "status", "readme", "no-open-pull-request"];
    assert_eq!(criteria(WITHOUT_DATES).0, always);
    assert_eq!(criteria(WITH_DATES), (always.map(str::to_owned).to_vec(), vec!["enhancements-freeze".to_owned()]));
    let (with_reviews, freezes) = criteria(WITH_REVIEWS);
    let expected = [
        "latest-milestone",
        "stage",
        "milestone",
        "prr-approver",
        "prr-approver-authorized",
        "status",
        "readme",
        "no-open-pull-request",
    ];
    assert_eq!((with_reviews, freezes.len()), (expected.map(str::to_owned).to_vec(), 2));
}

#[test]
fn readiness_of_a_project_without_reviews_finds_nothing_missing() {
    let repo = repository(WITHOUT_DATES, "");
    let page = shown(&repo, &["readiness", "--release", "v0.9", "--all"]);
    assert!(page.contains("  Criteria: the project has no freezes\n    1 nothing missing (pull requests"), "{page}");
    assert!(page.contains("\n1 KEP\n    310  alpha       Quota lending: nothing missing"), "{page}");
    for absent in ["prr-approver", "opted-in", "opt-in", "release team", "Freeze", "SIG"] {
        assert!(!page.contains(absent), "{absent}: {page}");
    }
    let page = shown(&repo, &["readiness", "--release", "v0.9", "--output", "markdown"]);
    assert!(
        page.contains(
            "\n### KEPs\n\n| KEP | Title | Stage | Criteria | Missing | Remarks |\n|---|---|---|---|---|---|\n"
        )
    );
    assert!(page.contains("\n- [x] The README has graduation criteria and a test plan\n"), "{page}");
    assert!(!page.contains("roduction readiness"), "{page}");
    let run = says(&repo, &["readiness", "--release", "v0.10"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("help: `kepgate query` shows the milestones of all KEPs\n"), "{}", run.stderr);
}

#[test]
fn only_kubernetes_has_the_built_in_comment() {
    for shape in [WITHOUT_DATES, WITH_DATES, WITH_REVIEWS] {
        let repo = repository(shape, "");
        let run = says(&repo, &["readiness", "--release", "v0.9", "--packets", "packets"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert_eq!(
            run.stderr,
            "kepgate: --packets: the built-in comment is that of Kubernetes' release team\n  help: pass your own comment \
             with --packet-template FILE\n"
        );
        assert!(!repo.path().join("packets").exists());
        repo.write("packet.md", "{{ kep.number }}\n");
        let arguments = ["--packets", "packets", "--packet-template", "packet.md"];
        let run = says(&repo, &[&["readiness", "--release", "v0.9"][..], &arguments].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let board = repo.read("packets/board.csv");
        // With production readiness reviews, the PRR Freeze comes first. It requires nothing of pull requests.
        let words = if shape.has_prr { "met" } else { "nothing missing (pull requests not checked)" };
        assert!(board.contains(&format!("\"{words}\",\"310.md\"")), "{board}");
    }
}

#[test]
fn readiness_shows_the_words_of_the_project() {
    let words = "  statuses:\n    accepted: implementable\n  stages:\n    preview: alpha\n    ga: stable\n";
    let repo = repository(WITH_REVIEWS, words);
    let path = WITH_REVIEWS.metadata_path("310-quota-lending");
    let kep = repo.read(&path).replace("status: implementable", "status: accepted").replace("alpha", "ga");
    repo.write(&path, kep);
    let page = shown(&repo, &["readiness", "--release", "v0.9", "--all"]);
    assert!(page.contains("\n1 KEP: 1 ga\n") && page.contains("    310  ga          Quota lending:"), "{page}");
    let page = shown(&repo, &["readiness", "--release", "v0.9", "--output", "markdown"]);
    assert!(page.contains("| `ga` |") && page.contains("- [x] `status` is accepted\n"), "{page}");
}

#[test]
fn the_calendar_is_that_of_the_project() {
    let page = shown(&repository(WITHOUT_DATES, ""), &["calendar"]);
    assert!(page.starts_with("the project has no release dates; to add them, set `releases: own`"), "{page}");
    assert_eq!(shown(&repository(WITHOUT_DATES, ""), &["calendar", "--output", "json"]), "[]\n");
    let repo = repository(WITH_DATES, "");
    let page = shown(&repo, &["calendar"]);
    assert!(page.contains("v0.8") && !page.contains("v1.36"), "{page}");
    let run = says(&repo, &["calendar", "--release", "v1.36"]);
    let help = "help: add its dates to `calendar` in .github/kepgate.yaml\n";
    assert!(run.code == 2 && run.stderr.ends_with(help), "{}", run.stderr);
}

#[test]
fn only_dates_that_the_project_has_are_shown_or_missed() {
    let page = shown(&repository(WITHOUT_DATES, ""), &["status", "310"]);
    assert!(page.contains("alpha in v0.9") && !page.contains("Dates"), "{page}");
    let page = shown(&repository(WITH_DATES, ""), &["status", "310"]);
    assert!(page.contains("Enhancements Freeze") && !page.contains("Production Readiness"), "{page}");
    let repo = repository(WITHOUT_DATES, "");
    let path = WITHOUT_DATES.metadata_path("310-quota-lending");
    repo.write(&path, repo.read(&path).replace("alpha", "stable"));
    assert_eq!(
        shown(&repo, &["readiness", "--sweep"]),
        "no KEP has outdated metadata; no release dates are known, so outdated milestones cannot be found\n"
    );
    let promote = |shape| shown(&repository(shape, ""), &["promote", "310", "--stage", "beta", "--release", "v0.10"]);
    let page = promote(WITH_DATES);
    assert!(page.contains("get the pull request merged before the Enhancements Freeze of v0.10"), "{page}");
    assert!(!promote(WITHOUT_DATES).contains("Freeze"));
}

#[test]
fn an_approver_makes_sense_only_where_there_are_reviews() {
    let promote = |repo: &TestRepo| {
        let arguments = ["promote", "310", "--stage", "beta", "--release", "v0.10", "--prr-approver", "petra-solm"];
        let run = says(repo, &arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        run.stderr
    };
    assert_eq!(
        promote(&repository(WITHOUT_DATES, "")),
        "kepgate: --prr-approver: this project does not review production readiness\n  \
         help: remove --prr-approver; `production-readiness` in .github/kepgate.yaml turns reviews on\n"
    );
    let repo = repository(WITH_REVIEWS, "");
    repo.remove("OWNERS_ALIASES");
    repo.commit();
    assert_eq!(
        promote(&repo),
        "kepgate: --prr-approver: OWNERS_ALIASES has no group `prod-readiness-approvers` on the target branch\n  \
         help: add the group with its members, or set `groups.approvers` in .github/kepgate.yaml\n"
    );
}
