//! Finds the feature gate or metric that a name in a KEP means despite typos, plurals, another order of words, or
//! missing prefixes. A wrong suggestion costs an author more time than none, so there must be only one candidate.

/// The minimum length of a suffix to look for, in bytes. Shorter ones, such as `errors_total`, fit too many metrics.
const MIN_SUFFIX: usize = 13;

/// The only one of `names` that is similar to `name`.
pub(super) fn only_similar<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = Wanted::new(name);
    only(names.filter(|other| wanted.is_similar(other)))
}

/// The only one of `names` that is similar to `name` after its first words are removed: `job_sync_total` is similar to
/// `job_controller_job_syncs_total`.
pub(super) fn only_similar_suffix<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = Wanted::new(name);
    only(names.filter(|name| suffixes(name).any(|(suffix, shape)| wanted.is_similar_with(suffix, shape))))
}

/// The name without one or more of its first words, the shortest suffix first, each with its shape.
fn suffixes(name: &str) -> impl Iterator<Item = (&str, Shape)> {
    let end = without_ending(name).len();
    let (mut separators, mut first) = (0, None);
    let bytes = name.bytes().enumerate().take(end).rev();
    bytes.filter_map(move |(at, byte)| {
        if byte != b'_' {
            first = Some(byte.to_ascii_lowercase());
            return None;
        }
        let shape = Shape { first, separators, length: end - at - 1 - separators };
        separators += 1;
        first = Some(byte);
        name.get(at + 1..).filter(|suffix| suffix.len() >= MIN_SUFFIX).map(|suffix| (suffix, shape))
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
    fn is_similar(&self, other: &str) -> bool {
        self.is_similar_with(other, Shape::of(without_ending(other)))
    }

    /// Like [`Self::is_similar`], if the shape of the other name is known.
    fn is_similar_with(&self, other: &str, shape: Shape) -> bool {
        self.sketch.shape.may_be_similar(&shape)
            && self.sketch.may_be_similar(&Sketch::new(other, shape))
            && self.words.is_similar(&Words::of(other))
    }
}

/// The maximum difference in letter counts after two edits: each changes at most two counts.
const MAX_EDITED: usize = 4;
/// The maximum difference in letter counts of abbreviated names.
const MAX_ABBREVIATED: usize = 16;

/// The length of a name and how it begins.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    first: Option<u8>,
    separators: usize,
    length: usize,
}

impl Shape {
    fn of(name: &str) -> Self {
        let separators = name.bytes().filter(|byte| *byte == b'_').count();
        let first = name.bytes().next().map(|byte| byte.to_ascii_lowercase());
        Self { first, separators, length: name.len() - separators }
    }

    /// Abbreviated names begin with the same letter and have the same number of words.
    fn may_be_abbreviated(&self, other: &Self) -> bool {
        self.first == other.first && self.separators == other.separators
    }

    fn may_be_similar(&self, other: &Self) -> bool {
        let most = if self.may_be_abbreviated(other) { MAX_ABBREVIATED } else { MAX_EDITED };
        self.length.abs_diff(other.length) <= most
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
            let place = match byte.to_ascii_lowercase() {
                letter @ b'a'..=b'z' => letter - b'a',
                digit @ b'0'..=b'9' => digit - b'0' + 26,
                _ => continue,
            };
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
            words.sort();
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
    use super::{MIN_SUFFIX, Shape, Words, only_similar, only_similar_suffix, suffixes, without_ending};

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
            assert!(found.iter().map(|(suffix, _)| *suffix).eq(expected), "{name}");
            for (suffix, shape) in found {
                assert_eq!(shape, Shape::of(without_ending(suffix)), "{suffix}");
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
            assert_eq!(only_similar(name, gates.into_iter()), meant, "{name}");
        }
        assert_eq!(only_similar("NapTimes", ["NapTime", "NapTimed"].into_iter()), None);
    }

    #[test]
    fn a_metric_is_found_without_its_first_words() {
        let metrics = ["job_controller_job_syncs_total", "kubelet_errors_total", "kubelet_podcertificate_states"];
        assert_eq!(only_similar_suffix("job_sync_total", metrics.into_iter()), Some(metrics[0]));
        assert_eq!(only_similar_suffix("errors", metrics.into_iter()), None);
        assert_eq!(only_similar("kubelet_pod_certificate_states", metrics.into_iter()), Some(metrics[2]));
    }
}
