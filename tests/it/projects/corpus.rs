//! Real projects with the configuration that `kepgate init` proposes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::corpus::{assert_table, corpus, git};
use crate::support::{TestRepo, kepgate, run, within_bounds};

const PROJECTS: [&str; 3] = ["jobset", "kueue", "lws"];

/// Rules whose findings are errors only with production readiness reviews or the tools of Kubernetes, and are warnings here.
const WARNINGS_HERE: [&str; 7] = [
    "implemented-not-stable",
    "latest-milestone-missing",
    "milestone-after-latest",
    "stage-behind",
    "stage-missing",
    "status-invalid",
    "toc-stale",
];

/// A clone of a project, and the configuration that `kepgate init` proposes for it, which is outside the clone.
fn project(name: &str) -> (TestRepo, PathBuf) {
    let repo = TestRepo::new();
    let bundle = corpus().join(format!("projects/{name}.bundle"));
    git(repo.path(), &["clone", "--quiet", "--branch", "main", bundle.to_str().unwrap(), "clone"]);
    let clone = repo.place("clone");
    let run = within_bounds(kepgate(&clone).args(["init", "--write"]));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let config = repo.place("kepgate.yaml");
    std::fs::rename(clone.join(".github/kepgate.yaml"), &config).unwrap();
    (repo, config)
}

fn check(clone: &Path, config: &Path, arguments: &[&str]) -> (i32, Value) {
    let arguments =
        [&["check", "--offline", "--output", "json", "--config", config.to_str().unwrap()], arguments].concat();
    let (code, stdout, stderr) = run(kepgate(clone).args(arguments));
    (code, serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}")))
}

/// The last column of a committed table, by the rest of the row.
fn words(table: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(table);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | "));
    rows.map(|(row, word)| (row.to_owned(), word.to_owned())).collect()
}

/// The rule, the path and the message of a finding, escaped for a table.
fn texts(finding: &Value) -> [String; 3] {
    ["rule", "path", "message"].map(|key| finding[key].as_str().unwrap().replace('|', "\\|"))
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn errors_match_the_table() {
    let words = words("projects.md");
    let mut table = String::from(
        "# Errors in other projects, with the configuration that `kepgate init` proposes\n\n\
         | project | rule | file | what | word |\n|---|---|---|---|---|\n",
    );
    for name in PROJECTS {
        let (repo, config) = project(name);
        let (code, report) = check(&repo.place("clone"), &config, &["--all", "--head", "HEAD"]);
        let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
        assert_eq!(code == 1, errors.clone().count() > 0, "{name}");
        for finding in errors {
            let [rule, path, message] = texts(finding);
            let row = format!("| {name} | {rule} | {path} | {message}");
            let word = words.get(&row).map_or("?", String::as_str);
            writeln!(table, "{row} | {word} |").unwrap();
        }
    }
    assert_table("projects.md", &table);
    assert!(!table.contains("| ? |"), "an error without a word:\n{table}");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn every_change_of_their_history_can_be_checked() {
    let mut table = String::from(
        "# Every change of other projects, with the configuration that `kepgate init` proposes\n\n\
         | project | changes that touch KEPs | with a new error | without an error or warning | silent | findings per change |\n\
         |---|---|---|---|---|---|\n",
    );
    let words = words("projects-history.md");
    let mut errors_table = String::from(
        "\nThe new errors, each compared with its change:\n\n| project | commit | rule | file | what | word |\n|---|---|---|---|---|---|\n",
    );
    let mut warnings_table = String::from(
        "\nNew warnings that would be errors in Kubernetes:\n\n| project | commit | rule | file | what | word |\n|---|---|---|---|---|---|\n",
    );
    for name in PROJECTS {
        let (repo, config) = project(name);
        let clone = repo.place("clone");
        let [mut touching, mut errors, mut quiet, mut silent, mut said] = [0_u32; 5];
        for line in git(&clone, &["log", "--first-parent", "--format=%H %P", "HEAD"]) {
            let mut ids = line.split(' ');
            let (Some(head), Some(base)) = (ids.next(), ids.next().filter(|id| !id.is_empty())) else { continue };
            let (code, report) = check(&clone, &config, &["--base", base, "--head", head]);
            assert!(code < 2, "{name} {head}: {:#}", report["error"]);
            if report["keps"].as_array().unwrap().is_empty() {
                continue;
            }
            let new = |level: &str| report["counts"][level].as_u64().unwrap();
            touching += 1;
            errors += u32::from(new("error") > 0);
            quiet += u32::from(new("error") + new("warning") == 0);
            let count = u32::try_from(new("error") + new("warning") + new("notice")).unwrap();
            silent += u32::from(count == 0);
            said += count;
            let findings = report["findings"].as_array().unwrap().iter();
            for finding in findings.filter(|finding| finding["new"] == true) {
                let [rule, path, message] = texts(finding);
                let is_softer = || WARNINGS_HERE.contains(&rule.as_str()) || message.ends_with("but this is a mapping");
                let table = match finding["level"].as_str() {
                    Some("error") => &mut errors_table,
                    Some("warning") if is_softer() => &mut warnings_table,
                    _ => continue,
                };
                let row = format!("| {name} | {} | {rule} | {path} | {message}", &head[..10]);
                let word = words.get(&row).map_or("?", String::as_str);
                writeln!(table, "{row} | {word} |").unwrap();
            }
        }
        let percent = |count: u32| format!("{count} ({} %)", count * 100 / touching);
        let shares = [errors, quiet, silent].map(percent).join(" | ");
        let hundredths = said * 100 / touching;
        writeln!(table, "| {name} | {touching} | {shares} | {}.{:02} |", hundredths / 100, hundredths % 100).unwrap();
    }
    table = table + &errors_table + &warnings_table;
    assert_table("projects-history.md", &table);
    assert!(!table.contains("| ? |"), "an error without a word:\n{table}");
}

/// Runs the command from the README of a case in the folder of the case.
fn case(name: &str) -> (i32, String) {
    let folder = corpus().join("cases").join(name);
    let readme = std::fs::read_to_string(folder.join("README.txt")).unwrap();
    let command = readme.lines().find_map(|line| line.trim().strip_prefix("kepgate ")).unwrap();
    let command = command.split(';').next_back().unwrap().trim();
    let arguments: Vec<_> = command.strip_prefix("kepgate ").unwrap_or(command).split(' ').collect();
    let mut command: Command = kepgate(&folder);
    let (code, stdout, stderr) = run(command.env("KEPGATE_NOW", "2025-11-01").args(arguments));
    (code, stdout + &stderr)
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn cases_of_other_projects_give_what_they_should() {
    for (name, code, says) in [
        ("aliases-without-prr-group-touched", 0, "kepgate: "),
        ("flat-readme-only-change-unseen", 1, "error[toc-stale]"),
        ("no-sigs-owning-sig-and-components", 0, "kepgate: "),
        ("other-root-folder-passes", 2, "`kepgate init` proposes that file"),
        ("other-template-folder", 0, "kepgate: 1 KEP"),
        ("own-releases-without-prr-exit-2", 0, "kepgate: "),
        ("toc-details", 0, ""),
        ("toc-dollars", 0, ""),
        ("toc-heading-id", 0, ""),
        ("toc-trailing-hash", 0, ""),
        ("toc-front-matter", 0, "- [Real](#real)\n"),
        ("toc-marks-called-template-text", 0, "kepgate: "),
        ("toc-old-mdtoc", 1, "out of date"),
    ] {
        let (found, text) = case(name);
        assert!(found == code && text.contains(says), "{name}: {found}\n{text}");
        let is_clean = !["error[", "warning[", "notice["].iter().any(|level| text.contains(level));
        assert!(code != 0 || is_clean, "{name}: {text}");
    }
}

/// The output of `kepgate check` for a case with this configuration on both sides.
fn check_with(name: &str, config: &str) -> (i32, Value) {
    let repo = TestRepo::new();
    let config = repo.write("kepgate.yaml", config);
    check(&corpus().join("cases").join(name), &config, &["--base-dir", "base", "--head-dir", "head"])
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn a_key_of_the_template_is_known_in_a_profile_of_its_own() {
    let name = "key-of-the-merged-template-unknown";
    let (code, text) = case(name);
    assert!(code == 1 && text.contains("error[yaml-unknown-key]: unknown key `risk-level`"), "{code}\n{text}");
    for config in [
        "project:\n  fields:\n    optional: [risk-level]\n",
        "project:\n  profile: plain\n  production-readiness: v1.21\n  releases: kubernetes\n",
    ] {
        let (code, report) = check_with(name, config);
        assert_eq!((code, &report["findings"]), (0, &Value::Array(Vec::new())), "{config}");
    }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn a_table_of_an_old_mdtoc_is_current_if_the_project_says_so() {
    let repo = TestRepo::new();
    repo.write(".github/kepgate.yaml", "project:\n  table-of-contents: mdtoc-legacy\n");
    let text = std::fs::read_to_string(corpus().join("cases/toc-old-mdtoc/t.md")).unwrap();
    repo.write("t.md", &text);
    let run = within_bounds(kepgate(repo.path()).args(["toc", "--check", "t.md"]));
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let run = within_bounds(kepgate(repo.path()).args(["toc", "--write", "t.md"]));
    assert_eq!((run.code, repo.read("t.md")), (0, text));
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn a_kep_is_created_without_a_sig_where_there_are_none() {
    let repo = TestRepo::new();
    let case = corpus().join("cases/new-in-a-project-without-sigs");
    let arguments = ["new", "--dry-run", "--number", "400", "--title", "Foo", "--author", "@someone", "--repo-path"];
    let run = within_bounds(kepgate(repo.path()).args(arguments).arg(&case));
    assert!(run.code == 0 && run.stdout.contains("new file: keps/400-foo/kep.yaml"), "{}{}", run.stdout, run.stderr);
}
