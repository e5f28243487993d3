//! What a plan may and may not do, on examples and on many random boards.

use std::collections::BTreeSet;

use super::{Options, Plan, Review, Why, plan};
use crate::kep::{KepNumber, Stage};

fn review(number: u32, stage: Stage, approver: &str) -> Review {
    Review {
        number: KepNumber::parse(&number.to_string()),
        dir: format!("keps/sig-a/{number}-x"),
        title: String::new(),
        stage,
        approver: (!approver.is_empty()).then(|| approver.to_owned()),
        earlier: None,
        authors: BTreeSet::new(),
        is_done: false,
    }
}

/// The moves: number, new approver and reason.
fn moves(plan: &Plan<'_>) -> Vec<(String, String, Why)> {
    plan.moves.iter().map(|it| (it.review.number.unwrap().to_string(), it.to.clone(), it.why)).collect()
}

#[test]
fn the_heaviest_load_is_shared() {
    let reviews: Vec<_> = (1..=4).map(|number| review(number, Stage::Beta, "ann")).collect();
    let plan = plan(&reviews, &["Ann", "bob"], &[], Options::default());
    let to_bob = |number: &str| (number.to_owned(), "@bob".to_owned(), Why::Evens);
    assert_eq!(moves(&plan), [to_bob("1"), to_bob("2")]);
    assert_eq!(plan.spread(), [8, 0]);
    assert_eq!(plan.loads[0].approver, "@Ann");
}

#[test]
fn who_reviewed_the_earlier_stage_keeps_the_kep() {
    let kept = |number| Review { earlier: Some("ann".to_owned()), ..review(number, Stage::Beta, "ann") };
    let reviews = [kept(1), kept(2), kept(3)];
    assert_eq!(moves(&plan(&reviews, &["ann", "bob"], &[], Options::default())), []);
    let reassigned = plan(&reviews, &["ann", "bob"], &[], Options { reassign: true, ..Options::default() });
    assert_eq!(moves(&reassigned), [("1".to_owned(), "@bob".to_owned(), Why::Evens)]);
}

#[test]
fn nothing_moves_once_the_release_is_over() {
    let everyone = Review { authors: ["ann", "bob"].map(str::to_owned).into(), ..review(3, Stage::Alpha, "") };
    let reviews = [review(1, Stage::Beta, "ann"), review(2, Stage::Beta, "ann"), everyone, review(4, Stage::Beta, "")];
    let plan = plan(&reviews, &["ann", "bob"], &[], Options { is_over: true, ..Options::default() });
    assert_eq!((moves(&plan), plan.stuck.len(), plan.spread()), (Vec::new(), 0, [4, 4]));
}

#[test]
fn reviews_of_an_earlier_release_stay_but_count() {
    let done = |number| Review { is_done: true, ..review(number, Stage::Beta, "ann") };
    let reviews = [done(1), done(2), review(3, Stage::Beta, "ann")];
    let plan = plan(&reviews, &["ann", "bob"], &[], Options { reassign: true, ..Options::default() });
    assert_eq!(moves(&plan), [("3".to_owned(), "@bob".to_owned(), Why::Evens)]);
    assert_eq!((plan.done, plan.spread()), (2, [6, 2]));
}

#[test]
fn keps_without_an_approver_get_one() {
    let continued = Review { earlier: Some("ann".to_owned()), ..review(3, Stage::Stable, "") };
    let own = Review { authors: BTreeSet::from(["bob".to_owned()]), ..review(4, Stage::Alpha, "stranger") };
    let everyone = Review { authors: ["ann", "bob"].map(str::to_owned).into(), ..review(5, Stage::Alpha, "") };
    let reviews = [review(1, Stage::Beta, "ann"), review(2, Stage::Beta, "eve"), continued, own, everyone];
    let plan = plan(&reviews, &["ann", "bob", "eve"], &["eve"], Options::default());
    assert_eq!(
        moves(&plan),
        [
            ("3".to_owned(), "@ann".to_owned(), Why::Continues),
            ("4".to_owned(), "@ann".to_owned(), Why::Unassigned),
            ("1".to_owned(), "@bob".to_owned(), Why::Evens),
        ]
    );
    assert_eq!(plan.stuck.iter().map(|review| review.number).collect::<Vec<_>>(), [KepNumber::parse("5")]);
    assert_eq!(plan.former, 1, "a former approver keeps what they have");
}

/// Random numbers that are the same in every run (Knuth's linear congruential generator).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn name(&mut self) -> Option<String> {
        let names = ["ann", "bob", "cem", "dee", "eve", "stranger", ""];
        let name = names[usize::try_from(self.below(7)).unwrap()];
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn review(&mut self, number: u32) -> Review {
        let stage = Stage::ALL[usize::try_from(self.below(6)).unwrap()];
        let authors = (0..self.below(3)).filter_map(|_| self.name()).collect();
        let is_done = self.below(4) == 0;
        Review { approver: self.name(), earlier: self.name(), authors, is_done, ..review(number, stage, "") }
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, usize::try_from(self.below(last as u64 + 1)).unwrap());
        }
    }
}

#[test]
fn no_plan_proposes_what_is_forbidden() {
    let (approvers, emeritus) = (["ann", "bob", "cem", "dee"], ["eve"]);
    let mut random = Random(20);
    let mut count = [0; 3];
    for round in 0..2_000 {
        let mut reviews: Vec<_> =
            (1..=u32::try_from(random.below(30)).unwrap()).map(|number| random.review(number)).collect();
        let options = Options { reassign: round % 2 == 0, ..Options::default() };
        let found = plan(&reviews, &approvers, &emeritus, options);
        let mut moved = BTreeSet::new();
        for change in &found.moves {
            let (review, to) = (change.review, change.to.trim_start_matches('@'));
            assert!(approvers.contains(&to), "{to} is not an active approver");
            assert!(!review.authors.contains(to), "{to} is an author: {review:?}");
            assert!(moved.insert(review.number), "{review:?} moves twice");
            assert_ne!(review.approver.as_deref(), Some(to));
            assert_ne!(review.approver.as_deref(), Some("eve"), "former approvers keep theirs");
            let keeps = review.earlier.is_some() && review.earlier == review.approver;
            assert!(options.reassign || !keeps || change.why != Why::Evens, "{review:?}");
            assert!(!review.is_done || change.why != Why::Evens, "a review that is done does not move: {review:?}");
            count[change.why as usize] += 1;
        }
        let is_active = |name: &Option<String>| name.as_deref().is_some_and(|name| approvers.contains(&name));
        let open =
            reviews.iter().filter(|it| !is_active(&it.approver) && it.approver.as_deref() != Some("eve")).count();
        let assigned = found.moves.iter().filter(|change| change.why != Why::Evens).count();
        assert_eq!(assigned + found.stuck.len(), open, "each KEP without an approver gets one");
        if open == 0 {
            let [before, after] = found.spread();
            assert!(after <= before, "{before} → {after}");
        }
        let total = |weight: fn(&super::Load) -> u32| found.loads.iter().map(weight).sum::<u32>();
        let given: u32 = found.moves.iter().filter(|it| it.why != Why::Evens).map(|it| it.review.weight()).sum();
        assert_eq!(total(|load| load.before.weight) + given, total(|load| load.after.weight), "no work is lost");
        // The order of the KEPs does not matter.
        let expected = moves(&found);
        random.shuffle(&mut reviews);
        assert_eq!(moves(&plan(&reviews, &approvers, &emeritus, options)), expected);
    }
    assert!(count.iter().all(|count| *count > 1_000), "every kind of move is tried: {count:?}");
}
