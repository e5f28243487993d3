//! How a project names the directories of its KEPs, or their files.

use std::collections::BTreeMap;

use crate::project::layout::without_prefix;
use crate::text::RepoPath;

/// The number of digits in a date such as `20260214`.
const DATE_DIGITS: usize = 8;

/// How a project names the directories of its KEPs, or their files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Naming {
    start: Start,
    /// The minimum number of digits: shorter numbers begin with zeros.
    digits: usize,
    /// True if all names are just numbers.
    lacks_slug: bool,
}

/// What a name begins with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Start {
    /// A number after this prefix, such as `gep-`, which is usually empty.
    Number(String),
    /// A date such as `20260214`.
    Date,
    /// Words.
    Words,
}

impl Default for Start {
    fn default() -> Self {
        Self::Number(String::new())
    }
}

/// The digits of a name.
struct Digits<'a> {
    text: &'a str,
    is_whole: bool,
}

impl Naming {
    /// The way in which most of `dirs` are named. If there are none, names begin with a number, unless KEPs are files.
    pub(crate) fn of<'a>(dirs: impl Iterator<Item = &'a RepoPath>, has_single_files: bool) -> Self {
        let names: Vec<_> = dirs.map(|dir| dir.name().to_string()).collect();
        let mut found: BTreeMap<Start, Vec<Digits<'_>>> = BTreeMap::new();
        for (start, digits) in names.iter().map(|name| parts(name.strip_suffix(".md").unwrap_or(name))) {
            found.entry(start).or_default().push(digits);
        }
        // Of two ways that are equally common, a number is the better one.
        let most = found.iter().rev().max_by_key(|(_, digits)| digits.len());
        let Some((start, digits)) =
            most.filter(|(start, digits)| **start != Start::Date || digits.len() == names.len())
        else {
            return Self { start: if has_single_files { Start::Words } else { Start::default() }, ..Self::default() };
        };
        let width = digits.first().map_or(0, |first| first.text.len());
        let is_padded =
            digits.iter().all(|it| it.text.len() == width) && digits.iter().any(|it| it.text.starts_with('0'));
        Self {
            start: start.clone(),
            digits: if is_padded { width } else { 0 },
            lacks_slug: *start != Start::Words && digits.iter().all(|it| it.is_whole),
        }
    }

    /// True if names begin with a number.
    pub(crate) fn has_number(&self) -> bool {
        matches!(self.start, Start::Number(_))
    }

    /// The number as the project writes it, from `number` as a person does.
    pub(crate) fn number(&self, number: &str) -> String {
        let bare = numbered(number).trim_start_matches('0');
        let len = bare.find('.').unwrap_or(bare.len());
        format!("{}{bare}", "0".repeat(self.digits.max(1).saturating_sub(len)))
    }

    /// The name of the directory of a new KEP, or of its file without the extension. `date` has the form `2026-02-14`.
    pub(crate) fn name(&self, number: Option<&str>, slug: &str, date: &str) -> String {
        let start = match (&self.start, number) {
            (Start::Number(prefix), Some(number)) => format!("{prefix}{number}"),
            (_, Some(number)) => number.to_owned(),
            (Start::Date, None) => date.replace('-', ""),
            (_, None) => return slug.to_owned(),
        };
        if self.lacks_slug { start } else { format!("{start}-{slug}") }
    }
}

/// The part of `name` that begins with the number, if it has one after a prefix.
fn numbered(name: &str) -> &str {
    let rest = without_prefix(name.as_bytes());
    rest.and_then(|rest| name.get(name.len() - rest.len()..)).unwrap_or(name)
}

/// What `name` begins with, and its number.
fn parts(name: &str) -> (Start, Digits<'_>) {
    let rest = numbered(name);
    let prefix = name.strip_suffix(rest).unwrap_or_default();
    let len = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (text, end) = rest.split_at(len);
    // A part number belongs to the number.
    let end = end.trim_start_matches(|character: char| character == '.' || character.is_ascii_digit());
    let digits = Digits { text, is_whole: end.is_empty() };
    let start = match len {
        0 => Start::Words,
        DATE_DIGITS if prefix.is_empty() => Start::Date,
        _ if end.is_empty() || end.starts_with('-') => Start::Number(prefix.to_owned()),
        _ => Start::Words,
    };
    (start, digits)
}

#[cfg(test)]
mod tests {
    use super::Naming;
    use crate::text::RepoPath;

    /// The name of a new KEP next to these.
    fn next(names: &[&str], number: Option<&str>) -> String {
        let dirs: Vec<_> = names.iter().map(|name| RepoPath::from("keps").join(name)).collect();
        let naming = Naming::of(dirs.iter(), false);
        naming.name(number.map(|number| naming.number(number)).as_deref(), "title", "2026-02-14")
    }

    #[test]
    fn a_new_kep_is_named_like_the_others() {
        for (names, number, expected) in [
            (&[][..], Some("7"), "7-title"),
            (&["12-a", "752-b"], Some("0007"), "7-title"),
            (&["0012-a", "0752-b", "0012.1-c"], Some("7"), "0007-title"),
            (&["0012-a", "0752-b"], Some("12345"), "12345-title"),
            (&["0012-a", "0752-b"], Some("12.3"), "0012.3-title"),
            (&["gep-17", "gep-1709"], Some("gep-18"), "gep-18"),
            (&["gep-17-a", "notes", "gep-1709-b"], Some("18"), "gep-18-title"),
            (&["pod-2-limits", "quotas", "routes"], None, "title"),
            (&["quotas", "routes"], Some("18"), "18-title"),
            (&["20250301-a.md", "20250302-b.md"], None, "20260214-title"),
            (&["20250301-a.md", "quotas.md"], None, "title"),
            (&["0001-a.md"], Some("0"), "0000-title"),
        ] {
            assert_eq!(next(names, number), expected, "{names:?} {number:?}");
        }
    }
}
