//! `kepgate new` and `kepgate promote`.

mod advice;
mod me;
mod new;
mod promote;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, kepgate, within_bounds};

pub(crate) const TEMPLATE: &str = "keps/NNNN-kep-template/kep.yaml";

pub(crate) fn says(folder: &Path, arguments: &[&str]) -> Run {
    within_bounds(kepgate(folder).args(arguments))
}

/// Every file below `folder` outside of `.git`, by its path.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_symlink() || entry.ends_with(".git") {
                continue;
            }
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let name = entry.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read_to_string(&entry).unwrap());
            }
        }
    }
    found
}

/// The lines that `git diff` removes and adds between two folders.
pub(crate) fn changed_lines(folder: &Path, one: &str, other: &str) -> Vec<String> {
    let mut git = Command::new("git");
    let output = git.current_dir(folder).args(["diff", "--no-index", "--unified=0", one, other]).output().unwrap();
    let diff = String::from_utf8(output.stdout).unwrap();
    let is_change = |line: &&str| {
        (line.starts_with('+') && !line.starts_with("+++")) || (line.starts_with('-') && !line.starts_with("---"))
    };
    diff.lines().filter(is_change).map(str::to_owned).collect()
}

pub(crate) fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once('#').map(|(_, comment)| comment)).collect()
}

/// The value of a root key without its quotes.
pub(crate) fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap_or_default().split(" #").next().unwrap().trim().trim_matches(['"', '\''])
}

/// A folder whose `base` and `head` both have copies of these files and folders of the corpus.
pub(crate) fn copy_to_folders(clone: &Path, paths: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for side in ["base", "head"] {
        for path in paths.iter().filter(|path| clone.join(path).exists()) {
            let place = folder.path().join(side).join(path);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            let status = Command::new("cp").arg("-r").arg(clone.join(path)).arg(&place).status().unwrap();
            assert!(status.success());
        }
    }
    folder
}

/// The exit status and the report of `kepgate check` on `base` and `head`.
pub(crate) fn check(folder: &Path) -> (i32, Value) {
    let run = says(folder, &["check", "--base-dir", "base", "--head-dir", "head", "--output", "json"]);
    (run.code, serde_json::from_str(&run.stdout).unwrap())
}

/// The directory and metadata of each KEP at the head of the bundle.
pub(crate) fn keps(clone: &Path) -> Vec<(String, String)> {
    let run = says(clone, &["query", "--columns", "directory", "--output", "json"]);
    let rows: Value = serde_json::from_str(&run.stdout).unwrap();
    let dirs = rows.as_array().unwrap().iter().map(|row| row["directory"].as_str().unwrap().to_owned());
    dirs.map(|dir| (dir.clone(), std::fs::read_to_string(clone.join(dir).join("kep.yaml")).unwrap())).collect()
}
