//! Finds passages that moved.

use std::collections::{BTreeMap, BTreeSet};

use super::wording::{Budget, Difference, Hunk, differences};
use super::{Change, Pair, Place};

/// A shorter passage, in words, is in many places by chance: `No`, `Not applicable`, `See above.`
const MIN_WORDS: usize = 5;

/// A passage, by the index of its answer and its own in there.
type PassageIndex = (usize, usize);

/// The passages that are gone and those that are new, and which of them are the same.
pub(super) struct Moves<'a> {
    removed: BTreeMap<&'a str, BTreeSet<PassageIndex>>,
    added: BTreeMap<&'a str, BTreeSet<PassageIndex>>,
    from: BTreeMap<PassageIndex, Place>,
    to: BTreeMap<PassageIndex, Place>,
    budget: Budget,
}

impl<'a> Moves<'a> {
    pub(super) fn new(pairs: &'a [Pair], hunks: &[Vec<Hunk>]) -> Self {
        let mut moves = Self {
            removed: BTreeMap::new(),
            added: BTreeMap::new(),
            from: BTreeMap::new(),
            to: BTreeMap::new(),
            budget: Budget::new(),
        };
        for (at, (pair, hunks)) in pairs.iter().zip(hunks).enumerate() {
            for hunk in hunks {
                add(&mut moves.removed, &pair.before.passages, at, hunk.before.clone());
                add(&mut moves.added, &pair.after.passages, at, hunk.after.clone());
            }
        }
        let texts: Vec<_> = moves.removed.keys().copied().filter(|text| moves.added.contains_key(text)).collect();
        for text in texts {
            moves.pair_up(text);
        }
        moves.removed.retain(|_, indices| !indices.is_empty());
        moves.added.retain(|_, indices| !indices.is_empty());
        moves
    }

    /// True if some passages are still only gone or only new.
    pub(super) fn has_open(&self) -> bool {
        !self.removed.is_empty() || !self.added.is_empty()
    }

    /// Pairs the rest with the other parts of the README, of which these are the passages.
    pub(super) fn look_elsewhere(&mut self, before: Vec<String>, after: Vec<String>) {
        let count = |passages: Vec<String>| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for passage in passages {
                *counts.entry(passage).or_default() += 1;
            }
            counts
        };
        let (before, after) = (count(before), count(after));
        let number = |counts: &BTreeMap<String, usize>, text: &str| counts.get(text).copied().unwrap_or_default();
        for (text, indices) in &self.removed {
            let arrived = number(&after, text).saturating_sub(number(&before, text));
            self.to.extend(indices.iter().take(arrived).map(|index| (*index, Place::Elsewhere)));
        }
        for (text, indices) in &self.added {
            let left = number(&before, text).saturating_sub(number(&after, text));
            self.from.extend(indices.iter().take(left).map(|index| (*index, Place::Elsewhere)));
        }
    }

    /// The changes of an answer in one place.
    pub(super) fn changes(&self, pair: &Pair, at: usize, hunk: &Hunk) -> Vec<Change> {
        let (mut changes, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for index in hunk.before.clone() {
            let Some(text) = pair.before.passages.get(index) else { continue };
            match self.to.get(&(at, index)) {
                // It is shown where it is now.
                Some(Place::Here) => {}
                Some(place) => changes.push(Change::MovedAway(text.clone(), *place)),
                None => before.push(text.as_str()),
            }
        }
        for index in hunk.after.clone() {
            let Some(text) = pair.after.passages.get(index) else { continue };
            match self.from.get(&(at, index)) {
                Some(place) => changes.push(Change::MovedHere(text.clone(), *place)),
                None => after.push(text.as_str()),
            }
        }
        let others = differences(&before, &after, &self.budget).into_iter().map(|difference| match difference {
            Difference::Reworded(segments) => Change::Reworded(segments),
            Difference::Removed(text) => Change::Removed(text),
            Difference::Added(text) => Change::Added(text),
        });
        changes.extend(others);
        changes
    }

    /// Pairs the passages with this text that are gone with those that are new, those of the same answer first.
    fn pair_up(&mut self, text: &'a str) {
        let (Some(removed), Some(added)) = (self.removed.get_mut(text), self.added.get_mut(text)) else { return };
        for old in removed.clone() {
            let new = added.range((old.0, 0)..=(old.0, usize::MAX)).next().copied();
            if let Some(new) = new {
                removed.remove(&old);
                added.remove(&new);
                self.to.insert(old, Place::Here);
                self.from.insert(new, Place::Here);
            }
        }
        let pairs = removed.len().min(added.len());
        for _ in 0..pairs {
            let (Some(old), Some(new)) = (removed.pop_first(), added.pop_first()) else { return };
            self.to.insert(old, Place::Answer(new.0));
            self.from.insert(new, Place::Answer(old.0));
        }
    }
}

fn add<'a>(
    known: &mut BTreeMap<&'a str, BTreeSet<PassageIndex>>,
    passages: &'a [String],
    at: usize,
    range: std::ops::Range<usize>,
) {
    for index in range {
        let Some(text) = passages.get(index).filter(|text| text.split_whitespace().count() >= MIN_WORDS) else {
            continue;
        };
        known.entry(text).or_default().insert((at, index));
    }
}
