//! Paths inside a repository, as bytes: they are untrusted, and git allows any byte except NUL and `/`.

use std::fmt;
use std::sync::Arc;

use gix::bstr::{BStr, ByteSlice};

use super::lookalike::looks_like;

/// A path from the root of a repository, with `/` between its segments and none at either end. It may not be UTF-8.
///
/// Invalid bytes are displayed as `\xNN`. Control characters stay, because each output format escapes its own.
///
/// Clones share the bytes: every finding has several copies of its path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(Arc<[u8]>);

impl RepoPath {
    /// The root of the repository: the empty path.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A path with these bytes, without leading and trailing slashes.
    #[must_use]
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().trim_with(|character| character == '/').into())
    }

    /// The path of `name` inside this folder.
    #[must_use]
    pub fn join(&self, name: impl AsRef<[u8]>) -> Self {
        let mut joined = self.0.to_vec();
        if !joined.is_empty() {
            joined.push(b'/');
        }
        joined.extend_from_slice(name.as_ref());
        Self::new(joined)
    }

    /// The parent folder; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(match self.0.rsplit_once_str("/") {
            Some((parent, _)) => Self::new(parent),
            None => Self::root(),
        })
    }

    /// The last segment; empty for the root.
    #[must_use]
    pub fn name(&self) -> &BStr {
        match self.0.rsplit_once_str("/") {
            Some((_, name)) => name.as_bstr(),
            None => self.0.as_bstr(),
        }
    }

    /// The segments, starting at the root.
    pub fn segments(&self) -> impl Iterator<Item = &BStr> {
        self.0.split_str("/").map(ByteSlice::as_bstr).filter(|segment| !segment.is_empty())
    }

    /// True if this path is `folder` or is below it.
    #[must_use]
    pub fn is_within(&self, folder: &Self) -> bool {
        folder.0.is_empty()
            || self.0.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }

    /// True if this is not `known`, but a person could take it for that path: see [`looks_like`].
    #[must_use]
    pub fn looks_like(&self, known: &Self) -> bool {
        self != known
            && self.segments().count() == known.segments().count()
            && self.segments().zip(known.segments()).all(|(one, other)| one == other || looks_like(one, other))
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for RepoPath {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            formatter.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(formatter, "\\x{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::RepoPath;

    #[test]
    fn a_path_knows_its_folder_and_name() {
        let path = RepoPath::from("keps/sig-node/1234-swap/kep.yaml");
        assert_eq!(path.name(), "kep.yaml");
        assert_eq!(path.parent(), Some(RepoPath::from("keps/sig-node/1234-swap")));
        assert_eq!(RepoPath::from("OWNERS").parent(), Some(RepoPath::root()));
        assert_eq!(RepoPath::root().parent(), None);
    }

    #[test]
    fn a_sibling_with_the_same_prefix_is_not_within() {
        let folder = RepoPath::from("keps/sig-node/1-a");
        assert!(RepoPath::from("keps/sig-node/1-a/kep.yaml").is_within(&folder));
        assert!(!RepoPath::from("keps/sig-node/1-ab/kep.yaml").is_within(&folder));
        assert!(folder.is_within(&RepoPath::root()));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown_and_kept() {
        let path = RepoPath::new(b"keps/\xff/kep.yaml");
        assert_eq!(path.to_string(), "keps/\\xFF/kep.yaml");
        assert_eq!(path.parent().unwrap().as_bytes(), b"keps/\xff");
    }
}
