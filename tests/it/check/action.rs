//! kepgate as a step of GitHub Actions: which commits it compares for each event.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::support::{
    ALIASES, APPROVAL, Annotation, KEP, Run, SOUND_APPROVAL, TestRepo, check_log, check_summary, commands, kep_with,
    kepgate, run,
};

/// A commit id that nobody has.
const NOBODYS: &str = "1234567890123456789012345678901234567890";
const NONE: &str = "0000000000000000000000000000000000000000";

/// A repository in which `topic` misspells a status, `main` has moved on, and `merge` is what GitHub makes of both.
pub(crate) struct Project {
    pub(crate) sandbox: TestRepo,
    pub(crate) base: String,
    pub(crate) head: String,
    pub(crate) merge: String,
}

pub(crate) fn project() -> Project {
    let sandbox = TestRepo::repository();
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
pub(crate) struct Step<'a> {
    checkout: &'a TestRepo,
    subcommand: &'a str,
    payload: String,
    variables: BTreeMap<String, String>,
}

/// How a step ended, and what it left.
pub(crate) struct Ended {
    pub(crate) run: Run,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
}

impl<'a> Step<'a> {
    /// The action, on this event.
    pub(crate) fn action(checkout: &'a TestRepo, event: &str, payload: &Value) -> Self {
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
    pub(crate) fn prow(checkout: &'a TestRepo, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { checkout, subcommand: "check", payload: String::new(), variables }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn run(&self) -> Ended {
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
    pub(crate) fn story(&self) -> (i32, Vec<String>, &str) {
        let titles = commands(&self.run.stdout).into_iter().map(|it| property(&it, "title"));
        (self.run.code, titles.collect(), self.run.stderr.trim_end())
    }

    pub(crate) fn outputs(&self) -> Vec<(&str, &str)> {
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

pub(crate) fn pull_request(base: &str, head: &str) -> Value {
    json!({"number": 7, "pull_request": {"number": 7, "base": {"ref": "main", "sha": base}, "head": {"sha": head}}})
}

pub(crate) fn short(commit: &str) -> &str {
    &commit[..12]
}

/// The clone that actions/checkout makes of the merge commit, this deep.
fn checkout(project: &Project, depth: &str) -> TestRepo {
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
    assert!(ended.summary.contains("<code>fetch-depth&#58; 2</code>"), "{}", ended.summary);
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
    let sandbox = TestRepo::repository();
    sandbox.branch("topic");
    sandbox.write("OWNERS_ALIASES", ALIASES.replace("petra-solm", "petra-solm\n    - mallory"));
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
fn the_checkout_of_pull_request_target_is_never_read() {
    let project = project();
    let event = pull_request(&project.base, &project.head);
    let ended = Step::action(&project.sandbox, "pull_request_target", &event).run();
    assert_eq!((ended.run.code, ended.outputs["verdict"].as_str()), (3, "unchecked"));
    assert!(!ended.run.stdout.contains("status-invalid"), "{}", ended.run.stdout);
}
