//! HTML within Markdown: which parts a reader sees.

use crate::text::Span;

/// The parts of a block of HTML.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Html {
    /// The comments, from `<!--` to `-->`. One that has no end runs to the end of the block.
    pub(super) comments: Vec<Span>,
    /// What is outside of comments, tags, declarations and character references.
    pub(super) text: Vec<Span>,
    /// The tags, declarations and character references.
    pub(super) markup: Vec<Span>,
}

impl Html {
    /// Reads `html`. Spans count from its first byte.
    pub(super) fn read(html: &str) -> Self {
        let mut parts = Self::default();
        let (mut at, mut shown) = (0, 0);
        while let Some(start) = html.get(at..).and_then(|rest| rest.find(['<', '&'])).map(|start| start + at) {
            let rest = html.get(start..).unwrap_or_default();
            let Some(length) = markup(rest) else {
                at = start + 1;
                continue;
            };
            let end = start + length;
            parts.text.push(Span::new(shown, start));
            let kind = if rest.starts_with(COMMENT) { &mut parts.comments } else { &mut parts.markup };
            kind.push(Span::new(start, end));
            let alternative = attribute(&html[Span::new(start, end)], "img", "alt");
            parts.text.extend(alternative.map(|text| text.shifted(start)));
            (at, shown) = (end, end);
        }
        parts.text.push(Span::new(shown, html.len()));
        parts.text.retain(|text| !text.is_empty());
        parts
    }
}

/// The value of an attribute of a tag with this name, if it is in quotes.
pub(super) fn attribute(tag: &str, name: &str, attribute: &str) -> Option<Span> {
    if !name_of(tag).is_some_and(|it| it.eq_ignore_ascii_case(name)) {
        return None;
    }
    let attribute = format!("{attribute}=");
    let starts = tag.match_indices(&attribute).map(|(at, _)| at);
    let mut starts =
        starts.filter(|at| tag.get(..*at).is_some_and(|before| before.ends_with(|it: char| it.is_ascii_whitespace())));
    let start = starts.next()? + attribute.len();
    let quote = tag.get(start..)?.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let length = tag.get(start + 1..)?.find(quote)?;
    Some(Span::new(start + 1, start + 1 + length))
}

/// The name of the element that a tag begins or ends, as written.
pub(super) fn name_of(tag: &str) -> Option<&str> {
    let name = tag.strip_prefix("</").or_else(|| tag.strip_prefix('<'))?;
    let end = name.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(name.len());
    name.get(..end).filter(|name| !name.is_empty())
}

const COMMENT: &str = "<!--";

/// The number of bytes of the markup at the start of `html`; `None` if it is text.
fn markup(html: &str) -> Option<usize> {
    let to = |end: &str, from: usize| {
        let length = html.get(from..).and_then(|rest| rest.find(end)).map(|at| from + at + end.len());
        Some(length.unwrap_or_else(|| html.trim_end().len().max(from)))
    };
    match html.as_bytes() {
        [b'<', b'!', b'-', b'-', ..] => comment_end(html).or_else(|| to("-->", COMMENT.len())),
        [b'<', b'?' | b'!', ..] => to(">", 2),
        [b'<', b'/', letter, ..] | [b'<', letter, ..] if letter.is_ascii_alphabetic() => Some(tag(html)),
        [b'&', name @ ..] => {
            let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
            (length > 0 && name.get(length) == Some(&b';')).then_some(length + 2)
        }
        _ => None,
    }
}

/// The number of bytes of the comment at the start of `html`, if it ends. As browsers have it, `<!-->`, `<!--->` and
/// `--!>` end a comment, too.
fn comment_end(html: &str) -> Option<usize> {
    if let Some(short) = ["<!-->", "<!--->"].into_iter().find(|short| html.starts_with(short)) {
        return Some(short.len());
    }
    let ends = html.match_indices('>').filter(|(at, _)| {
        let inside = html.get(COMMENT.len()..*at).unwrap_or_default();
        inside.ends_with("--") || inside.ends_with("--!")
    });
    ends.map(|(at, end)| at + end.len()).next()
}

/// The number of bytes of the tag at the start of `html`. The values of its attributes may have a `>` in quotes.
fn tag(html: &str) -> usize {
    let (mut quote, mut last) = (None, b'<');
    for (at, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') if last == b'=' => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn only_text_outside_of_markup_is_shown() {
        for (html, comments, text) in [
            ("<p>One</p> two <br/>", &[][..], &["One", " two "][..]),
            ("<a title=\"<!--\">One<a title='-->'>", &[], &["One"]),
            ("<!-- a --><b>One</b><!-- b", &["<!-- a -->", "<!-- b"], &["One"]),
            ("<!--> One -->", &["<!-->"], &[" One -->"]),
            ("<!---> One", &["<!--->"], &[" One"]),
            ("<!-- a > b ->--> One", &["<!-- a > b ->-->"], &[" One"]),
            ("<!----> One", &["<!---->"], &[" One"]),
            ("<!--!> One --!> Two", &["<!--!> One --!>"], &[" Two"]),
            ("<!-- a --!> One <!-- b -->", &["<!-- a --!>", "<!-- b -->"], &[" One "]),
            ("<img src='a' alt=\"A graph\"/> One <IMG alt=''>", &[], &["A graph", " One "]),
            ("<a data-alt='x' alt='y'><img data-alt=\"z\">", &[], &[]),
            ("<div \">One</div>", &[], &["One"]),
            ("<p x=5\">One<p x = '>'>", &[], &["One"]),
            ("<?x> One ?>", &[], &[" One ?>"]),
            ("<?x y?><!DOCTYPE z><![CDATA[w]]>", &[], &[]),
            ("<p>&nbsp;&#160;</p>", &[], &[]),
            ("a < b && c <3", &[], &["a < b && c <3"]),
            ("<a href=\"x", &[], &[]),
        ] {
            let parts = Html::read(html);
            let texts = |spans: &[crate::text::Span]| spans.iter().map(|span| &html[*span]).collect::<Vec<_>>();
            assert_eq!((texts(&parts.comments), texts(&parts.text)), (comments.to_vec(), text.to_vec()), "{html}");
        }
    }
}
