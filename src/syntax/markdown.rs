//! Parses Markdown as GitHub does: headings, comments, checkboxes and code, each with its span.
//!
//! The parser is pulldown-cmark. Two things are handled differently: a tab after a closing fence is white space, as
//! the standard says, and a fence that is never closed does not start code, as in mdtoc. Otherwise a forgotten line would
//! hide everything after it.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::html::Html;
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
    let markdown = Markdown::default();
    let mut reading = Reading { source: &source, markdown, heading: None, lead: None, seen: from };
    for open_fences in 0..=MAX_OPEN_FENCES {
        match reading.read(from, open_fences < MAX_OPEN_FENCES) {
            Some(next) => from = next,
            None => break,
        }
    }
    reading.see(Span::new(source.len(), source.len()));
    reading.markdown
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

/// The state of the parser.
struct Reading<'a> {
    source: &'a str,
    markdown: Markdown,
    heading: Option<Title>,
    lead: Option<Lead>,
    /// The end of the text before here of which a reader sees something.
    seen: usize,
}

/// A heading whose end has not been read yet.
struct Title {
    level: u8,
    span: Span,
    text: String,
}

impl Reading<'_> {
    /// Parses from the byte offset `from`. If `stops` is set, it stops at a fence that is never closed, and returns the
    /// offset to continue from.
    fn read(&mut self, from: usize, stops: bool) -> Option<usize> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let parser = Parser::new_ext(self.source.get(from..).unwrap_or_default(), options).into_offset_iter();
        let mut depth = 0_usize;
        // True directly after the start of a paragraph or list item.
        let mut at_start = false;
        for (event, range) in parser {
            let span = Span::new(range.start + from, range.end + from);
            match &event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let is_fenced = depth == 0 && matches!(kind, CodeBlockKind::Fenced(_));
                    if stops
                        && is_fenced
                        && let Some(next) = self.after_open_fence(span)
                    {
                        return Some(next);
                    }
                    self.markdown.code.push(self.trimmed(span));
                }
                Event::Start(Tag::HtmlBlock) => self.add_html(span),
                Event::Start(Tag::Image { .. }) => self.markdown.images.push(span),
                Event::Start(Tag::Strong) if at_start => {
                    self.lead = Some(Lead { span, text: String::new() });
                }
                Event::Text(_) if at_start => self.markdown.leads.extend(self.failed_lead(span.start)),
                Event::End(TagEnd::Strong) => self.markdown.leads.extend(self.lead.take()),
                Event::InlineHtml(html) if html.starts_with("<!--") || is_tag(html, "<img") => self.add_html(span),
                Event::Code(_) => self.markdown.inline_code.push(span),
                Event::TaskListMarker(is_ticked) => {
                    self.markdown.checkboxes.push(Checkbox { span, is_ticked: *is_ticked });
                }
                _ => {}
            }
            if let Event::Text(shown) | Event::Code(shown) = &event
                && shown.contains(|character: char| !character.is_whitespace() && !is_unseen(character))
            {
                self.see(span);
            }
            if let (Some(lead), Event::Text(text) | Event::Code(text)) = (&mut self.lead, &event) {
                lead.text.push_str(text);
            } else if let (Some(lead), Event::SoftBreak) = (&mut self.lead, &event) {
                lead.text.push(' ');
            }
            at_start = matches!(event, Event::Start(Tag::Paragraph | Tag::Item));
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.read_heading(&event, span);
        }
        None
    }

    fn read_heading(&mut self, event: &Event<'_>, span: Span) {
        match (event, &mut self.heading) {
            (Event::Start(Tag::Heading { level, .. }), heading) => {
                *heading = Some(Title { level: level_of(*level), span, text: String::new() });
            }
            (Event::End(TagEnd::Heading(_)), heading) => {
                if let Some(title) = heading.take() {
                    self.markdown.headings.push(self.finished(&title));
                }
            }
            (Event::Text(text), Some(title)) => title.text.push_str(text),
            (Event::Code(code), Some(title)) => title.text.push_str(code.trim()),
            (Event::SoftBreak | Event::HardBreak, Some(title)) => title.text.push(' '),
            _ => {}
        }
    }

    fn finished(&self, title: &Title) -> Heading {
        Heading { level: title.level, span: self.trimmed(title.span), text: title.text.trim().to_owned() }
    }

    /// Text that was meant to be bold, but is not because of a space before the closing mark (`**Why? **`).
    fn failed_lead(&self, start: usize) -> Option<Lead> {
        const MARK: &str = "**";
        const MAX_LENGTH: usize = 400;
        let rest = self.source.get(start..)?.strip_prefix(MARK)?;
        let length = rest.bytes().take(MAX_LENGTH).collect::<Vec<_>>().windows(2).position(|pair| pair == b"**")?;
        let text = rest.get(..length).filter(|text| !text.contains("\n\n") && !text.trim().is_empty())?;
        let span = Span::new(start, start + MARK.len() + length + MARK.len());
        Some(Lead { span, text: text.trim().replace('\n', " ") })
    }

    fn add_html(&mut self, block: Span) {
        let Html { comments, text } = Html::read(&self.source[block]);
        self.markdown.comments.extend(comments.into_iter().map(|comment| comment.shifted(block.start)));
        for text in text {
            self.see(text.shifted(block.start));
        }
    }

    /// A reader sees `span`, and nothing between it and what was seen before.
    fn see(&mut self, span: Span) {
        let hidden = Span::new(self.seen, span.start);
        if self.source[hidden].contains(char::is_alphanumeric) {
            self.markdown.hidden.push(hidden);
        }
        self.seen = self.seen.max(span.end);
    }

    /// The offset of the line after the opening fence, if the code block is never closed.
    fn after_open_fence(&self, block: Span) -> Option<usize> {
        if !self.source[Span::new(block.end, self.source.len())].trim_start().is_empty() {
            return None;
        }
        let code = self.source[block].trim_start();
        let mark = code.chars().next()?;
        let length = code.chars().take_while(|character| *character == mark).count();
        let opening = code.lines().next().unwrap_or_default();
        let last = code.trim_end().lines().last().unwrap_or_default().trim();
        let closes = last.chars().count() >= length && last.chars().all(|character| character == mark);
        if closes && code.trim_end().lines().nth(1).is_some() {
            return None;
        }
        let start = block.end - code.len();
        Some((start + opening.len() + 1).min(self.source.len()))
    }

    /// The span without white space at its end.
    fn trimmed(&self, span: Span) -> Span {
        Span::new(span.start, span.start + self.source[span].trim_end().len())
    }
}

const fn level_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
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
