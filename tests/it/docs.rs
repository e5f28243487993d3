//! The documentation is what the program says, and its examples are fixtures that run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kepgate::rules::{ALL, page};
use serde_json::Value;

use crate::support::{kepgate, root, run};

#[test]
fn the_pages_of_the_rules_are_current() {
    let folder = root().join("docs/rules");
    let mut names = BTreeSet::new();
    for (name, text) in page::all() {
        let written = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert_eq!(written, text, "docs/rules/{name}: run `cargo run -- rules --write-docs docs/rules`");
        names.insert(name);
    }
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(files.collect::<BTreeSet<_>>(), names, "a page without a rule");
}

/// Every line of every text file below a folder, trimmed, and every path.
#[allow(clippy::disallowed_methods, reason = "a fixture's link is ours, and only its text is read")]
fn lines(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() {
                let target = Path::new(&name).file_name().unwrap().display().to_string();
                found.insert(format!("{target} -> {}", std::fs::read_link(&path).unwrap().display()));
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.insert(format!("{}, a regular file", entry.file_name().display()));
                found.extend(text.lines().map(|line| line.trim().to_owned()));
            }
            found.insert(name);
        }
    }
    found
}

/// The fixtures of a rule in which it fires, or does not.
fn cases(rule: &str, fires: bool) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(root().join("fixtures/rules").join(rule)).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path()).filter(|case| {
        let expected: Value =
            serde_json::from_str(&std::fs::read_to_string(case.join("expected.json")).unwrap()).unwrap();
        expected["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == rule) == fires
    });
    folders.collect()
}

#[test]
fn every_example_stands_in_a_fixture_that_runs() {
    let mut wrong = Vec::new();
    for rule in ALL {
        for (text, fires) in [(rule.example, true), (rule.instead, false)] {
            let stands = cases(rule.id, fires).iter().any(|case| {
                let lines = lines(&case.join("head"));
                text.lines().all(|line| lines.contains(line.trim()))
            });
            if !stands {
                wrong.push(format!("{} ({}):\n{text}", rule.id, if fires { "failing" } else { "passing" }));
            }
        }
    }
    assert!(wrong.is_empty(), "no fixture holds\n{}", wrong.join("\n"));
}

#[test]
fn explain_prints_the_page() {
    for rule in ALL {
        let (code, stdout, _) = run(kepgate(root()).args(["explain", rule.id]));
        assert_eq!((code, stdout), (0, page::markdown(rule)));
    }
}

#[test]
fn the_schema_of_the_configuration_knows_every_rule() {
    let text = std::fs::read_to_string(root().join("docs/config.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<_> =
        schema["$defs"]["rule"]["enum"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let mut rules: Vec<_> = ALL.iter().map(|rule| rule.id).collect();
    rules.sort_unstable();
    assert_eq!(ids, rules);
}
