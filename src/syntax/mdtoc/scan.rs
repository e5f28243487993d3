//! Helpers that scan bytes without going out of bounds. Every byte after the end reads as 0.

/// The byte at `at`.
pub(super) fn byte(data: &[u8], at: usize) -> u8 {
    data.get(at).copied().unwrap_or_default()
}

/// The bytes `start..end`, cut off at the end of the text.
pub(super) fn part(data: &[u8], start: usize, end: usize) -> &[u8] {
    data.get(start.min(data.len())..end.min(data.len())).unwrap_or_default()
}

/// The bytes from `start` to the end.
pub(super) fn tail(data: &[u8], start: usize) -> &[u8] {
    data.get(start..).unwrap_or_default()
}

/// Converts bytes to text. They are cut at ASCII characters, so they are valid UTF-8 if the whole text is.
pub(super) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The offset after the run of `wanted` bytes at `at`, at most `max` of them.
pub(super) fn skip_up_to(data: &[u8], at: usize, wanted: u8, max: usize) -> usize {
    at + tail(data, at).iter().take(max).take_while(|byte| **byte == wanted).count()
}

/// The offset after the run of `wanted` bytes at `at`.
pub(super) fn skip(data: &[u8], at: usize, wanted: u8) -> usize {
    skip_up_to(data, at, wanted, usize::MAX)
}

/// The offset of the next `wanted` byte from `at` on; the end of the text if there is none.
pub(super) fn find(data: &[u8], at: usize, wanted: u8) -> usize {
    memchr::memchr(wanted, tail(data, at)).map_or(data.len().max(at), |found| at + found)
}

/// The offset of the next occurrence of `wanted` from `at` on.
pub(super) fn find_all(data: &[u8], at: usize, wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(tail(data, at), wanted).map(|found| at + found)
}

/// The offset after the line that contains `at`, including its line break.
pub(super) fn line_end(data: &[u8], at: usize) -> usize {
    (find(data, at, b'\n') + 1).min(data.len())
}

/// The length of the first line including its line break, if it is blank; otherwise 0.
pub(super) fn blank_line(data: &[u8]) -> usize {
    let end = data.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(data.len());
    match data.get(end) {
        None => end,
        Some(b'\n') => end + 1,
        Some(_) => 0,
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// True if the number of backslashes directly before `at` is odd.
pub(super) fn is_escaped(data: &[u8], at: usize) -> bool {
    part(data, 0, at).iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
