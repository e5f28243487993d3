//! What kepgate advises has to exist in the project: its statuses, its fields and its files.

use serde_json::Value;

use super::adoption::{kep, repository, template};
use super::says;
use crate::support::TestRepo;

const CONFIG: &str = ".github/kepgate.yaml";
const TEMPLATE: &str = "keps/NNNN-template/kep.yaml";
const KEP: &str = "keps/10-queue/kep.yaml";

/// A project whose statuses are words of its own.
const STATUSES: &str = "project:\n  profile: plain\n  statuses:\n    draft: provisional\n    accepted: implementable\n    \
                        done: implemented\n    dropped: rejected\n";

/// The findings of a check of the tree in `repo` against `main`: the rule, level, message and help of each.
fn findings(repo: &TestRepo) -> Vec<[String; 4]> {
    let (_, report) = repo.check(&["--base", "main", "--offline"]);
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| ["rule", "level", "message", "help"].map(|key| word(finding, key))).collect()
}

/// A repository with this KEP, in a project with own statuses.
fn accepted() -> TestRepo {
    let template = template().replace("provisional|implementable", "draft|accepted");
    let kep = kep("10", "accepted");
    repository(&[(CONFIG, STATUSES), (TEMPLATE, &template), (KEP, &kep), ("keps/10-queue/README.md", "# Queue\n")])
}

fn assert_finding(repo: &TestRepo, expected: [&str; 4]) {
    assert_eq!(findings(repo), [expected.map(str::to_owned)]);
}

#[test]
fn the_status_with_which_the_template_begins_is_no_placeholder() {
    let template = template().replace("provisional|implementable", "proposed");
    for (config, expected) in [
        ("project:\n  profile: plain\n  statuses:\n    proposed: provisional\n", None),
        ("project:\n  profile: plain\n", Some(["status-invalid", "warning"])),
    ] {
        let repo = repository(&[(CONFIG, config), (TEMPLATE, &template)]);
        repo.write(KEP, kep("10", "proposed"));
        let found: Vec<_> = findings(&repo).into_iter().map(|[rule, level, ..]| [rule, level]).collect();
        let expected: Vec<_> = expected.into_iter().map(|it| it.map(str::to_owned)).collect();
        assert_eq!(found, expected, "{config}");
    }
}

#[test]
fn a_word_for_another_status_is_never_replaced_with_one_that_looks_alike() {
    for config in ["project:\n  profile: plain\n", STATUSES] {
        let repo = repository(&[(CONFIG, config), (TEMPLATE, &template())]);
        let written = kep("10", "implementing");
        repo.write(KEP, &written);
        let run = says(&repo, &["check", "--base", "main", "--offline", "--fix"]);
        assert!(run.stdout.contains("`implementing` is not a valid status"), "{}", run.stdout);
        assert_eq!(repo.read(KEP), written);
    }
}

#[test]
fn a_missing_status_is_explained_in_the_words_of_the_project() {
    let repo = accepted();
    repo.write(KEP, kep("10", "accepted").replace("status: accepted\n", ""));
    let found = findings(&repo);
    let help = "use one of: draft, accepted, done, dropped";
    assert!(found.iter().any(|[rule, .., words]| rule == "field-missing" && words == help), "{found:?}");
}

#[test]
fn a_status_that_moves_back_is_named_in_the_words_of_the_project() {
    let repo = accepted();
    repo.write(KEP, kep("10", "draft"));
    assert_finding(
        &repo,
        [
            "status-regressed",
            "warning",
            "`status` moves back from accepted to draft",
            "restore the previous status, or explain the change in the pull request",
        ],
    );
}

#[test]
fn a_deleted_kep_is_not_to_get_a_status_that_does_not_exist() {
    let repo = accepted();
    repo.remove(KEP);
    let found = findings(&repo);
    let help = "restore `kep.yaml`";
    assert!(found.iter().any(|[rule, .., words]| rule == "kep-removed" && words == help), "{found:?}");
    repo.remove("keps/10-queue/README.md");
    assert_finding(&repo, ["kep-removed", "warning", "this change deletes an active KEP", "restore the KEP"]);
}

#[test]
fn a_number_is_unique_wherever_the_project_writes_it() {
    let repo = accepted();
    repo.write("keps/10-stack/kep.yaml", kep("10", "draft").replace("Quotas", "Stack"));
    let help = "renumber one KEP: change its name and `kep-number`";
    assert_finding(&repo, ["kep-number-duplicate", "error", "the KEP number 10 is also used by `keps/10-queue`", help]);
}

#[test]
fn the_own_field_for_the_number_counts_without_a_template() {
    let gep = |number: &str| format!("number: {number}\nname: Queue\nauthors:\n  - ada\nstatus: provisional\n");
    let config = "project:\n  profile: plain\n  root: geps\n  metadata: metadata.yaml\n  handles: any\n  \
                  fields:\n    required: [authors, status]\n    optional: [name, number]\n";
    let path = "geps/gep-1/metadata.yaml";
    let repo = repository(&[(CONFIG, config), (path, &gep("1")), ("geps/gep-2/metadata.yaml", &gep("2"))]);
    repo.write(path, gep("7"));
    let found = findings(&repo);
    let message = "`number` is `7`, but the directory's number is `1`";
    assert!(found.iter().any(|[_, level, words, _]| level == "error" && words == message), "{found:?}");
}

#[test]
fn there_is_no_table_of_contents_to_check_where_the_project_has_none() {
    let config = "project:\n  profile: plain\n  table-of-contents: none\n";
    let repo = repository(&[(CONFIG, config), ("keps/10-queue/README.md", "# Queue\n")]);
    let run = says(&repo, &["toc", "--check", "keps"]);
    let words = "this project has no tables of contents: `project.table-of-contents` is `none`\n";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, words, ""));
}
