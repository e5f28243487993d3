//! The action without a change to compare: it checks the whole tree.

use serde_json::json;

use crate::check::action::{Step, project, pull_request, short};
use crate::support::{ALIASES, PRR_FILE, SAMPLE_PRR, TestRepo};

#[test]
fn scheduled_run_checks_the_whole_tree_and_passes_with_findings() {
    let project = project();
    let repo = &project.repo;
    // Uncommitted files are not checked.
    repo.write("keps/sig-apps/78-draft/README.md", "# Draft\n");
    for event in ["schedule", "workflow_dispatch"] {
        let ended = Step::action(repo, event, &json!({})).run();
        let line = format!("kepgate: {event}: the whole tree at {}", short(&project.merge));
        let (code, titles, said) = ended.story();
        assert_eq!((code, said), (0, line.as_str()));
        assert!(titles.contains(&"status-invalid".to_owned()) && titles.contains(&"field-missing".to_owned()));
        assert!(!ended.summary.contains("draft"), "{}", ended.summary);
        assert_eq!((ended.outputs["verdict"].as_str(), ended.outputs["keps"].as_str()), ("findings", "[77,1234]"));
        assert_eq!(Step::action(repo, event, &json!({})).with("INPUT_FAIL-ON", "error").run().run.code, 1);
    }
    // With base and head, a manual run is an ordinary check.
    let said = Step::action(repo, "workflow_dispatch", &json!({}))
        .with("INPUT_BASE", "main")
        .with("INPUT_HEAD", "topic")
        .run();
    assert_eq!((said.run.code, said.outputs["keps"].as_str()), (1, "[1234]"));
}

/// With `mode: all`, the whole tree of a pull request is checked, but policy still comes from the target branch.
#[test]
fn mode_all_takes_policy_from_the_target_branch() {
    let repo = TestRepo::repository();
    let base = repo.id("main");
    repo.branch("topic");
    repo.write(PRR_FILE, SAMPLE_PRR.replace("petra-solm", "mallory"));
    repo.write("OWNERS_ALIASES", ALIASES.replace("petra-solm", "petra-solm\n    - mallory"));
    let head = repo.commit();
    let everything = || Step::action(&repo, "pull_request", &pull_request(&base, &head)).with("INPUT_MODE", "all");
    let words = |what: &str| {
        format!("kepgate: pull request #7: all of {what} {}, under the policy of {}", short(&head), short(&base))
    };
    for (step, what) in [(everything(), "its tip"), (everything().with("INPUT_HEAD", &head), "the commit")] {
        let ended = step.run();
        assert_eq!(ended.story(), (1, vec!["prr-approver-unknown".to_owned()], words(what).as_str()));
    }
}
