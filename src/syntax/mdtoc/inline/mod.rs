//! Renders the content of a heading: its HTML and its text.

mod autolinks;
mod emphasis;

use super::References;
use super::links::{self, Link};
use super::scan::{byte, find, part, skip, tail, text};

/// The maximum nesting depth of markup.
const MAX_NESTING: usize = 16;

/// The longest content that is parsed as markup, in bytes. Parsing takes quadratic time.
const MAX_CONTENT: usize = 4096;

/// The characters that a backslash escapes.
const ESCAPABLE: &[u8] = b"\\`*_{}[]()#+-.!:|&<>~^";

/// The content of a heading.
#[derive(Default)]
pub(super) struct Content {
    pub html: String,
    pub text: String,
    pub text_without_code: String,
}

/// Reads the content of a heading.
pub(super) fn render(data: &[u8], references: &References) -> Content {
    let mut renderer = Renderer { references, nesting: 0, is_in_link: false, content: Content::default() };
    if data.len() > MAX_CONTENT {
        renderer.text(data, false);
    } else {
        renderer.inline(data, false);
    }
    renderer.content
}

/// A piece of markup.
pub(super) enum Piece<'a> {
    Nothing,
    Text(Vec<u8>),
    Code(&'a [u8]),
    Html(&'a [u8]),
    Math(&'a [u8]),
    /// Content inside these tags.
    Marked(&'static [&'static str], &'a [u8]),
    Link(Link<'a>),
    Image(Link<'a>),
    /// A URL or e-mail address that is its own label.
    Url {
        destination: String,
        label: String,
    },
}

struct Renderer<'a> {
    references: &'a References,
    nesting: usize,
    /// True inside the label of a link, where URLs do not become links.
    is_in_link: bool,
    content: Content,
}

impl Renderer<'_> {
    /// Renders `data`. `is_label` is true if it is the label of a link itself.
    fn inline(&mut self, data: &[u8], is_label: bool) {
        if self.nesting >= MAX_NESTING {
            return;
        }
        self.nesting += 1;
        let (mut from, mut at) = (0, 0);
        while at < data.len() {
            let Some((length, piece)) = self.piece(data, at) else {
                at += 1;
                continue;
            };
            self.text(part(data, from, at), is_label);
            self.write(piece, is_label);
            from = at + length;
            at = from;
        }
        self.text(tail(data, from), is_label);
        self.nesting -= 1;
    }

    /// The markup that begins at `at`, and its length; `None` for plain text.
    fn piece<'d>(&self, data: &'d [u8], at: usize) -> Option<(usize, Piece<'d>)> {
        let rest = tail(data, at);
        match byte(data, at) {
            b'*' | b'_' | b'~' => emphasis::read(rest),
            b'`' => code(rest),
            b'[' => {
                let is_nested = self.is_in_link && (at > 0 && byte(data, at - 1) == b'[' || byte(data, at + 1) == b'^');
                let link = links::link(rest, self.references).filter(|_| !is_nested)?;
                let leads = !links::unescaped(&link.destination).is_empty() && !link.label.is_empty();
                leads.then_some((link.length, Piece::Link(link)))
            }
            b'!' if byte(data, at + 1) == b'[' => {
                let link = links::link(tail(data, at + 1), self.references)?;
                let leads = !links::unescaped(&link.destination).is_empty();
                leads.then_some((link.length + 1, Piece::Image(link)))
            }
            b'<' => autolinks::angle(rest),
            b'\\' => escape(rest),
            b'&' => entity(rest),
            b'$' => math(rest),
            b'h' | b'm' | b'f' | b'H' | b'M' | b'F' if !self.is_in_link => autolinks::url(data, at),
            _ => None,
        }
    }

    fn write(&mut self, piece: Piece<'_>, is_label: bool) {
        match piece {
            Piece::Nothing => {}
            Piece::Text(data) => self.text(&data, is_label),
            Piece::Code(data) => {
                let code = text(data);
                self.content.html.push_str(&format!("<code>{}</code>", escaped(&code)));
                self.content.text.push_str(&code);
            }
            Piece::Html(data) => self.content.html.push_str(&text(data)),
            Piece::Math(data) => {
                let math = escaped(&text(data));
                self.content.html.push_str(&format!("<span class=\"math inline\">\\({math}\\)</span>"));
            }
            Piece::Marked(tags, data) => {
                for tag in tags {
                    self.content.html.push_str(&format!("<{tag}>"));
                }
                self.inline(data, false);
                for tag in tags.iter().rev() {
                    self.content.html.push_str(&format!("</{tag}>"));
                }
            }
            Piece::Link(link) => {
                let destination = escaped_link(&links::unescaped(&link.destination));
                let title = link.title.filter(|title| !title.is_empty());
                let title = title.map(|title| format!(" title=\"{}\"", escaped(&title))).unwrap_or_default();
                self.content.html.push_str(&format!("<a href=\"{destination}\"{title}>"));
                let was_in_link = std::mem::replace(&mut self.is_in_link, true);
                self.inline(link.label, true);
                self.is_in_link = was_in_link;
                self.content.html.push_str("</a>");
            }
            Piece::Image(link) => {
                let destination = escaped_link(&links::unescaped(&link.destination));
                self.content.html.push_str(&format!("<img src=\"{destination}\" alt=\""));
                self.text(link.label, false);
                let title = link.title.map(|title| format!("\" title=\"{}", escaped(&title))).unwrap_or_default();
                self.content.html.push_str(&format!("{title}\" />"));
            }
            Piece::Url { destination, label } => {
                self.content.html.push_str(&format!("<a href=\"{}\">", escaped_link(&destination)));
                self.text(label.as_bytes(), true);
                self.content.html.push_str("</a>");
            }
        }
    }

    fn text(&mut self, data: &[u8], is_label: bool) {
        let text = text(data);
        self.content.html.push_str(&if is_label { escaped_link(&text) } else { escaped(&text) });
        self.content.text.push_str(&text);
        self.content.text_without_code.push_str(&text);
    }
}

/// `` `code` ``
fn code(data: &[u8]) -> Option<(usize, Piece<'_>)> {
    let marks = skip(data, 0, b'`');
    let (mut end, mut run) = (marks, 0);
    while end < data.len() && run < marks {
        run = if byte(data, end) == b'`' { run + 1 } else { 0 };
        end += 1;
    }
    if run < marks {
        return None;
    }
    let code = part(data, marks, end - marks);
    let code = code.get(skip(code, 0, b' ')..).unwrap_or_default();
    let trailing = code.iter().rev().take_while(|byte| **byte == b' ').count();
    let code = part(code, 0, code.len() - trailing);
    Some((end, if code.is_empty() { Piece::Nothing } else { Piece::Code(code) }))
}

fn escape(data: &[u8]) -> Option<(usize, Piece<'_>)> {
    match data {
        [_] => Some((2, Piece::Nothing)),
        [_, escaped, ..] if ESCAPABLE.contains(escaped) => Some((2, Piece::Text(vec![*escaped]))),
        _ => None,
    }
}

/// A character reference. Numeric references become the character; named ones stay as they are.
fn entity(data: &[u8]) -> Option<(usize, Piece<'_>)> {
    let start = 1 + usize::from(byte(data, 1) == b'#');
    let end = start + tail(data, start).iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if byte(data, end) != b';' {
        return None;
    }
    let entity = part(data, 0, end + 1);
    if entity == b"&amp;" {
        return Some((end + 1, Piece::Text(b"&".to_vec())));
    }
    let digits = text(part(entity, 2, end));
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let character = number.ok().map(|number| char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    let piece =
        character.filter(|_| entity.len() >= 4).map_or_else(|| entity.to_vec(), |it| it.to_string().into_bytes());
    Some((end + 1, Piece::Text(piece)))
}

/// `$…$`, which mdtoc always treats as mathematics.
fn math(data: &[u8]) -> Option<(usize, Piece<'_>)> {
    let end = find(data, 1, b'$');
    let is_math = data.len() > 2 && byte(data, 1) != b'$' && end < data.len();
    is_math.then(|| (end + 1, Piece::Math(part(data, 1, end))))
}

/// Escapes text for HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Escapes the text or destination of a link for HTML, after resolving the character references in it.
fn escaped_link(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    escaped(&text.replace("&amp;", "&"))
}
