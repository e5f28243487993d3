//! The YAML between `---` lines at the top of a Markdown file.

use std::borrow::Cow;

use super::fence::blank;
use super::{Document, Fenced, MAX_VALUES, read_parts};
use crate::text::Span;

const FENCE: &str = "---";

/// The span of the YAML, without the `---` lines around it; `None` if the text does not begin with front matter.
#[must_use]
pub fn place(text: &str) -> Option<Span> {
    let mut start = 0;
    let mut from = None;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let is_fence = line.trim_end() == FENCE;
        match from {
            None if is_fence => from = Some(end),
            None => return None,
            Some(from) if is_fence => return Some(Span::new(from, start)),
            Some(_) => {}
        }
        start = end;
    }
    None
}

/// True if the file begins with the first line of front matter, even if that is never closed, or if blank lines before it
/// keep it from being front matter. A byte order mark does not count.
#[must_use]
pub fn begins(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.find(|line| !line.is_empty()) == Some(FENCE.as_bytes())
}

/// Parses the front matter of `text`. Spans are relative to `text`. The document is empty if there is no front matter.
#[must_use]
pub fn read(text: &str) -> Document {
    let Some(place) = place(text) else { return Document::default() };
    let before = text.get(..place.start).unwrap_or_default();
    let blanked: String = before.chars().flat_map(blank).collect();
    let yaml = blanked + &text[place];
    read_parts(&yaml, Fenced { text: Cow::Borrowed(&yaml), faults: Vec::new() }, MAX_VALUES)
}

/// The Markdown below the front matter, at the same offsets.
#[must_use]
pub fn without(text: &str) -> Cow<'_, str> {
    let Some(place) = place(text) else { return Cow::Borrowed(text) };
    // The closing line ends at the next line break.
    let rest = text.get(place.end..).unwrap_or_default();
    let end = rest.find('\n').map_or(text.len(), |at| place.end + at);
    let (head, body) = text.split_at(end);
    Cow::Owned(head.chars().flat_map(blank).collect::<String>() + body)
}

#[cfg(test)]
mod tests {
    use super::{begins, place, read, without};
    use crate::syntax::yaml::NodeKind;

    #[test]
    fn a_file_that_seems_to_begin_with_front_matter_is_recognized() {
        for text in ["---\na: b\n---\n", "\u{feff}---\r\na: b\n", "\n \n---\na: b\n---\n"] {
            assert!(begins(text.as_bytes()), "{text:?}");
        }
        for text in ["", "\n", "# A\n---\n", "----\n", "- --\n"] {
            assert!(!begins(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn spans_point_into_the_markdown_file() {
        for text in
            ["---\ntitle: Ä b\nstatus: x\n---\n# Title\n", "---\r\ntitle: Ä b\r\nstatus: x\r\n---\r\n# Title\r\n"]
        {
            let document = read(text);
            assert_eq!(document.faults, []);
            let found: Vec<_> = document
                .entries
                .iter()
                .map(|(key, value)| {
                    let NodeKind::Scalar { text: word, .. } = &key.kind else { panic!("{key:?}") };
                    (word.as_str(), &text[value.span])
                })
                .collect();
            assert_eq!(found, [("title", "Ä b"), ("status", "x")]);
            let body = without(text);
            assert_eq!(body.len(), text.len());
            assert_eq!(body.trim(), "# Title");
        }
    }

    #[test]
    fn only_a_closed_fence_at_the_top_counts() {
        for text in ["", "---\n", "---\ntitle: a\n", "# T\n---\na: b\n---\n", " ---\na: b\n---\n", "----\na: b\n----\n"]
        {
            assert_eq!(place(text), None, "{text:?}");
            assert!(!read(text).readable, "{text:?}");
            assert_eq!(without(text), text);
        }
    }

    #[test]
    fn faults_stop_at_the_end_of_the_front_matter() {
        let text = "---\ntitle: [\n---\n# Title: [\n";
        let document = read(text);
        assert_eq!(document.faults.len(), 1, "{:?}", document.faults);
        assert!(document.faults[0].span.unwrap().end <= text.find("---\n#").unwrap());
    }
}
