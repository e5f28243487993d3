//! A fast parser for digests that have exactly the format that kepgate writes.
//!
//! Without it, a check that needs the lists would spend a seventh of its time on parsing YAML.

use std::collections::{BTreeMap, BTreeSet};
use std::str::Lines;

use jiff::civil::Date;

use super::{AllShapes, FeatureGate, KubernetesLists, TITLE};
use crate::kep::Milestone;

/// Words that YAML does not read as text, in lower case.
const NOT_TEXT: [&str; 9] = ["false", "n", "no", "null", "off", "on", "true", "y", "yes"];
/// The length of the longest of these words, in bytes.
const MAX_NOT_TEXT: usize = 5;

/// Whether a name may have each byte. Looking it up is faster than comparing it with ranges.
#[allow(clippy::indexing_slicing, reason = "the index is less than 128")]
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

/// Parses a digest. Returns `None` if it differs in any way from what [`KubernetesLists::to_yaml`] writes, even if it
/// is valid YAML.
pub(super) fn read(text: &str) -> Option<KubernetesLists> {
    let mut lines = text.lines();
    if text.contains('\r') || lines.next()? != TITLE {
        return None;
    }
    let kubernetes = lines.next()?.strip_prefix("kubernetes: ")?;
    let kubernetes = Milestone::parse(kubernetes).filter(|release| release.to_string() == kubernetes)?;
    let mut line = lines.next()?;
    let commit = quoted(line, "commit: ").filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if commit.is_some() {
        line = lines.next()?;
    }
    let date = quoted(line, "date: ").and_then(|date| date.parse::<Date>().ok());
    if date.is_some() {
        line = lines.next()?;
    }
    if line != "feature-gates:" {
        return None;
    }
    let feature_gates = feature_gates(&mut lines)?;
    let metrics = metrics(lines)?;
    let shapes = AllShapes::default();
    Some(KubernetesLists { kubernetes, commit: commit.map(str::to_owned), date, feature_gates, metrics, shapes })
}

fn quoted<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let value = line.strip_prefix(key)?.strip_prefix('"')?.strip_suffix('"')?;
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-').then_some(value)
}

/// The feature gates, up to the line `metrics:`.
fn feature_gates(lines: &mut Lines<'_>) -> Option<BTreeMap<String, FeatureGate>> {
    let mut gates = Vec::new();
    for line in lines {
        if line == "metrics:" {
            let gates: Option<BTreeMap<_, _>> = (!gates.is_empty()).then(|| gates.into_iter().collect());
            return gates;
        }
        // Searching for one byte is much faster than searching for `: `.
        let (name, stages) = line.strip_prefix("  ")?.split_once(':')?;
        let stages = stages.strip_prefix(' ')?;
        let last = gates.last().map(|(last, _): &(String, FeatureGate)| last.as_str());
        gates.push((name_after(last, name)?.to_owned(), FeatureGate::parse(stages)?));
    }
    None
}

fn metrics(lines: Lines<'_>) -> Option<BTreeSet<String>> {
    let mut metrics: Vec<String> = Vec::new();
    for line in lines {
        let name = line.strip_prefix("  - ")?;
        metrics.push(name_after(metrics.last().map(String::as_str), name)?.to_owned());
    }
    (!metrics.is_empty()).then(|| metrics.into_iter().collect())
}

/// The name, if it sorts after the previous one and YAML reads it as text.
pub(super) fn name_after<'t>(last: Option<&str>, name: &'t str) -> Option<&'t str> {
    let is_word = name.bytes().all(|byte| IN_NAME.get(usize::from(byte)) == Some(&true));
    let is_text = name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && !(name.len() <= MAX_NOT_TEXT && NOT_TEXT.iter().any(|word| word.eq_ignore_ascii_case(name)));
    (is_word && is_text && last.is_none_or(|last| last < name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::kubernetes::KubernetesLists;
    use crate::kubernetes::tests::DIGEST;

    fn from_yaml(text: &str) -> Option<KubernetesLists> {
        serde_yaml::from_str(text).ok()
    }

    #[test]
    fn a_written_digest_is_read_as_yaml_reads_it() {
        for without in ["", "commit: \"0123456789012345678901234567890123456789\"\n", "date: \"2026-04-22\"\n"] {
            let text = DIGEST.replace(without, "");
            assert!(read(&text).is_some(), "{text}");
            assert_eq!(read(&text), from_yaml(&text), "{text}");
        }
    }

    /// For any single edit of a digest, the fast parser either returns `None` or agrees with the YAML parser.
    #[test]
    fn every_edit_is_left_to_the_parser_or_read_alike() {
        let inserted =
            ["", " ", "\n", "\t", "\r", "#", ":", "-", "'", "\"", "&", "*", "!", "~", "é", "0", "a", "_", ","];
        let mut read_here = 0;
        for (at, _) in DIGEST.char_indices() {
            for deleted in [0, 1] {
                for text in inserted {
                    let edited = format!("{}{text}{}", &DIGEST[..at], &DIGEST[at + deleted..]);
                    if let Some(lists) = read(&edited) {
                        read_here += 1;
                        assert_eq!(Some(lists), from_yaml(&edited), "{edited}");
                    }
                }
            }
        }
        assert!(read_here > 500, "only {read_here} edits were read");
    }

    #[test]
    fn words_that_yaml_reads_as_something_else_are_left_to_the_parser() {
        for word in ["true", "Null", "NO", "1e3", "0x1F", "~", "a b", "a: b", "-", "é"] {
            assert_eq!(read(&DIGEST.replace("kubelet_naps_total", word)), None, "{word}");
            assert_eq!(read(&DIGEST.replace("NapTime", word)), None, "{word}");
        }
    }

    #[test]
    fn names_out_of_order_or_twice_are_left_to_the_parser() {
        assert_eq!(read(&DIGEST.replace("kubelet_naps_total", "apiserver_naps_total")), None);
        assert_eq!(read(&DIGEST.replace("NapTime", "Snore")), None);
    }
}
