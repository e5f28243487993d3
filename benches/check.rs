//! Measures the parts of kepgate, each as a ratio to its minimum work: reading the same files and parsing them. The two
//! alternate within one run, so noise affects both alike: `cargo bench`.
//!
//! `cargo xtask bench` measures the whole program, side by side with git.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, missing_docs, reason = "a benchmark")]

use std::sync::Arc;

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use kepgate::change::{Groups, Scope, Survey};
use kepgate::check::{ConfigSource, Settings, check};
use kepgate::source::git::{CommitId, Repository};
use kepgate::source::memory::Memory;
use kepgate::source::{Change, Content, Kind, Revisions, Snapshot};
use kepgate::syntax::{markdown, toc, yaml};
use kepgate::text::{Files, RepoPath};

/// The number of measurements of each function.
const ROUNDS: usize = 15;

/// The number of merges to search for each kind of pull request.
const MAX_MERGES: usize = 600;

fn main() {
    let Some(clone) = clone() else { return };
    let repository = Repository::discover(&clone).unwrap();
    let head = repository.resolve("HEAD").unwrap();
    println!("{:<28} {:>10} {:>10} {:>7}", "", "kepgate", "floor", "ratio");
    for (name, kind) in [("kep.yaml", Pull::Metadata), ("kep.yaml and README", Pull::Readme), ("new KEP", Pull::Added)]
    {
        let Some([base, head]) = find_pull(&repository, head, kind) else { continue };
        report(name, || pull_request(&repository, base, head), || floor_of_pull(&repository, base, head));
    }
    let all = |settings: &Settings| whole_tree(&repository, head, settings);
    report("all", || all(&settings()), || read_tree(&repository, head, |_| true));
    report(
        "all without README rules",
        || all(&without_readmes()),
        || read_tree(&repository, head, |name| name != "README.md"),
    );
    let query =
        || _ = Survey::read(&repository.tree(head).unwrap(), Groups::default(), &Arc::default(), &mut Files::default());
    report("query", query, || read_tree(&repository, head, |name| name != "README.md"));
    let release = Settings { release: kepgate::kep::Milestone::parse("v1.35"), ..settings() };
    report("readiness", || all(&release), || read_tree(&repository, head, |name| name != "README.md"));
    let readmes = texts(&repository, head);
    let tables = || readmes.iter().for_each(|text| _ = black_box(toc::entries(text, 0)));
    report("toc", tables, || readmes.iter().for_each(|text| _ = black_box(markdown::read(text))));
}

/// A clone of real KEPs: `KEPGATE_BENCH_CLONE`, or a clone of the bundle next to the project, which is made once.
fn clone() -> Option<PathBuf> {
    if let Some(clone) = std::env::var_os("KEPGATE_BENCH_CLONE") {
        return Some(clone.into());
    }
    let bundle = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/enhancements-2025.bundle");
    if !bundle.exists() {
        eprintln!("SKIPPED: set KEPGATE_BENCH_CLONE to a clone of kubernetes/enhancements");
        return None;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    if !folder.exists() {
        let clone = Command::new("git").args(["clone", "-q", "-b", "master"]).args([&bundle, &folder]).status();
        assert!(clone.unwrap().success());
    }
    Some(folder)
}

/// Prints the medians of `subject` and `floor`, and the median of the ratios of each pair.
fn report(name: &str, subject: impl Fn(), floor: impl Fn()) {
    let time = |work: &dyn Fn()| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    subject();
    floor();
    let pairs: Vec<_> = (0..ROUNDS).map(|_| (time(&subject), time(&floor))).collect();
    let ratios = pairs.iter().map(|(subject, floor)| subject.as_secs_f64() / floor.as_secs_f64());
    let [subject, floor] = [median(pairs.iter().map(|pair| pair.0)), median(pairs.iter().map(|pair| pair.1))];
    let ratio = median(ratios.map(|ratio| Duration::try_from_secs_f64(ratio).unwrap_or_default())).as_secs_f64();
    let millis = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    println!("{name:<28} {:>10} {:>10} {ratio:>7.2}", millis(subject), millis(floor));
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A kind of pull request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pull {
    Metadata,
    Readme,
    Added,
}

/// The last merge that changes a single `kep.yaml`, with or without its README, or that adds a KEP.
fn find_pull(repository: &Repository, tip: CommitId, kind: Pull) -> Option<[CommitId; 2]> {
    let mut head = tip;
    for _ in 0..MAX_MERGES {
        let base = *repository.parents(head).ok()?.first()?;
        let paths = repository.changed_paths(base, head).ok()?;
        let named = |name: &'static str| {
            paths.iter().filter(move |path| path.head.as_ref().is_some_and(|path| path.name() == name))
        };
        let is_added = named("kep.yaml").any(|path| path.base.is_none());
        let readmes = named("README.md").count();
        let is_of_kind = named("kep.yaml").count() == 1
            && match kind {
                Pull::Metadata => !is_added && readmes == 0,
                Pull::Readme => !is_added && readmes == 1,
                Pull::Added => is_added,
            };
        if is_of_kind {
            return Some([base, head]);
        }
        head = base;
    }
    None
}

fn pull_request(repository: &Repository, base: CommitId, head: CommitId) {
    let change = Change {
        base: Box::new(repository.tree(base).unwrap()),
        head: Box::new(repository.tree(head).unwrap()),
        policy: Box::new(repository.tree(base).unwrap()),
        paths: repository.changed_paths(base, head).unwrap(),
        revisions: Revisions::default(),
    };
    black_box(check(&change, &Settings::default(), Instant::now()));
}

/// Finds the changed files, and reads and parses them on both sides.
fn floor_of_pull(repository: &Repository, base: CommitId, head: CommitId) {
    let [old, new] = [base, head].map(|commit| repository.tree(commit).unwrap());
    for path in repository.changed_paths(base, head).unwrap() {
        for (tree, path) in [(&old, &path.base), (&new, &path.head)] {
            if let Some(path) = path {
                parse(tree, path);
            }
        }
    }
}

fn settings() -> Settings {
    Settings { scope: Scope { all: true, only: Vec::new() }, ..Settings::default() }
}

/// Turns off the rules that need READMEs.
fn without_readmes() -> Settings {
    let needs_readme = |rule: &&kepgate::rule::Rule| rule.needs.contains(&kepgate::rule::Need::Readme);
    let mut off = String::from("rules:\n");
    for rule in kepgate::rules::ALL.iter().copied().filter(needs_readme) {
        off.push_str(&format!("  {}: off\n", rule.id));
    }
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("without-readmes.yaml");
    std::fs::write(&file, off).unwrap();
    Settings { config: ConfigSource::Disk(file), ..settings() }
}

fn whole_tree(repository: &Repository, head: CommitId, settings: &Settings) {
    let change = Change {
        base: Box::new(Memory::default()),
        head: Box::new(repository.tree(head).unwrap()),
        policy: Box::new(repository.tree(head).unwrap()),
        paths: Vec::new(),
        revisions: Revisions::default(),
    };
    black_box(check(&change, settings, Instant::now()));
}

/// Reads and parses the YAML files and READMEs below `keps` whose names `is_wanted` accepts.
fn read_tree(repository: &Repository, head: CommitId, is_wanted: impl Fn(&str) -> bool) {
    let tree = repository.tree(head).unwrap();
    each_file(&tree, &mut |path| {
        if is_wanted(&path.name().to_string()) {
            parse(&tree, path);
        }
    });
}

fn each_file(tree: &dyn Snapshot, visit: &mut dyn FnMut(&RepoPath)) {
    let mut folders = vec![RepoPath::from("keps")];
    while let Some(folder) = folders.pop() {
        for entry in tree.list(&folder).unwrap() {
            match entry.kind {
                Kind::Folder => folders.push(entry.path),
                Kind::File => visit(&entry.path),
                Kind::Symlink | Kind::Submodule => {}
            }
        }
    }
}

fn parse(tree: &dyn Snapshot, path: &RepoPath) {
    if let Some(text) = text(tree, path) {
        match path.name() {
            name if name.ends_with(b".yaml") => _ = black_box(yaml::read(&text)),
            name if name == "README.md" => _ = black_box(markdown::read(&text)),
            _ => {}
        }
    }
}

/// The text of a YAML file or README; `None` for any other file.
fn text(tree: &dyn Snapshot, path: &RepoPath) -> Option<String> {
    if !path.name().ends_with(b".yaml") && path.name() != "README.md" {
        return None;
    }
    match tree.read(path).unwrap() {
        Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
        Content::Absent | Content::Irregular(_) => None,
    }
}

fn texts(repository: &Repository, head: CommitId) -> Vec<String> {
    let tree = repository.tree(head).unwrap();
    let mut texts = Vec::new();
    each_file(&tree, &mut |path| texts.extend(text(&tree, path).filter(|_| path.name() == "README.md")));
    texts
}
