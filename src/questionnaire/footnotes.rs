//! Footnotes: the text of an answer that is somewhere else.

use std::collections::BTreeMap;

use super::template::contains_offset;
use crate::syntax::markdown::Markdown;
use crate::text::Span;

/// The longest label of a footnote, in bytes.
const MAX_LABEL: usize = 1_000;

/// Adds each footnote to the first answer that refers to it, or to a footnote of its. Each is added once, so that the
/// answers together are never longer than the README. A footnote within an answer belongs to it anyway.
pub(super) fn add_to<K: Ord>(answers: &mut BTreeMap<K, Vec<Span>>, text: &str, markdown: &Markdown) {
    let mut footnotes = definitions(text, markdown);
    let mut known: Vec<_> = answers.values().flatten().copied().collect();
    known.sort_unstable();
    footnotes.retain(|_, footnote| !contains_offset(&known, footnote.start));
    for spans in answers.values_mut() {
        if footnotes.is_empty() {
            return;
        }
        let mut at = 0;
        while let Some(span) = spans.get(at).copied() {
            let referred = labels(&text[span]).filter_map(|label| footnotes.remove(&label.to_lowercase()));
            spans.extend(referred.collect::<Vec<_>>());
            at += 1;
        }
    }
}

/// The labels that a text refers to.
fn labels(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("[^").filter_map(|(at, _)| label(text.get(at..)?))
}

/// `text` with footnotes numbered by their first appearance, so that their labels make no difference.
pub(super) fn renumbered(text: &str) -> String {
    let (mut numbers, mut renumbered, mut from) = (BTreeMap::new(), String::new(), 0_usize);
    for (at, mark) in text.match_indices("[^") {
        let Some(label) = text.get(at..).and_then(label) else { continue };
        let start = at + mark.len();
        renumbered.push_str(text.get(from..start).unwrap_or_default());
        let next = numbers.len() + 1;
        renumbered.push_str(&numbers.entry(label.to_lowercase()).or_insert(next).to_string());
        from = start + label.len();
    }
    renumbered.push_str(text.get(from..).unwrap_or_default());
    renumbered
}

/// The label of the reference or definition at the start of `text`.
fn label(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("[^")?;
    let end = rest.bytes().take(MAX_LABEL).position(|byte| matches!(byte, b']' | b'\n'))?;
    rest.get(..end).filter(|label| !label.is_empty() && rest.get(end..).is_some_and(|rest| rest.starts_with(']')))
}

/// The footnotes by their labels in lower case. Of several with the same label, the first one counts.
fn definitions(text: &str, markdown: &Markdown) -> BTreeMap<String, Span> {
    let mut definitions = BTreeMap::new();
    let (mut at, mut open, mut is_apart) = (0, None::<(String, Span)>, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if let Some(label) = defined(line).filter(|_| !contains_offset(&markdown.code, start)) {
            add(&mut definitions, open.replace((label.to_lowercase(), Span::new(start, at))));
        } else if line.trim().is_empty() {
            is_apart = true;
            continue;
        } else if line.starts_with('#') || (is_apart && !line.starts_with("    ") && !line.starts_with('\t')) {
            add(&mut definitions, open.take());
        } else if let Some((_, span)) = &mut open {
            span.end = at;
        }
        is_apart = false;
    }
    add(&mut definitions, open);
    definitions
}

fn add(definitions: &mut BTreeMap<String, Span>, footnote: Option<(String, Span)>) {
    if let Some((label, span)) = footnote {
        definitions.entry(label).or_insert(span);
    }
}

/// The label of the footnote that begins in this line.
fn defined(line: &str) -> Option<&str> {
    const MAX_INDENT: usize = 3;
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    // It may be in a quote or in a list.
    let text = text.trim_start_matches(['>', '-', '*', '+', ' ']);
    let label = label(text).filter(|_| indent <= MAX_INDENT)?;
    text.get("[^".len() + label.len()..)?.starts_with("]:").then_some(label)
}

#[cfg(test)]
mod tests {
    use super::{definitions, labels, renumbered};
    use crate::syntax::markdown;

    #[test]
    fn labels_are_numbered_by_their_first_appearance() {
        assert_eq!(renumbered("a[^x] b[^2] [^X]: é [^] [^"), "a[^1] b[^2] [^1]: é [^] [^");
        assert_eq!(renumbered("[^a]: b"), renumbered("[^1]: b"));
    }

    #[test]
    fn footnotes_end_where_the_next_paragraph_begins() {
        let text =
            "A[^1] b[^Two].\n\n[^1]: One\n  more\n\n    and more\n[^two]: Two\n\nOther.\n\n    [^3]: code\n[^1]: no\n";
        let found: Vec<_> =
            definitions(text, &markdown::read(text)).into_iter().map(|(label, at)| (label, &text[at])).collect();
        assert_eq!(
            found,
            [("1".to_owned(), "[^1]: One\n  more\n\n    and more\n"), ("two".to_owned(), "[^two]: Two\n")]
        );
        assert_eq!(labels(text).collect::<Vec<_>>(), ["1", "Two", "1", "two", "3", "1"]);
        assert_eq!(labels("[^] [^a\n] [^").count(), 0);
    }
}
