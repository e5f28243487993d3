//! Folders that the steps share.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// The least free space for the temporary files of the tests, in MiB. They take less than a tenth of it.
const MIN_FREE: u64 = 1024;

pub(super) struct Context {
    /// The checkout.
    pub(super) root: PathBuf,
    /// Cargo's target directory, shared by the checkout and its clone.
    pub(super) target: PathBuf,
    /// Files that are kept after a run: logs and installed tools.
    pub(super) kept: PathBuf,
    /// A folder that is deleted at the end.
    scratch: TempDir,
    /// A folder in memory, if there is one. It is deleted at the end, too.
    in_memory: Option<TempDir>,
    /// True on a CI machine, where a missing tool is a failure.
    pub(super) in_ci: bool,
}

impl Context {
    pub(super) fn new() -> Result<Self> {
        let root = crate::root()?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |it| root.join(it));
        let kept = target.join("check");
        fs::create_dir_all(&kept).with_context(|| format!("could not create {}", kept.display()))?;
        let scratch = TempDir::with_prefix("kepgate-check-").context("could not create a temporary folder")?;
        let in_memory = folder_in_memory();
        Ok(Self { root, target, kept, scratch, in_memory, in_ci: env::var_os("CI").is_some() })
    }

    pub(super) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Lets the program put its temporary files into memory. The tests create and delete so many that they take twice as
    /// long on a disk.
    pub(super) fn use_memory(&self, command: &mut Command) {
        if let Some(folder) = &self.in_memory {
            command.env("TMPDIR", folder.path());
        }
    }

    /// Files for maintainers that are not part of the repository: the corpus and scripts for offline machines.
    pub(super) fn shared(&self) -> PathBuf {
        self.root.join("../shared")
    }

    /// The clone that the README's commands run in.
    pub(super) fn clone(&self) -> PathBuf {
        self.scratch().join("clone")
    }

    /// The program that the step `demo` built.
    pub(super) fn kepgate(&self) -> PathBuf {
        self.target.join("debug/kepgate")
    }

    /// The requests that the tests made to the fake GitHub, one JSON object per line.
    pub(super) fn requests(&self) -> PathBuf {
        self.scratch().join("requests.jsonl")
    }

    /// A program from a Python package.
    pub(super) fn python_tool(&self, name: &str) -> PathBuf {
        self.kept.join("venv/bin").join(name)
    }

    pub(super) fn node_modules(&self) -> PathBuf {
        self.kept.join("node_modules")
    }

    pub(super) fn judge(&self, name: &str) -> PathBuf {
        self.root.join(".ci/judges").join(name)
    }
}

/// A folder in memory; `None` if there is too little space, or if programs cannot run from there.
fn folder_in_memory() -> Option<TempDir> {
    let folder = TempDir::with_prefix_in("kepgate-check-", "/dev/shm").ok()?;
    let free = Command::new("df").args(["--output=avail", "--block-size=1M"]).arg(folder.path()).output().ok()?;
    let free: u64 = String::from_utf8(free.stdout).ok()?.lines().last()?.trim().parse().ok()?;
    let script = folder.path().join("script");
    fs::write(&script, "#!/bin/sh\n").ok()?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).ok()?;
    let runs = Command::new(&script).status().is_ok_and(|status| status.success());
    (free >= MIN_FREE && runs).then_some(folder)
}
