//! Finds the feature gate or metric that a name in a KEP means despite typos, plurals, another order of words, or
//! missing prefixes. A wrong suggestion costs an author more time than none, so there must be only one candidate.

/// The minimum length of a suffix to look for, in bytes. Shorter ones, such as `errors_total`, fit too many metrics.
const MIN_SUFFIX: usize = 13;

/// What searches need to know of each name in a list, computed when the first search needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shapes {
    whole: Vec<Shape>,
    /// The shapes of each name's suffixes, see [`suffixes`].
    suffixes: Vec<Vec<(usize, Shape)>>,
}

impl Shapes {
    /// The shapes of `names`.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Self {
        Self {
            whole: names.clone().map(|name| Shape::of(without_ending(name))).collect(),
            suffixes: names.map(|name| suffixes(name).collect()).collect(),
        }
    }
}

/// The only one of `names` that is similar to `name`. `shapes` are those of the names.
pub(super) fn only_similar<'a>(name: &str, names: impl Iterator<Item = &'a str>, shapes: &Shapes) -> Option<&'a str> {
    let wanted = Wanted::new(name);
    let found = names.zip(&shapes.whole).filter(|(other, shape)| wanted.is_similar(other, shape));
    only(found.map(|(name, _)| name))
}

/// The only one of `names` that is similar to `name` after its first words are removed: `job_sync_total` is similar to
/// `job_controller_job_syncs_total`. `shapes` are those of the names.
pub(super) fn only_similar_suffix<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
    shapes: &Shapes,
) -> Option<&'a str> {
    let wanted = Wanted::new(name);
    let is_similar = |name: &str, (start, shape): &(usize, Shape)| {
        name.get(*start..).is_some_and(|suffix| wanted.is_similar(suffix, shape))
    };
    let found = names.zip(&shapes.suffixes).filter(|(name, suffixes)| suffixes.iter().any(|it| is_similar(name, it)));
    only(found.map(|(name, _)| name))
}

/// The suffixes that are left when one or more of a name's first words are removed, the shortest first: the byte that
/// each starts at, and its shape.
fn suffixes(name: &str) -> impl Iterator<Item = (usize, Shape)> {
    let end = without_ending(name).len();
    let mut after = Shape::default();
    let bytes = name.bytes().enumerate().take(end).rev();
    bytes.filter_map(move |(at, byte)| {
        let shape = after;
        after.put_before(byte);
        (byte == b'_' && name.len() > at + MIN_SUFFIX).then_some((at + 1, shape))
    })
}

fn only<'a>(mut found: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The name to look for.
struct Wanted {
    sketch: Sketch,
    words: Words,
}

impl Wanted {
    fn new(name: &str) -> Self {
        Self { sketch: Sketch::new(name, Shape::of(without_ending(name))), words: Words::of(name) }
    }

    /// Compares the shapes and letters first. They rule out nearly all names without allocating memory.
    fn is_similar(&self, other: &str, shape: &Shape) -> bool {
        self.sketch.shape.may_be_similar(shape)
            && self.sketch.may_be_similar(&Sketch::new(other, *shape))
            && self.words.is_similar(&Words::of(other))
    }
}

/// The maximum difference in letter counts after two edits: each changes at most two counts.
const MAX_EDITED: usize = 4;
/// The maximum difference in letter counts of abbreviated names.
const MAX_ABBREVIATED: usize = 16;

/// The length of a name, how it begins, and which letters it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shape {
    first: Option<u8>,
    separators: usize,
    length: usize,
    /// A bit for each letter and digit that occurs, see [`place`].
    letters: u64,
}

impl Shape {
    fn of(name: &str) -> Self {
        let mut shape = Self::default();
        name.bytes().rev().for_each(|byte| shape.put_before(byte));
        shape
    }

    /// Adds a byte at the start of the name.
    fn put_before(&mut self, byte: u8) {
        self.first = Some(byte.to_ascii_lowercase());
        if byte == b'_' {
            self.separators += 1;
            return;
        }
        self.length += 1;
        self.letters |= place(byte).map_or(0, |place| 1 << place);
    }

    /// Abbreviated names begin with the same letter and have the same number of words.
    fn may_be_abbreviated(&self, other: &Self) -> bool {
        self.first == other.first && self.separators == other.separators
    }

    /// False only if [`Words::is_similar`] would be false. A letter that only one of the names has counts as a
    /// difference of at least one.
    fn may_be_similar(&self, other: &Self) -> bool {
        let most = if self.may_be_abbreviated(other) { MAX_ABBREVIATED } else { MAX_EDITED };
        self.length.abs_diff(other.length) <= most && (self.letters ^ other.letters).count_ones() as usize <= most
    }
}

/// The index of a letter (from 0) or a digit (from 26); `None` for other bytes. Case does not matter.
const fn place(byte: u8) -> Option<u8> {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => Some(letter - b'a'),
        digit @ b'0'..=b'9' => Some(digit - b'0' + 26),
        _ => None,
    }
}

/// The shape of a name, and the count of each letter and digit.
struct Sketch {
    shape: Shape,
    counts: [u8; 36],
}

impl Sketch {
    fn new(name: &str, shape: Shape) -> Self {
        let mut counts = [0_u8; 36];
        for byte in without_ending(name).bytes() {
            let Some(place) = place(byte) else { continue };
            if let Some(count) = counts.get_mut(usize::from(place)) {
                *count = count.saturating_add(1);
            }
        }
        Self { shape, counts }
    }

    /// False only if [`Words::is_similar`] would be false.
    fn may_be_similar(&self, other: &Self) -> bool {
        let counts = self.counts.iter().zip(&other.counts);
        let difference: usize = counts.map(|(one, other)| usize::from(one.abs_diff(*other))).sum();
        let is_short = self.shape.may_be_abbreviated(&other.shape);
        difference <= if is_short { MAX_ABBREVIATED } else { MAX_EDITED }
    }
}

/// The name of a metric without `_total` or `_count` at its end, which metrics often gain or lose.
fn without_ending(name: &str) -> &str {
    ["_total", "_count"].into_iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// The words of a name in lowercase, without its ending (see [`without_ending`]).
struct Words(Vec<String>);

impl Words {
    /// Splits at `_` and where an uppercase letter starts a word: `CSIMigrationRBD` has three words.
    fn of(name: &str) -> Self {
        let letters: Vec<char> = without_ending(name).chars().collect();
        let mut words: Vec<String> = Vec::new();
        let mut is_open = false;
        for (at, letter) in letters.iter().enumerate() {
            if *letter == '_' {
                is_open = false;
                continue;
            }
            let before = at.checked_sub(1).and_then(|at| letters.get(at));
            let is_after_lowercase = before.is_some_and(|before| !before.is_uppercase());
            let is_before_lowercase = letters.get(at + 1).is_some_and(|after| after.is_lowercase());
            let starts_word = letter.is_uppercase() && (is_after_lowercase || is_before_lowercase);
            match words.last_mut() {
                Some(word) if is_open && !starts_word => word.extend(letter.to_lowercase()),
                _ => words.push(letter.to_lowercase().collect()),
            }
            is_open = true;
        }
        Self(words)
    }

    fn is_similar(&self, other: &Self) -> bool {
        let (joined, others) = (self.0.concat(), other.0.concat());
        if joined == others {
            return true;
        }
        // `v1` and `v2` are different.
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        digits(&joined) == digits(&others)
            && (self.is_reordered(other) || self.is_abbreviated(other) || has_typo(&joined, &others))
    }

    fn is_reordered(&self, other: &Self) -> bool {
        let sorted = |words: &Self| {
            let mut words = words.0.clone();
            words.sort_unstable();
            words
        };
        sorted(self) == sorted(other)
    }

    /// True if one word of each pair begins with the other: `AuthorizationConfig` and `AuthorizationConfiguration`.
    fn is_abbreviated(&self, other: &Self) -> bool {
        const MIN_WORD: usize = 3;
        let fits = |one: &String, other: &String| {
            let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
            one == other || (short.len() >= MIN_WORD && long.starts_with(short.as_str()))
        };
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(one, other)| fits(one, other))
    }
}

/// Allows one edit in a short name and two in a long one. A transposition is one edit.
fn has_typo(one: &str, other: &str) -> bool {
    const LONG: usize = 12;
    let most = if one.len().max(other.len()) < LONG { 1 } else { 2 };
    one.len().abs_diff(other.len()) <= most && strsim::damerau_levenshtein(one, other) <= most
}

#[cfg(test)]
mod tests {
    use super::{MIN_SUFFIX, Shape, Shapes, Words, suffixes, without_ending};

    fn only_similar<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
        super::only_similar(name, names.iter().copied(), &Shapes::of(names.iter().copied()))
    }

    fn only_similar_suffix<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
        super::only_similar_suffix(name, names.iter().copied(), &Shapes::of(names.iter().copied()))
    }

    #[test]
    fn names_are_split_into_words() {
        for (name, words) in [
            ("CSIMigrationRBD", vec!["csi", "migration", "rbd"]),
            ("ImageGCMaximumAge", vec!["image", "gc", "maximum", "age"]),
            ("job_controller_job_syncs_total", vec!["job", "controller", "job", "syncs"]),
            ("_total", vec![]),
        ] {
            assert_eq!(Words::of(name).0, words, "{name}");
        }
    }

    #[test]
    fn suffixes_have_the_shape_of_their_text() {
        for name in
            ["job_controller_job_syncs_total", "a__kubelet_podcertificate_states", "x_a_kubelet_bell_rings_count"]
        {
            let found: Vec<_> = suffixes(name).collect();
            let expected: Vec<_> = name.match_indices('_').filter_map(|(at, _)| name.get(at + 1..)).collect();
            let expected = expected.into_iter().rev().filter(|suffix| suffix.len() >= MIN_SUFFIX);
            assert!(found.iter().map(|(start, _)| &name[*start..]).eq(expected), "{name}");
            for (start, shape) in found {
                assert_eq!(shape, Shape::of(without_ending(&name[start..])), "{name} from {start}");
            }
        }
    }

    #[test]
    fn the_only_similar_name_is_found() {
        let gates = ["ExecProbeTimeout", "ImageMaximumGCAge", "JobReadyPods", "StructuredConfiguration", "KMSv1"];
        for (name, meant) in [
            ("ExecProbeTimeouts", Some("ExecProbeTimeout")),
            ("execProbeTimeuot", Some("ExecProbeTimeout")),
            ("ImageGCMaximumAge", Some("ImageMaximumGCAge")),
            ("StructuredConfig", Some("StructuredConfiguration")),
            ("StructuredConfigurations", Some("StructuredConfiguration")),
            ("ExecProbe", None),
            ("JobPods", None),
            ("KMSv2", None),
        ] {
            assert_eq!(only_similar(name, &gates), meant, "{name}");
        }
        assert_eq!(only_similar("NapTimes", &["NapTime", "NapTimed"]), None);
    }

    #[test]
    fn a_metric_is_found_without_its_first_words() {
        let metrics = ["job_controller_job_syncs_total", "kubelet_errors_total", "kubelet_podcertificate_states"];
        assert_eq!(only_similar_suffix("job_sync_total", &metrics), Some(metrics[0]));
        assert_eq!(only_similar_suffix("errors", &metrics), None);
        assert_eq!(only_similar("kubelet_pod_certificate_states", &metrics), Some(metrics[2]));
    }
}
