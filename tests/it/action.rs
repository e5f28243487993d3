//! As a step of GitHub Actions and as a job of Prow: what is compared, what is written where, and how it ends.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use kepgate::session::{INPUTS, OUTPUTS};
use serde_json::{Value, json};

use crate::sandbox::{
    APPROVAL, Annotation, KEP, Run, SOUND_APPROVAL, Sandbox, check_log, check_summary, commands, kep_with,
};
use crate::support::{kepgate, root, run};

/// A commit id that nobody has.
const NOBODYS: &str = "1234567890123456789012345678901234567890";
const NONE: &str = "0000000000000000000000000000000000000000";

/// A repository in which `topic` misspells a status, `main` has moved on, and `merge` is what GitHub makes of both.
struct Project {
    sandbox: Sandbox,
    base: String,
    head: String,
    merge: String,
}

fn project() -> Project {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    sandbox.write(KEP, kep_with(&[("status", "implementible")]));
    let head = sandbox.commit();
    sandbox.git(&["switch", "--quiet", "main"]);
    // What merged meanwhile: a KEP without a status, which is none of the pull request's business.
    sandbox.write("keps/sig-apps/77-other/kep.yaml", kep_with(&[("status", "")]));
    let base = sandbox.commit();
    sandbox.git(&["switch", "--quiet", "--create", "merge"]);
    sandbox.git(&["merge", "--quiet", "--no-ff", "--message=.", "topic"]);
    let merge = sandbox.id("HEAD");
    Project { sandbox, base, head, merge }
}

/// A step: what it is run with, in which checkout.
struct Step<'a> {
    checkout: &'a Sandbox,
    subcommand: &'a str,
    payload: String,
    variables: BTreeMap<String, String>,
}

/// How a step ended, and what it left.
struct Ended {
    run: Run,
    outputs: BTreeMap<String, String>,
    summary: String,
}

impl<'a> Step<'a> {
    /// The action, on this event.
    fn action(checkout: &'a Sandbox, event: &str, payload: &Value) -> Self {
        let file = |name: &str| checkout.place(format!(".git/{name}")).display().to_string();
        let variables = [
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_EVENT_NAME", event.to_owned()),
            ("GITHUB_EVENT_PATH", file("event.json")),
            ("GITHUB_OUTPUT", file("outputs")),
            ("GITHUB_STEP_SUMMARY", file("summary.md")),
            ("GITHUB_WORKSPACE", "/github/workspace".to_owned()),
            ("GITHUB_SHA", checkout.id("HEAD")),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        Self { checkout, subcommand: "action", payload: payload.to_string(), variables }
    }

    /// A job of Prow, with these variables.
    fn prow(checkout: &'a Sandbox, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { checkout, subcommand: "check", payload: String::new(), variables }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    fn run(&self) -> Ended {
        for (name, content) in [("event.json", self.payload.as_str()), ("outputs", ""), ("summary.md", "")] {
            self.checkout.write(format!(".git/{name}"), content);
        }
        // Not by way of a shell, which would drop a variable with a dash in its name.
        let (code, stdout, stderr) = run(kepgate(self.checkout.path()).arg(self.subcommand).envs(&self.variables));
        let run = Run { code, stdout, stderr };
        let read = |name: &str| self.variables.get(name).and_then(|path| fs::read_to_string(path).ok());
        let outputs = outputs(&read("GITHUB_OUTPUT").unwrap_or_default());
        Ended { run, outputs, summary: read("GITHUB_STEP_SUMMARY").unwrap_or_default() }
    }
}

impl Ended {
    /// The exit status, the rules of the annotations, and the line that says what was compared.
    fn story(&self) -> (i32, Vec<String>, &str) {
        let titles = commands(&self.run.stdout).into_iter().map(|it| property(&it, "title"));
        (self.run.code, titles.collect(), self.run.stderr.trim_end())
    }

    fn outputs(&self) -> Vec<(&str, &str)> {
        self.outputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn property(annotation: &Annotation, name: &str) -> String {
    annotation.properties.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// What the runner makes of the file that `GITHUB_OUTPUT` names: `name<<DELIMITER`, lines, `DELIMITER`.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut lines = text.lines();
    let mut outputs = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap_or_else(|| panic!("{line:?} in {text}"));
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}

fn pull_request(base: &str, head: &str) -> Value {
    json!({"number": 7, "pull_request": {"number": 7, "base": {"ref": "main", "sha": base}, "head": {"sha": head}}})
}

fn short(commit: &str) -> &str {
    &commit[..12]
}

/// The clone that actions/checkout makes of the merge commit, this deep.
fn checkout(project: &Project, depth: &str) -> Sandbox {
    project.sandbox.clone_with(&["--depth", depth, "--branch", "merge"])
}

#[test]
fn a_pull_request_is_checked_as_github_merges_it() {
    let project = project();
    let checkout = checkout(&project, "2");
    // The event's base is older than the merge commit's parent, and not even here.
    let ended = Step::action(&checkout, "pull_request", &pull_request(NOBODYS, &project.head)).run();
    let [merge, base] = [&project.merge, &project.base].map(|commit| short(commit));
    let line = format!("kepgate: pull request #7: the merge commit {merge} against {base}");
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
    let annotations = commands(&ended.run.stdout);
    let [annotation] = annotations.as_slice() else { panic!("{annotations:?}") };
    let place: Vec<_> = annotation.properties.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(place, [&format!("file={KEP}"), "line=8", "endLine=8", "col=9", "endColumn=22", "title=status-invalid"]);
    let report = &ended.outputs["report"];
    let is_named = report.strip_prefix("kepgate-").and_then(|rest| rest.strip_suffix(".json"));
    assert!(is_named.is_some_and(|token| token.len() == 32), "{report}");
    let others: Vec<_> = ended.outputs().into_iter().filter(|(name, _)| *name != "report").collect();
    assert_eq!(
        others,
        [("errors", "1"), ("keps", "[1234]"), ("pre-existing", "0"), ("verdict", "findings"), ("warnings", "0")]
    );
    let json: Value = serde_json::from_str(&checkout.read(report)).unwrap();
    assert_eq!(
        (&json["base"], &json["policy"], &json["head"]),
        (&json!(project.base), &json!(project.base), &json!(project.merge))
    );
    check_log(&format!("{}\n{}", ended.run.stdout, ended.run.stderr), &json);
    check_summary(&ended.summary, None);
    assert!(ended.summary.starts_with("## kepgate: ❌ 1 error in 1 KEP\n"), "{}", ended.summary);
}

#[test]
fn a_checkout_without_the_parents_is_no_pass() {
    let project = project();
    let checkout = checkout(&project, "1");
    let ended = Step::action(&checkout, "pull_request", &pull_request(&project.base, &project.head)).run();
    assert_eq!((ended.run.code, ended.outputs["verdict"].as_str()), (3, "unchecked"));
    let [annotation] = &commands(&ended.run.stdout)[..] else { panic!("{}", ended.run.stdout) };
    let words = format!(
        "the checkout has the merge commit {} without its parents\nset `fetch-depth: 2` for actions/checkout",
        short(&project.merge)
    );
    assert_eq!((annotation.name.as_str(), annotation.data.as_str()), ("error", words.as_str()));
    assert!(ended.summary.contains("`fetch-depth: 2`"), "{}", ended.summary);
}

/// Whoever makes a merge commit chooses its parents; only the one that GitHub has made is taken at its word.
#[test]
fn a_merge_by_the_author_is_not_taken_for_githubs() {
    let project = project();
    let sandbox = &project.sandbox;
    let [head, base] = [&project.head, &project.base].map(|commit| short(commit));
    let start = sandbox.id("main~1");
    let line = format!("kepgate: pull request #7: its tip {head} against {base}, since {}", short(&start));
    let event = pull_request(&project.base, &project.head);
    // Its first parent holds what the pull request is to bring, so that nothing would seem to change.
    sandbox.git(&["switch", "--quiet", "--create", "evil", "topic"]);
    sandbox.commit();
    let tree = sandbox.git(&["rev-parse", "topic^{tree}"]);
    let trap = sandbox.git(&["commit-tree", "-m", ".", "-p", "evil", "-p", "topic", &tree]);
    sandbox.git(&["switch", "--quiet", "--detach", &trap]);
    let ended = Step::action(sandbox, "pull_request", &event).with("GITHUB_SHA", &project.merge).run();
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
    // And a pull request whose tip is a merge of the target branch.
    sandbox.git(&["switch", "--quiet", "topic"]);
    sandbox.git(&["merge", "--quiet", "--no-ff", "--message=.", "main"]);
    let tip = sandbox.id("HEAD");
    let ended = Step::action(sandbox, "pull_request", &pull_request(&project.base, &tip)).run();
    let line = format!("kepgate: pull request #7: its tip {} against {base}", short(&tip));
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
}

/// Under act the checkout is what the caller has at hand, and the event names both ends, whatever was fetched since.
#[test]
fn a_local_run_compares_the_ends_of_the_event() {
    let project = project();
    let clone = project.sandbox.clone_with(&["--branch", "topic"]);
    let start = project.sandbox.id("main~1");
    let event = pull_request(&start, &project.head);
    let ended = Step::action(&clone, "pull_request", &event).with("ACT", "true").run();
    let line = format!("kepgate: pull request #7: its tip {} against {}", short(&project.head), short(&start));
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
    let gone = Step::action(&clone, "pull_request", &pull_request(&project.base, NOBODYS)).run();
    assert_eq!(gone.run.code, 3, "a tip that is not here was not checked");
    assert!(gone.run.stdout.contains(NOBODYS), "{}", gone.run.stdout);
}

/// Whoever checks out the tip gets the policy of the target branch as it was fetched, not that of a stale event.
#[test]
fn the_fetched_target_branch_is_newer_than_the_event() {
    let project = project();
    let clone = project.sandbox.clone_with(&["--branch", "topic"]);
    let stale = project.sandbox.id("main~1");
    let ended = Step::action(&clone, "pull_request", &pull_request(&stale, &project.head)).run();
    let line = format!(
        "kepgate: pull request #7: its tip {} against {}, since {}",
        short(&project.head),
        short(&project.base),
        short(&stale)
    );
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
}

#[test]
fn other_events_say_what_to_compare() {
    let project = project();
    let Project { sandbox, base, head, merge } = &project;
    let found = || vec!["status-invalid".to_owned()];
    let nothing = Vec::new;
    let default = json!({"default_branch": "main"});
    let clone = sandbox.clone_with(&["--branch", "topic"]);
    for (checkout, event, payload, code, titles, line) in [
        (
            sandbox,
            "merge_group",
            json!({"merge_group": {"base_sha": base, "head_sha": merge}}),
            1,
            found(),
            format!("a merge group: its tip {} against {}", short(merge), short(base)),
        ),
        (
            sandbox,
            "push",
            json!({"ref": "refs/heads/main", "before": base, "after": merge, "repository": default}),
            1,
            found(),
            format!("a push: its tip {} against {}", short(merge), short(base)),
        ),
        (
            &clone,
            "push",
            json!({"before": NONE, "after": head, "repository": default}),
            1,
            found(),
            format!(
                "a push: the tip of a new branch {} against {}, since {}",
                short(head),
                short(base),
                short(&sandbox.id("main~1"))
            ),
        ),
        (
            sandbox,
            "push",
            json!({"before": head, "after": NONE, "repository": default}),
            0,
            nothing(),
            "a push that deletes a branch: nothing to check".to_owned(),
        ),
    ] {
        let ended = Step::action(checkout, event, &payload).run();
        let line = format!("kepgate: {line}");
        assert_eq!(ended.story(), (code, titles, line.as_str()), "{event}");
    }
    // A new branch where the default branch was not fetched, and a group whose base was not.
    let payload = json!({"before": NONE, "after": head, "repository": default});
    assert_eq!(Step::action(sandbox, "push", &payload).run().run.code, 3);
    let shallow = checkout(&project, "1");
    let payload = json!({"merge_group": {"base_sha": base, "head_sha": merge}});
    let ended = Step::action(&shallow, "merge_group", &payload).run();
    assert_eq!(ended.run.code, 3);
    assert!(ended.run.stdout.contains("set `fetch-depth: 0` for actions/checkout"), "{}", ended.run.stdout);
}

/// What somebody pushed before is no policy for what they push next.
#[test]
fn a_branch_cannot_appoint_its_approver_in_two_pushes() {
    let sandbox = Sandbox::repository();
    sandbox.branch("topic");
    sandbox.write("OWNERS_ALIASES", crate::sandbox::ALIASES.replace("petra-solm", "petra-solm\n    - mallory"));
    let before = sandbox.commit();
    sandbox.write(APPROVAL, SOUND_APPROVAL.replace("petra-solm", "mallory"));
    let after = sandbox.commit();
    let clone = sandbox.clone_with(&["--branch", "topic"]);
    let pushed = json!({"ref": "refs/heads/topic", "before": before, "after": after,
                        "repository": {"default_branch": "main"}});
    let ended = Step::action(&clone, "push", &pushed).run();
    assert_eq!((ended.run.code, ended.story().1), (1, vec!["prr-approver-unknown".to_owned()]));
}

/// One end that is named leaves the other to the event: never to a branch that a stranger may have called `main`, and
/// never to the work tree.
#[test]
fn an_end_that_is_named_leaves_the_other_to_the_event() {
    let project = project();
    let Project { sandbox, base, head, .. } = &project;
    sandbox.git(&["branch", "--quiet", "--force", "main", "topic"]);
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.write("keps/sig-apps/78-draft/README.md", "# Draft\n");
    let event = pull_request(base, head);
    let line = format!("kepgate: pull request #7: the commit {} against {}", short(head), short(base));
    let since = format!("{line}, since {}", short(&sandbox.id("topic~1")));
    for (name, value) in [("INPUT_HEAD", head), ("INPUT_BASE", base)] {
        let ended = Step::action(sandbox, "pull_request", &event).with(name, value).run();
        assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], since.as_str()), "{name}");
    }
    for name in ["INPUT_HEAD", "INPUT_BASE"] {
        let ended = Step::action(sandbox, "pull_request_target", &event).with(name, head).run();
        assert_eq!((ended.run.code, ended.outputs["verdict"].as_str()), (2, "unchecked"), "{name}");
    }
}

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
    let sandbox = Sandbox::repository();
    let base = sandbox.id("main");
    sandbox.branch("topic");
    sandbox.write(APPROVAL, SOUND_APPROVAL.replace("petra-solm", "mallory"));
    sandbox.write("OWNERS_ALIASES", crate::sandbox::ALIASES.replace("petra-solm", "petra-solm\n    - mallory"));
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

#[test]
fn the_checkout_of_pull_request_target_is_never_read() {
    let project = project();
    let event = pull_request(&project.base, &project.head);
    let ended = Step::action(&project.sandbox, "pull_request_target", &event).run();
    assert_eq!((ended.run.code, ended.outputs["verdict"].as_str()), (3, "unchecked"));
    assert!(!ended.run.stdout.contains("status-invalid"), "{}", ended.run.stdout);
}

#[test]
fn every_output_is_written_whatever_goes_wrong() {
    let project = project();
    let sandbox = &project.sandbox;
    let event = pull_request(&project.base, &project.head);
    let cases = [
        (Step::action(sandbox, "pull_request", &json!({})), 3),
        (Step::action(sandbox, "issue_comment", &event), 2),
        (Step::action(sandbox, "pull_request", &event).with("INPUT_MODE", "everything"), 2),
        (Step::action(sandbox, "pull_request", &event).with("INPUT_OUTPUT", "xml=x"), 2),
        (Step::action(sandbox, "pull_request", &event).with("INPUT_OUTPUT", "text"), 2),
        (Step::action(sandbox, "pull_request", &event).with("INPUT_CONFIG", "nowhere.yaml"), 2),
        (Step::action(sandbox, "pull_request", &event).with("GITHUB_EVENT_PATH", "/nowhere"), 3),
    ];
    for (step, code) in cases {
        let ended = step.run();
        assert_eq!(ended.run.code, code, "{}{}", ended.run.stdout, ended.run.stderr);
        let names: Vec<_> = ended.outputs.keys().map(String::as_str).collect();
        assert_eq!(names, ["errors", "keps", "pre-existing", "report", "verdict", "warnings"]);
        assert_eq!((ended.outputs["verdict"].as_str(), ended.outputs["keps"].as_str()), ("unchecked", "[]"));
        let is_said = ended.run.stderr.contains("kepgate: ") || ended.run.stdout.contains("::error title=kepgate::");
        assert!(is_said, "{}{}", ended.run.stdout, ended.run.stderr);
    }
}

#[test]
fn no_report_is_written_through_a_link_of_the_change() {
    let project = project();
    let sandbox = &project.sandbox;
    let treasure = sandbox.write(".git/treasure", "kept");
    symlink(&treasure, sandbox.place("kepgate.sarif")).unwrap();
    symlink(sandbox.place(".git"), sandbox.place("out")).unwrap();
    let event = pull_request(&project.base, &project.head);
    let absolute = format!("sarif={}", sandbox.place("out/treasure").display());
    for output in ["sarif=kepgate.sarif", "sarif=out/treasure", "sarif=./out/../out/treasure", &absolute] {
        let ended = Step::action(sandbox, "pull_request", &event).with("INPUT_OUTPUT", output).run();
        assert_eq!(ended.run.code, 3, "{output}: {}", ended.run.stderr);
        assert!(ended.run.stderr.contains("its path has a symbolic link"), "{output}: {}", ended.run.stderr);
        assert_eq!(sandbox.read(".git/treasure"), "kept", "{output}");
        assert_eq!(ended.outputs["verdict"], "unchecked", "what could not be told is no verdict");
    }
}

#[test]
fn reports_come_beside_the_usual_ones() {
    let project = project();
    let sandbox = &project.sandbox;
    let event = pull_request(&project.base, &project.head);
    sandbox.write("temp/x", "");
    let temp = sandbox.place("temp");
    let ended = Step::action(sandbox, "pull_request", &event)
        .with("INPUT_OUTPUT", "sarif=kepgate.sarif\njunit=temp/kepgate.xml")
        .with("GITHUB_WORKSPACE", sandbox.path().to_str().unwrap())
        .with("RUNNER_TEMP", temp.to_str().unwrap())
        .run();
    assert_eq!(ended.run.code, 1);
    let sarif: Value = serde_json::from_str(&sandbox.read("kepgate.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "status-invalid");
    assert!(sandbox.read("temp/kepgate.xml").contains("status-invalid"));
    let report = Path::new(&ended.outputs["report"]);
    assert!(report.starts_with(&temp) && report.is_file(), "outside a container it is left in the runner's folder");
    assert!(!commands(&ended.run.stdout).is_empty() && !ended.summary.is_empty());
}

#[test]
fn prow_gets_text_and_test_cases() {
    let project = project();
    let Project { sandbox, base, head, merge } = &project;
    let artifacts = sandbox.write(".git/artifacts/x", "");
    let artifacts = artifacts.parent().unwrap().to_str().unwrap();
    let other = {
        sandbox.git(&["switch", "--quiet", "--create", "other", "main"]);
        sandbox.write("keps/sig-apps/79-third/README.md", "# Third\n");
        sandbox.commit()
    };
    sandbox.git(&["switch", "--quiet", "--create", "batch", "merge"]);
    sandbox.git(&["merge", "--quiet", "--no-ff", "--message=.", "other"]);
    let batch = sandbox.id("HEAD");
    let refs = format!("main:{base},7:{head},8:{other}");
    let variables = [("PULL_BASE_SHA", base.as_str()), ("PULL_REFS", &refs), ("ARTIFACTS", artifacts)];
    let ended = Step::prow(sandbox, &variables).run();
    let line =
        format!("kepgate: a batch of pull requests #7, #8: the merged tree {} against {}", short(&batch), short(base));
    assert_eq!((ended.run.code, ended.run.stderr.trim_end()), (1, line.as_str()));
    assert!(ended.run.stdout.starts_with("error[metadata-missing]: "), "{}", ended.run.stdout);
    assert!(ended.run.stdout.contains("error[status-invalid]: "), "{}", ended.run.stdout);
    let cases = sandbox.read(".git/artifacts/junit_kepgate.xml");
    assert!(cases.contains("<testsuite name=\"keps/sig-node/1234-quiet-hours\""), "{cases}");

    // One pull request, merged or as it is; and a batch that nobody has merged.
    let spec = json!({"type": "presubmit", "refs": {"base_sha": base, "pulls": [{"number": 7, "sha": head}]}});
    for (branch, what, tip) in [("merge", "the merged tree", merge), ("topic", "its tip", head)] {
        sandbox.git(&["switch", "--quiet", branch]);
        let ended = Step::prow(sandbox, &[("JOB_SPEC", &spec.to_string())]).run();
        let start = format!("kepgate: pull request #7: {what} {} against {}", short(tip), short(base));
        assert!(ended.run.stderr.starts_with(&start), "{}", ended.run.stderr);
        assert_eq!(ended.run.code, 1);
    }
    let ended = Step::prow(sandbox, &variables).run();
    assert_eq!(ended.run.code, 3);
    assert!(ended.run.stdout.contains("does not have every commit to test"), "{}", ended.run.stdout);
    // What has landed is held against what it landed on, and the clock sweeps.
    sandbox.git(&["switch", "--quiet", "merge"]);
    assert_eq!(Step::prow(sandbox, &[("PULL_BASE_SHA", merge), ("JOB_TYPE", "postsubmit")]).run().run.code, 1);
    let swept = Step::prow(sandbox, &[("JOB_SPEC", r#"{"type":"periodic"}"#)]).run();
    assert_eq!(swept.run.code, 0);
    assert!(swept.run.stdout.contains("field-missing"), "{}", swept.run.stdout);
}

/// What `action.yml` says about each input or output, in order: name, description, default.
fn declared(section: &str) -> Vec<(String, String, Option<String>)> {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    let lines = text.lines().skip_while(|line| *line != format!("{section}:")).skip(1);
    let mut found: Vec<(String, String, Option<String>)> = Vec::new();
    for line in lines.take_while(|line| line.starts_with(' ')) {
        let (key, value) = line.trim().split_once(':').unwrap();
        let value = value.trim().trim_matches('"').to_owned();
        match key {
            "description" => found.last_mut().unwrap().1 = value,
            "default" => found.last_mut().unwrap().2 = Some(value),
            "required" => assert_eq!(value, "false"),
            name => found.push((name.to_owned(), String::new(), None)),
        }
    }
    found
}

#[test]
fn action_yml_declares_the_inputs_and_outputs_of_the_tables() {
    let inputs = INPUTS.map(|input| (input.name.into(), input.help.into(), input.default.map(str::to_owned)));
    assert_eq!(declared("inputs"), inputs);
    let outputs = OUTPUTS.map(|output| (output.name.into(), output.help.into(), None));
    assert_eq!(declared("outputs"), outputs);
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    assert!(text.ends_with("  args:\n    - action\n"), "no input becomes an argument");
}

#[test]
fn the_readme_has_a_row_for_each_input_and_output() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let rows = |heading: &str| -> Vec<&str> {
        let rows = readme.lines().skip_while(|line| !line.starts_with(heading)).skip(2);
        rows.take_while(|line| line.starts_with('|')).collect()
    };
    let names =
        |heading: &str| -> Vec<&str> { rows(heading).iter().map(|row| row.split('`').nth(1).unwrap()).collect() };
    assert_eq!(names("| input |"), INPUTS.map(|input| input.name));
    assert_eq!(names("| output |"), OUTPUTS.map(|output| output.name));
    for (row, input) in rows("| input |").iter().zip(INPUTS) {
        let default = input.default.map(|default| format!(" | `{default}` |"));
        assert!(default.is_none_or(|default| row.ends_with(&default)), "{row}");
    }
}
