//! KEP directories that moved.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::KepLocation;
use super::tree::Tree;
use super::trees::Trees;
use crate::error::SourceError;
use crate::kep::KepNumber;
use crate::project::layout::{self, Place};
use crate::source::ChangedPath;
use crate::text::{Files, RepoPath};

/// The KEP directories of the base that are gone at head.
pub(super) struct Removed<'a> {
    trees: &'a Trees<'a>,
    /// Where git found each metadata file again. A change may move thousands of KEPs, so this is not searched.
    renames: BTreeMap<&'a RepoPath, &'a RepoPath>,
    dirs: Vec<RepoPath>,
    /// Those that were read.
    identities: BTreeMap<RepoPath, Identity>,
}

/// What tells a KEP from others if its directory's name does not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    number: Option<KepNumber>,
    title: Option<String>,
}

impl<'a> Removed<'a> {
    pub(super) fn new(trees: &'a Trees<'a>, paths: &[&'a ChangedPath], dirs: Vec<RepoPath>) -> Self {
        let renames = paths.iter().filter_map(|path| Some((path.base.as_ref()?, path.head.as_ref()?))).collect();
        Self { trees, renames, dirs, identities: BTreeMap::new() }
    }

    /// The directories that are left. A KEP that got another number is in one of `added`: git finds its metadata again
    /// in another KEP's directory, or the title is the same.
    pub(super) fn into_locations(mut self, added: &[RepoPath]) -> Result<Vec<KepLocation>, SourceError> {
        let mut titles = BTreeSet::new();
        for dir in added.iter().filter(|_| !self.dirs.is_empty()) {
            titles.extend(Identity::read(&self.trees.head, dir)?.title);
        }
        let mut locations = Vec::new();
        for base in std::mem::take(&mut self.dirs) {
            let has_title = !titles.is_empty() && self.has_title_in(&base, &titles)?;
            let became_other = has_title || self.is_renamed_to_kep(&base);
            locations.push(KepLocation::Removed { base, became_other });
        }
        Ok(locations)
    }

    fn has_title_in(&mut self, old: &RepoPath, titles: &BTreeSet<String>) -> Result<bool, SourceError> {
        let identity = identity(&self.trees.base, &mut self.identities, old)?;
        Ok(identity.title.as_ref().is_some_and(|title| titles.contains(title)))
    }

    /// True if git finds the metadata of `old` again in another KEP's directory.
    fn is_renamed_to_kep(&self, old: &RepoPath) -> bool {
        let layout = self.trees.head.layout();
        let is_kep = |head: &&RepoPath| layout.is_metadata(head.name()) && matches!(layout.place(head), Place::Kep(_));
        self.renames.get(&layout.metadata_of(old)).is_some_and(is_kep)
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
            let identity = identity(&self.trees.base, &mut self.identities, old)?;
            let has_no_number = identity.number.is_none() && new.number.is_none();
            if identity.is_same(&new) || (has_no_number && self.is_renamed(old, dir)) {
                return Ok(Some(old.clone()));
            }
        }
        Ok(None)
    }

    /// True if git finds the metadata of `old` again in `new`.
    fn is_renamed(&self, old: &RepoPath, new: &RepoPath) -> bool {
        let layout = self.trees.head.layout();
        self.renames.get(&layout.metadata_of(old)).is_some_and(|head| **head == layout.metadata_of(new))
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
        let title = state.readable_kep().map(|kep| kep.title.text().to_owned());
        Ok(Self { number: state.issue_number(), title: title.filter(|title| !title.is_empty()) })
    }

    /// True if both have the same number, or neither has one and both have the same title.
    fn is_same(&self, other: &Self) -> bool {
        match (self.number, other.number) {
            (None, None) => self.title.is_some() && self.title == other.title,
            (one, other) => one == other,
        }
    }
}

fn is_numbered(dir: &RepoPath) -> bool {
    layout::directory_number(dir).is_some_and(|number| !number.is_zero())
}
