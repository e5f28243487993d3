//! Other tools that check some of the same files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// A tool, and the files to run it on.
struct Peer {
    name: &'static str,
    arguments: &'static [&'static str],
    /// The suffix of the paths of its files.
    files: &'static str,
    /// True if `kepgate check --all` has to check READMEs as well for the comparison.
    reads_readmes: bool,
}

const PEERS: [Peer; 3] = [
    Peer { name: "yamllint", arguments: &["-d", "relaxed"], files: ".yaml", reads_readmes: false },
    Peer {
        name: "check-jsonschema",
        arguments: &["--schemafile", "kep.schema.json"],
        files: "/kep.yaml",
        reads_readmes: false,
    },
    Peer { name: "markdownlint-cli2", arguments: &[], files: "/README.md", reads_readmes: true },
];

/// A command for each installed tool, with its name and whether it reads READMEs. Missing tools are reported.
pub(super) fn commands(repository: &Path) -> Result<Vec<(String, bool, Command)>> {
    let folder = check_out(repository)?;
    let mut commands = Vec::new();
    for Peer { name, arguments, files, reads_readmes } in PEERS {
        let found = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            println!("| 1x | {name} | not run: it is not installed | | | |");
            continue;
        }
        let paths = paths(&folder, files)?;
        let mut command = Command::new(name);
        command.args(arguments).args(&paths).current_dir(&folder);
        commands.push((format!("{name}, {} files", paths.len()), reads_readmes, command));
    }
    Ok(commands)
}

/// Writes the files of the branch `main` and the schema of `kep.yaml` to a folder.
fn check_out(repository: &Path) -> Result<PathBuf> {
    let folder = std::path::absolute(repository.join("files"))?;
    if !folder.exists() {
        fs::create_dir(&folder)?;
        let work_tree = format!("--work-tree={}", folder.display());
        let status = Command::new("git")
            .args([&work_tree, "checkout", "--quiet", "main", "--", "keps"])
            .current_dir(repository)
            .status()?;
        ensure!(status.success(), "git checkout ended with {status}");
    }
    let schema = crate::root()?.join("docs/kep.schema.json");
    fs::copy(&schema, folder.join("kep.schema.json")).with_context(|| format!("cannot copy {}", schema.display()))?;
    Ok(folder)
}

fn paths(folder: &Path, end: &str) -> Result<Vec<PathBuf>> {
    let (mut folders, mut found) = (vec![folder.join("keps")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    Ok(found.into_iter().map(|path| path.strip_prefix(folder).map_or(path.clone(), Path::to_owned)).collect())
}
