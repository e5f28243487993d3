//! Compares the contents of files, including files that are too large to keep in memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use gix::hash::{Hasher, Kind};

use super::{Content, Irregular};

/// The ids that git may have for the file at `place`, which has `size` bytes: that of the file as it is and, if the
/// file has CRLF line ends, that with LF in place of CRLF. The list is empty if the file changes while it is read.
pub(super) fn blob_ids(place: &Path, size: u64) -> io::Result<Vec<Vec<u8>>> {
    let mut exact = start(size);
    let (mut length, mut line_ends, mut follows_cr) = (0, 0, false);
    each_part(place, size, |part| {
        exact.update(part);
        length += part.len() as u64;
        for byte in part {
            line_ends += u64::from(follows_cr && *byte == b'\n');
            follows_cr = *byte == b'\r';
        }
    })?;
    if length != size {
        return Ok(Vec::new());
    }
    let mut ids = vec![finish(exact)?];
    if line_ends > 0 {
        let mut unix = UnixLines { hasher: start(size - line_ends), follows_cr: false };
        each_part(place, size, |part| unix.update(part))?;
        ids.push(unix.finish()?);
    }
    Ok(ids)
}

/// A hasher that replaces every CRLF with LF, even one that is split between two parts.
struct UnixLines {
    hasher: Hasher,
    follows_cr: bool,
}

impl UnixLines {
    fn update(&mut self, part: &[u8]) {
        let mut text = Vec::with_capacity(part.len() + 1);
        for byte in part {
            if self.follows_cr && *byte != b'\n' {
                text.push(b'\r');
            }
            self.follows_cr = *byte == b'\r';
            if !self.follows_cr {
                text.push(*byte);
            }
        }
        self.hasher.update(&text);
    }

    fn finish(mut self) -> io::Result<Vec<u8>> {
        if self.follows_cr {
            self.hasher.update(b"\r");
        }
        finish(self.hasher)
    }
}

/// A hasher that was given the header of a blob of `size` bytes.
fn start(size: u64) -> Hasher {
    let mut hasher = gix::hash::hasher(Kind::Sha1);
    hasher.update(format!("blob {size}\0").as_bytes());
    hasher
}

fn finish(hasher: Hasher) -> io::Result<Vec<u8>> {
    let id = hasher.try_finalize().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(id.as_bytes().to_vec())
}

/// Calls `visit` with each part of the content of a file. If the file has grown, only one byte past `size` is read,
/// which is enough to notice.
fn each_part(place: &Path, size: u64, mut visit: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = File::open(place)?.take(size + 1);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => visit(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The id that git gives to a file with this content.
pub(crate) fn blob_id(bytes: &[u8]) -> Option<gix::ObjectId> {
    gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, bytes).ok()
}

/// Compares only the first ids, those of the unmodified files.
pub(super) fn is_equal_large(left: &[Vec<u8>], right: &[Vec<u8>]) -> bool {
    left.first().is_some_and(|id| right.first() == Some(id))
}

/// True if two contents are equal. With `is_checkout`, line ends may differ, because `core.autocrlf` changes them.
pub(super) fn has_equal_content(left: &Content, right: &Content, is_checkout: bool) -> bool {
    match (left, right) {
        // Equal sizes do not imply equal contents.
        (Content::Irregular(Irregular::TooLarge(_)), _) | (_, Content::Irregular(Irregular::TooLarge(_))) => false,
        (Content::Bytes(left), Content::Bytes(right)) => {
            left == right || (is_checkout && unix_lines(left).eq(unix_lines(right)))
        }
        (left, right) => left == right,
    }
}

/// The bytes with LF in place of every CRLF.
fn unix_lines(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let next = bytes.iter().skip(1).copied().map(Some).chain([None]);
    bytes
        .iter()
        .copied()
        .zip(next)
        .filter(|(byte, next)| !(*byte == b'\r' && *next == Some(b'\n')))
        .map(|(byte, _)| byte)
}
