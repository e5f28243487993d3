//! The layers of the source code: a module uses only modules in layers below its own, and files do not depend on each
//! other in a cycle.

#![allow(missing_docs, reason = "tests read as examples")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The layers from top to bottom. Modules of the same layer do not use each other.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["lib"],
    &["commands"],
    &["session"],
    &["cli"],
    &["site"],
    &["readiness", "review", "status", "query", "authoring", "export"],
    &["publish"],
    &["report"],
    &["check"],
    &["rules"],
    &["config"],
    &["change"],
    &["history"],
    &["tracking"],
    &["project"],
    &["questionnaire"],
    &["kubernetes"],
    &["release"],
    &["kep"],
    &["finding"],
    &["rule"],
    &["event"],
    &["source"],
    &["github"],
    &["syntax"],
    &["text"],
    &["escape", "threads"],
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

fn top_module(name: &str) -> &str {
    name.split('/').next().unwrap()
}

/// Every `crate::<module>` in code. Comments do not count, nor do unit tests, which may look up.
fn used_rooms(text: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1) {
            let words = rest.strip_prefix('{').unwrap_or(rest);
            let word: String = words.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            modules.insert(word);
        }
    }
    modules
}

#[test]
fn no_module_uses_a_layer_above_its_own() {
    let layer_of: BTreeMap<_, _> = LAYERS
        .iter()
        .enumerate()
        .flat_map(|(layer, modules)| modules.iter().map(move |top_module| (*top_module, layer)))
        .collect();
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for file in source_files().into_iter().filter(|file| !name(file).ends_with("/tests")) {
        let name = name(&file);
        let own = layer_of.get(top_module(&name)).unwrap_or_else(|| panic!("`{name}` is in no layer"));
        for used in used_rooms(&std::fs::read_to_string(&file).unwrap()) {
            if used == top_module(&name) || top_module(&name) == "main" {
                continue;
            }
            arrows += 1;
            let layer =
                layer_of.get(used.as_str()).unwrap_or_else(|| panic!("`{name}` uses `{used}`, which is in no layer"));
            if layer <= own {
                wrong.push(format!("{name} uses {used}, which is not below it"));
            }
        }
    }
    assert!(arrows > 300, "the files are read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that still depend on each other in a cycle: a file and one that it uses, which leads back to it. Remove an
/// entry when its cycle is gone; the test fails until you do. Do not add any.
const KNOWN_CYCLES: &[(&str, &str)] = &[];

/// The code without comments and unit tests, and its re-exports, which only make paths shorter.
fn code_and_reexports(text: &str) -> (String, Vec<String>) {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let (mut code, mut reexports) = (String::new(), Vec::new());
    for statement in lines.collect::<Vec<_>>().join(" ").split_inclusive(';') {
        match ["pub use ", "pub(crate) use ", "pub(super) use "].iter().find_map(|start| statement.rsplit_once(start)) {
            Some((before, path)) => {
                code.push_str(before);
                reexports.push(path.to_owned());
            }
            None => code.push_str(statement),
        }
    }
    (code, reexports)
}

/// The paths that code uses, as segments after `crate`, with `super` resolved against the folder of the module.
fn used_paths(module: &[String], text: &str) -> BTreeSet<Vec<String>> {
    let (code, _) = code_and_reexports(text);
    let mut paths = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        expand(&mut paths, &[], &code[at + "crate::".len()..]);
    }
    for (at, _) in code.match_indices("super::") {
        // The first `super` of a path decides; those after it are counted in `rest`.
        if code[..at].ends_with("super::") {
            continue;
        }
        let (mut parent, mut rest) = (module.to_vec(), &code[at..]);
        while let Some(after) = rest.strip_prefix("super::") {
            parent.pop();
            rest = after;
        }
        expand(&mut paths, &parent, rest);
    }
    paths
}

/// Adds the paths of `a::b`, `a::{b, c::d}` and the like to `paths`.
fn expand(paths: &mut BTreeSet<Vec<String>>, prefix: &[String], rest: &str) {
    if let Some(group) = rest.strip_prefix('{') {
        let mut depth = 0_usize;
        let mut start = 0;
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    expand(paths, prefix, group[start..at].trim_start());
                    start = at + 1;
                    if letter == '}' {
                        return;
                    }
                }
                _ => {}
            }
        }
        return;
    }
    let word: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    if word.is_empty() {
        return;
    }
    let path: Vec<_> = prefix.iter().cloned().chain([word.clone()]).collect();
    match rest[word.len()..].strip_prefix("::") {
        Some(more) => expand(paths, &path, more),
        None => drop(paths.insert(path)),
    }
}

/// The module of a file: `source/git/mod` is `source::git`.
fn module(name: &str) -> Vec<String> {
    name.strip_suffix("/mod").unwrap_or(name).split('/').map(str::to_owned).collect()
}

/// The files that each file uses. A file may use types of its ancestors, which declare and re-export it, so arrows
/// between a file and its ancestors do not count.
fn file_arrows() -> BTreeMap<String, BTreeSet<String>> {
    let files: Vec<_> = source_files().into_iter().filter(|file| !name(file).ends_with("/tests")).collect();
    let by_module: BTreeMap<_, _> = files.iter().map(|file| (module(&name(file)), name(file))).collect();
    let mut reexported = BTreeMap::new();
    for file in &files {
        let own = module(&name(file));
        for reexport in code_and_reexports(&std::fs::read_to_string(file).unwrap()).1 {
            let mut paths = BTreeSet::new();
            expand(&mut paths, &own, &reexport);
            for path in paths {
                reexported.insert([&own[..], &path[path.len() - 1..]].concat(), path);
            }
        }
    }
    let mut arrows = BTreeMap::new();
    for file in &files {
        let own = module(&name(file));
        let mut used = BTreeSet::new();
        for path in used_paths(&own, &std::fs::read_to_string(file).unwrap()) {
            let path = reexported.get(&path).unwrap_or(&path);
            // The longest prefix that is a file; the rest names an item in it.
            let Some(target) = (1..=path.len()).rev().find(|end| by_module.contains_key(&path[..*end])) else {
                continue;
            };
            let target = &path[..target];
            if !own.starts_with(target) && !target.starts_with(&own) {
                used.insert(by_module[target].clone());
            }
        }
        arrows.insert(name(file), used);
    }
    arrows
}

/// Whether a path of arrows leads from `start` to `end`.
fn leads_to(arrows: &BTreeMap<String, BTreeSet<String>>, start: &str, end: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(file) = open.pop() {
        if file == end {
            return true;
        }
        if seen.insert(file) {
            open.extend(arrows.get(file).into_iter().flatten().map(String::as_str));
        }
    }
    false
}

#[test]
fn files_do_not_depend_on_each_other_in_a_cycle() {
    let arrows = file_arrows();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 400, "the files are read");
    let cyclic: BTreeSet<_> = arrows
        .iter()
        .flat_map(|(file, used)| used.iter().map(move |used| (file.as_str(), used.as_str())))
        .filter(|(file, used)| leads_to(&arrows, used, file))
        .collect();
    let known: BTreeSet<_> = KNOWN_CYCLES.iter().copied().collect();
    let new: Vec<_> = cyclic.difference(&known).map(|(file, used)| format!("{file} uses {used}")).collect();
    assert!(new.is_empty(), "these uses are part of a cycle:\n{}", new.join("\n"));
    let gone: Vec<_> = known.difference(&cyclic).collect();
    assert!(gone.is_empty(), "no longer part of a cycle, remove from KNOWN_CYCLES: {gone:?}");
}

#[test]
fn grouped_and_relative_paths_are_resolved() {
    let module: Vec<_> = ["session", "checkout", "target"].map(str::to_owned).to_vec();
    let text = "use super::{commits::{A, b}, Checkout};\nuse super::super::plan;\n// crate::not::this\n\
                fn f(x: crate::kep::Stage) {}\npub use shown::Elsewhere;";
    let paths: Vec<_> = used_paths(&module, text).into_iter().map(|path| path.join("::")).collect();
    let expected = [
        "kep::Stage",
        "session::checkout::Checkout",
        "session::checkout::commits::A",
        "session::checkout::commits::b",
        "session::plan",
    ];
    assert_eq!(paths, expected);
    assert_eq!(code_and_reexports(text).1, ["shown::Elsewhere;"]);
}

/// Every rule's id and the name of its file.
fn rules(files: &[PathBuf]) -> BTreeMap<String, String> {
    let mut rules = BTreeMap::new();
    for file in files.iter().filter(|file| top_module(&name(file)) == "rules") {
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
