//! Fixture files on disk: reads them and writes their cases to folders.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::case::{self, Case, Document, Entry, Tree};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A fixture file, with its path below `fixtures/`.
pub(crate) struct FixtureFile {
    pub(crate) path: PathBuf,
    pub(crate) document: Document,
}

/// Reads every fixture file below the folder `fixtures`, in a stable order.
pub(crate) fn read_all(fixtures: &Path) -> Result<Vec<FixtureFile>> {
    let mut paths: Vec<_> = ["triage.md", "configuration.md"].map(PathBuf::from).into();
    let rules = names(&fixtures.join("rules"))?;
    paths.extend(rules.iter().map(|name| Path::new("rules").join(name)));
    paths.into_iter().map(|path| read(fixtures, path)).collect()
}

/// Reads one fixture file.
pub(crate) fn read(fixtures: &Path, path: PathBuf) -> Result<FixtureFile> {
    let place = fixtures.join(&path);
    let text = fs::read_to_string(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let document = case::parse(&text).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(FixtureFile { path, document })
}

/// Reads the named repositories that cases start from.
pub(crate) fn repositories(fixtures: &Path) -> Result<BTreeMap<String, Tree>> {
    let folder = fixtures.join("repositories");
    let mut repositories = BTreeMap::new();
    for name in names(&folder)? {
        let mut tree = Tree::new();
        read_tree(&folder.join(&name), "", &mut tree)?;
        repositories.insert(name, tree);
    }
    Ok(repositories)
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn read_tree(folder: &Path, prefix: &str, tree: &mut Tree) -> Result<()> {
    for name in names(folder)? {
        let place = folder.join(&name);
        let kind = fs::symlink_metadata(&place)?.file_type();
        if kind.is_dir() {
            read_tree(&place, &format!("{prefix}{name}/"), tree)?;
        } else if kind.is_file() {
            tree.insert(format!("{prefix}{name}"), Entry::File(fs::read(&place)?));
        } else {
            return Err(format!("{} is neither a file nor a folder", place.display()).into());
        }
    }
    Ok(())
}

/// Writes a case into the empty folder `to`: `base/`, `head/`, `github.json`, and files outside of both.
pub(crate) fn lay_out(case: &Case, repositories: &BTreeMap<String, Tree>, to: &Path) -> Result<()> {
    let name = &case.repository;
    let repository = repositories.get(name).ok_or_else(|| format!("there is no repository `{name}`"))?;
    let trees = case.trees(repository)?;
    write_tree(&trees.base, &to.join("base"))?;
    write_tree(&trees.head, &to.join("head"))?;
    write_tree(&trees.outside, to)?;
    if let Some(github) = &case.github {
        fs::write(to.join("github.json"), github)?;
    }
    Ok(())
}

fn write_tree(tree: &Tree, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for (path, entry) in tree {
        let place = to.join(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        match entry {
            Entry::File(content) => fs::write(&place, content)?,
            Entry::Link(target) => symlink(target, &place)?,
            Entry::Submodule => {
                fs::create_dir(&place)?;
                fs::write(place.join(".git"), "gitdir: elsewhere\n")?;
            }
        }
    }
    Ok(())
}

/// A heading as a folder name: its words in lowercase with dashes between them.
pub(crate) fn folder_name(heading: &str) -> String {
    let words = heading.split(|it: char| !it.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
