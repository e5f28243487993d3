//! kepgate as a step of GitHub Actions: which commits it compares for each event.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::support::{
    ALIASES, Annotation, KEP, PRR_FILE, Run, SAMPLE_PRR, TestRepo, check_log, check_summary, commands, kep_with,
    kepgate, run,
};

/// A commit id that does not exist in any repository.
const UNKNOWN_COMMIT: &str = "1234567890123456789012345678901234567890";
const NONE: &str = "0000000000000000000000000000000000000000";

/// A repository in which `topic` misspells a status, `main` has newer commits, and `merge` is GitHub's merge of both.
pub(crate) struct Project {
    pub(crate) repo: TestRepo,
    pub(crate) base: String,
    pub(crate) head: String,
    pub(crate) merge: String,
}

pub(crate) fn project() -> Project {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.write(KEP, kep_with(&[("status", "implementible")]));
    let head = repo.commit();
    repo.git(&["switch", "--quiet", "main"]);
    // Merged in the meantime: a KEP without a status, which is not part of the pull request.
    repo.write("keps/sig-apps/77-other/kep.yaml", kep_with(&[("status", "")]));
    let base = repo.commit();
    repo.git(&["switch", "--quiet", "--create", "merge"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--message=.", "topic"]);
    let merge = repo.id("HEAD");
    Project { repo, base, head, merge }
}

/// A step: its checkout, its event and its variables.
pub(crate) struct Step<'a> {
    checkout: &'a TestRepo,
    subcommand: &'a str,
    payload: String,
    variables: BTreeMap<String, String>,
}

/// The exit status of a step, and what it wrote.
pub(crate) struct Ended {
    pub(crate) run: Run,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
}

impl<'a> Step<'a> {
    /// A step that runs the action for this event.
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

    /// A Prow job with these variables.
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
        // Not through a shell, which would drop variables with a dash in their name.
        let (code, stdout, stderr) = run(kepgate(self.checkout.path()).arg(self.subcommand).envs(&self.variables));
        let run = Run { code, stdout, stderr };
        let read = |name: &str| self.variables.get(name).and_then(|path| fs::read_to_string(path).ok());
        let outputs = outputs(&read("GITHUB_OUTPUT").unwrap_or_default());
        Ended { run, outputs, summary: read("GITHUB_STEP_SUMMARY").unwrap_or_default() }
    }
}

impl Ended {
    /// The exit status, the rules in the annotations, and the line that says what was compared.
    pub(crate) fn story(&self) -> (i32, Vec<String>, &str) {
        let titles = commands(&self.run.stdout).into_iter().map(|it| property(&it, "title"));
        let rules = titles.map(|title| title.split(" · ").next().unwrap_or_default().to_owned());
        (self.run.code, rules.collect(), self.run.stderr.trim_end())
    }

    pub(crate) fn outputs(&self) -> Vec<(&str, &str)> {
        self.outputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn property(annotation: &Annotation, name: &str) -> String {
    annotation.properties.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Parses the file that `GITHUB_OUTPUT` names like the runner does: `name<<DELIMITER`, lines, `DELIMITER`.
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

/// The clone that actions/checkout makes of the merge commit, with this depth.
fn checkout(project: &Project, depth: &str) -> TestRepo {
    project.repo.clone_with(&["--depth", depth, "--branch", "merge"])
}

#[test]
fn pull_request_event_checks_the_merge_commit() {
    let project = project();
    let checkout = checkout(&project, "2");
    // The base in the event is older than the parent of the merge commit, and is missing from the checkout.
    let ended = Step::action(&checkout, "pull_request", &pull_request(UNKNOWN_COMMIT, &project.head)).run();
    let [merge, base] = [&project.merge, &project.base].map(|commit| short(commit));
    let line = format!("kepgate: pull request #7: the merge commit {merge} against {base}");
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
    let annotations = commands(&ended.run.stdout);
    let [annotation] = annotations.as_slice() else { panic!("{annotations:?}") };
    let place: Vec<_> = annotation.properties.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        place,
        [&format!("file={KEP}"), "line=8", "endLine=8", "col=9", "endColumn=22", "title=status-invalid · KEP-1234"]
    );
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
    assert!(ended.summary.starts_with("### ❌ kepgate: 1 error in 1 KEP\n"), "{}", ended.summary);
}

#[test]
fn checkout_without_parents_of_the_merge_commit_is_unchecked() {
    let project = project();
    let checkout = checkout(&project, "1");
    let ended = Step::action(&checkout, "pull_request", &pull_request(&project.base, &project.head)).run();
    assert_eq!((ended.run.code, ended.outputs["verdict"].as_str()), (3, "unchecked"));
    let [annotation] = &commands(&ended.run.stdout)[..] else { panic!("{}", ended.run.stdout) };
    let words = format!(
        "the parents of the merge commit {} are not in the checkout\nset `fetch-depth: 2` for actions/checkout",
        short(&project.merge)
    );
    assert_eq!((annotation.name.as_str(), annotation.data.as_str()), ("error", words.as_str()));
    assert!(ended.summary.contains("`fetch-depth: 2`"), "{}", ended.summary);
}

/// The author of a merge commit chooses its parents, so only GitHub's own merge commit is trusted.
#[test]
fn merge_commit_by_the_author_is_not_trusted_as_githubs() {
    let project = project();
    let repo = &project.repo;
    let [head, base] = [&project.head, &project.base].map(|commit| short(commit));
    let start = repo.id("main~1");
    let line = format!("kepgate: pull request #7: its tip {head} against {base}, since {}", short(&start));
    let event = pull_request(&project.base, &project.head);
    // Its first parent already has the changes of the pull request, so nothing would seem to change.
    repo.git(&["switch", "--quiet", "--create", "evil", "topic"]);
    repo.commit();
    let tree = repo.git(&["rev-parse", "topic^{tree}"]);
    let trap = repo.git(&["commit-tree", "-m", ".", "-p", "evil", "-p", "topic", &tree]);
    repo.git(&["switch", "--quiet", "--detach", &trap]);
    let ended = Step::action(repo, "pull_request", &event).with("GITHUB_SHA", &project.merge).run();
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
    // A pull request whose tip is a merge of the target branch.
    repo.git(&["switch", "--quiet", "topic"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--message=.", "main"]);
    let tip = repo.id("HEAD");
    let ended = Step::action(repo, "pull_request", &pull_request(&project.base, &tip)).run();
    let line = format!("kepgate: pull request #7: its tip {} against {base}", short(&tip));
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
}

/// Under act, the checkout is the caller's own. The event names both commits, no matter what was fetched since.
#[test]
fn run_under_act_compares_the_commits_of_the_event() {
    let project = project();
    let clone = project.repo.clone_with(&["--branch", "topic"]);
    let start = project.repo.id("main~1");
    let event = pull_request(&start, &project.head);
    let ended = Step::action(&clone, "pull_request", &event).with("ACT", "true").run();
    let line = format!("kepgate: pull request #7: its tip {} against {}", short(&project.head), short(&start));
    assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], line.as_str()));
    let gone = Step::action(&clone, "pull_request", &pull_request(&project.base, UNKNOWN_COMMIT)).run();
    assert_eq!(gone.run.code, 3, "a missing tip is unchecked");
    assert!(gone.run.stdout.contains(UNKNOWN_COMMIT), "{}", gone.run.stdout);
}

/// If the tip is checked out, policy comes from the fetched target branch and not from a stale event.
#[test]
fn fetched_target_branch_wins_over_the_base_of_the_event() {
    let project = project();
    let clone = project.repo.clone_with(&["--branch", "topic"]);
    let stale = project.repo.id("main~1");
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
fn merge_group_and_push_events_name_the_commits_to_compare() {
    let project = project();
    let Project { repo, base, head, merge } = &project;
    let found = || vec!["status-invalid".to_owned()];
    let nothing = Vec::new;
    let default = json!({"default_branch": "main"});
    let clone = repo.clone_with(&["--branch", "topic"]);
    for (checkout, event, payload, code, titles, line) in [
        (
            repo,
            "merge_group",
            json!({"merge_group": {"base_sha": base, "head_sha": merge}}),
            1,
            found(),
            format!("a merge group: its tip {} against {}", short(merge), short(base)),
        ),
        (
            repo,
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
                short(&repo.id("main~1"))
            ),
        ),
        (
            repo,
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
    // A new branch without a fetched default branch, and a merge group without a fetched base.
    let payload = json!({"before": NONE, "after": head, "repository": default});
    assert_eq!(Step::action(repo, "push", &payload).run().run.code, 3);
    let shallow = checkout(&project, "1");
    let payload = json!({"merge_group": {"base_sha": base, "head_sha": merge}});
    let ended = Step::action(&shallow, "merge_group", &payload).run();
    assert_eq!(ended.run.code, 3);
    assert!(ended.run.stdout.contains("set `fetch-depth: 0` for actions/checkout"), "{}", ended.run.stdout);
}

/// An earlier push to a branch must not be the policy for the next one.
#[test]
fn approver_added_by_an_earlier_push_to_the_branch_is_unknown() {
    let repo = TestRepo::repository();
    repo.branch("topic");
    repo.write("OWNERS_ALIASES", ALIASES.replace("petra-solm", "petra-solm\n    - mallory"));
    let before = repo.commit();
    repo.write(PRR_FILE, SAMPLE_PRR.replace("petra-solm", "mallory"));
    let after = repo.commit();
    let clone = repo.clone_with(&["--branch", "topic"]);
    let pushed = json!({"ref": "refs/heads/topic", "before": before, "after": after,
                        "repository": {"default_branch": "main"}});
    let ended = Step::action(&clone, "push", &pushed).run();
    assert_eq!((ended.run.code, ended.story().1), (1, vec!["prr-approver-unknown".to_owned()]));
}

/// If only base or head is given, the other comes from the event. It never comes from a branch that the change
/// may have named `main`, and never from the work tree.
#[test]
fn base_or_head_input_leaves_the_other_to_the_event() {
    let project = project();
    let Project { repo, base, head, .. } = &project;
    repo.git(&["branch", "--quiet", "--force", "main", "topic"]);
    repo.git(&["switch", "--quiet", "main"]);
    repo.write("keps/sig-apps/78-draft/README.md", "# Draft\n");
    let event = pull_request(base, head);
    let line = format!("kepgate: pull request #7: the commit {} against {}", short(head), short(base));
    let since = format!("{line}, since {}", short(&repo.id("topic~1")));
    for (name, value) in [("INPUT_HEAD", head), ("INPUT_BASE", base)] {
        let ended = Step::action(repo, "pull_request", &event).with(name, value).run();
        assert_eq!(ended.story(), (1, vec!["status-invalid".to_owned()], since.as_str()), "{name}");
    }
    for name in ["INPUT_HEAD", "INPUT_BASE"] {
        let ended = Step::action(repo, "pull_request_target", &event).with(name, head).run();
        assert_eq!((ended.run.code, ended.outputs["verdict"].as_str()), (2, "unchecked"), "{name}");
    }
}

#[test]
fn pull_request_target_never_reads_the_checkout() {
    let project = project();
    let event = pull_request(&project.base, &project.head);
    let ended = Step::action(&project.repo, "pull_request_target", &event).run();
    assert_eq!((ended.run.code, ended.outputs["verdict"].as_str()), (3, "unchecked"));
    assert!(!ended.run.stdout.contains("status-invalid"), "{}", ended.run.stdout);
}
