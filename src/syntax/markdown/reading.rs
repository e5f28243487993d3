//! One pass of the parser.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::html::Html;
use super::{Checkbox, Heading, Lead, Markdown, is_tag, is_unseen};
use crate::text::Span;

/// The state of the parser.
pub(super) struct Reading<'a> {
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

impl<'a> Reading<'a> {
    /// Starts at the byte offset `from`.
    pub(super) fn new(source: &'a str, from: usize) -> Self {
        Self { source, markdown: Markdown::default(), heading: None, lead: None, seen: from }
    }

    /// What was read.
    pub(super) fn finish(mut self) -> Markdown {
        self.see(Span::new(self.source.len(), self.source.len()));
        self.markdown
    }

    /// Parses from the byte offset `from`. If `stops` is set, it stops at a fence that is never closed, and returns the
    /// offset to continue from.
    pub(super) fn read(&mut self, from: usize, stops: bool) -> Option<usize> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let parser = Parser::new_ext(self.source.get(from..).unwrap_or_default(), options).into_offset_iter();
        for (label, definition) in parser.reference_definitions().iter() {
            self.markdown.targets.entry(label.to_lowercase()).or_insert_with(|| definition.dest.to_string());
        }
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
        let Html { comments, text, .. } = Html::read(&self.source[block]);
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
