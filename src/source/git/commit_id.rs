//! The hash that names a commit.

use std::fmt;

/// The id of a commit. It is displayed as the full hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub(super) gix::ObjectId);

impl CommitId {
    /// Parses a full commit id of 40 hexadecimal digits. The commit need not exist.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        gix::ObjectId::from_hex(text.as_bytes()).ok().map(Self)
    }

    /// True if it is 40 zeros, which mean no commit.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// The first twelve digits, for messages.
    #[must_use]
    pub fn short(self) -> String {
        self.0.to_hex_with_len(12).to_string()
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}
