//! The inputs of the action, and the outputs and reports that it writes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use kepgate::session::{INPUTS, OUTPUTS};
use serde_json::{Value, json};

use crate::check::action::{Step, project, pull_request};
use crate::support::{commands, root};

#[test]
fn outputs_are_set_when_the_check_fails_to_run() {
    let project = project();
    let repo = &project.repo;
    let event = pull_request(&project.base, &project.head);
    let cases = [
        (Step::action(repo, "pull_request", &json!({})), 3),
        (Step::action(repo, "issue_comment", &event), 2),
        (Step::action(repo, "pull_request", &event).with("INPUT_MODE", "everything"), 2),
        (Step::action(repo, "pull_request", &event).with("INPUT_OUTPUT", "xml=x"), 2),
        (Step::action(repo, "pull_request", &event).with("INPUT_OUTPUT", "text"), 2),
        (Step::action(repo, "pull_request", &event).with("INPUT_CONFIG", "nowhere.yaml"), 2),
        (Step::action(repo, "pull_request", &event).with("GITHUB_EVENT_PATH", "/nowhere"), 3),
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
fn reports_are_never_written_through_symbolic_links() {
    let project = project();
    let repo = &project.repo;
    let treasure = repo.write(".git/treasure", "kept");
    symlink(&treasure, repo.place("kepgate.sarif")).unwrap();
    symlink(repo.place(".git"), repo.place("out")).unwrap();
    let event = pull_request(&project.base, &project.head);
    let absolute = format!("sarif={}", repo.place("out/treasure").display());
    for output in ["sarif=kepgate.sarif", "sarif=out/treasure", "sarif=./out/../out/treasure", &absolute] {
        let ended = Step::action(repo, "pull_request", &event).with("INPUT_OUTPUT", output).run();
        assert_eq!(ended.run.code, 3, "{output}: {}", ended.run.stderr);
        assert!(ended.run.stderr.contains("its path has a symbolic link"), "{output}: {}", ended.run.stderr);
        assert_eq!(repo.read(".git/treasure"), "kept", "{output}");
        assert_eq!(ended.outputs["verdict"], "unchecked", "without a report, there is no verdict");
    }
}

#[test]
fn output_input_adds_reports_to_the_default_ones() {
    let project = project();
    let repo = &project.repo;
    let event = pull_request(&project.base, &project.head);
    repo.write("temp/x", "");
    let temp = repo.place("temp");
    let ended = Step::action(repo, "pull_request", &event)
        .with("INPUT_OUTPUT", "sarif=kepgate.sarif\njunit=temp/kepgate.xml")
        .with("GITHUB_WORKSPACE", repo.path().to_str().unwrap())
        .with("RUNNER_TEMP", temp.to_str().unwrap())
        .run();
    assert_eq!(ended.run.code, 1);
    let sarif: Value = serde_json::from_str(&repo.read("kepgate.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "status-invalid");
    assert!(repo.read("temp/kepgate.xml").contains("status-invalid"));
    let report = Path::new(&ended.outputs["report"]);
    assert!(report.starts_with(&temp) && report.is_file(), "outside of a container, it is in the runner's folder");
    assert!(!commands(&ended.run.stdout).is_empty() && !ended.summary.is_empty());
}

/// The inputs or outputs that `action.yml` declares, in order: name, description, default.
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
fn documentation_has_a_row_for_each_input_and_output() {
    let page = fs::read_to_string(root().join("docs/usage.md")).unwrap();
    let rows = |heading: &str| -> Vec<&str> {
        let rows = page.lines().skip_while(|line| !line.starts_with(heading)).skip(2);
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
