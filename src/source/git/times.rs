//! Corrects the times of commits so that they never decrease.
//!
//! A commit's date comes from the committer's clock, or is whatever they typed. The order comes from the line of
//! commits.

use std::ops::RangeInclusive;

use jiff::Timestamp;

/// 2005-04-07, the day of git's first commit. An earlier date, such as one in 1970, comes from a clock that was not
/// set.
const GIT_BEGAN: i64 = 1_112_832_000;

/// Corrects the times of commits on a line, oldest commit first, so that no commit is older than the one before it.
///
/// As many times as possible are kept. The others, including impossible ones, are moved to the closest time that fits.
pub(super) fn in_order(times: &[i64]) -> Vec<i64> {
    let kept = longest_rise(times, GIT_BEGAN..=Timestamp::MAX.as_second());
    // A history in which all times are older than git keeps them.
    let kept = if kept.contains(&true) { kept } else { longest_rise(times, 0..=Timestamp::MAX.as_second()) };
    let mut later: Vec<Option<i64>> = vec![None; times.len()];
    let mut next = None;
    for ((time, is_kept), later) in times.iter().zip(&kept).zip(&mut later).rev() {
        next = if *is_kept { Some(*time) } else { next };
        *later = next;
    }
    let mut last: Option<i64> = None;
    let mut ordered = Vec::with_capacity(times.len());
    for (time, later) in times.iter().zip(later) {
        // If no neighbor can be trusted, the epoch is used.
        let low = last.or(later).unwrap_or_default();
        let time = (*time).clamp(low, later.unwrap_or(low).max(low));
        ordered.push(time);
        last = Some(time);
    }
    ordered
}

/// True if a commit can really have this time.
pub(super) fn is_possible(time: i64) -> bool {
    (GIT_BEGAN..=Timestamp::MAX.as_second()).contains(&time)
}

/// Marks the longest possible selection of times that never decreases.
fn longest_rise(times: &[i64], possible: RangeInclusive<i64>) -> Vec<bool> {
    // For each length, the selection that ends with the smallest time.
    let mut ends: Vec<(i64, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; times.len()];
    for (index, (time, before)) in times.iter().zip(&mut before).enumerate() {
        if !possible.contains(time) {
            continue;
        }
        let length = ends.partition_point(|(end, _)| end <= time);
        *before = length.checked_sub(1).and_then(|shorter| ends.get(shorter)).map(|(_, index)| *index);
        match ends.get_mut(length) {
            Some(end) => *end = (*time, index),
            None => ends.push((*time, index)),
        }
    }
    let mut kept = vec![false; times.len()];
    let mut at = ends.last().map(|(_, index)| *index);
    while let Some(index) = at {
        kept.get_mut(index).into_iter().for_each(|kept| *kept = true);
        at = before.get(index).copied().flatten();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{GIT_BEGAN, in_order};

    #[test]
    fn a_time_that_does_not_fit_becomes_that_of_a_neighbor() {
        for (times, ordered) in [
            (vec![], vec![]),
            (vec![1, 2, 2, 3], vec![1, 2, 2, 3]),
            (vec![10, 20, 15, 30], vec![10, 15, 15, 30]),
            (vec![10, 20, 30, 5], vec![10, 20, 30, 30]),
            (vec![10, 9_000, 20, 30], vec![10, 20, 20, 30]),
            (vec![10, 12, 9_000, 5, 30], vec![10, 12, 30, 30, 30]),
            (vec![9_000, 10, 20], vec![10, 10, 20]),
            (vec![-5, 10], vec![10, 10]),
            (vec![10, -5, i64::MIN], vec![10, 10, 10]),
            (vec![10, i64::MAX, 20, i64::MAX], vec![10, 20, 20, 20]),
            (vec![i64::MAX, i64::MIN], vec![0, 0]),
        ] {
            assert_eq!(in_order(&times), ordered, "{times:?}");
        }
    }

    #[test]
    fn a_time_before_git_is_never_kept_beside_others() {
        let day = |day: i64| GIT_BEGAN + day * 86_400;
        let clock = 40 * 86_400;
        for (times, ordered) in [
            (vec![day(1), clock, day(2)], vec![day(1), day(1), day(2)]),
            (vec![clock, day(1), day(2)], vec![day(1), day(1), day(2)]),
            (vec![day(1), clock], vec![day(1), day(1)]),
            (vec![clock, clock, clock, day(1)], vec![day(1); 4]),
            (vec![clock, clock + 1], vec![clock, clock + 1]),
        ] {
            assert_eq!(in_order(&times), ordered, "{times:?}");
        }
    }
}
