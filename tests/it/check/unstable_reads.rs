//! A file that can be read only sometimes must not make a check pass.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Instant;

use kepgate::check::{Settings, check};
use kepgate::error::SourceError;
use kepgate::kep::KepNumber;
use kepgate::kubernetes::KubernetesLists;
use kepgate::source::memory::Memory;
use kepgate::source::{Change, ChangedPath, Content, Entry, Kind, Revisions, Snapshot};
use kepgate::text::RepoPath;
use kepgate::tracking::{Asking, Reviews, Tracker, Tracking};

use crate::support::sample_kep::{ALIASES, KEP, PRR_FILE, SAMPLE_PRR, kep_with};

/// A tree in which one of the reads fails: that of this index, over all trees of a change.
struct Unstable {
    tree: Memory,
    fails: Option<usize>,
    reads: Rc<Cell<usize>>,
}

impl Snapshot for Unstable {
    fn read_up_to(&self, path: &RepoPath, limit: u64) -> Result<Content, SourceError> {
        let index = self.reads.replace(self.reads.get() + 1);
        if Some(index) == self.fails {
            let message = format!("{path} could not be read");
            return Err(SourceError::Unavailable { message, help: "try again".to_owned(), source: None });
        }
        self.tree.read_up_to(path, limit)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<Entry>, SourceError> {
        self.tree.list(path)
    }

    fn kind(&self, path: &RepoPath) -> Result<Option<Kind>, SourceError> {
        self.tree.kind(path)
    }

    fn size(&self, path: &RepoPath) -> Result<Option<u64>, SourceError> {
        self.tree.size(path)
    }
}

/// GitHub without issues and reviews.
#[derive(Debug)]
struct Nothing;

impl Tracker for Nothing {
    fn issues(&self, _: &BTreeSet<KepNumber>) -> Result<BTreeMap<KepNumber, Tracking>, SourceError> {
        Ok(BTreeMap::new())
    }

    fn reviews(&self, _: &BTreeMap<RepoPath, &str>) -> Result<Reviews, SourceError> {
        Ok(Reviews::default())
    }

    fn kubernetes_lists(&self, _: &kepgate::github::Repository) -> Result<KubernetesLists, SourceError> {
        unreachable!("no lists are configured")
    }
}

/// The rules that report something, whether the check is complete, and the number of reads.
fn run(fails: Option<usize>) -> (Vec<&'static str>, bool, usize) {
    let reads = Rc::new(Cell::new(0));
    let tree = |tree: &Memory| Box::new(Unstable { tree: tree.clone(), fails, reads: Rc::clone(&reads) });
    let base = Memory::default().file("OWNERS_ALIASES", ALIASES);
    let head = base.clone().file(KEP, kep_with(&[])).file(PRR_FILE, SAMPLE_PRR);
    let added = |path: &str| ChangedPath { base: None, head: Some(RepoPath::from(path)) };
    let change = Change {
        base: tree(&base),
        head: tree(&head),
        policy: tree(&base),
        paths: vec![added(PRR_FILE), added(KEP)],
        revisions: Revisions::default(),
    };
    let settings = Settings { asking: Asking::Of(Rc::new(Nothing)), ..Settings::default() };
    let report = check(&change, &settings, Instant::now());
    let findings = report.outcome.map(|outcome| outcome.findings).unwrap_or_default();
    let rules = findings.iter().map(|triaged| triaged.finding.rule.id).collect();
    (rules, report.error.is_none(), reads.get())
}

#[test]
fn a_read_that_fails_once_makes_the_check_incomplete() {
    let (whole, is_complete, reads) = run(None);
    assert!(is_complete && whole.contains(&"prr-not-approved") && reads > 3, "{whole:?} in {reads} reads");
    for fails in 0..reads {
        let (rules, is_complete, _) = run(Some(fails));
        assert!(!is_complete || rules == whole, "read {fails} of {reads}: {rules:?} instead of {whole:?}");
    }
}
