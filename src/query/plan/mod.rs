//! A proposal of how to even out the production readiness reviews of a release between the approvers.
//!
//! It never proposes an author of the KEP, nor anyone who is not an active approver. Unless told otherwise, it keeps a KEP
//! with the approver who has reviewed its earlier stage. A review that was done for an earlier release stays where it
//! is. The same KEPs in any order give the same proposal.

pub(crate) mod filling;
pub(crate) mod report;
mod review;

use std::collections::BTreeMap;

pub(crate) use review::Review;

use crate::kep::handle::folded;

/// What a plan may do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// True if a KEP may also move away from the approver of its earlier stage.
    pub(crate) reassign: bool,
    /// True if the Enhancements Freeze has passed: reviews are done, so nothing moves.
    pub(crate) is_over: bool,
}

/// Who has how much, and what would even it out.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The active approvers, by name.
    pub(crate) loads: Vec<Load>,
    /// The changes, in the order in which they help most.
    pub(crate) moves: Vec<Move<'a>>,
    /// The KEPs that need an approver, but whose authors are all the approvers there are.
    pub(crate) stuck: Vec<&'a Review>,
    /// The number of KEPs whose approver is a former one. They stay where they are, and burden nobody here.
    pub(crate) former: usize,
    /// The number of KEPs whose active approver was recorded for an earlier release. They count, but stay where they are.
    pub(crate) done: usize,
}

/// What an approver has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Load {
    /// The handle with its `@`.
    pub(crate) approver: String,
    /// What they have now.
    pub(crate) before: Amount,
    /// What they would have.
    pub(crate) after: Amount,
}

/// A number of KEPs, and how much work that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Amount {
    /// The number of KEPs.
    pub(crate) keps: u32,
    /// The sum of their weights.
    pub(crate) weight: u32,
}

/// A KEP that would get another approver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move<'a> {
    /// The KEP.
    pub(crate) review: &'a Review,
    /// The handle of the approver.
    pub(crate) to: String,
    /// Why.
    pub(crate) why: Why,
}

/// Why a KEP gets another approver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It names none, or one who is not an approver, and this one has reviewed its earlier stage.
    Continues,
    /// It names none, or one who is not an approver.
    Unassigned,
    /// The former one has more to do.
    Evens,
}

impl Why {
    /// The words for it.
    #[must_use]
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Continues => "needs an approver; this one has reviewed the earlier stage",
            Self::Unassigned => "needs an approver",
            Self::Evens => "evens out the load",
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Continues => "continues",
            Self::Unassigned => "unassigned",
            Self::Evens => "evens",
        }
    }
}

/// Plans the reviews. `approvers` are the active ones and `emeritus` the former ones, as `OWNERS_ALIASES` writes them.
#[must_use]
pub(crate) fn plan<'a>(reviews: &'a [Review], approvers: &[&str], emeritus: &[&str], options: Options) -> Plan<'a> {
    let former: Vec<_> = emeritus.iter().map(|name| folded(name)).collect();
    let active = approvers.iter().map(|name| (folded(name), format!("@{name}")));
    let names: BTreeMap<String, String> = active.filter(|(name, _)| !former.contains(name)).collect();
    let mut sorted: Vec<_> = reviews.iter().collect();
    sorted.sort_by(|one, other| (one.number, &one.dir).cmp(&(other.number, &other.dir)));
    let is_active = |review: &Review| review.approver.as_ref().is_some_and(|name| names.contains_key(name));
    let is_former = |review: &Review| review.approver.as_ref().is_some_and(|name| former.contains(name));
    let (assigned, others): (Vec<&Review>, Vec<&Review>) = sorted.into_iter().partition(|review| is_active(review));
    let (kept, open): (Vec<&Review>, Vec<&Review>) = others.into_iter().partition(|review| is_former(review));
    let done = assigned.iter().filter(|review| review.is_done).count();
    let mut board = Board { names: &names, holds: BTreeMap::new(), options };
    for review in assigned {
        board.give(review, review.approver.as_deref().unwrap_or_default());
    }
    let before = board.amounts();
    let (mut moves, mut stuck) = (Vec::new(), Vec::new());
    if !options.is_over {
        stuck = board.assign(open, &mut moves);
        board.even_out(&mut moves);
    }
    let after = board.amounts();
    let amount = |of: &BTreeMap<&str, Amount>, name: &str| of.get(name).copied().unwrap_or_default();
    let load = |(name, handle): (&String, &String)| Load {
        approver: handle.clone(),
        before: amount(&before, name),
        after: amount(&after, name),
    };
    Plan { loads: names.iter().map(load).collect(), moves, stuck, former: kept.len(), done }
}

/// Who has which KEPs.
struct Board<'n, 'a> {
    /// The active approvers: folded name and handle.
    names: &'n BTreeMap<String, String>,
    /// The KEPs of each, by folded name, with true for those that got there by the plan.
    holds: BTreeMap<&'n str, Vec<(&'a Review, bool)>>,
    options: Options,
}

impl<'n, 'a> Board<'n, 'a> {
    fn give(&mut self, review: &'a Review, name: &str) {
        if let Some((name, _)) = self.names.get_key_value(name) {
            self.holds.entry(name).or_default().push((review, false));
        }
    }

    fn weight(&self, name: &str) -> u32 {
        self.holds.get(name).into_iter().flatten().map(|(review, _)| review.weight()).sum()
    }

    fn amounts(&self) -> BTreeMap<&'n str, Amount> {
        let amount = |name: &&'n str, held: &Vec<(&Review, bool)>| {
            (*name, Amount { keps: u32::try_from(held.len()).unwrap_or(u32::MAX), weight: self.weight(name) })
        };
        self.holds.iter().map(|(name, held)| amount(name, held)).collect()
    }

    /// Gives each KEP that needs an approver to the one of its earlier stage, or else to who has least. The heaviest come
    /// first. Returns those that nobody may take.
    fn assign(&mut self, mut open: Vec<&'a Review>, moves: &mut Vec<Move<'a>>) -> Vec<&'a Review> {
        open.sort_by_key(|review| std::cmp::Reverse(review.weight()));
        let mut stuck = Vec::new();
        for review in open {
            let may = |name: &&'n String| !review.authors.contains(*name);
            let names: &'n BTreeMap<String, String> = self.names;
            let earlier = names.keys().find(|name| review.earlier.as_ref() == Some(name)).filter(may);
            let earlier = earlier.filter(|_| !self.options.reassign);
            let lightest = names.keys().filter(may).min_by_key(|name| self.weight(name));
            let why = if earlier.is_some() { Why::Continues } else { Why::Unassigned };
            match earlier.or(lightest) {
                Some(name) => self.give_planned(review, name, why, moves),
                None => stuck.push(review),
            }
        }
        stuck
    }

    fn give_planned(&mut self, review: &'a Review, name: &'n str, why: Why, moves: &mut Vec<Move<'a>>) {
        let to = self.names.get(name).cloned().unwrap_or_default();
        self.holds.entry(name).or_default().push((review, true));
        moves.push(Move { review, to, why });
    }

    /// Moves KEPs as long as a move makes two approvers more even, the most helpful first. Each KEP moves once.
    fn even_out(&mut self, moves: &mut Vec<Move<'a>>) {
        while let Some((review, from, to)) = self.best_move() {
            if let Some(held) = self.holds.get_mut(from) {
                held.retain(|(other, _)| !std::ptr::eq(*other, review));
            }
            self.give_planned(review, to, Why::Evens, moves);
        }
    }

    /// The move after which the sum of the squares of the weights is least.
    fn best_move(&self) -> Option<(&'a Review, &'n str, &'n str)> {
        let names: &'n BTreeMap<String, String> = self.names;
        let mut best: Option<(u32, &'a Review, &'n str, &'n str)> = None;
        for (from, held) in &self.holds {
            for (review, _) in held.iter().filter(|(review, is_planned)| !is_planned && self.may_leave(review, from)) {
                for to in names.keys().filter(|name| !review.authors.contains(*name)) {
                    let ahead = self.weight(from).saturating_sub(self.weight(to)).saturating_sub(review.weight());
                    let gain = ahead * review.weight();
                    let key =
                        |gain: u32, review: &Review| (gain, std::cmp::Reverse((review.number, review.dir.clone())));
                    let is_better =
                        |(known, other, ..): &(u32, &Review, &str, &str)| key(gain, review) > key(*known, other);
                    if gain > 0 && best.as_ref().is_none_or(is_better) {
                        best = Some((gain, review, from, to));
                    }
                }
            }
        }
        best.map(|(_, review, from, to)| (review, from, to))
    }

    fn may_leave(&self, review: &Review, from: &str) -> bool {
        !review.is_done && (self.options.reassign || review.earlier.as_deref() != Some(from))
    }
}

impl Plan<'_> {
    /// The difference between the most and the least that an approver has: now, and with the plan.
    #[must_use]
    pub(crate) fn spread(&self) -> [u32; 2] {
        let of = |amount: fn(&Load) -> Amount| {
            let [most, least] = self.extremes_of(amount);
            most.saturating_sub(least)
        };
        [of(|load| load.before), of(|load| load.after)]
    }

    /// The most and the least that an approver has now.
    #[must_use]
    pub(crate) fn extremes(&self) -> [u32; 2] {
        self.extremes_of(|load| load.before)
    }

    fn extremes_of(&self, amount: fn(&Load) -> Amount) -> [u32; 2] {
        let weights = || self.loads.iter().map(|load| amount(load).weight);
        [weights().max().unwrap_or_default(), weights().min().unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests;
