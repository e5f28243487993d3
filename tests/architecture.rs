//! The floors of the house: a module uses only floors below its own, and no rule is named by its id outside its own file.

#![allow(missing_docs, reason = "tests read as examples")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The floors from top to ground. A module uses the floors below its own; modules of one floor do not use each other.
const FLOORS: &[&[&str]] = &[
    &["main"],
    &["lib"],
    &["commands"],
    &["session"],
    &["cli"],
    &["readiness", "query", "authoring"],
    &["publish"],
    &["report"],
    &["check"],
    &["rules"],
    &["config"],
    &["change"],
    &["tracking"],
    &["project"],
    &["questionnaire"],
    &["release"],
    &["kep"],
    &["finding"],
    &["rule"],
    &["event"],
    &["source"],
    &["github"],
    &["syntax"],
    &["text"],
    &["escape"],
    &["error"],
    &["exit"],
];

fn source_files() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The path below `src`, without its ending: `rules/stage_invalid`.
fn name(file: &Path) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    file.strip_prefix(src).unwrap().with_extension("").to_str().unwrap().replace('\\', "/")
}

fn room(name: &str) -> &str {
    name.split('/').next().unwrap()
}

/// Every `crate::<module>` in code. Comments do not count, nor do unit tests, which may look up.
fn used_rooms(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1) {
            let words = rest.strip_prefix('{').unwrap_or(rest);
            let word: String = words.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            rooms.insert(word);
        }
    }
    rooms
}

#[test]
fn no_module_uses_a_floor_above_its_own() {
    let floor_of: BTreeMap<_, _> =
        FLOORS.iter().enumerate().flat_map(|(floor, rooms)| rooms.iter().map(move |room| (*room, floor))).collect();
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for file in source_files() {
        let name = name(&file);
        let own = floor_of.get(room(&name)).unwrap_or_else(|| panic!("`{name}` is on no floor"));
        for used in used_rooms(&std::fs::read_to_string(&file).unwrap()) {
            if used == room(&name) || room(&name) == "main" {
                continue;
            }
            arrows += 1;
            let floor = floor_of.get(used.as_str()).unwrap_or_else(|| panic!("`{name}` uses `{used}`, on no floor"));
            if floor <= own {
                wrong.push(format!("{name} uses {used}, which is not below it"));
            }
        }
    }
    assert!(arrows > 300, "the files are read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every rule's id and the name of its file.
fn rules(files: &[PathBuf]) -> BTreeMap<String, String> {
    let mut rules = BTreeMap::new();
    for file in files.iter().filter(|file| room(&name(file)) == "rules") {
        let text = std::fs::read_to_string(file).unwrap();
        let id = text.lines().find_map(|line| line.trim().strip_prefix("id: \"")?.strip_suffix("\","));
        rules.extend(id.map(|id| (id.to_owned(), name(file))));
    }
    rules
}

#[test]
fn a_rule_is_named_by_its_id_in_its_own_file_only() {
    let files = source_files();
    let rules = rules(&files);
    assert!(rules.len() > 60, "the rules are found");
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.file_name().unwrap() != "tests.rs") {
        let text = std::fs::read_to_string(file).unwrap();
        // Unit tests may name rules, as configurations do.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            // Every second part of a line is inside quotes.
            for literal in line.split('"').skip(1).step_by(2) {
                if rules.get(literal).is_some_and(|own| *own != name(file)) {
                    wrong.push(format!("{} names `{literal}`", name(file)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
