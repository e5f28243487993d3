//! Parses Markdown as GitHub does: headings, comments, checkboxes and code, each with its span.
//!
//! The parser is pulldown-cmark. Two things are handled differently: a tab after a closing fence is white space, as
//! the standard says, and a fence that is never closed does not start code, as in mdtoc. Otherwise a forgotten line would
//! hide everything after it.

mod html;
mod reading;
mod rendered;

use std::borrow::Cow;
use std::collections::BTreeMap;

use pulldown_cmark::{Event, Options, Parser, Tag};

pub use rendered::{rendered, rendered_within};

use reading::Reading;

use crate::escape::is_unsafe;
use crate::text::Span;

/// The maximum number of unclosed fences that are ignored. The next one makes the rest of the text code.
const MAX_OPEN_FENCES: usize = 8;

/// The parts of a text, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markdown {
    /// The headings, except those in comments or code.
    pub headings: Vec<Heading>,
    /// Bold text at the beginning of a paragraph or list item, which old KEPs use as headings.
    pub leads: Vec<Lead>,
    /// The comments, from `<!--` to `-->`.
    pub comments: Vec<Span>,
    /// The code blocks, fenced or indented, including the fences.
    pub code: Vec<Span>,
    /// The code spans, including the backticks.
    pub inline_code: Vec<Span>,
    /// The checkboxes of lists.
    pub checkboxes: Vec<Checkbox>,
    /// The pictures, with their descriptions.
    pub images: Vec<Span>,
    /// What a reader does not see, if it has letters or digits: comments, HTML tags, addresses and definitions of links,
    /// the language of a block of code.
    pub hidden: Vec<Span>,
    /// The targets of links that have a label (`[label]: target`), by the label in lower case.
    pub targets: BTreeMap<String, String>,
}

impl Markdown {
    /// What a reader sees of `span`.
    #[must_use]
    pub fn shown<'t>(&self, text: &'t str, span: Span) -> Cow<'t, str> {
        let first = self.hidden.partition_point(|hidden| hidden.end <= span.start);
        let hidden = self.hidden.iter().skip(first).take_while(|hidden| hidden.start < span.end);
        let shown = without(text, span, hidden.copied());
        if shown.is_ascii() {
            return shown;
        }
        Cow::Owned(shown.replace(is_unseen, " "))
    }
}

/// `span` of `text` with a space for each of the sorted `others`.
pub fn without(text: &str, span: Span, others: impl Iterator<Item = Span>) -> Cow<'_, str> {
    let (mut kept, mut at) = (String::new(), span.start);
    for other in others {
        kept.push_str(&text[Span::new(at, other.start.max(at))]);
        kept.push(' ');
        at = other.end.max(at);
    }
    let rest = &text[Span::new(at.min(span.end), span.end)];
    if kept.is_empty() { Cow::Borrowed(rest) } else { Cow::Owned(kept + rest) }
}

/// True for a character that looks like nothing. Tabs and line breaks stay.
fn is_unseen(character: char) -> bool {
    !character.is_ascii() && (is_unsafe(character) || character.is_whitespace())
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The level, from 1 to 6.
    pub level: u8,
    /// Its span, including the markup but not the line break at its end.
    pub span: Span,
    /// Its text without markup.
    pub text: String,
}

/// Bold text at the beginning of a paragraph or list item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Its span, including the markup.
    pub span: Span,
    /// Its text without markup.
    pub text: String,
}

/// A checkbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkbox {
    /// The span of `[ ]` or `[x]`.
    pub span: Span,
    /// True if it is ticked.
    pub is_ticked: bool,
}

/// Parses `text`. Any text is valid Markdown.
#[must_use]
pub fn read(text: &str) -> Markdown {
    let source = with_plain_fences(text);
    let mut from = front_matter(text);
    let mut reading = Reading::new(&source, from);
    for open_fences in 0..=MAX_OPEN_FENCES {
        match reading.read(from, open_fences < MAX_OPEN_FENCES) {
            Some(next) => from = next,
            None => break,
        }
    }
    reading.finish()
}

/// The text of a comment on GitHub, with code and raw HTML replaced by spaces. Line breaks stay.
///
/// Unlike in [`read`], a fence that is never closed runs to the end, as on GitHub.
#[must_use]
pub fn prose(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut hidden = Vec::new();
    let mut open_tag = None;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) | Event::Code(_) | Event::Html(_) => hidden.push(range),
            Event::InlineHtml(tag) => {
                // The parser treats the code between these tags as ordinary text.
                if is_tag(&tag, "<code") || is_tag(&tag, "<pre") {
                    open_tag.get_or_insert(range.start);
                } else if is_tag(&tag, "</code") || is_tag(&tag, "</pre") {
                    hidden.extend(open_tag.take().map(|start| start..range.end));
                }
                hidden.push(range);
            }
            _ => {}
        }
    }
    hidden.extend(open_tag.map(|start| start..text.len()));
    let mut bytes = text.as_bytes().to_vec();
    for range in hidden {
        for byte in bytes.get_mut(range).unwrap_or_default() {
            if !matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
    }
    // Ranges begin and end on character boundaries.
    String::from_utf8(bytes).unwrap_or_default()
}

/// True if `html` is a tag that begins with `start` (such as `<code`), with or without attributes.
fn is_tag(html: &str, start: &str) -> bool {
    let rest = html.get(start.len()..).unwrap_or_default();
    html.get(..start.len()).is_some_and(|name| name.eq_ignore_ascii_case(start))
        && rest.starts_with(|character: char| character == '>' || character == '/' || character.is_ascii_whitespace())
}

/// The length of the front matter, which GitHub shows as a table; 0 if there is none.
fn front_matter(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let mut length = 0;
    if let Some(first) = lines.next().filter(|line| line.trim_end() == "---") {
        length += first.len();
        for line in lines {
            length += line.len();
            if line.trim_end() == "---" {
                return length;
            }
        }
    }
    0
}

/// Replaces tabs after a fence with spaces, because the parser only accepts spaces. No offset changes.
fn with_plain_fences(text: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(text);
    if !text.contains('\t') {
        return plain;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let fence = line.trim();
        let is_fence = ["```", "~~~"].iter().any(|mark| fence.starts_with(mark))
            && (fence.bytes().all(|byte| byte == b'`') || fence.bytes().all(|byte| byte == b'~'));
        if is_fence {
            let end = at + line.trim_end().len();
            for (tab, _) in line.get(end - at..).unwrap_or_default().match_indices('\t') {
                plain.to_mut().replace_range(end + tab..=end + tab, " ");
            }
        }
        at += line.len();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Markdown, read};

    fn headings(text: &str) -> Vec<(u8, &str, String)> {
        let Markdown { headings, .. } = read(text);
        headings.into_iter().map(|it| (it.level, &text[it.span], it.text)).collect()
    }

    #[test]
    fn headings_of_every_form_have_their_place_and_level() {
        let text = "# One #\n\nTwo\n===\n\nThree\nlines\n---\n\n###### Six `x` *y*\n";
        let expected = [
            (1, "# One #", "One".to_owned()),
            (1, "Two\n===", "Two".to_owned()),
            (2, "Three\nlines\n---", "Three lines".to_owned()),
            (6, "###### Six `x` *y*", "Six x y".to_owned()),
        ];
        assert_eq!(headings(text), expected);
    }

    #[test]
    fn line_breaks_of_either_kind_will_do() {
        assert_eq!(
            headings("# One\r\n\r\ntext\r\n## Two\r\n"),
            [(1, "# One", "One".into()), (2, "## Two", "Two".into())]
        );
    }

    #[test]
    fn nothing_in_comments_and_code_is_a_heading() {
        let text = "<!--\n# a\n-->\n```\n# b\n```\n~~~ x\n# c\n~~~\n\n    # d\n\n`# e`\n\n<div>\n# f\n</div>\n\n# G\n";
        assert_eq!(headings(text), [(1, "# G", "G".into())]);
    }

    #[test]
    fn comments_are_found_in_blocks_in_lines_and_in_other_html() {
        let text =
            "<!-- a\n\nb -->\ntext <!-- c --> text\n\n<div><!-- d --><!-- e --></div>\n\n`<!-- f -->`\n\n<!-- g\n";
        let comments: Vec<_> = read(text).comments.iter().map(|comment| &text[*comment]).collect();
        assert_eq!(comments, ["<!-- a\n\nb -->", "<!-- c -->", "<!-- d -->", "<!-- e -->", "<!-- g"]);
    }

    #[test]
    fn checkboxes_and_code_know_their_place() {
        let text = "- [ ] a `b`\n- [x] ``c``\n  - [X] d\n\n[ ] no list\n\n```\n- [x] e\n```\n";
        let markdown = read(text);
        let checkboxes: Vec<_> = markdown.checkboxes.iter().map(|it| (&text[it.span], it.is_ticked)).collect();
        assert_eq!(checkboxes, [("[ ]", false), ("[x]", true), ("[X]", true)]);
        let code: Vec<_> = markdown.inline_code.iter().map(|code| &text[*code]).collect();
        assert_eq!(code, ["`b`", "``c``"]);
        assert_eq!(&text[markdown.code[0]], "```\n- [x] e\n```");
    }

    #[test]
    fn bold_text_at_the_beginning_is_a_lead() {
        let text = "* **Why\n  so?** Because.\n\n**Really? **\n\nnot **this**\n";
        let leads: Vec<_> = read(text).leads.into_iter().map(|lead| (&text[lead.span], lead.text)).collect();
        assert_eq!(leads, [("**Why\n  so?**", "Why so?".into()), ("**Really? **", "Really?".into())]);
    }

    #[test]
    fn a_fence_is_closed_by_one_with_a_tab_behind_it() {
        assert_eq!(headings("```\n# a\n```\t\n# B\n"), [(1, "# B", "B".into())]);
    }

    #[test]
    fn a_fence_that_never_closes_is_no_code() {
        assert_eq!(headings("# A\n\n```go\nx\n\n# B\n"), [(1, "# A", "A".into()), (1, "# B", "B".into())]);
        assert_eq!(headings("```\n# a\n```\n"), [], "one that closes at the end is");
        assert_eq!(headings("# A\n```"), [(1, "# A", "A".into())]);
        // After the limit, the rest is code, because each unclosed fence means reading the rest again.
        let many = "```a\n".repeat(20) + "# B\n";
        assert_eq!(headings(&many), []);
    }
}
