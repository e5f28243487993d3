//! The action without a change to compare: it checks the whole tree.

use serde_json::json;

use crate::check::action::{Step, project, pull_request, short};
use crate::support::{ALIASES, APPROVAL, SOUND_APPROVAL, TestRepo};

#[test]
fn a_run_without_a_change_looks_at_the_whole_tree_and_fails_nothing() {
    let project = project();
    let sandbox = &project.sandbox;
    // What was never committed is nobody's to check.
    sandbox.write("keps/sig-apps/78-draft/README.md", "# Draft\n");
    for event in ["schedule", "workflow_dispatch"] {
        let ended = Step::action(sandbox, event, &json!({})).run();
        let line = format!("kepgate: {event}: the whole tree at {}", short(&project.merge));
        let (code, titles, said) = ended.story();
        assert_eq!((code, said), (0, line.as_str()));
        assert!(titles.contains(&"status-invalid".to_owned()) && titles.contains(&"field-missing".to_owned()));
        assert!(!ended.summary.contains("draft"), "{}", ended.summary);
        assert_eq!((ended.outputs["verdict"].as_str(), ended.outputs["keps"].as_str()), ("findings", "[77,1234]"));
        assert_eq!(Step::action(sandbox, event, &json!({})).with("INPUT_FAIL-ON", "error").run().run.code, 1);
    }
    // A person who says what to compare is answered as ever.
    let said = Step::action(sandbox, "workflow_dispatch", &json!({}))
        .with("INPUT_BASE", "main")
        .with("INPUT_HEAD", "topic")
        .run();
    assert_eq!((said.run.code, said.outputs["keps"].as_str()), (1, "[1234]"));
}

/// Of a pull request everything can be checked, too; whose approval counts is for the target branch to say all the same.
#[test]
fn a_pull_request_cannot_appoint_its_approver_by_a_check_of_everything() {
    let sandbox = TestRepo::repository();
    let base = sandbox.id("main");
    sandbox.branch("topic");
    sandbox.write(APPROVAL, SOUND_APPROVAL.replace("petra-solm", "mallory"));
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("petra-solm", "petra-solm\n    - mallory"));
    let head = sandbox.commit();
    let everything = || Step::action(&sandbox, "pull_request", &pull_request(&base, &head)).with("INPUT_MODE", "all");
    let words = |what: &str| {
        format!("kepgate: pull request #7: all of {what} {}, under the policy of {}", short(&head), short(&base))
    };
    for (step, what) in [(everything(), "its tip"), (everything().with("INPUT_HEAD", &head), "the commit")] {
        let ended = step.run();
        assert_eq!(ended.story(), (1, vec!["prr-approver-unknown".to_owned()], words(what).as_str()));
    }
}
