//! Links in a line, and link reference definitions.

use super::References;
use super::scan::{byte, find, is_space, part, skip_up_to, tail, text};

/// A link or image in a line.
pub(super) struct Link<'a> {
    pub label: &'a [u8],
    pub destination: String,
    pub title: Option<String>,
    /// The length of the markup, in bytes.
    pub length: usize,
}

/// Adds the definition `[name]: destination "title"` at the start of `data`, and returns its length; 0 if there is
/// none.
pub(super) fn reference(data: &[u8], references: &mut References) -> usize {
    let open = skip_up_to(data, 0, b' ', 3);
    if data.len() < 4 || byte(data, open) != b'[' {
        return 0;
    }
    let close = open + 1 + tail(data, open + 1).iter().take_while(|byte| !matches!(byte, b'\n' | b'\r' | b']')).count();
    if byte(data, close) != b']' || close == open + 1 || byte(data, close + 1) != b':' {
        return 0;
    }
    let blanks = |at: usize| at + tail(data, at).iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut at = blanks(close + 2);
    at = blanks(at + usize::from(byte(data, at) == b'\r'));
    at = blanks(at + usize::from(byte(data, at) == b'\n'));
    if at >= data.len() {
        return 0;
    }
    let is_angled = byte(data, at) == b'<';
    let start = at + usize::from(is_angled);
    let end = start + tail(data, start).iter().take_while(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    at = blanks(end);
    let mut line_end = if matches!(byte(data, at), b'\n' | b'\r' | 0) { at } else { 0 };
    if line_end == 0 && !matches!(byte(data, at), b'\'' | b'"' | b'(') {
        return 0;
    }
    if line_end > 0 {
        at = blanks(line_end + 1);
    }
    let mut title = String::new();
    if matches!(byte(data, at), b'\'' | b'"' | b'(') {
        let end = find(data, at, b'\n');
        let line = part(data, at + 1, end).trim_ascii_end();
        if let [inner @ .., b'\'' | b'"' | b')'] = line {
            title = text(inner);
            line_end = end;
        }
    }
    if line_end > 0 {
        let name = text(part(data, open + 1, close)).to_lowercase();
        references.insert(name, (text(part(data, start, end)), title));
    }
    line_end
}

/// The link whose `[` is at the start of `data`, which ends with the line.
pub(super) fn link<'a>(data: &'a [u8], references: &References) -> Option<Link<'a>> {
    let mut level = 1;
    let mut close = 1;
    while close < data.len() {
        match byte(data, close) {
            _ if byte(data, close - 1) == b'\\' => {}
            b'[' => level += 1,
            b']' => level -= 1,
            _ => {}
        }
        if level == 0 {
            break;
        }
        close += 1;
    }
    if close >= data.len() {
        return None;
    }
    let label = part(data, 1, close);
    let at = close + 1 + tail(data, close + 1).iter().take_while(|byte| is_space(**byte)).count();
    match byte(data, at) {
        b'(' => inline(data, label, at + 1),
        b'[' if at + 1 < data.len() && byte(data, at + 1) != b'^' => {
            let end = find(data, at + 1, b']');
            let id = part(data, at + 1, end);
            let found = named(if id.is_empty() { label } else { id }, references)?;
            (end < data.len()).then_some(Link { label, destination: found.0, title: found.1, length: end + 1 })
        }
        _ => {
            let (destination, title) = named(label, references)?;
            Some(Link { label, destination, title, length: close + 1 })
        }
    }
}

fn named(name: &[u8], references: &References) -> Option<(String, Option<String>)> {
    let (destination, title) = references.get(&text(name).to_lowercase())?;
    Some((destination.clone(), Some(title.clone())))
}

/// Reads `(destination "title")`, starting after the `(`.
fn inline<'a>(data: &'a [u8], label: &'a [u8], start: usize) -> Option<Link<'a>> {
    let start = start + tail(data, start).iter().take_while(|byte| is_space(**byte)).count();
    let (mut at, mut depth) = (start, 0_usize);
    while at < data.len() {
        match byte(data, at) {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            b'\'' | b'"' => break,
            _ => {}
        }
        at += 1;
    }
    let quote = *data.get(at)?;
    let mut end = at;
    let mut title = None;
    if quote != b')' {
        let title_start = at + 1;
        at = title_end(data, title_start, quote)?;
        let inner = part(data, title_start, at).trim_ascii_end();
        match inner {
            [inner @ .., b'\'' | b'"'] => title = Some(text(inner)),
            _ => end = at,
        }
    }
    let mut destination = part(data, start, end).trim_ascii_end();
    destination = destination.strip_prefix(b"<").unwrap_or(destination);
    destination = destination.strip_suffix(b">").unwrap_or(destination);
    let title = title.filter(|title| !title.is_empty());
    Some(Link { label, destination: text(destination), title, length: at + 1 })
}

/// The offset of the `)` after the quote that ends the title.
fn title_end(data: &[u8], start: usize, quote: u8) -> Option<usize> {
    let (mut at, mut is_closed) = (start, false);
    while at < data.len() {
        match byte(data, at) {
            b'\\' => at += 1,
            found if found == quote => is_closed = true,
            b')' if is_closed => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Removes the backslashes that escape characters.
pub(super) fn unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        unescaped.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    unescaped
}
