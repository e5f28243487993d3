//! `*emphasis*`, `**strong**` and `~~deleted~~`.

use super::super::scan::{byte, find, is_space, part, skip, tail};
use super::Piece;

type Read<'a> = Option<(usize, Piece<'a>)>;

/// Reads the emphasis that the marks at the start of `data` open.
pub(super) fn read(data: &[u8]) -> Read<'_> {
    let mark = byte(data, 0);
    let marks = skip(data, 0, mark);
    if data.len() <= marks + 1 || is_space(byte(data, marks)) {
        return None;
    }
    match marks {
        1 => single(data, 1, mark),
        2 => double(data, 2, mark),
        3 if mark != b'~' => triple(data, mark),
        _ => None,
    }
}

/// The content from `start` to a single mark at the end of a word.
fn single(data: &[u8], start: usize, mark: u8) -> Read<'_> {
    let inner = tail(data, start);
    let mut at = usize::from(byte(inner, 0) == mark && byte(inner, 1) == mark);
    while at < inner.len() {
        at += next_mark(tail(inner, at), mark)?;
        if byte(inner, at + 1) == mark {
            at += 1;
            continue;
        }
        let after = byte(inner, at + 1);
        let ends_word = at + 1 >= inner.len() || is_space(after) || after.is_ascii_punctuation();
        if byte(inner, at) == mark && !is_space(byte(inner, at.saturating_sub(1))) && ends_word {
            return Some((start + at + 1, Piece::Marked(&["em"], part(inner, 0, at))));
        }
    }
    None
}

/// The content from `start` to a double mark.
fn double(data: &[u8], start: usize, mark: u8) -> Read<'_> {
    let inner = tail(data, start);
    let tags: &[&str] = if mark == b'~' { &["del"] } else { &["strong"] };
    let mut at = 0;
    while at < inner.len() {
        at += next_mark(tail(inner, at), mark)?;
        let is_double = byte(inner, at) == mark && byte(inner, at + 1) == mark;
        if is_double && at > 0 && !is_space(byte(inner, at - 1)) {
            return Some((start + at + 2, Piece::Marked(tags, part(inner, 0, at))));
        }
        at += 1;
    }
    None
}

/// Reads emphasis that opens with three marks, which are closed by three marks, or first by one or two of them.
fn triple(data: &[u8], mark: u8) -> Read<'_> {
    let inner = tail(data, 3);
    let mut at = 0;
    while at < inner.len() {
        at += next_mark(tail(inner, at), mark)?;
        if byte(inner, at) != mark || is_space(byte(inner, at.saturating_sub(1))) {
            continue;
        }
        return match skip(inner, at, mark) - at {
            1 => double(data, 2, mark),
            2 => single(data, 1, mark),
            _ => Some((3 + at + 3, Piece::Marked(&["strong", "em"], part(inner, 0, at)))),
        };
    }
    None
}

/// The offset of the next mark outside code and links. A mark at offset 0 does not count.
fn next_mark(data: &[u8], mark: u8) -> Option<usize> {
    let mut at = 0;
    while at < data.len() {
        at += tail(data, at).iter().position(|byte| [mark, b'`', b'['].contains(byte))?;
        if at > 0 && byte(data, at - 1) == b'\\' {
            at += 1;
            continue;
        }
        match byte(data, at) {
            found if found == mark => return (at > 0).then_some(at),
            b'`' => {
                let inside = first_in(data, at + 1, b'`', mark);
                at = find(data, at + 1, b'`');
                if at >= data.len() {
                    return inside;
                }
                at += 1;
            }
            _ => {
                let inside = first_in(data, at + 1, b']', mark);
                at = find(data, at + 1, b']') + 1;
                at += tail(data, at).iter().take_while(|byte| matches!(byte, b' ' | b'\n')).count();
                if at >= data.len() {
                    return inside;
                }
                let open = byte(data, at);
                if !matches!(open, b'[' | b'(') {
                    if inside.is_some() {
                        return inside;
                    }
                    continue;
                }
                at += 1;
                while at < data.len() && byte(data, at) != open {
                    if inside.is_none() && byte(data, at) == mark {
                        return Some(at);
                    }
                    at += 1;
                }
                if at >= data.len() {
                    return inside;
                }
                at += 1;
            }
        }
    }
    None
}

/// The offset of the first `mark` between `start` and the next `end` byte.
fn first_in(data: &[u8], start: usize, end: u8, mark: u8) -> Option<usize> {
    let inside = part(data, start, find(data, start, end));
    inside.iter().position(|byte| *byte == mark).map(|at| start + at)
}
