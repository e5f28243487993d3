//! Tables.

use super::super::scan::{byte, find, is_escaped, line_end, part, text};
use super::trim_end;

/// The length of a table: a line with `|`, a line of dashes, and all following lines with `|`.
pub(super) fn table(data: &[u8]) -> usize {
    let mut at = header(data);
    while at > 0 && part(data, at, find(data, at, b'\n')).contains(&b'|') {
        at = line_end(data, at);
    }
    at
}

/// The length of the header of a table and of its line of dashes; 0 if there is none.
pub(super) fn header(data: &[u8]) -> usize {
    let line = part(data, 0, find(data, 0, b'\n'));
    if memchr::memchr(b'|', line).is_none() {
        return 0;
    }
    let pipes = (0..line.len()).filter(|at| byte(line, *at) == b'|' && !is_escaped(line, *at)).count();
    if pipes == 0 {
        return 0;
    }
    let trimmed = trim_end(line, line.len(), b' ');
    let ends = trimmed > 2 && byte(line, trimmed - 1) == b'|' && !is_escaped(line, trimmed - 1);
    let columns = pipes + 1 - usize::from(byte(line, 0) == b'|') - usize::from(ends);
    let is_underline = line.iter().all(|byte| matches!(byte, b'-' | b' ' | b':' | b'|'));
    let is_empty = line.iter().all(|byte| matches!(byte, b' ' | b'|'));
    let start = if is_underline && !is_empty { 0 } else { line_end(data, 0) };
    let end = find(data, start, b'\n');
    if end >= data.len() {
        return 0;
    }
    let dashes = text(part(data, start, end));
    let dashes = dashes.strip_prefix('|').unwrap_or(&dashes).trim_matches(' ');
    let dashes = dashes.strip_suffix('|').unwrap_or(dashes);
    let cells: Vec<_> = dashes.split('|').map(|cell| cell.trim_matches(' ')).collect();
    let is_cell = |cell: &&str| {
        let inner = cell.strip_prefix(':').unwrap_or(cell);
        let inner = inner.strip_suffix(':').unwrap_or(inner);
        cell.len() >= 3 && inner.bytes().all(|byte| byte == b'-')
    };
    if cells.len() == columns && cells.iter().all(is_cell) { end + 1 } else { 0 }
}
