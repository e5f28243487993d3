//! How long a check takes, on the real repository when it is beside the project: `cargo bench`.
//!
//! The whole process is measured with hyperfine, side by side with git: see docs/maintaining.md.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, reason = "a bench that cannot go on says so")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Instant;

use kepgate::change::Scope;
use kepgate::check::{Settings, check};
use kepgate::kep::Kep;
use kepgate::source::git::Repository;
use kepgate::source::memory::Memory;
use kepgate::source::{Change, Revisions, Snapshot as _};
use kepgate::syntax::yaml;
use kepgate::text::RepoPath;
use kepgate::text::{Files, Side, SourceFile};

/// A clone of the bundle, made once.
static CLONE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let bundle = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/enhancements-2025.bundle");
    if !bundle.exists() {
        eprintln!("SKIPPED: {} is not there", bundle.display());
        return None;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    if !folder.exists() {
        let clone =
            Command::new("git").args(["clone", "-q", "-b", "master"]).args([&bundle, &folder]).status().unwrap();
        assert!(clone.success());
    }
    Some(folder)
});

fn main() {
    divan::main();
}

/// A pull request that touches two KEPs: read, check and triage, from an open repository.
#[divan::bench]
fn pull_request(bencher: divan::Bencher<'_, '_>) {
    let Some(clone) = &*CLONE else { return };
    let repository = Repository::discover(clone).unwrap();
    let head = repository.resolve("19a9706ecf08e7f27596b997c70ed20f2b568fed").unwrap();
    let base = repository.parents(head).unwrap().first().copied().unwrap();
    bencher.bench_local(|| {
        let change = Change {
            base: Box::new(repository.tree(base).unwrap()),
            head: Box::new(repository.tree(head).unwrap()),
            policy: Box::new(repository.tree(base).unwrap()),
            paths: repository.changed_paths(base, head).unwrap(),
            revisions: Revisions::default(),
        };
        check(&change, &Settings::default(), Instant::now())
    });
}

/// Every KEP's metadata at head.
#[divan::bench]
fn whole_tree(bencher: divan::Bencher<'_, '_>) {
    let Some(clone) = &*CLONE else { return };
    let repository = Repository::discover(clone).unwrap();
    let head = repository.resolve("HEAD").unwrap();
    let settings = Settings { scope: Scope { all: true, only: Vec::new() }, ..Settings::default() };
    bencher.bench_local(|| {
        let change = Change {
            base: Box::new(Memory::default()),
            head: Box::new(repository.tree(head).unwrap()),
            policy: Box::new(repository.tree(head).unwrap()),
            paths: Vec::new(),
            revisions: Revisions::default(),
        };
        check(&change, &settings, Instant::now())
    });
}

/// One `kep.yaml` from text to typed fields.
#[divan::bench]
fn one_document(bencher: divan::Bencher<'_, '_>) {
    let text = include_str!("../fixtures/demo/head/keps/sig-apps/4711-graceful-rollback/kep.yaml");
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, RepoPath::from("kep.yaml"), text));
    bencher.bench_local(|| Kep::decode(file, &yaml::read(divan::black_box(text))));
}

/// Listing the folder of all KEPs, which a duplicate number is looked for in.
#[divan::bench]
fn list_keps(bencher: divan::Bencher<'_, '_>) {
    let Some(clone) = &*CLONE else { return };
    let repository = Repository::discover(clone).unwrap();
    let head = repository.resolve("HEAD").unwrap();
    bencher.bench_local(|| repository.tree(head).unwrap().list(&RepoPath::from("keps/sig-node")).unwrap());
}
