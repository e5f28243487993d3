//! Markup that begins with `<`, and bare URLs.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::super::links::unescaped;
use super::super::scan::{byte, find, find_all, is_space, part, tail, text};
use super::Piece;

type Read<'a> = Option<(usize, Piece<'a>)>;

const SCHEMES: &[&str] = &["http://", "https://", "ftp://", "mailto:"];

/// A link in HTML whose label is a URL. That URL must not become another link.
static HTML_LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let url = r"(?:(?:https?|ftp)://|/)[-A-Za-z0-9+&@#/%?=~_|!:,.;()]+";
    Regex::new(&format!(r#"(?-u)^<a\shref="{url}"(?:\stitle="[^"<>]+")?\s?>{url}</a>"#)).ok()
});

enum Tag {
    Html,
    Url,
    Email,
}

/// A tag, a comment, or a URL or address in angle brackets.
pub(super) fn angle(data: &[u8]) -> Read<'_> {
    let comment = data.starts_with(b"<!--").then(|| find_all(data, 3, b"-->")).flatten().filter(|end| *end > 2);
    let (tag, length) = match comment {
        Some(end) => (Tag::Html, end + 3),
        None => tag(data)?,
    };
    if length <= 2 {
        return (length > 0).then_some((length, Piece::Nothing));
    }
    let piece = match tag {
        Tag::Html => Piece::Html(part(data, 0, length)),
        Tag::Url | Tag::Email => {
            let url = unescaped(&text(part(data, 1, length - 1)));
            let scheme = if matches!(tag, Tag::Email) { "mailto:" } else { "" };
            let label = url.strip_prefix("mailto:").unwrap_or(&url).to_owned();
            if url.is_empty() { Piece::Nothing } else { Piece::Url { destination: format!("{scheme}{url}"), label } }
        }
    };
    Some((length, piece))
}

fn tag(data: &[u8]) -> Option<(Tag, usize)> {
    let start = 1 + usize::from(byte(data, 1) == b'/');
    if data.len() < 3 || !byte(data, start).is_ascii_alphanumeric() {
        return None;
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
    let mut at = start + tail(data, start).iter().take_while(is_name).count();
    if byte(data, at) == b'@'
        && let Some(end) = email_end(tail(data, at))
    {
        return Some((Tag::Email, at + end));
    }
    if at > 2 && byte(data, at) == b':' && at + 1 < data.len() {
        let from = at + 1;
        at = from;
        while at < data.len() && !matches!(byte(data, at), b'>' | b'\'' | b'"') && !is_space(byte(data, at)) {
            at += if byte(data, at) == b'\\' { 2 } else { 1 };
        }
        if at >= data.len() {
            return None;
        }
        if at > from && byte(data, at) == b'>' {
            return Some((Tag::Url, at + 1));
        }
    }
    let end = find(data, at, b'>');
    // Without a `>`, only the name counts as a tag.
    Some((Tag::Html, if end < data.len() { end + 1 } else { at.min(data.len()) }))
}

/// The offset after the `>` of an e-mail address, if one continues with the `@` at the start of `data`.
fn email_end(data: &[u8]) -> Option<usize> {
    let end = find(data, 0, b'>');
    let address = part(data, 0, end);
    let is_address = address.iter().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'@' | b'-' | b'.' | b'_'));
    let is_one = address.split(|byte| *byte == b'@').count() == 2;
    (end < data.len() && is_address && is_one).then_some(end + 1)
}

/// The URL at `at`, without punctuation that belongs to the sentence.
pub(super) fn url(data: &[u8], at: usize) -> Read<'_> {
    let rest = tail(data, at);
    let is_scheme = |scheme: &&&str| part(rest, 0, scheme.len()).eq_ignore_ascii_case(scheme.as_bytes());
    let scheme = SCHEMES.iter().find(is_scheme)?;
    if let Some(end) = html_link_end(data, at) {
        return Some((end - at, Piece::Html(part(data, at, end))));
    }
    if !byte(rest, scheme.len()).is_ascii_alphanumeric() || at > 0 && byte(data, at - 1).is_ascii_alphabetic() {
        return None;
    }
    let mut end = rest.iter().position(|byte| is_space(*byte) || *byte == b'<').unwrap_or(rest.len());
    let is_escaped = |end: usize| byte(rest, end - 2) == b'\\';
    if matches!(byte(rest, end - 1), b'.' | b',') && !is_escaped(end) {
        end -= 1;
    }
    if byte(rest, end - 1) == b';' && !is_escaped(end) && !ends_with_entity(part(rest, 0, end)) {
        end -= 1;
    }
    if closes_outside(data, at + end) {
        end -= 1;
    }
    let url = unescaped(&text(part(rest, 0, end)));
    Some((end, if url.is_empty() { Piece::Nothing } else { Piece::Url { destination: url.clone(), label: url } }))
}

/// The end of the HTML link that has the URL at `at` as its label.
fn html_link_end(data: &[u8], at: usize) -> Option<usize> {
    let start = part(data, 0, at).iter().rposition(|byte| *byte == b'<')?;
    let found = HTML_LINK.as_ref()?.find(tail(data, start))?;
    Some(start + found.end()).filter(|end| *end > at)
}

fn ends_with_entity(url: &[u8]) -> bool {
    let name = url.strip_suffix(b";").unwrap_or(url);
    let length = name.iter().rev().take_while(|byte| byte.is_ascii_lowercase()).count();
    (2..=5).contains(&length) && name.len() > length && byte(name, name.len() - length - 1) == b'&'
}

/// True if the URL ends with a bracket whose opening bracket is earlier on the line, inside the URL or before it.
fn closes_outside(data: &[u8], end: usize) -> bool {
    let close = byte(data, end - 1);
    let open = match close {
        b'"' | b'\'' => close,
        b')' => b'(',
        b']' => b'[',
        b'}' => b'{',
        _ => return false,
    };
    let mut depth = 1_usize;
    for found in part(data, 0, end - 1).iter().rev() {
        if *found == b'\n' || depth == 0 {
            break;
        }
        depth += usize::from(*found == close);
        depth -= usize::from(*found == open).min(depth);
    }
    depth == 0
}
