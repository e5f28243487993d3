//! How the words of passages differ.

use std::cell::Cell;
use std::ops::Range;

use gix::diff::blob::{Algorithm, Diff, InternedInput};

/// The share of words that two texts must have in common to be shown as one that was reworded.
const ALIKE: f64 = 0.5;
/// This many words between two changes are part of one change: a list of single words is hard to read.
const MAX_BETWEEN: u32 = 2;
/// With more words or passages than this in both versions together, they are not compared one by one, which could take
/// time in proportion to the square of their number.
const MAX_COMPARED: usize = 60_000;
/// With more pairs of passages than this in one place, they are not compared one by one.
const MAX_PAIRS: usize = 2_500;
/// The same for the bytes of all these pairs together.
const MAX_BYTES: usize = 2_000_000;
/// The same for the bytes of all pairs in a README.
const MAX_TOTAL_BYTES: usize = 8_000_000;
/// A pair takes as much time as if it had this many bytes more.
const BYTES_PER_PAIR: usize = 800;

/// A part of a passage that was reworded. A line feed begins another passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Words of both versions.
    Same(String),
    /// Words of the older version.
    Removed(String),
    /// Words of the newer version.
    Added(String),
}

impl Segment {
    /// The words.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Same(text) | Self::Removed(text) | Self::Added(text) => text,
        }
    }

    /// True if both versions have the words.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        matches!(self, Self::Same(_))
    }
}

/// Passages of two versions that differ, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) before: Range<usize>,
    pub(super) after: Range<usize>,
}

/// Passages of the two versions in one place, of which either side may have none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
    Reworded(Vec<Segment>),
    Removed(String),
    Added(String),
}

/// The passages that differ.
pub(super) fn hunks(before: &[String], after: &[String]) -> Vec<Hunk> {
    let hunks = compare(before.iter().map(String::as_str), after.iter().map(String::as_str));
    hunks.into_iter().map(|(before, after)| Hunk { before, after }).collect()
}

/// A word without the punctuation at its end, which does not count.
pub(super) fn core(word: &str) -> &str {
    let core = word.trim_end_matches(['.', ',', ';', ':', '!']);
    if core.is_empty() { word } else { core }
}

/// How much of a README may still be compared pair by pair, in bytes.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(Cell::new(MAX_TOTAL_BYTES))
    }

    /// True if all passages of one place may be compared with each other.
    fn covers(&self, before: &[&str], after: &[&str]) -> bool {
        let length = |passages: &[&str]| passages.iter().map(|it| it.len()).sum::<usize>();
        let pairs = before.len().saturating_mul(after.len());
        let bytes = length(before).saturating_mul(after.len()) + length(after).saturating_mul(before.len());
        let left = self.0.get().checked_sub(bytes.saturating_add(pairs.saturating_mul(BYTES_PER_PAIR)));
        let Some(left) = left.filter(|_| pairs <= MAX_PAIRS && bytes <= MAX_BYTES) else { return false };
        self.0.set(left);
        true
    }
}

/// How passages in the same place differ.
pub(super) fn differences(before: &[&str], after: &[&str], budget: &Budget) -> Vec<Difference> {
    if words(before).eq(words(after)) {
        return Vec::new();
    }
    let whole = |before: &[&str], after: &[&str]| {
        let removed = (!before.is_empty()).then(|| Difference::Removed(before.join("\n")));
        let added = (!after.is_empty()).then(|| Difference::Added(after.join("\n")));
        removed.into_iter().chain(added).collect::<Vec<_>>()
    };
    if before.is_empty() || after.is_empty() {
        return whole(before, after);
    }
    if let Some(segments) = reworded(before, after) {
        return vec![Difference::Reworded(segments)];
    }
    if before.len().max(after.len()) == 1 || !budget.covers(before, after) {
        return whole(before, after);
    }
    let (mut differences, mut from_before, mut from_after) = (Vec::new(), 0, 0);
    for (at, passage) in before.iter().enumerate() {
        let mut rest = after.iter().enumerate().skip(from_after);
        let alike = rest.find_map(|(other, text)| Some((other, reworded(&[passage], &[text])?)));
        let Some((other, segments)) = alike else { continue };
        let skipped = (before.get(from_before..at), after.get(from_after..other));
        differences.extend(whole(skipped.0.unwrap_or_default(), skipped.1.unwrap_or_default()));
        if segments.iter().any(|segment| !segment.is_same()) {
            differences.push(Difference::Reworded(segments));
        }
        (from_before, from_after) = (at + 1, other + 1);
    }
    let rest = (before.get(from_before..), after.get(from_after..));
    differences.extend(whole(rest.0.unwrap_or_default(), rest.1.unwrap_or_default()));
    differences
}

/// A word, and whether it is the first one of a passage.
type Word<'a> = (&'a str, bool);

fn marked<'a>(passages: &[&'a str]) -> Vec<Word<'a>> {
    passages.iter().flat_map(|it| it.split_whitespace().enumerate().map(|(at, word)| (word, at == 0))).collect()
}

/// The words of both, if they are alike.
fn reworded(before: &[&str], after: &[&str]) -> Option<Vec<Segment>> {
    let (before, after) = (marked(before), marked(after));
    let hunks = compare(before.iter().map(|(word, _)| core(word)), after.iter().map(|(word, _)| core(word)));
    let removed: usize = hunks.iter().map(|(removed, _)| removed.len()).sum();
    #[allow(clippy::cast_precision_loss, reason = "a README has few words")]
    let alike = 2.0 * (before.len() - removed) as f64 / (before.len() + after.len()).max(1) as f64;
    if alike < ALIKE {
        return None;
    }
    let mut segments = Vec::new();
    let mut from = 0;
    for (removed, added) in together(hunks) {
        push(&mut segments, &after, from..added.start, Segment::Same);
        push(&mut segments, &before, removed, Segment::Removed);
        push(&mut segments, &after, added.clone(), Segment::Added);
        from = added.end;
    }
    push(&mut segments, &after, from..after.len(), Segment::Same);
    Some(segments)
}

/// The changes, those with only a few words between them together.
fn together(hunks: Vec<(Range<usize>, Range<usize>)>) -> Vec<(Range<usize>, Range<usize>)> {
    let mut together: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for (removed, added) in hunks {
        match together.last_mut() {
            Some(last) if removed.start - last.0.end <= MAX_BETWEEN as usize => {
                last.0.end = removed.end;
                last.1.end = added.end;
            }
            _ => together.push((removed, added)),
        }
    }
    together
}

fn push(segments: &mut Vec<Segment>, words: &[Word<'_>], range: Range<usize>, kind: fn(String) -> Segment) {
    let mut text = String::new();
    for (word, begins) in words.get(range).unwrap_or_default() {
        if *begins && !(segments.is_empty() && text.is_empty()) {
            text.push('\n');
        } else if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    if !text.is_empty() {
        segments.push(kind(text));
    }
}

/// The words of passages, without the marks of lists.
fn words<T: AsRef<str>>(passages: &[T]) -> impl Iterator<Item = &str> {
    passages.iter().flat_map(|it| {
        let text = it.as_ref();
        let is_entry = text.starts_with("- ") && !text.starts_with("- [");
        text.get(if is_entry { 2 } else { 0 }..).unwrap_or(text).split_whitespace().map(core)
    })
}

/// The ranges that differ.
fn compare<'a>(
    before: impl Iterator<Item = &'a str>,
    after: impl Iterator<Item = &'a str>,
) -> Vec<(Range<usize>, Range<usize>)> {
    let mut input = InternedInput::default();
    input.update_before(before);
    input.update_after(after);
    if input.before.len() + input.after.len() > MAX_COMPARED {
        return between_ends(&input);
    }
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let indices = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| (indices(hunk.before), indices(hunk.after))).collect()
}

/// All that is between what both have at the start and at the end.
fn between_ends(input: &InternedInput<&str>) -> Vec<(Range<usize>, Range<usize>)> {
    let (before, after) = (&input.before, &input.after);
    let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let rests = (before.iter().skip(start).rev(), after.iter().skip(start).rev());
    let end = rests.0.zip(rests.1).take_while(|(one, other)| one == other).count();
    let range = (start..before.len() - end, start..after.len() - end);
    if range.0.is_empty() && range.1.is_empty() { Vec::new() } else { vec![range] }
}
