//! The table of contents of a Markdown text, as `mdtoc` makes it: between `<!-- toc -->` and `<!-- /toc -->`, with an
//! entry for each heading below it, down to level 5.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::markdown::Markdown;
use super::mdtoc;
use super::mdtoc::Heading;
use crate::text::Span;

/// The mark before the table; case is ignored.
pub const OPENING: &str = "<!-- toc -->";
/// The mark after the table; case is ignored.
pub const CLOSING: &str = "<!-- /toc -->";
/// The deepest level of headings in the table (`--max-depth=5`).
const MAX_LEVEL: u8 = 5;

/// Where the table of contents is in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// There is no table, because neither mark is present.
    Absent,
    /// One of the marks is missing, or they are in the wrong order. The span is that of a mark that is present.
    Broken(Span),
    /// Between the marks, which are not included.
    Table(Span),
}

/// An entry of a table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its line, indented, without the line break.
    pub line: String,
    /// The anchor that it links to.
    pub anchor: String,
    /// The heading.
    pub heading: Heading,
}

/// Finds the table of contents in `text`. Like mdtoc, it uses the first mark of each kind, wherever it is.
#[must_use]
pub fn place(text: &str) -> Place {
    let mark = |mark: &str| find_ignoring_case(text, mark).map(|start| Span::new(start, start + mark.len()));
    match (mark(OPENING), mark(CLOSING)) {
        (None, None) => Place::Absent,
        (Some(open), Some(close)) if open.end <= close.start => Place::Table(Span::new(open.end, close.start)),
        (Some(only), _) | (None, Some(only)) => Place::Broken(only),
    }
}

/// The version of `mdtoc` whose anchors are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchors {
    /// A current version.
    #[default]
    Current,
    /// A version before v1.1, which leaves code out of anchors.
    WithoutCode,
}

/// The entries for the headings of `text`, starting at the byte offset `from`.
#[must_use]
pub fn entries(text: &str, from: usize) -> Vec<Entry> {
    entries_with(text, from, Anchors::Current)
}

/// Like [`entries`], but with the anchors of a given version of `mdtoc`.
#[must_use]
pub fn entries_with(text: &str, from: usize, anchors: Anchors) -> Vec<Entry> {
    let is_old = anchors == Anchors::WithoutCode;
    let headings = mdtoc::headings(text, from);
    let base = headings.iter().map(|heading| heading.level).min().unwrap_or_default();
    let mut anchors = BTreeMap::new();
    let listed = headings.into_iter().filter(|heading| heading.level <= MAX_LEVEL);
    listed
        .map(|heading| {
            let text = heading.text_without_code.as_ref().filter(|_| is_old).unwrap_or(&heading.text);
            let anchor = numbered(mdtoc_anchor(text), &mut anchors);
            let indent = "  ".repeat(usize::from(heading.level - base));
            let line = format!("{indent}- [{}](#{anchor})", without_marks(&heading.html));
            Entry { line, anchor, heading }
        })
        .collect()
}

/// True if mdtoc before v1.1, which left code out of anchors, made the table.
#[must_use]
pub fn is_by_old_mdtoc(table: &str, entries: &[Entry]) -> bool {
    let mut anchors = BTreeMap::new();
    let mut lines = table.trim().lines();
    let is_same = entries.iter().enumerate().all(|(index, entry)| {
        let text = entry.heading.text_without_code.as_ref().unwrap_or(&entry.heading.text);
        let anchor = numbered(mdtoc_anchor(text), &mut anchors);
        let label = entry.line.strip_suffix(&format!("{})", entry.anchor)).unwrap_or_default();
        let line = format!("{label}{anchor})");
        lines.next() == Some(if index == 0 { line.trim_start() } else { &line })
    });
    is_same && lines.next().is_none()
}

/// The first entry whose link does not lead to its heading on GitHub, and GitHub's anchor for it, if GitHub also has
/// a heading there.
#[must_use]
pub fn dead_link<'a>(entries: &'a [Entry], markdown: &Markdown) -> Option<(&'a Entry, Option<String>)> {
    // GitHub numbers equal headings across the whole file, mdtoc only those below the table.
    let without_number =
        |anchor: &str| anchor.trim_end_matches(|it: char| it.is_ascii_digit()).trim_end_matches('-').to_owned();
    entries.iter().find_map(|entry| {
        let at = entry.heading.span.start;
        // Headings are sorted and do not overlap.
        let after = markdown.headings.partition_point(|heading| heading.span.start <= at);
        let heading = after.checked_sub(1).and_then(|index| markdown.headings.get(index));
        let anchor = heading.filter(|it| at < it.span.end).map(|heading| github_anchor(&heading.text));
        let is_live = anchor.as_ref().is_some_and(|it| without_number(it) == without_number(&entry.anchor));
        (!is_live).then_some((entry, anchor))
    })
}

/// True if the table between the marks matches `entries`. White space around it is ignored.
#[must_use]
pub fn is_current(table: &str, entries: &[Entry]) -> bool {
    let mut wanted = entries.iter().map(|entry| entry.line.as_str());
    let first = wanted.next().unwrap_or_default().trim_start();
    let mut lines = table.trim().lines();
    lines.next().unwrap_or_default() == first && lines.eq(wanted)
}

/// The lines of the table, except for blank ones.
#[must_use]
pub fn lines(text: &str, table: Span) -> Vec<Span> {
    let mut at = table.start;
    let lines = text[table].split_inclusive('\n').filter_map(|line| {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        (!line.trim().is_empty()).then(|| Span::new(start, start + line.trim().len()))
    });
    lines.collect()
}

/// Returns the text with an up-to-date table in place of `table`. A table that is already up to date is left as it is.
#[must_use]
pub fn written(text: &str, table: Span) -> String {
    written_with(text, table, Anchors::Current)
}

/// Like [`written`], but with the anchors of a given version of `mdtoc`.
#[must_use]
pub fn written_with(text: &str, table: Span, anchors: Anchors) -> String {
    let entries = entries_with(text, table.end, anchors);
    if is_current(&text[table], &entries) {
        return text.to_owned();
    }
    let [before, after] = [Span::new(0, table.start), Span::new(table.end, text.len())];
    format!("{}{}{}", &text[before], content(text, &entries), &text[after])
}

/// The text between the marks of a table with these entries, with the line endings of `text`.
#[must_use]
pub fn content(text: &str, entries: &[Entry]) -> String {
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    entries.iter().fold(line_break.to_owned(), |content, entry| content + &entry.line + line_break)
}

/// The anchor that mdtoc gives to a heading. It drops letters that are not ASCII.
fn mdtoc_anchor(text: &str) -> String {
    let is_kept = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | ' ');
    text.to_lowercase().chars().filter(is_kept).map(|it| if it == ' ' { '-' } else { it }).collect()
}

/// The anchor that GitHub gives to a heading.
fn github_anchor(text: &str) -> String {
    let is_kept = |character: &char| character.is_alphanumeric() || matches!(character, '_' | '-' | ' ');
    text.to_lowercase().chars().filter(is_kept).map(|it| if it == ' ' { '-' } else { it }).collect()
}

/// Adds a number to an anchor that was seen before: the second gets `-1`, and so on.
fn numbered(anchor: String, seen: &mut BTreeMap<String, usize>) -> String {
    let count = seen.entry(anchor.clone()).or_default();
    *count += 1;
    if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
}

/// Escapes a table mark in a heading, which would end the table.
fn without_marks(html: &str) -> Cow<'_, str> {
    let has_mark = [OPENING, CLOSING].iter().any(|mark| find_ignoring_case(html, mark).is_some());
    if has_mark { Cow::Owned(html.replace("<!--", "&lt;!--")) } else { Cow::Borrowed(html) }
}

fn find_ignoring_case(text: &str, mark: &str) -> Option<usize> {
    text.match_indices("<!--").map(|(start, _)| start).find(|start| {
        let found = text.get(*start..start + mark.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(mark))
    })
}

#[cfg(test)]
mod tests {
    use super::{Place, place, written};

    fn mended(text: &str) -> String {
        let Place::Table(table) = place(text) else { panic!("{text:?} has no table") };
        written(text, table)
    }

    #[test]
    fn the_table_holds_what_stands_below_it_down_to_level_five() {
        let text = "# Title\n\n<!-- TOC -->\n<!-- /toc -->\n## A\n#### B\n##### C\n###### D\n## E\n";
        let table = "- [A](#a)\n    - [B](#b)\n      - [C](#c)\n- [E](#e)\n";
        assert_eq!(mended(text), text.replace("-->\n<!--", &format!("-->\n{table}<!--")));
    }

    #[test]
    fn anchors_are_githubs() {
        let text = "<!-- toc -->\n<!-- /toc -->\n# `a_b` C/D, \u{c9}!\n# `a_b` c d\n# X\n# x\n# X\n";
        let lines: Vec<_> = mended(text).lines().skip(1).take(5).map(str::to_owned).collect();
        let anchors: Vec<_> = lines.iter().map(|line| line.rsplit_once("(#").unwrap().1).collect();
        assert_eq!(anchors, ["a_b-cd-)", "a_b-c-d)", "x)", "x-1)", "x-2)"]);
    }

    #[test]
    fn a_current_table_stays_as_it_is_and_a_written_one_is_current() {
        for text in [
            "<!-- toc -->\n\n- [A](#a)\n\n<!-- /toc -->\n# A\n",
            "<!-- toc --><!-- /toc -->\nno heading\n",
            "<!-- toc -->\r\n- [A](#a)\r\n- [B](#b)\r\n<!-- /toc -->\r\n# A\r\n# B\r\n",
        ] {
            assert_eq!(mended(text), text);
        }
        let written = mended("<!-- toc -->\r\n<!-- /toc -->\r\n# A\r\n");
        assert_eq!(written, "<!-- toc -->\r\n- [A](#a)\r\n<!-- /toc -->\r\n# A\r\n");
        assert_eq!(mended(&written), written);
    }

    #[test]
    fn a_mark_in_a_heading_does_not_get_into_the_table() {
        let once = mended("<!-- toc -->\n<!-- /toc -->\n## A <!-- /TOC --> b\n");
        assert_eq!(once, "<!-- toc -->\n- [A &lt;!-- /TOC --> b](#a--b)\n<!-- /toc -->\n## A <!-- /TOC --> b\n");
        assert_eq!(mended(&once), once);
    }

    #[test]
    fn marks_that_are_no_pair_are_pointed_at() {
        let broken = |text: &str| match place(text) {
            Place::Broken(mark) => text[mark.range()].to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(broken("a <!-- toc --> b"), "<!-- toc -->");
        assert_eq!(broken("a <!-- /TOC --> b"), "<!-- /TOC -->");
        assert_eq!(broken("<!-- /toc --><!-- toc -->"), "<!-- toc -->");
        assert_eq!(place("<!--toc-->"), Place::Absent);
    }
}
