//! Composes a tree from the parser's events.

use granit_parser::{ErrorKind, Event, Parser, Placement, ScalarStyle, ScanError, StrInput};

use super::{Comment, Fault, FaultKind, MAX_DEPTH, Node, NodeKind};
use crate::text::Span;

/// The result: the first document, and a fault for any content after it.
#[derive(Debug, Default)]
pub(super) struct Composed {
    pub root: Option<Node>,
    /// How many more values the limit allows.
    pub room: usize,
    pub comments: Vec<Comment>,
    pub faults: Vec<Fault>,
}

/// Why the parser stopped.
#[derive(Debug)]
pub(super) struct ComposeError {
    /// The byte offset at which it stopped.
    pub at: usize,
    pub cause: Cause,
}

/// What stopped the parser.
#[derive(Debug, PartialEq)]
pub(super) enum Cause {
    /// A syntax error.
    Text(ErrorKind),
    /// Too many values.
    TooMany,
}

impl ComposeError {
    fn at_start() -> Self {
        Self { at: 0, cause: Cause::Text(ErrorKind::UnexpectedEof) }
    }

    /// The parser's error, if the text is at fault.
    pub(super) fn kind(&self) -> Option<&ErrorKind> {
        match &self.cause {
            Cause::Text(kind) => Some(kind),
            Cause::TooMany => None,
        }
    }
}

impl From<ScanError> for ComposeError {
    fn from(error: ScanError) -> Self {
        Self { at: error.marker().byte_offset().unwrap_or_default(), cause: Cause::Text(error.kind().clone()) }
    }
}

/// Composes the first document of `text`, with at most `room` values, and checks what follows it.
pub(super) fn compose(text: &str, room: usize) -> Result<Composed, ComposeError> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut composer = Composer {
        parser: Parser::new_from_str_with_options(text, options),
        text,
        room,
        comments: Vec::new(),
        faults: Vec::new(),
    };
    let first = composer.document()?;
    if first.is_some() {
        composer.trailing()?;
    }
    Ok(Composed { root: first, room: composer.room, comments: composer.comments, faults: composer.faults })
}

struct Composer<'a> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    room: usize,
    comments: Vec<Comment>,
    faults: Vec<Fault>,
}

impl<'a> Composer<'a> {
    /// The next event that is not a comment. Comments are stored.
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, ComposeError> {
        loop {
            let Some(next) = self.parser.next_event() else {
                return Ok(None);
            };
            let (event, span) = next?;
            let range = span.byte_range().unwrap_or_default();
            let span = Span::new(range.start, range.end);
            match event {
                Event::Comment(text, placement) => self.comments.push(Comment {
                    text: text.trim().to_owned(),
                    span,
                    trailing: placement == Placement::Right,
                }),
                event => return Ok(Some((event, span))),
            }
        }
    }

    fn document(&mut self) -> Result<Option<Node>, ComposeError> {
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(None),
                event => return self.node(event, span).map(Some),
            }
        }
        Ok(None)
    }

    /// Go reads only the first document and silently drops the rest.
    fn trailing(&mut self) -> Result<(), ComposeError> {
        while let Some((event, span)) = self.next()? {
            // A marker after the last line begins an empty document.
            let is_nothing = matches!(event, Event::Scalar(..)) && span.is_empty();
            if event.is_node() && !is_nothing {
                let line = self.text.get(span.start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                let span = Span::new(span.start, span.start + line.trim_end().len());
                self.faults.push(Fault { span: Some(span), kind: FaultKind::SecondDocument });
                return Ok(());
            }
        }
        Ok(())
    }

    /// The node that `event` begins. The parser's nesting limits bound the recursion.
    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, ComposeError> {
        self.room = self.room.checked_sub(1).ok_or(ComposeError { at: span.start, cause: Cause::TooMany })?;
        match event {
            Event::Scalar(text, style, _, tag) => {
                let text = if span.is_empty() { String::new() } else { text.into_owned() };
                let span = self.without_last_breaks(span, style);
                let kind = NodeKind::Scalar { text, plain: style == ScalarStyle::Plain };
                Ok(Node { span, kind, tag: tag.map(|tag| tag.original()) })
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.faults.push(Fault { span: Some(span), kind: FaultKind::Alias });
                Ok(Node { span, kind: NodeKind::Alias, tag: None })
            }
            Event::SequenceStart(_, _, tag) => self.sequence(span, tag.map(|tag| tag.original())),
            Event::MappingStart(_, _, tag) => self.mapping(span, tag.map(|tag| tag.original())),
            _ => Err(ComposeError::at_start()),
        }
    }

    /// The parser's span of a block scalar ends where the next line starts; its text ends before its last line break.
    fn without_last_breaks(&self, span: Span, style: ScalarStyle) -> Span {
        match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                Span::new(span.start, span.start + self.text[span].trim_end().len())
            }
            _ => span,
        }
    }

    fn sequence(&mut self, start: Span, tag: Option<String>) -> Result<Node, ComposeError> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            match self.next()? {
                None => return Err(ComposeError::at_start()),
                Some((Event::SequenceEnd, end)) => {
                    let last = items.last().map(|item| item.span);
                    let start = self.first_dash(start);
                    return Ok(Node { span: self.extent(start, last, end), kind: NodeKind::Sequence(items), tag });
                }
                Some((event, span)) => items.push(self.node(event, span)?),
            }
        }
    }

    fn mapping(&mut self, start: Span, tag: Option<String>) -> Result<Node, ComposeError> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            let key = match self.next()? {
                None => return Err(ComposeError::at_start()),
                Some((Event::MappingEnd, end)) => {
                    let last = entries.last().map(|(key, value)| key.span.to(value.span));
                    return Ok(Node { span: self.extent(start, last, end), kind: NodeKind::Mapping(entries), tag });
                }
                Some((event, span)) => self.node(event, span)?,
            };
            if key.tag.is_some() {
                self.faults.push(Fault { span: Some(key.span), kind: FaultKind::TaggedKey });
            }
            let Some((event, span)) = self.next()? else {
                return Err(ComposeError::at_start());
            };
            let mut value = self.node(event, span)?;
            if value.span.is_empty() {
                // The parser places an omitted value in different ways; its span is always put directly after the key.
                value.span = Span::new(key.span.end, key.span.end);
            }
            entries.push((key, value));
        }
    }

    /// If a list is not indented below its key, the parser's span starts after the first dash.
    fn first_dash(&self, start: Span) -> Span {
        let rest = self.text.get(start.start..).unwrap_or_default();
        let before = self.text.get(..start.start).unwrap_or_default().trim_end();
        match before.strip_suffix('-') {
            Some(before) if !rest.starts_with(['-', '[']) => Span::new(before.len(), start.end),
            _ => start,
        }
    }

    /// A flow collection ends with its bracket. The end event of a block collection is at the next token, so the end of
    /// its last child is used instead.
    fn extent(&self, start: Span, last: Option<Span>, end: Span) -> Span {
        let rest = self.text.get(start.start..).unwrap_or_default();
        if rest.starts_with(['[', '{']) { start.to(end) } else { last.map_or(start, |last| start.to(last)) }
    }
}
