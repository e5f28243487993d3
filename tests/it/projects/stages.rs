//! Stages with the project's own names.

use serde_json::Value;

use super::says;
use crate::support::TestRepo;
use crate::support::project_shape::ProjectShape;

const SHAPE: ProjectShape = ProjectShape {
    root: "keps",
    metadata: "kep.yaml",
    readme: "README.md",
    has_sig_folders: false,
    has_prr: false,
    has_own_releases: false,
};
const PATH: &str = "keps/310-quota-lending/kep.yaml";

/// A project with four stages, the first two of which mean alpha. Its KEP is in `stage` and has these milestones.
fn repository(stage: &str, latest: &str, milestones: &str) -> TestRepo {
    let repo = TestRepo::new();
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    SHAPE.write(&repo, "");
    let stages = "  stages:\n    experimental: alpha\n    preview: alpha\n    candidate: beta\n    ga: stable\n";
    repo.write(".github/kepgate.yaml", SHAPE.config() + stages);
    set(&repo, stage, latest, milestones);
    repo.commit();
    repo
}

/// Sets the target of the KEP.
fn set(repo: &TestRepo, stage: &str, latest: &str, milestones: &str) {
    let kep = SHAPE.kep("310", "Quota lending");
    let kep = kep.replace("stage: alpha\n", &format!("stage: {stage}\n"));
    let kep = kep.replace("latest-milestone: \"v0.9\"", &format!("latest-milestone: \"{latest}\""));
    repo.write(PATH, kep.replace("milestone:\n  alpha: \"v0.9\"", &format!("milestone: {milestones}")));
}

/// The rules and messages of the new findings after the KEP's target was changed.
fn found(repo: &TestRepo, stage: &str, latest: &str, milestones: &str) -> Vec<(String, String)> {
    set(repo, stage, latest, milestones);
    let (_, report) = repo.check(&["--base", "main", "--offline"]);
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["new"] == true);
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings.map(|finding| (text(finding, "rule"), text(finding, "message"))).collect()
}

fn one(rule: &str, message: &str) -> Vec<(String, String)> {
    vec![(rule.to_owned(), message.to_owned())]
}

#[test]
fn the_rules_follow_the_order_of_the_project() {
    let repo = repository("preview", "v0.9", "{preview: v0.9, candidate: v0.10}");
    assert_eq!(found(&repo, "candidate", "v0.10", "{preview: v0.9, candidate: v0.10}"), []);
    assert_eq!(
        found(&repo, "ga", "v0.10", "{preview: v0.9, candidate: v0.9, ga: v0.10}"),
        one("stage-skipped", "`stage` skips candidate, but `milestone.candidate` is set")
    );
    assert_eq!(
        found(&repo, "experimental", "v0.9", "{experimental: v0.9}"),
        one("stage-regressed", "`stage` moves back from preview to experimental")
    );
    assert_eq!(
        found(&repo, "preview", "v0.10", "{preview: v0.9, candidate: v0.10}"),
        one("stage-behind", "`latest-milestone` is v0.10, the release of candidate, but `stage` is still `preview`")
    );
    assert_eq!(
        found(&repo, "preview", "v0.9", "{preview: v0.9, candidate: v0.12, ga: v0.11}"),
        one("milestone-order", "`milestone.ga` is v0.11, which is before `milestone.candidate` v0.12")
    );
    let implemented = |repo: &TestRepo| repo.read(PATH).replace("status: implementable", "status: implemented");
    set(&repo, "candidate", "v0.10", "{candidate: v0.10}");
    repo.write(PATH, implemented(&repo));
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    assert!(run.stdout.contains("`status` is `implemented`, but `stage` is `candidate`"), "{}", run.stdout);
    assert!(run.stdout.contains("or set `stage: ga` if it already is"), "{}", run.stdout);
}

#[test]
fn the_milestone_of_the_own_stage_counts() {
    let repo = repository("experimental", "v0.9", "{experimental: v0.9, preview: v0.12}");
    assert_eq!(found(&repo, "experimental", "v0.10", "{experimental: v0.9, preview: v0.12}"), []);
    assert_eq!(
        found(&repo, "preview", "v0.10", "{experimental: v0.9, preview: v0.12}"),
        one("milestone-after-latest", "`milestone.preview` is v0.12, which is later than `latest-milestone` v0.10")
    );
}

#[test]
fn the_words_of_kubernetes_are_replaced() {
    let repo = repository("preview", "v0.9", "{preview: v0.9}");
    let expected = [("stage-invalid", "`stable` is not a valid stage"), ("yaml-unknown-key", "unknown key `beta`")];
    let found = found(&repo, "stable", "v0.9", "{preview: v0.9, beta: v0.9}");
    assert_eq!(found, expected.map(|(rule, message)| (rule.to_owned(), message.to_owned())));
    set(&repo, "candidat", "v0.10", "{preview: v0.9, candidate: v0.10}");
    assert_eq!(says(&repo, &["check", "--base", "main", "--offline", "--fix"]).code, 0);
    assert!(repo.read(PATH).contains("\nstage: candidate\n"), "{}", repo.read(PATH));
}

#[test]
fn commands_take_the_words_of_the_project() {
    let repo = repository("preview", "v0.9", "{preview: v0.9}");
    let run = says(&repo, &["query", "--stage", "preview", "--output", "json"]);
    assert!(run.code == 0 && run.stdout.contains("preview v0.9"), "{}{}", run.stdout, run.stderr);
    assert_eq!(says(&repo, &["query", "--stage", "candidate", "--output", "json"]).stdout.trim(), "[]");
    for command in [
        &["query", "--stage", "beta"][..],
        &["promote", "310", "--stage", "beta", "--release", "v0.10"],
        &["new", "--number", "400", "--title", "Next", "--author", "@jo-b", "--stage", "beta"],
    ] {
        let run = says(&repo, command);
        assert_eq!(run.code, 2, "{command:?}: {}", run.stdout);
        let help = "specify `experimental`, `preview`, `candidate` or `ga`";
        assert!(run.stderr.contains("`beta` is not a valid stage") && run.stderr.contains(help), "{}", run.stderr);
    }
    let run = says(&repo, &["promote", "310", "--stage", "candidate", "--release", "v0.10"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let kep = repo.read(PATH);
    assert!(kep.contains("\nstage: candidate\nlatest-milestone: \"v0.10\"\n"), "{kep}");
    assert!(kep.contains("milestone: {preview: v0.9, candidate: \"v0.10\"}"), "{kep}");
}

#[test]
fn a_new_kep_starts_in_the_first_stage() {
    let repo = repository("preview", "v0.9", "{preview: v0.9}");
    let path = "keps/NNNN-template/kep.yaml";
    repo.write(
        path,
        repo.read(path).replace("alpha: ", "experimental: ").replace("stage: alpha", "stage: experimental|preview"),
    );
    repo.commit();
    let new = ["new", "--number", "400", "--title", "Next", "--author", "@jo-b", "--release", "v0.10"];
    let run = says(&repo, &new);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let kep = repo.read("keps/400-next/kep.yaml");
    assert!(kep.contains("stage: experimental\n") && kep.contains("  experimental: \"v0.10\"\n"), "{kep}");
    let run = says(&repo, &["promote", "400", "--stage", "preview", "--release", "v0.11"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let kep = repo.read("keps/400-next/kep.yaml");
    assert!(kep.contains("  experimental: \"v0.10\"\n  preview: \"v0.11\"\n"), "{kep}");
}

#[test]
fn texts_name_stages_in_the_words_of_the_project() {
    let repo = repository("ga", "v0.10", "{preview: v0.9, ga: v0.10}");
    let config = ".github/kepgate.yaml";
    repo.write(config, repo.read(config).replace("production-readiness: none", "production-readiness: v0.5"));
    let kep = repo.read(PATH);
    let template = "keps/NNNN-template/kep.yaml";
    let fields = "metrics: []\nfeature-gates: []\ndisable-supported: true\n";
    repo.write(template, repo.read(template) + fields);
    repo.write(PATH, &kep);
    repo.commit();
    repo.write(PATH, format!("{kep}metrics: []\n").replace("v0.10", "v0.11"));
    let page = says(&repo, &["check", "--base", "main", "--offline"]).stdout;
    assert!(page.contains("`feature-gates` is empty, but ga requires at least one"), "{page}");
    assert!(page.contains("`disable-supported` is missing, but ga requires it"), "{page}");
    let page = says(&repo, &["status", "310"]).stdout;
    assert!(page.contains(", ga v0.11\n"), "{page}");
    assert!(page.contains("To do for ga in v0.11"), "{page}");
    for format in ["text", "markdown"] {
        let page = says(&repo, &["status", "310", "--output", format]).stdout;
        // The entries of production-readiness files are always those of Kubernetes.
        assert!(!page.lines().any(|line| line.contains("stable") && !line.contains("PRR approvers")), "{page}");
    }
}

#[test]
fn query_takes_the_statuses_of_the_project() {
    let repo = repository("preview", "v0.9", "{preview: v0.9}");
    let config = ".github/kepgate.yaml";
    repo.write(config, repo.read(config) + "  statuses:\n    draft: provisional\n    accepted: implementable\n");
    repo.write(PATH, repo.read(PATH).replace("status: implementable", "status: accepted"));
    let run = says(&repo, &["query", "--status", "accepted"]);
    assert!(run.code == 0 && run.stdout.contains("Quota lending"), "{}{}", run.stdout, run.stderr);
    assert_eq!(says(&repo, &["query", "--status", "draft"]).stdout, "no KEP matches --status draft\n");
    let run = says(&repo, &["query", "--status", "implementable"]);
    let expected = "`implementable` is not a valid status\n  help: specify `draft` or `accepted`\n";
    assert!(run.code == 2 && run.stderr.contains(expected), "{}", run.stderr);
}

#[test]
fn yaml_messages_of_a_project_do_not_mention_upstream() {
    let repo = repository("preview", "v0.9", "{preview: v0.9}");
    repo.write(PATH, repo.read(PATH) + "link: \"https:\\/\\/example.org\"\n");
    let run = says(&repo, &["check", "--base", "main", "--offline"]);
    assert!(run.stdout.contains(r"kepgate's parser does not know the escape `\/`"), "{}", run.stdout);
    assert!(!run.stdout.contains("upstream"), "{}", run.stdout);
}
