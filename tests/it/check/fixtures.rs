//! Every fixture has exactly the output that it expects.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::case_files::read_all;
use crate::support::cases::{self, Fixture, fixtures_folder};
use crate::support::expectation::render;
use crate::support::{FixturePr, kepgate, root, run};

const DEMO: &str = "fixtures/demo/expected.txt";

/// Runs kepgate on a case. If the case needs answers from GitHub, it becomes a pull request on the fake GitHub.
fn output(folder: &Path, options: &[String], rule: Option<&str>) -> String {
    let pull_request = folder.join("github.json").is_file().then(|| FixturePr::case(folder));
    let mut command = match &pull_request {
        Some(pull_request) => pull_request.command(folder),
        None => kepgate(folder),
    };
    if pull_request.is_none() {
        command.args(["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"]);
    }
    let (code, stdout, stderr) = run(command.args(options));
    let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    assert_eq!(report["exit"], code, "the report names the exit status");
    render(&report, folder, rule)
}

fn blesses() -> bool {
    std::env::var_os("KEPGATE_BLESS").is_some()
}

#[test]
fn fixtures_have_the_expected_output() {
    let fixtures = cases::all();
    assert!(fixtures.all.len() > 500, "only {} cases were found", fixtures.all.len());
    let mut outputs = Vec::new();
    for Fixture { file, title, case, folder, .. } in &fixtures.all {
        let rule = file.starts_with("rules").then_some(title.as_str());
        outputs.push(output(folder, &case.options, rule));
    }
    if blesses() {
        return bless(&fixtures.all, &outputs);
    }
    let mut wrong = Vec::new();
    for (fixture, output) in fixtures.all.iter().zip(&outputs) {
        if *output != fixture.case.expected.text {
            wrong.push(format!("{}\n{}", fixture.name, difference(&fixture.case.expected.text, output)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), outputs.len(), wrong.join("\n"));
}

#[test]
fn demo_has_the_expected_output() {
    let output = output(&root().join("fixtures/demo"), &[], None);
    if blesses() {
        return std::fs::write(root().join(DEMO), output).unwrap();
    }
    let expected = std::fs::read_to_string(root().join(DEMO)).unwrap();
    assert!(output == expected, "{DEMO}\n{}", difference(&expected, &output));
}

/// Replaces each expected output, starting with the last one of a file so that line numbers stay correct.
fn bless(fixtures: &[Fixture], outputs: &[String]) {
    let mut files: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (fixture, output) in fixtures.iter().zip(outputs).rev() {
        let place = fixtures_folder().join(&fixture.file);
        let lines = files.entry(place.clone()).or_insert_with(|| {
            let text = std::fs::read_to_string(&place).unwrap();
            text.lines().map(str::to_owned).collect()
        });
        let start = fixture.case.expected.line - 1;
        let end = start + fixture.case.expected.text.lines().count();
        lines.splice(start..end, output.lines().map(str::to_owned));
    }
    for (place, lines) in files {
        // Other tests read these files at the same time and must never see a partial one.
        let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("blessed.md");
        std::fs::write(&written, lines.join("\n") + "\n").unwrap();
        std::fs::rename(written, place).unwrap();
    }
}

/// The lines from the first difference to the last.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let start = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let rest = expected.len().min(found.len()) - start;
    let end = expected.iter().rev().zip(found.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    for line in &expected[..start] {
        writeln!(text, "   {line}").unwrap();
    }
    for line in &expected[start..expected.len() - end] {
        writeln!(text, "  -{line}").unwrap();
    }
    for line in &found[start..found.len() - end] {
        writeln!(text, "  +{line}").unwrap();
    }
    for line in &found[found.len() - end..] {
        writeln!(text, "   {line}").unwrap();
    }
    text
}

#[test]
fn ignored_findings_are_expected_with_their_reasons() {
    let files = read_all(&fixtures_folder()).unwrap();
    let configuration = files.iter().find(|file| file.path == Path::new("configuration.md")).unwrap();
    let outputs: String = configuration.document.cases.iter().map(|case| case.expected.text.as_str()).collect();
    let ignored = outputs.lines().filter(|line| line.starts_with("ignored ")).count();
    let reasons = outputs.lines().filter(|line| line.starts_with("  reason: ")).count();
    assert!(ignored >= 3 && ignored == reasons, "{ignored} ignored, {reasons} reasons");
}

/// The rules that kepgate lists.
fn rules() -> BTreeSet<String> {
    let (_, stdout, _) = run(kepgate(root()).args(["rules", "--json"]));
    let rules: Value = serde_json::from_str(&stdout).unwrap();
    rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_rule_has_a_fixture_file_and_every_file_a_rule() {
    let files = std::fs::read_dir(fixtures_folder().join("rules")).unwrap();
    let names: BTreeSet<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, rules().iter().map(|rule| format!("{rule}.md")).collect());
    for file in read_all(&fixtures_folder()).unwrap() {
        if file.path.starts_with("rules") {
            assert_eq!(file.path, Path::new("rules").join(format!("{}.md", file.document.title)));
        }
    }
}

#[test]
fn every_rule_starts_with_a_failing_case_and_its_fix() {
    for file in read_all(&fixtures_folder()).unwrap() {
        let headings: BTreeSet<_> = file.document.cases.iter().map(|case| &case.heading).collect();
        assert_eq!(headings.len(), file.document.cases.len(), "{}: a heading occurs twice", file.path.display());
        if file.path.starts_with("rules") {
            let fires = |index: usize| {
                let expected = &file.document.cases[index].expected;
                expected.findings().any(|finding| finding.rule == file.document.title)
            };
            assert!(fires(0), "{}: the rule does not fire in the first case", file.path.display());
            assert!(!fires(1), "{}: the rule still fires in the second case", file.path.display());
        }
    }
}

#[test]
fn every_rule_has_its_message_and_help_in_an_expectation() {
    let mut without_help = Vec::new();
    for file in read_all(&fixtures_folder()).unwrap().iter().filter(|file| file.path.starts_with("rules")) {
        let head = format!("[{}] ", file.document.title);
        let outputs: String = file.document.cases.iter().map(|case| case.expected.text.as_str()).collect();
        let mut details = outputs.split('\n').skip_while(|line| !line.contains(&head));
        assert!(details.any(|line| line.starts_with("  message: ")), "{}: no message", file.document.title);
        let is_helpful = details.take_while(|line| line.starts_with("  ")).any(|line| line.starts_with("  help: "));
        if !is_helpful {
            without_help.push(file.document.title.clone());
        }
    }
    assert_eq!(without_help, Vec::<String>::new(), "no help in the first finding of these rules");
}
