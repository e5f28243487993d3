//! Upstream's front-matter splitter. Before any YAML is parsed, it drops every line that contains `---`, and takes
//! everything after the second such line as the body of the document.

use std::borrow::Cow;

use super::islands::MAX_FAULTS;
use super::{Fault, FaultKind};
use crate::text::Span;

/// The text that upstream would parse, at the same offsets, and a fault for each marker that an author must know about.
pub(super) struct Fenced<'a> {
    pub text: Cow<'a, str>,
    pub faults: Vec<Fault>,
}

const MARKER: &str = "---";

/// Blanks out marker lines and everything after the second one. A line that has other text besides the dashes is
/// reported, but its text stays: upstream drops it, and one finding is better than reporting its fields as missing.
///
/// Two markers are harmless and not reported: the first, if only comments and blank lines come before it, and then the
/// second, if nothing comes after it. Without a marker at the top, one on the last line would drop everything above it.
pub(super) fn strip(text: &str) -> Fenced<'_> {
    if !text.contains(MARKER) {
        return Fenced { text: Cow::Borrowed(text), faults: Vec::new() };
    }
    let mut kept = String::with_capacity(text.len());
    let mut faults = Vec::new();
    let (mut markers, mut fences) = (0, 0);
    let mut opens_at_top = false;
    let last = last_line_start(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_bare = line.trim_end() == MARKER;
        if let Some(at) = line.find(MARKER) {
            let is_harmless = is_bare
                && match markers {
                    0 => only_comments(text.get(..start).unwrap_or_default()),
                    1 => opens_at_top && start == last,
                    _ => false,
                };
            opens_at_top |= markers == 0 && is_harmless;
            markers += 1;
            if !is_harmless && fences < 2 && faults.len() < MAX_FAULTS {
                let span = Span::new(start + at, start + at + MARKER.len());
                faults.push(Fault { span: Some(span), kind: FaultKind::Marker });
            }
        }
        if is_bare {
            fences += 1;
        }
        if is_bare || fences >= 2 {
            kept.extend(line.chars().flat_map(blank));
        } else {
            kept.push_str(line);
        }
        start += line.len();
    }
    Fenced { text: Cow::Owned(kept), faults }
}

fn only_comments(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.starts_with('#'))
}

/// Spaces with the same length in bytes as the character; line breaks stay.
pub(super) fn blank(character: char) -> impl Iterator<Item = char> {
    let kept = if matches!(character, '\n' | '\r') { character } else { ' ' };
    std::iter::repeat_n(kept, character.len_utf8())
}

/// The offset of the last line that is not blank.
fn last_line_start(text: &str) -> usize {
    text.trim_end().rfind('\n').map_or(0, |at| at + 1)
}
