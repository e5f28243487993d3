//! KEP directories that moved.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::tree::Tree;
use super::trees::Trees;
use crate::error::SourceError;
use crate::kep::{Kep, KepNumber, handle};
use crate::project::Layout;
use crate::text::words::words;
use crate::text::{Files, RepoPath};

/// Directories of KEPs at head, each with the one that the KEP had at base.
pub(super) type Formers = BTreeMap<RepoPath, RepoPath>;

/// Pairs the directories of KEPs that are only at base with those that are only at head. Each is in at most one pair.
pub(super) fn formers(trees: &Trees<'_>, gone: Vec<RepoPath>, new: Vec<RepoPath>) -> Result<Formers, SourceError> {
    let layout = trees.head.layout();
    let mut gone = Gone::new(gone, layout);
    let mut formers = Formers::new();
    let mut others = Vec::new();
    for dir in new {
        match gone.take(&dir, layout) {
            Some(former) => _ = formers.insert(dir, former),
            None => others.push(dir),
        }
    }
    let gone = gone.left();
    // Without a pair to find, nothing has to be read.
    if gone.is_empty() || others.is_empty() {
        return Ok(formers);
    }
    let mut known = Identity::read_all(&trees.base, gone)?;
    let mut new = Identity::read_all(&trees.head, others)?;
    // What says most comes first.
    let criteria =
        [Identity::has_same_number, Identity::has_same_title, Identity::has_same_name, Identity::has_same_origin];
    for is_same in criteria {
        new.retain(|(dir, identity)| match known.iter().position(|(_, old)| is_same(old, identity)) {
            Some(at) => {
                formers.insert(dir.clone(), known.remove(at).0);
                false
            }
            None => true,
        });
    }
    Ok(formers)
}

/// The directories that are only at base, by the numbers in their names. 0000 is shared by unrelated KEPs.
struct Gone(BTreeMap<Option<KepNumber>, Vec<RepoPath>>);

impl Gone {
    fn new(dirs: Vec<RepoPath>, layout: &Layout) -> Self {
        let mut by_number: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for dir in dirs {
            by_number.entry(layout.number(&dir)).or_default().push(dir);
        }
        Self(by_number)
    }

    /// Takes the directory with the number of `dir`, if possible that with the same name.
    fn take(&mut self, dir: &RepoPath, layout: &Layout) -> Option<RepoPath> {
        let number = layout.number(dir)?;
        let same = self.0.get_mut(&Some(number))?;
        let namesake = same.iter().position(|old| old.name() == dir.name());
        let at = namesake.or((!number.is_zero() && !same.is_empty()).then_some(0))?;
        Some(same.remove(at))
    }

    fn left(self) -> Vec<RepoPath> {
        self.0.into_values().flatten().collect()
    }
}

/// What tells a KEP from others if its directory's name does not. All of it is in the metadata: git finds files again
/// that are only similar, and two folders have no git.
struct Identity {
    number: Option<KepNumber>,
    /// The words of its title; not empty.
    title: Option<String>,
    /// The words in its directory's name, without the number; not empty.
    name: Option<String>,
    /// What each author created: a KEP keeps its `creation-date` and an author when it gets another title.
    creations: BTreeSet<Creation>,
    /// Its status, stage and latest milestone. An author may create several KEPs on the same day.
    target: [String; 3],
}

/// A `creation-date` and the handle of an author.
type Creation = (String, String);

impl Identity {
    fn read_all(tree: &Tree<'_>, dirs: Vec<RepoPath>) -> Result<Vec<(RepoPath, Self)>, SourceError> {
        dirs.into_iter().map(|dir| Ok((dir.clone(), Self::read(tree, &dir)?))).collect()
    }

    fn read(tree: &Tree<'_>, dir: &RepoPath) -> Result<Self, SourceError> {
        let state = tree.essentials(dir, &mut Files::default())?;
        let kep = state.readable_kep();
        let title = kep.map(|kep| words(kep.title())).filter(|title| !title.is_empty());
        let creations = kep.map(creations).unwrap_or_default();
        let name = Some(tree.layout().words(dir)).filter(|name| !name.is_empty());
        Ok(Self { number: state.issue_number(), title, name, creations, target: state.target().map(Cow::into_owned) })
    }

    fn has_same_number(&self, other: &Self) -> bool {
        self.number.is_some() && self.number == other.number
    }

    fn has_same_title(&self, other: &Self) -> bool {
        self.title.is_some() && self.title == other.title
    }

    fn has_same_name(&self, other: &Self) -> bool {
        self.name.is_some() && self.name == other.name
    }

    /// True if an author of both created them on the same day, and they are equally far.
    fn has_same_origin(&self, other: &Self) -> bool {
        self.target == other.target && !self.creations.is_disjoint(&other.creations)
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

#[cfg(test)]
mod tests {
    use super::Gone;
    use crate::project::Layout;
    use crate::text::RepoPath;

    fn gone(dirs: &[&str]) -> Gone {
        Gone::new(dirs.iter().map(|dir| RepoPath::from(*dir)).collect(), &Layout::default())
    }

    #[test]
    fn a_moved_kep_is_paired_with_the_directory_of_its_name_first() {
        let layout = Layout::default();
        let mut gone = gone(&["keps/sig-a/12-one", "keps/sig-a/12-two", "keps/sig-a/13-two"]);
        let moved = RepoPath::from("keps/sig-b/12-two");
        assert_eq!(gone.take(&moved, &layout), Some(RepoPath::from("keps/sig-a/12-two")));
        assert_eq!(gone.take(&moved, &layout), Some(RepoPath::from("keps/sig-a/12-one")));
        assert_eq!(gone.take(&moved, &layout), None);
        assert_eq!(gone.left(), [RepoPath::from("keps/sig-a/13-two")]);
    }

    #[test]
    fn keps_without_a_number_of_their_own_are_paired_by_name_alone() {
        let layout = Layout::default();
        let mut gone = gone(&["keps/sig-a/0000-one", "keps/sig-a/two"]);
        assert_eq!(gone.take(&RepoPath::from("keps/sig-b/0000-two"), &layout), None);
        assert_eq!(gone.take(&RepoPath::from("keps/sig-b/two"), &layout), None);
        assert_eq!(
            gone.take(&RepoPath::from("keps/sig-b/0000-one"), &layout),
            Some(RepoPath::from("keps/sig-a/0000-one"))
        );
    }
}
