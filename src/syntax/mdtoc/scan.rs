//! Small steps over bytes that never leave the text. Beyond its end every byte is 0.

/// The byte at `at`.
pub(super) fn byte(data: &[u8], at: usize) -> u8 {
    data.get(at).copied().unwrap_or_default()
}

/// The bytes `start..end`, as far as there are any.
pub(super) fn part(data: &[u8], start: usize, end: usize) -> &[u8] {
    data.get(start.min(data.len())..end.min(data.len())).unwrap_or_default()
}

/// The bytes from `start` on.
pub(super) fn tail(data: &[u8], start: usize) -> &[u8] {
    data.get(start..).unwrap_or_default()
}

/// Text between ASCII characters, which is UTF-8 whenever the whole is.
pub(super) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Where after `at` the run of `wanted`, of at most `max` bytes, ends.
pub(super) fn skip_up_to(data: &[u8], at: usize, wanted: u8, max: usize) -> usize {
    at + tail(data, at).iter().take(max).take_while(|byte| **byte == wanted).count()
}

/// Where after `at` the run of `wanted` ends.
pub(super) fn skip(data: &[u8], at: usize, wanted: u8) -> usize {
    skip_up_to(data, at, wanted, usize::MAX)
}

/// Where after `at` the next `wanted` is, or the end.
pub(super) fn find(data: &[u8], at: usize, wanted: u8) -> usize {
    memchr::memchr(wanted, tail(data, at)).map_or(data.len().max(at), |found| at + found)
}

/// Where after `at` the bytes `wanted` are.
pub(super) fn find_all(data: &[u8], at: usize, wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(tail(data, at), wanted).map(|found| at + found)
}

/// Where the line that begins at `at` ends, its line break included.
pub(super) fn line_end(data: &[u8], at: usize) -> usize {
    (find(data, at, b'\n') + 1).min(data.len())
}

/// The length of the first line if it is blank, its line break included; 0 if it is not.
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

/// True if an odd number of backslashes comes before `at`.
pub(super) fn is_escaped(data: &[u8], at: usize) -> bool {
    part(data, 0, at).iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
