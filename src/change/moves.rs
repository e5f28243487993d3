//! KEP directories that moved.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::tree::Tree;
use super::trees::Trees;
use crate::error::SourceError;
use crate::kep::{Kep, KepNumber, handle};
use crate::project::layout;
use crate::text::{Files, RepoPath};

/// The KEP directories of the base that are gone at head.
pub(super) struct Removed<'a> {
    trees: &'a Trees<'a>,
    dirs: Vec<RepoPath>,
    /// Those that were read.
    identities: BTreeMap<RepoPath, Identity>,
}

/// The directory of a KEP at base that is gone at head, and its new one.
pub(super) type Succession = (RepoPath, Option<RepoPath>);

/// What tells a KEP from others if its directory's name does not. All of it is in the metadata: git finds files again
/// that are only similar, and two folders have no git.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    number: Option<KepNumber>,
    /// Not empty.
    title: Option<String>,
    /// What each author created: a KEP keeps its `creation-date` and an author when it gets another title.
    creations: BTreeSet<Creation>,
}

/// A `creation-date` and the handle of an author.
type Creation = (String, String);

impl<'a> Removed<'a> {
    pub(super) fn new(trees: &'a Trees<'a>, dirs: Vec<RepoPath>) -> Self {
        Self { trees, dirs, identities: BTreeMap::new() }
    }

    /// The directories that are left, each with that of `added` in which the KEP is now, if it got another number.
    pub(super) fn into_successors(mut self, added: &[RepoPath]) -> Result<Vec<Succession>, SourceError> {
        let (mut titles, mut creations) = (BTreeMap::new(), BTreeMap::new());
        for dir in added.iter().filter(|_| !self.dirs.is_empty()) {
            let new = Identity::read(&self.trees.head, dir)?;
            new.title.into_iter().for_each(|title| _ = titles.entry(title).or_insert(dir));
            new.creations.into_iter().for_each(|creation| _ = creations.entry(creation).or_insert(dir));
        }
        let mut left = Vec::new();
        for base in std::mem::take(&mut self.dirs) {
            let mut successor = None;
            if !added.is_empty() {
                let old = identity(&self.trees.base, &mut self.identities, &base)?;
                let by_title = old.title.as_ref().and_then(|title| titles.get(title));
                let by_creation = || old.creations.iter().find_map(|creation| creations.get(creation));
                successor = by_title.or_else(by_creation).map(|dir| (*dir).clone());
            }
            left.push((base, successor));
        }
        Ok(left)
    }

    /// Takes the directory that the KEP in `dir`, which is new at head, had at base.
    pub(super) fn take_former(&mut self, dir: &RepoPath) -> Result<Option<RepoPath>, SourceError> {
        let former = match self.of_same_number(dir) {
            Some(former) => Some(former),
            None => self.of_same_kep(dir)?,
        };
        self.dirs.retain(|dir| Some(dir) != former.as_ref());
        Ok(former)
    }

    /// The directory of the same number, if possible with the same name. 0000 is shared by unrelated KEPs.
    fn of_same_number(&self, dir: &RepoPath) -> Option<RepoPath> {
        let number = layout::directory_number(dir)?;
        let same = self.dirs.iter().filter(|old| layout::directory_number(old) == Some(number));
        let mut same = same.filter(|old| !number.is_zero() || old.name() == dir.name());
        let namesake = same.clone().find(|old| old.name() == dir.name());
        namesake.or_else(|| same.next()).cloned()
    }

    /// The directory whose `kep.yaml` is about the same KEP, if at least one of the two names does not tell the number.
    fn of_same_kep(&mut self, dir: &RepoPath) -> Result<Option<RepoPath>, SourceError> {
        let mut candidates = self.dirs.iter().filter(|old| !is_numbered(dir) || !is_numbered(old)).peekable();
        if candidates.peek().is_none() {
            return Ok(None);
        }
        let new = Identity::read(&self.trees.head, dir)?;
        for old in candidates {
            if identity(&self.trees.base, &mut self.identities, old)?.is_same(&new) {
                return Ok(Some(old.clone()));
            }
        }
        Ok(None)
    }
}

/// The identity of the KEP in `dir`, read once.
fn identity<'i>(
    tree: &Tree<'_>,
    known: &'i mut BTreeMap<RepoPath, Identity>,
    dir: &RepoPath,
) -> Result<&'i Identity, SourceError> {
    Ok(match known.entry(dir.clone()) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => unknown.insert(Identity::read(tree, dir)?),
    })
}

impl Identity {
    fn read(tree: &Tree<'_>, dir: &RepoPath) -> Result<Self, SourceError> {
        let state = tree.essentials(dir, &mut Files::default())?;
        let kep = state.readable_kep();
        let title = kep.map(|kep| kep.title.text().to_owned()).filter(|title| !title.is_empty());
        Ok(Self { number: state.issue_number(), title, creations: kep.map(creations).unwrap_or_default() })
    }

    /// True if both have the same number, or neither has one and both have the same title, or a date and an author in
    /// common.
    fn is_same(&self, other: &Self) -> bool {
        match (self.number, other.number) {
            (None, None) => {
                let has_same_title = self.title.is_some() && self.title == other.title;
                has_same_title || !self.creations.is_disjoint(&other.creations)
            }
            (one, other) => one == other,
        }
    }
}

fn creations(kep: &Kep) -> BTreeSet<Creation> {
    let date = kep.creation_date.text();
    if date.parse::<Date>().is_err() {
        // A placeholder of the template is the same in many KEPs.
        return BTreeSet::new();
    }
    kep.authors.entries().iter().map(|author| (date.to_owned(), handle::folded(&author.value))).collect()
}

fn is_numbered(dir: &RepoPath) -> bool {
    layout::directory_number(dir).is_some_and(|number| !number.is_zero())
}
